"""List cases."""

from typing import Any

from django.core.management.base import CommandParser

from enforcement.audit.actors import SYSTEM
from enforcement.audit.errors import Refusal
from enforcement.audit.paging import MAX_SIZE
from enforcement.cases.models import Case
from enforcement.cases.selectors import list_cases
from enforcement.cases.states import CASE_STATES
from enforcement.commands.base import DossierCommand


class Command(DossierCommand):
    """`list_cases [--state STATE] [--search TEXT]`: ref, state, subjects, title; newest first."""

    help = "List cases with state, subjects and why they were opened, newest first."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which cases."""
        super().add_arguments(parser)
        parser.add_argument("--state", default="", help="a state of a case, or open")
        parser.add_argument("--search", default="", help="part of a reference or title")

    def run(self, **options: Any) -> dict[str, Any]:
        """Every case, page by page."""
        state = options["state"]
        if state and state != "open" and state not in CASE_STATES.states:
            raise Refusal("case.state", f"“{state}” is no state. Use open, or one of: {', '.join(CASE_STATES.states)}.")
        rows: list[dict[str, Any]] = []
        cursor = ""
        while True:
            page = list_cases(SYSTEM, state=state or None, q=options["search"], cursor=cursor, size=MAX_SIZE)
            rows += [_figures(case) for case in page.rows]
            cursor = page.older
            if not cursor:
                return {"cases": rows, "count": len(rows)}

    def tell(self, figures: dict[str, Any]) -> None:
        """A line each."""
        for row in figures["cases"]:
            self.stdout.write(f"{row['ref']}  {row['state']:<18}  {row['subjects']:>7,} subjects  {row['title']}")
        self.say(f"{figures['count']:,} cases.")


def _figures(case: Case) -> dict[str, Any]:
    return {
        "ref": case.ref,
        "title": case.title,
        "state": case.state,
        "outcome": case.outcome,
        "subjects": getattr(case, "subjects_count", 0),
        "opened_at": case.opened_at.isoformat(),
        "opened_by_rule": case.opened_by_rule.name if case.opened_by_rule else None,
        "why_opened": case.why_opened,
    }
