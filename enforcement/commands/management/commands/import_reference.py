"""Import reference counts: how common each identifier is among everybody."""

from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import CommandParser

from accounts.services import import_reference
from enforcement.audit.actors import SYSTEM
from enforcement.commands.base import DossierCommand


class Command(DossierCommand):
    """`import_reference FILE`."""

    help = "Import reference counts from the platform's warehouse as a new numbered snapshot."
    wakes: ClassVar[bool] = True

    def add_arguments(self, parser: CommandParser) -> None:
        """The file, and the key of its values."""
        super().add_arguments(parser)
        parser.add_argument("file", type=Path, help="NDJSON: a header line, then counts and joint rates")
        parser.add_argument(
            "--key", default="", help="hex key of the keyed values (else reference.key beside the file)"
        )

    def run(self, **options: Any) -> dict[str, Any]:
        """The snapshot's figures."""
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
