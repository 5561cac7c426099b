"""Load the demo campaign through the real import path."""

from typing import Any

from enforcement.cases.models import Case, Subject
from enforcement.commands.base import DossierCommand
from enforcement.commands.demonstration import load


class Command(DossierCommand):
    """`load_demo`: once; a second call changes nothing."""

    help = "Simulate a small campaign, import it as any detector's files are, link it and open its case."

    def run(self, **options: Any) -> dict[str, Any]:
        """The case that the threshold opened."""
        case = load(self.say)
        return {"case": case.ref, "subjects": Subject.objects.filter(case=case).count(), "cases": Case.objects.count()}
