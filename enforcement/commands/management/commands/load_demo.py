"""Load the demo campaign through the real import path."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from enforcement.cases.models import Case, Subject
from enforcement.commands.base import DossierCommand
from enforcement.commands.demonstration import load, prepare


class Command(DossierCommand):
    """`load_demo`: once; a second call changes nothing."""

    help = "Simulate a small campaign, import it as any detector's files are, link it and open its case."

    def add_arguments(self, parser: CommandParser) -> None:
        """For scripts that import by themselves."""
        super().add_arguments(parser)
        parser.add_argument(
            "--prepare", type=Path, metavar="DIR",
            help="people, policy, threshold, the detectors and directory of this campaign folder; no signals",
        )  # fmt: skip

    def run(self, **options: Any) -> dict[str, Any]:
        """The case that the threshold opened."""
        if options["prepare"] is not None:
            return prepare(options["prepare"], self.say)
        case = load(self.say)
        return {"case": case.ref, "subjects": Subject.objects.filter(case=case).count(), "cases": Case.objects.count()}
