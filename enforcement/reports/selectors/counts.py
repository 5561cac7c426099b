"""The counts beside the nav: what waits for somebody. Sealed cases feed none of them."""

from enforcement.alerts.selectors import OPEN_STATES, AlertFilters, filtered, head_count
from enforcement.audit.actors import Actor
from enforcement.cases.models import Case, CaseCluster
from enforcement.cases.states import SHUT
from enforcement.decisions.models import Decision
from enforcement.ingest.models import Import
from enforcement.reports.selectors.detectors import detector_health
from enforcement.staff.matrix import Permission, can


def open_cases() -> int:
    """Cases that are neither closed nor merged nor sealed."""
    return Case.objects.exclude(state__in=SHUT).filter(sealed=False).count()


def clusters_over_threshold() -> int:
    """Clusters for which a threshold opened a case that is still open."""
    found = CaseCluster.objects.exclude(case__state__in=SHUT).filter(case__sealed=False)
    return found.exclude(case__opened_by_rule=None).values("cluster_id").distinct().count()


def nav_counts(viewer: Actor) -> dict[str, int]:
    """By nav name; a page that the viewer may not open has no count."""
    counts: dict[str, int] = {}
    if can(viewer, Permission.ALERT_VIEW):
        counts["alerts"] = head_count(filtered(viewer, AlertFilters(states=OPEN_STATES, metering=False)))
    if can(viewer, Permission.CASE_VIEW):
        counts["cases"] = open_cases()
    if can(viewer, Permission.DECISION_VIEW):
        counts["decisions"] = Decision.objects.filter(state="submitted", case__sealed=False).count()
    if can(viewer, Permission.CLUSTER_VIEW):
        counts["clusters"] = clusters_over_threshold()
    if can(viewer, Permission.IMPORT_VIEW):
        counts["imports"] = Import.objects.filter(state__in=("queued", "running")).count()
    if can(viewer, Permission.DETECTOR_VIEW):
        counts["detectors"] = sum(row.state == "silent" for row in detector_health(viewer))
    return {name: count for name, count in counts.items() if count}
