"""`verify_packet FILE`: check a sealed packet with nothing but the file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from enforcement.packets.errors import UnreadablePacketError
from enforcement.packets.verdicts import VerifyReport
from enforcement.packets.verifier import verify_file

_MARKS = {True: "ok    ", False: "FAILED", None: "–     "}


class Command(BaseCommand):
    """Needs no database, server or network. Exit status 0 for an intact packet, 1 otherwise."""

    help = "Verify an evidence packet offline; names every check. Without --trust the signer stays unestablished."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the PDF of the packet")
        parser.add_argument("--trust", type=Path, metavar="CERT", help="the issuer's certificate (PEM or DER)")
        parser.add_argument("--json", action="store_true", help="one JSON object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = verify_file(options["file"], trust=options["trust"])
        except UnreadablePacketError as error:
            if options["json"]:
                self.stdout.write(
                    json.dumps({"ok": False, "verdict": "unreadable", "code": error.code, "detail": error.message})
                )
            raise CommandError(error.message) from error
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False))
        else:
            self._tell(report)
        if not report.ok:
            raise CommandError(f"Verdict: {report.verdict}.")

    def _tell(self, report: VerifyReport) -> None:
        for check in report.checks:
            self.stdout.write(f"{_MARKS[check.passed]}  {check.name}: {check.detail}")
        if report.ok:
            name = f"{report.packet}: " if report.packet else ""
            self.stdout.write(f"Verdict: {name}{report.verdict}.")
