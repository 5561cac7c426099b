"""Import files of signals through the one import path."""

import sys
from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import CommandError, CommandParser

from enforcement.audit.actors import SYSTEM
from enforcement.audit.errors import Refusal
from enforcement.commands.base import DossierCommand
from enforcement.ingest.models import Import
from enforcement.ingest.selectors import import_figures
from enforcement.ingest.services import receive_import, run_or_fail
from enforcement.signals.models import Detector
from enforcement.signals.selectors import detector_named


class Command(DossierCommand):
    """`import_signals FILE... --detector SLUG`: one import a file; a file that fails stops no other."""

    help = "Import files of signals (NDJSON, plain or gzip) of one detector. Refused lines are listed, the rest lands."
    wakes: ClassVar[bool] = True

    def add_arguments(self, parser: CommandParser) -> None:
        """Which files, of which detector."""
        super().add_arguments(parser)
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--detector", required=True, help="the short name of a registered detector")

    def run(self, **options: Any) -> dict[str, Any]:
        """Import each file in turn."""
        detector = detector_named(options["detector"])
        imports, failures = [], []
        for path in options["files"]:
            try:
                job = self._import(path, detector)
            except Refusal as refusal:
                failures.append(refusal.message)
                continue
            imports.append(import_figures(job))
            if job.state != "done":
                failures.append(f"{path.name}: {job.failure or f'the import is {job.state}.'}")
        return {"imports": imports, "failures": failures}

    def settled(self, figures: dict[str, Any]) -> dict[str, Any]:
        """Files that failed decide the exit status, after everything else has landed."""
        self.failures = figures["failures"]
        return figures

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit status 1 when a file failed; refused lines alone fail nothing."""
        super().handle(*args, **options)
        if self.failures:
            raise CommandError("\n".join(self.failures))

    def tell(self, figures: dict[str, Any]) -> None:
        """A line a file, and its reasons for refusing."""
        for row in figures["imports"]:
            if row["state"] == "done":
                self.stdout.write(_sentence(row))
            for reason, count in row["refusals_by_reason"].items():
                self.stdout.write(f"    {count:,} × {reason}")

    def _import(self, path: Path, detector: Detector) -> Import:
        job = receive_import(SYSTEM, detector=detector, stream=path, filename=path.name)
        shown = sys.stderr.isatty()

        def on_progress(job: Import) -> None:
            if shown:
                share = 100 * job.progress_done // max(job.progress_total, 1)
                sys.stderr.write(f"\r{path.name}: {share:3d} %  {job.progress_note:60s}")
                sys.stderr.flush()

        job = run_or_fail(job.pk, on_progress=on_progress)
        if shown:
            sys.stderr.write("\r" + " " * 100 + "\r")
        return job


def _sentence(row: dict[str, Any]) -> str:
    if row["same_as"]:
        return f"{row['filename']}: the same file as import {row['same_as']}, which finished. Nothing changed."
    parts = [
        f"{row['rows_accepted']:,} of {row['rows_read']:,} lines counted",
        f"{row['alerts_created']:,} new alerts",
        f"{row['accounts_created']:,} new accounts",
    ]
    for name, words in (
        ("rows_context", "context records"),
        ("rows_duplicate", "counted before"),
        ("rows_revised", "revisions kept"),
        ("rows_refused", "refused"),
    ):
        if row[name]:
            parts.append(f"{row[name]:,} {words}")
    return f"{row['filename']}: import {row['id']}, {', '.join(parts)}; {row['seconds']:.1f} s."
