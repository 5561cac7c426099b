"""Export who is in which cluster, as CSV."""

import csv
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from accounts.models import Membership
from enforcement.audit.errors import Refusal
from enforcement.commands.base import DossierCommand


class Command(DossierCommand):
    """`export_clusters [--out FILE]`: columns account, cluster, role, bits; ordered by cluster and account."""

    help = "Write every clustered account with its cluster as CSV, to a file or standard output."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to write."""
        super().add_arguments(parser)
        parser.add_argument("--out", type=Path, help="file to write (standard output without it)")

    def run(self, **options: Any) -> dict[str, Any]:
        """Stream the rows; the figures count them."""
        out: Path | None = options["out"]
        rows = self._write(self.stdout if not options["json"] else sys.stderr) if out is None else self._into(out)
        return {"rows": rows, "file": str(out) if out else None}

    def tell(self, figures: dict[str, Any]) -> None:
        """On standard error: standard output may be the CSV."""
        self.say(f"{figures['rows']:,} accounts written.")

    def _into(self, out: Path) -> int:
        """Beside the file first, so that nobody reads half of it."""
        if out.is_dir() or not out.parent.is_dir():
            raise Refusal("export.out", f"{out} cannot be written: name a file in an existing folder.", status=400)
        partial = out.with_name(out.name + ".part")
        with partial.open("w", encoding="utf-8", newline="") as target:
            rows = self._write(target)
        partial.replace(out)
        return rows

    @staticmethod
    def _write(target: Any) -> int:
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(["account", "cluster", "role", "bits"])
        members = (
            Membership.objects.filter(left_run=None)
            .order_by("cluster__ref", "account__platform_id")
            .values_list("account__platform_id", "cluster__ref", "role", "bits")
        )
        count = 0
        for account, cluster, role, bits in members.iterator(chunk_size=5_000):
            writer.writerow([account, cluster, role, f"{bits:.2f}"])
            count += 1
        return count
