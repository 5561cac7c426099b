"""Export a case's subjects as CSV."""

import csv
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from enforcement.audit.actors import SYSTEM, Actor
from enforcement.audit.errors import Refusal
from enforcement.audit.services import record_event
from enforcement.cases.access import find_case
from enforcement.cases.models import Case
from enforcement.cases.selectors.contents import EXPORT_COLUMNS, subjects_for_export
from enforcement.commands.base import DossierCommand

# Spreadsheets run cells that begin so; an apostrophe in front makes them text.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Command(DossierCommand):
    """`export_subjects CASE [--out FILE]`: one row a subject, by platform id; streamed."""

    help = "Write every subject of a case, with finding, clauses and alerts, as CSV to a file or standard output."

    def add_arguments(self, parser: CommandParser) -> None:
        """The case and where to write."""
        super().add_arguments(parser)
        parser.add_argument("case", help="such as C-2026-0001")
        parser.add_argument("--out", type=Path, help="file to write (standard output without it)")

    def run(self, **options: Any) -> dict[str, Any]:
        """Stream the rows; the figures count them by finding."""
        case = find_case(SYSTEM, ref=options["case"])
        out: Path | None = options["out"]
        stream = sys.stderr if options["json"] else self.stdout
        counts = _write(stream, SYSTEM, case) if out is None else _into(out, SYSTEM, case)
        rows = sum(counts.values())
        record_event(actor=SYSTEM, verb="cases.subjects_exported", target=case, case_id=case.pk, data={"rows": rows})
        return {"case": case.ref, "rows": rows, "findings": counts, "file": str(out) if out else None}

    def tell(self, figures: dict[str, Any]) -> None:
        """On standard error: standard output may be the CSV."""
        self.say(f"{figures['rows']:,} subjects of {figures['case']} written.")


def _into(out: Path, viewer: Actor, case: Case) -> dict[str, int]:
    """Beside the file first, so that nobody reads half of it."""
    if out.is_dir() or not out.parent.is_dir():
        raise Refusal("export.out", f"{out} cannot be written: name a file in an existing folder.", status=400)
    partial = out.with_name(out.name + ".part")
    with partial.open("w", encoding="utf-8", newline="") as target:
        counts = _write(target, viewer, case)
    partial.replace(out)
    return counts


def _write(target: Any, viewer: Actor, case: Case) -> dict[str, int]:
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(EXPORT_COLUMNS)
    counts: dict[str, int] = {}
    place = EXPORT_COLUMNS.index("finding")
    for row in subjects_for_export(viewer, case=case):
        writer.writerow([_cell(value) for value in row])
        finding = str(row[place]) or "none"
        counts[finding] = counts.get(finding, 0) + 1
    return counts


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
