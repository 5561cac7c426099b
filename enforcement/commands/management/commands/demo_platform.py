"""A small platform that actions are sent to: for the demo and the tests. Reads and writes no rows."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from enforcement.commands.platform import serve


class Command(BaseCommand):
    """`demo_platform`: verifies signatures, records what it was told, answers target by target, can be told to fail."""

    help = "Run a receiver for actions on this machine. It records what it was told as JSON lines."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to listen, the secret, where to record, what to refuse."""
        parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
        parser.add_argument("--secret-file", type=Path, required=True, help="file with the connector's secret")
        parser.add_argument("--record", type=Path, required=True, help="file that what it was told is appended to")
        parser.add_argument(
            "--fail-share", type=float, default=0.0, help="share of accounts that fail at their first attempt"
        )
        parser.add_argument("--json", action="store_true", help="print the address as one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve until ended."""
        try:
            secret = options["secret_file"].read_text().strip()
        except OSError as error:
            raise CommandError(f"The secret cannot be read from {options['secret_file']}: {error.strerror}.") from error

        def told(address: str) -> None:
            text = json.dumps({"address": address}) if options["json"] else f"The demo platform listens at {address}"
            self.stdout.write(text)
            self.stdout.flush()

        serve(
            port=options["port"], secret=secret, record=options["record"], fail_share=options["fail_share"], told=told
        )
