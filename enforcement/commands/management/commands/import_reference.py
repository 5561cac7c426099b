"""Import what the platform's warehouse tells: reference counts, accounts, organizations."""

from pathlib import Path
from typing import Any, ClassVar

import msgspec
from django.core.management.base import CommandParser

from accounts.services import import_reference, import_warehouse_accounts, import_warehouse_organizations
from accounts.services.lines import MAX_LINE_BYTES, Figures, open_file
from enforcement.audit.actors import SYSTEM
from enforcement.audit.errors import Refusal
from enforcement.commands.base import DossierCommand


class Command(DossierCommand):
    """`import_reference FILE`: what the file holds is seen from its first line."""

    help = (
        "Import reference counts (as a new numbered snapshot), accounts or organizations from the platform's warehouse."
    )
    wakes: ClassVar[bool] = True

    def add_arguments(self, parser: CommandParser) -> None:
        """The file, and the key of its values."""
        super().add_arguments(parser)
        parser.add_argument(
            "file", type=Path, help="NDJSON: reference counts under their header, or accounts, or organizations"
        )
        parser.add_argument(
            "--key", default="", help="hex key of the keyed values (else reference.key beside the file)"
        )

    def run(self, **options: Any) -> dict[str, Any]:
        """The figures of the snapshot or of the directory's lines."""
        kind = _kind_of(options["file"])
        if kind == "accounts":
            return _told(kind, import_warehouse_accounts(SYSTEM, path=options["file"]))
        if kind == "organizations":
            return _told(kind, import_warehouse_organizations(SYSTEM, path=options["file"]))
        snapshot = import_reference(SYSTEM, path=options["file"], key=options["key"])
        return {
            "snapshot": snapshot.number,
            "sha256": snapshot.sha256,
            "population": snapshot.population,
            "counts": snapshot.counts,
            "kinds": snapshot.kinds,
            "joint_rates": len(snapshot.joint_rates),
            "as_of": str(snapshot.as_of),
        }


def _kind_of(path: Path) -> str:
    """Counts, accounts or organizations, by the fields of the first line. Raises `Refusal` for anything else."""
    open_file(path)
    with path.open("rb") as source:
        first = source.readline(MAX_LINE_BYTES)
    try:
        found = msgspec.json.decode(first, type=dict[str, Any])
    except msgspec.DecodeError:
        found = {}
    if found.get("type") == "reference":
        return "counts"
    if "account" in found:
        return "accounts"
    if "organization" in found:
        return "organizations"
    raise Refusal(
        "reference.unknown",
        f"Line 1 of {path.name} is no header of reference counts, no account and no organization. Export the file again as NDJSON.",
        field="file",
        status=400,
    )


def _told(kind: str, figures: Figures) -> dict[str, Any]:
    return {
        "kind": kind,
        "read": figures.read,
        "created": figures.created,
        "changed": figures.changed,
        "refused": figures.refused,
        "first_refusals": figures.first_refusals,
    }
