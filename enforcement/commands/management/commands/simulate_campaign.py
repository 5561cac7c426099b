"""`simulate_campaign`: write an invented campaign, its surroundings and its truth to files."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from enforcement.simulator.options import add_options, run_with_options


class Command(BaseCommand):
    """Reads no rows and starts no server. The same scale, seed and format give the same bytes."""

    help = "Write a simulated campaign to files: signals, context, warehouse tables, truth."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        add_options(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            run_with_options(options, out=sys.stdout, err=sys.stderr)
        except (ValueError, OSError) as error:
            raise CommandError(str(error)) from error
