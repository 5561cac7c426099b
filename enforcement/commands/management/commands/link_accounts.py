"""Link accounts into clusters: a full run over everything in the archive."""

from typing import Any, ClassVar

from accounts.services import run_linking
from enforcement.audit.actors import SYSTEM
from enforcement.commands.base import DossierCommand


class Command(DossierCommand):
    """`link_accounts`: one full run, then whatever it woke (thresholds, cases)."""

    help = "Link accounts into clusters from everything imported so far, then open the cases that thresholds ask for."
    wakes: ClassVar[bool] = True

    def run(self, **options: Any) -> dict[str, Any]:
        """The figures of the run."""
        run = run_linking(SYSTEM)
        return {
            "run": run.pk,
            "state": run.state,
            "method": run.method.version,
            "reference": run.reference.number if run.reference else None,
            "sightings": run.sightings,
            "clusters": run.clusters,
            "members": run.members,
            "joined": run.figures.get("joined", 0),
            "left": run.figures.get("left", 0),
            "seconds": run.seconds,
            "steps": run.figures.get("steps", {}),
        }
