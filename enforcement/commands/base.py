"""What every command shares: figures as one JSON object on standard output, progress on standard error."""

import json
import sys
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from enforcement.audit.database_errors import refusal_from
from enforcement.audit.errors import Refusal
from enforcement.pipeline.wake import carry_on


class DossierCommand(BaseCommand):
    """A thin command: parse, call one service or selector, tell its figures.

    Subclasses define `run`, which returns the figures, and may define `tell`, which puts them in words. With
    `wakes = True` everything that the command's events woke is carried out in this process, unless --no-wait.
    """

    requires_system_checks = []
    wakes: ClassVar[bool] = False

    def add_arguments(self, parser: CommandParser) -> None:
        """--json for every command, --no-wait where events wake tasks."""
        parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
        if self.wakes:
            parser.add_argument("--no-wait", action="store_true", help="leave what follows to the worker")

    def handle(self, *_: Any, **options: Any) -> None:
        """Run, carry on, tell. A refusal ends with its sentence on standard error and exit status 1."""
        try:
            with carry_on(self._hear, wait=self.wakes and not options.get("no_wait", False)) as carried:
                figures = self.run(**options)
            figures = self.settled(figures)
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal
        except DatabaseError as error:
            refusal_or_none = refusal_from(error)
            if refusal_or_none is None:
                raise
            raise CommandError(refusal_or_none.message) from error
        if options["json"]:
            self.stdout.write(json.dumps(figures, default=str, ensure_ascii=False))
        else:
            self.tell(figures)
        if carried.failures:
            raise CommandError(
                "; ".join(f"{task} {row or ''} failed: {reason}" for task, row, reason in carried.failures)
            )

    def settled(self, figures: dict[str, Any]) -> dict[str, Any]:
        """The figures once everything that the command woke has run; by default the same."""
        return figures

    def _hear(self, task: str, row_id: int | None) -> None:
        self.say(f"{task} {row_id or ''}".rstrip() + " …")

    def run(self, **options: Any) -> dict[str, Any]:
        """Do the work; the figures, JSON-ready."""
        raise NotImplementedError

    def tell(self, figures: dict[str, Any]) -> None:
        """The figures in words, a line each."""
        for name, value in figures.items():
            if not isinstance(value, dict | list):
                figure = f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else value
                self.stdout.write(f"{name.replace('_', ' ')}: {figure}")

    def say(self, text: str) -> None:
        """Progress, on standard error."""
        self.stderr.write(text, self.style.NOTICE if sys.stderr.isatty() else None)
