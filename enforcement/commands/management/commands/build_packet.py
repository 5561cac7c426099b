"""Build a case's evidence packet to a file."""

import shutil
from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import CommandParser

from enforcement.audit.actors import SYSTEM
from enforcement.audit.errors import Refusal, not_found
from enforcement.cases.models import Case
from enforcement.commands.base import DossierCommand
from enforcement.packets.models import Packet
from enforcement.packets.services import build_packet, open_packet, request_packet


class Command(DossierCommand):
    """`build_packet CASE --out FILE`: the next version, built, signed and written."""

    help = "Freeze, build and sign the next version of a case's packet, and write it to a file."
    wakes: ClassVar[bool] = True

    def add_arguments(self, parser: CommandParser) -> None:
        """The case, where to write, the mark."""
        super().add_arguments(parser)
        parser.add_argument("case", help="such as C-2026-0001")
        parser.add_argument("--out", type=Path, required=True, help="the PDF to write")
        parser.add_argument("--tlp", default="AMBER")

    def run(self, **options: Any) -> dict[str, Any]:
        """The packet's figures."""
        out: Path = options["out"]
        if out.is_dir() or not out.parent.is_dir():
            raise Refusal("packet.out", f"{out} cannot be written: name a file in an existing folder.", status=400)
        case = Case.objects.filter(ref=options["case"]).first()
        if case is None:
            raise not_found("case", options["case"])
        packet = build_packet(request_packet(SYSTEM, case=case, tlp=options["tlp"]).pk)
        if packet.state != "done":
            raise Refusal("packet.failed", f"The packet could not be built: {packet.failure}")
        partial = out.with_name(out.name + ".part")
        with open_packet(SYSTEM, packet=packet) as source, partial.open("wb") as target:
            shutil.copyfileobj(source, target)
        partial.replace(out)
        return _figures(packet, out)


def _figures(packet: Packet, out: Path) -> dict[str, Any]:
    return {
        "packet": packet.ref,
        "version": packet.version,
        "file": str(out),
        "sha256": packet.file.sha256 if packet.file else "",
        "bytes": packet.file.bytes if packet.file else 0,
        "pages": packet.pages,
        "unsigned_sha256": packet.unsigned_sha256,
        "manifest_sha256": packet.manifest_sha256,
        "time_stamped": packet.time_stamped,
        "seconds": packet.seconds,
    }
