"""Thresholds over cluster roll-ups: what no single account crosses, a cluster may."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from accounts.models import Cluster
from enforcement.alerts.rollups import count_cluster_alerts
from enforcement.audit.actors import Actor
from enforcement.audit.errors import Refusal
from enforcement.audit.services import record_event
from enforcement.cases.access import lock_refs
from enforcement.cases.measures import MEASURES, Measures, measures_of
from enforcement.cases.models import Case, CaseCluster, Threshold
from enforcement.cases.services.opening import any_case_on, open_case_for_cluster, open_case_on, take_in_arrivals
from enforcement.cases.states import WORKABLE
from enforcement.policies.models import PolicyVersion
from enforcement.staff.matrix import Permission, require

# What the demo begins with: a group that draws a thousand exchanges a day, half of it flagged for conduct of its own.
DEMO_NAME = "Coordinated extraction"
DEMO_CONDITIONS: tuple[Mapping[str, Any], ...] = (
    {"measure": "accounts", "at_least": 25},
    {"measure": "exchanges_per_day", "at_least": 1000},
    {"measure": "flagged_share", "at_least": 0.5},
)


@transaction.atomic
def save_threshold(
    actor: Actor,
    *,
    name: str,
    policy_version: PolicyVersion,
    conditions: Sequence[Mapping[str, Any]],
    severity: int = 4,
    active: bool = True,
) -> Threshold:
    """Store a threshold, or change the one of that name; a change raises its version.

    Raises `Refusal` 422 for no conditions, an unknown measure, or a bound that is no number above 0.
    """
    require(actor, Permission.SETTINGS_EDIT)
    kept = [_checked(condition) for condition in conditions]
    if not kept:
        raise Refusal("threshold.empty", "A threshold needs at least one condition.", field="conditions", status=422)
    wanted = {"policy_version_id": policy_version.pk, "conditions": kept, "severity": severity, "active": active}
    row = Threshold.objects.select_for_update().filter(name=name).first()
    if row is None:
        row = Threshold.objects.create(name=name, **wanted)
    elif any(getattr(row, field) != value for field, value in wanted.items()):
        for field, value in wanted.items():
            setattr(row, field, value)
        row.version += 1
        row.save()
    else:
        return row
    record_event(
        actor=actor, verb="cases.threshold_saved", target=row, data={"version": row.version, "conditions": kept}
    )
    return row


def _checked(condition: Mapping[str, Any]) -> dict[str, Any]:
    measure, bound = condition.get("measure"), condition.get("at_least")
    if measure not in MEASURES:
        raise Refusal(
            "threshold.measure",
            f"“{measure}” is no measure. Use one of: {', '.join(MEASURES)}.",
            field="conditions",
            status=422,
        )
    if isinstance(bound, bool) or not isinstance(bound, int | float) or bound <= 0:
        raise Refusal(
            "threshold.bound", f"{measure} needs a bound above 0, not {bound!r}.", field="conditions", status=422
        )
    return {"measure": measure, "at_least": bound}


def crosses(threshold: Threshold, measures: Measures) -> bool:
    """Whether every condition of the threshold holds; never with no conditions."""
    return bool(threshold.conditions) and all(
        measures.value(c["measure"]) >= float(c["at_least"]) for c in threshold.conditions
    )


@transaction.atomic
def evaluate_thresholds(actor: Actor) -> list[Case]:
    """Look at every told, active cluster after linking: open one case for each that crosses, feed the case it has.

    Returns the cases opened now. Safe to run twice, and by two at once: one waits for the other. A closed case on the
    cluster is not reopened by rule; people see it as a suggestion.
    """
    require(actor, Permission.CASE_OPEN)
    lock_refs("thresholds")
    count_cluster_alerts()
    thresholds = list(Threshold.objects.filter(active=True).select_related("policy_version").order_by("name"))
    clusters = Cluster.objects.filter(state="active", told=True, rollup__isnull=False)
    opened = []
    for cluster in clusters.select_related("rollup", "points_to").order_by("id"):
        case = _open_or_feed(actor, cluster, thresholds)
        if case is not None:
            opened.append(case)
    return opened


def _open_or_feed(actor: Actor, cluster: Cluster, thresholds: Sequence[Threshold]) -> Case | None:
    standing = any_case_on(cluster)
    if standing is None:
        measures = measures_of(cluster.rollup)
        crossed = next((threshold for threshold in thresholds if crosses(threshold, measures)), None)
        return open_case_for_cluster(actor, threshold=crossed, cluster=cluster) if crossed else None
    current = open_case_on(cluster)
    if current is not None and current.state in WORKABLE:
        CaseCluster.objects.get_or_create(case=current, cluster=cluster)
        take_in_arrivals(actor, case=current)
    return None


def save_demo_threshold(actor: Actor, *, policy_version: PolicyVersion) -> Threshold:
    """The threshold that the demo campaign crosses as a whole and with no account."""
    return save_threshold(actor, name=DEMO_NAME, policy_version=policy_version, conditions=DEMO_CONDITIONS, severity=5)
