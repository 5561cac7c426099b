"""Reads of the alerts stage: the triage queue, one alert, head counts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Prefetch, QuerySet
from django.utils import timezone

from accounts.models import Membership, MembershipBasis
from enforcement.alerts.models import Alert, AlertDay, AlertTally
from enforcement.audit.actors import Actor
from enforcement.audit.errors import Refusal, not_found
from enforcement.audit.paging import HEAD_LIMIT, Page, page_of
from enforcement.audit.services import record_event
from enforcement.signals.archive import Window, sample_rows
from enforcement.staff.matrix import Permission, can, require

ALERT_SORTS = {
    "-last_seen": ("-tally__last_seen_at", "-id"),
    "last_seen": ("tally__last_seen_at", "id"),
    "-severity": ("-tally__severity", "-tally__last_seen_at", "-id"),
    "severity": ("tally__severity", "tally__last_seen_at", "id"),
    "-exchanges": ("-tally__exchanges", "-id"),
    "exchanges": ("tally__exchanges", "id"),
}
OPEN_STATES = ("new", "triaging")


@dataclass(frozen=True)
class AlertFilters:
    """What the queue's address may ask for; empty values ask for nothing. Days are UTC.

    `age_days` (least, most or none) counts from when the alert first came in.
    """

    states: tuple[str, ...] = ()
    severity_at_least: int | None = None
    detector: str = ""
    rule: str = ""
    account: str = ""
    organization: int | None = None
    cluster: str = ""
    clustered: bool | None = None
    assignee: int | None = None
    resurfaced: bool = False
    canary: bool = False
    metering: bool | None = None
    conduct: str = ""
    seen_from: date | None = None
    seen_until: date | None = None
    age_days: tuple[int, int | None] | None = None
    ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class AlertView:
    """One alert with its days, the account's membership, and the other alerts on the same account."""

    alert: Alert
    days: Sequence[AlertDay]
    membership: Membership | None
    others: Sequence[Alert] = field(default_factory=tuple)


def filtered(viewer: Actor, filters: AlertFilters) -> QuerySet[Alert]:
    """Alerts that match, in no order. Canary detectors' alerts only when asked for."""
    require(viewer, Permission.ALERT_VIEW)
    found = Alert.objects.filter(detector__state="canary") if filters.canary else Alert.objects.exclude(
        detector__state="canary"
    )  # fmt: skip
    simple = {
        "state__in": filters.states,
        "tally__severity__gte": filters.severity_at_least,
        "detector__slug": filters.detector,
        "rule": filters.rule,
        "account__platform_id": filters.account,
        "account__declared_organization_id": filters.organization,
        "assignee_id": filters.assignee,
        "tally__conduct": filters.conduct,
        "tally__last_seen_at__date__gte": filters.seen_from,
        "tally__first_seen_at__date__lte": filters.seen_until,
        "pk__in": filters.ids,
    }
    found = found.filter(**{name: value for name, value in simple.items() if value not in ("", None, ())})
    if filters.age_days is not None:
        least, most = filters.age_days
        found = found.filter(created_at__lte=timezone.now() - timedelta(days=least))
        if most is not None:
            found = found.filter(created_at__gt=timezone.now() - timedelta(days=most))
    if filters.metering is not None:
        found = found.filter(detector__meters__isnull=not filters.metering)
    if filters.resurfaced:
        found = found.exclude(resurfaced_at=None)
    member = Membership.objects.filter(account=OuterRef("account"), left_run=None)
    if filters.cluster:
        found = found.filter(Exists(member.filter(cluster__ref=filters.cluster)))
    elif filters.clustered is not None:
        found = found.filter(Exists(member) if filters.clustered else ~Exists(member))
    return found


def list_alerts(
    viewer: Actor, *, filters: AlertFilters, sort: str = "-last_seen", cursor: str = "", size: int = 50
) -> Page[Alert]:
    """One page of the queue. Each row carries `open_membership` (with its strongest basis), `tally` and `recent_days`."""
    if sort not in ALERT_SORTS:
        raise Refusal("alerts.sort", f"Sort by one of {', '.join(ALERT_SORTS)}.", field="sort", status=400)
    strongest = MembershipBasis.objects.select_related("identifier").order_by("-bits", "id")
    memberships = (
        Membership.objects.filter(left_run=None)
        .select_related("cluster")
        .prefetch_related(Prefetch("basis", queryset=strongest, to_attr="strongest"))
    )
    found = (
        filtered(viewer, filters)
        .select_related("detector", "account", "tally", "assignee", "reason", "decided_by")
        .prefetch_related(
            Prefetch("account__memberships", queryset=memberships, to_attr="open_memberships"),
            Prefetch("days", queryset=AlertDay.objects.order_by("day"), to_attr="daily"),
        )
    )
    return page_of(found, order=ALERT_SORTS[sort], cursor=cursor, size=size)


def get_alert(viewer: Actor, *, alert_id: int) -> AlertView:
    """One alert. Raises `Refusal` (404)."""
    require(viewer, Permission.ALERT_VIEW)
    related = (
        "detector",
        "account",
        "account__declared_organization",
        "tally",
        "assignee",
        "reason",
        "decided_by",
        "duplicate_of",
    )
    alert = Alert.objects.select_related(*related).filter(pk=alert_id).first()
    if alert is None:
        raise not_found("alert", f"A-{alert_id}")
    membership = Membership.objects.filter(account=alert.account, left_run=None).select_related("cluster").first()
    others = Alert.objects.filter(account=alert.account).exclude(pk=alert.pk).select_related("detector", "tally")
    return AlertView(
        alert=alert,
        days=list(alert.days.order_by("day")),
        membership=membership,
        others=list(others.order_by("-tally__last_seen_at", "-id")[:20]),
    )


def queue_counts(viewer: Actor) -> dict[str, int]:
    """Head counts of the saved views, each to 10,001 at most (pages then say "10,000+")."""
    views = {
        "queue": AlertFilters(states=OPEN_STATES, metering=False),
        "high": AlertFilters(states=OPEN_STATES, metering=False, severity_at_least=4),
        "mine": AlertFilters(states=OPEN_STATES, assignee=viewer.person_id or 0),
        "resurfaced": AlertFilters(resurfaced=True),
        "unclustered": AlertFilters(states=OPEN_STATES, metering=False, clustered=False),
        "metering": AlertFilters(states=OPEN_STATES, metering=True),
        "canary": AlertFilters(canary=True),
    }
    return {name: head_count(filtered(viewer, filters)) for name, filters in views.items()}


def last_day_seen() -> date | None:
    """The last day on which any signal of an alert was observed, today at the latest: where sparklines end."""
    last = AlertTally.objects.order_by("-last_seen_at").values_list("last_seen_at", flat=True).first()
    return min(last, timezone.now()).date() if last else None


def head_count(found: QuerySet[Alert]) -> int:
    """How many, counted to one more than the head limit."""
    return len(found.order_by().values_list("pk")[: HEAD_LIMIT + 1])


def alerts_of_account(account_id: int) -> QuerySet[Alert]:
    """Every alert of an account, newest first, with tally and detector."""
    return (
        Alert.objects.filter(account_id=account_id)
        .select_related("detector", "tally", "reason")
        .annotate(last_seen_at=F("tally__last_seen_at"))
        .order_by("-last_seen_at", "-id")
    )


@dataclass(frozen=True)
class SignalSample:
    """Some of an alert's signals as the archive holds them."""

    alert: Alert
    rows: Sequence[dict[str, Any]]


def read_signals(viewer: Actor, *, alert_id: int, size: int = 5) -> SignalSample:
    """`size` signals of an alert, drawn by its number; who read them is recorded.

    Raises `Refusal`: 403 unless the viewer triages alerts or may see evidence, 404 for no such alert.
    """
    if not can(viewer, Permission.EVIDENCE_VIEW):
        require(viewer, Permission.ALERT_TRIAGE)
    alert = Alert.objects.select_related("detector", "account", "tally").filter(pk=alert_id).first()
    if alert is None:
        raise not_found("alert", f"A-{alert_id}")
    asked = Window(accounts=[alert.account.platform_id], rules=[alert.rule], detectors=[alert.detector.slug])
    rows = sample_rows(asked, size=size, seed=str(alert))
    record_event(actor=viewer, verb="alerts.signals_read", target=alert, data={"signals": len(rows)})
    return SignalSample(alert, rows)
