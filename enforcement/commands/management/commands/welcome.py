"""What `make run` prints once everything serves: logins and what to look at, or how to begin with an empty house."""

import os
from typing import Any

from enforcement.cases.models import Case
from enforcement.commands.base import DossierCommand
from enforcement.commands.demonstration import read_logins
from enforcement.staff.models import Person
from enforcement.staff.setup import setup_token


class Command(DossierCommand):
    """`welcome`: lines for the terminal."""

    help = "Print the demo logins and three things to look at, or the address of the first step."

    def run(self, **options: Any) -> dict[str, Any]:
        """Logins and hints."""
        case = Case.objects.filter(is_demo=True).order_by("pk").first()
        return {
            "logins": [login.__dict__ for login in read_logins()],
            "setup": None if Person.objects.exists() else f"{_site()}/setup/?token={setup_token()}",
            "look_at": _look_at(case) if case else [],
        }

    def tell(self, figures: dict[str, Any]) -> None:
        """Words for a newcomer."""
        if figures["setup"]:
            self.stdout.write(f"Nobody works here yet. Make the first administrator at {figures['setup']}")
        for login in figures["logins"]:
            roles = ", ".join(login["roles"]).replace("_", " ")
            self.stdout.write(f"  {login['email']:<28} {login['password']:<21} {roles}: {login['does']}")
        for line in figures["look_at"]:
            self.stdout.write(f"  - {line}")


def _site() -> str:
    return os.environ.get("SITE_ADDRESS", "").rstrip("/")


def _look_at(case: Case) -> list[str]:
    cluster = case.case_clusters.select_related("cluster").order_by("-cluster__size").first()
    ref = cluster.cluster.ref if cluster else ""
    return [
        f"{_site()}/cases/{case.ref}/: the case that a threshold opened by itself; no account in it crossed a limit alone.",
        f"{_site()}/clusters/{ref}/: what holds its accounts together, with the expected chance matches beside every reason.",
        f"{_site()}/alerts/: the queue. Press j, k, x and d; then sign in as a reviewer to decide what Ines submits.",
    ]
