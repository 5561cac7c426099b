"""Verify the seal over events and row history."""

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError, CommandParser

from enforcement.audit.actors import SYSTEM
from enforcement.audit.services import start_epoch
from enforcement.audit.verification import verify_audit
from enforcement.commands.base import DossierCommand

_SHOWN = 20


class Command(DossierCommand):
    """`verify_audit [--head HEX ...] [--seal-only] [--start-epoch REASON]`: exit status 1 when anything was changed."""

    _intact = True
    help = "Find any edit, deletion, reorder or cut tail in the audit: recomputes every seal."

    def add_arguments(self, parser: CommandParser) -> None:
        """What is known from outside, and what a restore needs."""
        super().add_arguments(parser)
        parser.add_argument(
            "--head", action="append", default=[], metavar="HEX", help="a head kept elsewhere that must be in the chain"
        )
        parser.add_argument(
            "--seal-only", action="store_true", help="leave out comparing current rows with their last history"
        )
        parser.add_argument(
            "--start-epoch", metavar="REASON", help="after a restore: seal what came back and begin a new epoch first"
        )

    def run(self, **options: Any) -> dict[str, Any]:
        """Verify; the figures hold every problem."""
        if options["start_epoch"] is not None:
            seal = start_epoch(SYSTEM, reason=options["start_epoch"])
            self.say(f"Epoch {seal.epoch} began with head {seal.head}.")
        report = verify_audit(heads=options["head"], current=not options["seal_only"])
        self._intact = report.intact
        return {"intact": report.intact, **asdict(report)}

    def tell(self, figures: dict[str, Any]) -> None:
        """What was checked, what was found, what no seal covers yet."""
        self.stdout.write(
            f"{figures['seals']:,} seals in {figures['epochs']} epoch(s) over {figures['events']:,} events and "
            f"{figures['history_rows']:,} history rows; {figures['current_rows']:,} current rows compared with their "
            f"history; {figures['published_heads']:,} published heads looked up; {figures['seconds']:.1f} s."
        )
        if figures["last_head"]:
            sealed = f"{figures['last_sealed_at']:%Y-%m-%d %H:%M:%S} UTC"
            self.stdout.write(f"Last head: {figures['last_head']}, sealed {sealed}.")
        for identity, path in figures["keys"].items():
            self.stdout.write(f"Signed with key {identity[:16]} ({path}).")
        tail = figures["unsealed_events"] + figures["unsealed_history_rows"]
        if tail:
            self.stdout.write(
                f"Not sealed yet: {figures['unsealed_events']:,} events and "
                f"{figures['unsealed_history_rows']:,} history rows "
                f"since {figures['unsealed_since']:%Y-%m-%d %H:%M:%S} UTC."
            )
        for notice in figures["notices"]:
            self.stdout.write(f"Note: {notice}")
        for problem in figures["problems"][:_SHOWN]:
            self.stdout.write(f"FOUND {problem['code']}: {problem['message']}")

    def handle(self, *args: Any, **options: Any) -> None:
        """As every command, but a changed record ends with exit status 1 once it was told."""
        super().handle(*args, **options)
        if not self._intact:
            raise CommandError("The record is not intact.")
