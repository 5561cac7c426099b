"""The overview: what waits, how old it is, what thresholds opened, and whether the sources are well."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet, Sum
from django.utils import timezone

from accounts.models import Cluster, DailyCount
from enforcement.alerts.models import Alert
from enforcement.alerts.selectors import OPEN_STATES, AlertFilters, filtered, head_count
from enforcement.audit.actors import Actor
from enforcement.cases.models import Case, CaseCluster, Involvement
from enforcement.cases.selectors import list_cases
from enforcement.cases.states import SHUT
from enforcement.decisions.models import Approval, Decision
from enforcement.ingest.models import Import
from enforcement.reports.selectors.counts import open_cases
from enforcement.reports.selectors.detectors import DetectorHealth, detector_health
from enforcement.staff.matrix import Permission, can, require

# Age columns of the backlog, in days: from, until (none: older).
AGES: tuple[tuple[int, int | None], ...] = ((0, 1), (1, 3), (3, 7), (7, 14), (14, None))
OPEN_CASE_STATES = (
    "new", "triage", "investigating", "awaiting_info", "in_review", "approved", "enforcing", "partially_enforced",
    "enforced",
)  # fmt: skip


@dataclass(frozen=True)
class BacklogRow:
    """How many are in a state, by age column."""

    kind: str
    state: str
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        """All ages."""
        return sum(self.counts)


@dataclass(frozen=True)
class OverThreshold:
    """A cluster whose roll-up a threshold opened a case on; `daily` are its last 45 days."""

    cluster: Cluster
    case: Case
    daily: Sequence[tuple[date, int]]


@dataclass
class Overview:
    """What the overview shows; a part that the viewer may not see is None or empty."""

    to_triage: int | None = None
    arrived_yesterday: int = 0
    oldest_open_days: int | None = None
    cases_open: int | None = None
    cases_late: int = 0
    decisions: int | None = None
    decision_targets: int = 0
    imports_running: int | None = None
    refused_lately: int = 0
    accounts_clustered: int | None = None
    clusters: int = 0
    my_cases: Sequence[Case] = field(default_factory=tuple)
    my_alerts: Sequence[Alert] = field(default_factory=tuple)
    my_decisions: Sequence[Decision] = field(default_factory=tuple)
    backlog: list[BacklogRow] = field(default_factory=list)
    over: list[OverThreshold] = field(default_factory=list)
    imports: Sequence[Import] = field(default_factory=tuple)
    health: list[DetectorHealth] = field(default_factory=list)


def overview(viewer: Actor) -> Overview:
    """Everything the overview shows to `viewer`, in some twenty queries whatever the data."""
    require(viewer, Permission.OVERVIEW_VIEW)
    found = Overview()
    if can(viewer, Permission.ALERT_VIEW):
        _alerts(viewer, found)
    if can(viewer, Permission.CASE_VIEW):
        _cases(viewer, found)
    if can(viewer, Permission.DECISION_VIEW):
        waiting = Decision.objects.filter(state="submitted", case__sealed=False)
        sums = waiting.aggregate(n=Count("id"), targets=Sum("targets_count", default=0))
        found.decisions, found.decision_targets = sums["n"], sums["targets"]
        found.my_decisions = _my_decisions(viewer)
    if can(viewer, Permission.CLUSTER_VIEW):
        active = Cluster.objects.filter(state="active").aggregate(n=Count("id"), accounts=Sum("size", default=0))
        found.clusters, found.accounts_clustered = active["n"], active["accounts"]
        found.over = _over_threshold()
    if can(viewer, Permission.IMPORT_VIEW):
        rows = Import.objects.select_related("detector").order_by("-id")
        found.imports = list(rows[:6])
        found.imports_running = Import.objects.filter(state__in=("queued", "running")).count()
        week = timezone.now() - timedelta(days=7)
        lately = Import.objects.filter(created_at__gte=week)
        found.refused_lately = lately.aggregate(n=Sum("rows_refused", default=0))["n"]
    if can(viewer, Permission.DETECTOR_VIEW):
        found.health = detector_health(viewer)
    return found


def _my_decisions(viewer: Actor) -> list[Decision]:
    """What waits for this person: to decide, where they had no part in it, or to carry out."""
    wanted = Q(pk__in=[])
    if can(viewer, Permission.DECISION_APPROVE):
        involved = Involvement.objects.filter(person_id=viewer.person_id or 0).values("case")
        answered = Approval.objects.filter(person_id=viewer.person_id or 0).values("decision")
        free = Q(state="submitted") & ~Q(proposer_id=viewer.person_id) & ~Q(case__in=involved) & ~Q(pk__in=answered)
        wanted |= free
    if can(viewer, Permission.ACTION_RUN):
        wanted |= Q(state="approved", case__state="approved")
    rows = Decision.objects.filter(wanted, case__sealed=False).select_related("case", "proposer")
    return list(rows.order_by("lapses_at", "id")[:6])


def _alerts(viewer: Actor, found: Overview) -> None:
    now = timezone.now()
    open_ones = filtered(viewer, AlertFilters(states=OPEN_STATES, metering=False))
    found.to_triage = head_count(open_ones)
    found.arrived_yesterday = head_count(open_ones.filter(created_at__gte=now - timedelta(days=1)))
    oldest = open_ones.aggregate(first=Min("created_at"))["first"]
    found.oldest_open_days = (now - oldest).days if oldest else None
    mine = filtered(viewer, AlertFilters(states=OPEN_STATES, assignee=viewer.person_id or 0))
    related = mine.select_related("tally", "account", "detector").order_by("-tally__severity", "-tally__last_seen_at")
    found.my_alerts = list(related[:6])
    for state in OPEN_STATES:
        rows = open_ones.filter(state=state)
        found.backlog.append(BacklogRow("alert", state, _by_age(rows, "created_at")))


def _cases(viewer: Actor, found: Overview) -> None:
    shown = Case.objects.filter(sealed=False)
    found.cases_open = open_cases()
    found.cases_late = shown.exclude(state__in=SHUT).filter(due_at__lt=timezone.now()).count()
    if viewer.person_id is not None:
        page = list_cases(viewer, state="open", assignee=viewer.person_id, size=8)
        found.my_cases = page.rows
    counted = {state: _by_age(shown.filter(state=state), "state_since") for state in _states_present(shown)}
    for state in OPEN_CASE_STATES:
        if state in counted:
            found.backlog.append(BacklogRow("case", state, counted[state]))


def _states_present(shown: QuerySet[Case]) -> set[str]:
    return set(shown.exclude(state__in=SHUT).order_by().values_list("state", flat=True).distinct())


def _by_age(rows: QuerySet[Any], column: str) -> tuple[int, ...]:
    """Counts by the columns of `AGES`, in one query."""
    now = timezone.now()
    conditions = {}
    for place, (least, most) in enumerate(AGES):
        when = {f"{column}__lte": now - timedelta(days=least)}
        if most is not None:
            when[f"{column}__gt"] = now - timedelta(days=most)
        conditions[f"age_{place}"] = Count("id", filter=Q(**when))
    sums = rows.aggregate(**conditions)
    return tuple(sums[f"age_{place}"] for place in range(len(AGES)))


def _over_threshold(size: int = 4) -> list[OverThreshold]:
    rows = (
        CaseCluster.objects.exclude(case__state__in=SHUT)
        .exclude(case__opened_by_rule=None)
        .filter(case__sealed=False)
        .select_related("case__opened_by_rule", "cluster__rollup")
        .order_by("-case_id", "cluster_id")[:size]
    )
    return [OverThreshold(row.cluster, row.case, cluster_days(row.cluster)) for row in rows]


def cluster_days(cluster: Cluster, *, days: int = 45) -> list[tuple[date, int]]:
    """The cluster's exchanges on its last `days` days."""
    counts = DailyCount.objects.filter(account__memberships__cluster=cluster, account__memberships__left_run=None)
    last = counts.aggregate(last=Max("day"))["last"]
    if last is None:
        return []
    rows = counts.filter(day__gt=last - timedelta(days=days)).values("day").annotate(total=Sum("exchanges"))
    return [(row["day"], row["total"]) for row in rows.order_by("day")]
