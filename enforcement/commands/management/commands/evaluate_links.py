"""Hold the clusters against a truth that nothing else reads."""

import csv
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from accounts.linking.evaluate import Truth, evaluate
from accounts.models import Account, Membership
from accounts.services.lines import open_file
from enforcement.audit.errors import Refusal
from enforcement.cases.models import Subject
from enforcement.commands.base import DossierCommand

_COLUMNS = {"account", "ring", "organization", "benign"}


class Command(DossierCommand):
    """`evaluate_links --truth FILE`: B-cubed, pairwise, purity, bystanders, home-cluster recall."""

    help = "Print how good the clusters are, against a truth file of the simulator (account,ring,organization,benign)."

    def add_arguments(self, parser: CommandParser) -> None:
        """The truth."""
        super().add_arguments(parser)
        parser.add_argument("--truth", type=Path, required=True, help="CSV with account, ring, organization, benign")

    def run(self, **options: Any) -> dict[str, Any]:
        """The figures; accounts are numbered as in the database, unseen ones below zero."""
        numbers = dict(Account.objects.values_list("platform_id", "id"))
        truth = _read_truth(options["truth"], numbers)
        membership = dict(Membership.objects.filter(left_run=None).values_list("account_id", "cluster_id"))
        subjects = Subject.objects.exclude(case__opened_by_rule=None).values_list("account_id", flat=True)
        figures = evaluate(membership, truth, list(subjects)).as_dict()
        if figures["failed"]:
            self.say("Nothing was clustered: that counts as failure.")
        return figures


def _read_truth(path: Path, numbers: dict[str, int]) -> dict[int, Truth]:
    open_file(path)
    truth: dict[int, Truth] = {}
    try:
        with path.open(encoding="utf-8", newline="") as source:
            rows = csv.DictReader(source)
            if not set(rows.fieldnames or ()) >= _COLUMNS:
                raise Refusal(
                    "truth.columns", f"{path} needs the columns {', '.join(sorted(_COLUMNS))} in line 1.", status=400
                )
            for place, row in enumerate(rows):
                number = numbers.get(row["account"], -1 - place)
                truth[number] = Truth(row["ring"] or None, row["organization"] or None, row["benign"] == "true")
    except (UnicodeDecodeError, csv.Error) as error:
        raise Refusal("truth.unreadable", f"{path} is not CSV in UTF-8. Export the truth again.", status=400) from error
    if not truth:
        raise Refusal("truth.empty", f"{path} names no account.", status=400)
    return truth
