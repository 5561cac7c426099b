"""Writes of the alerts stage: verdicts, one or thousands at once, and who looks at what."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from enforcement.alerts.models import Alert
from enforcement.alerts.selectors import AlertFilters, filtered
from enforcement.alerts.states import ALERT_STATES, DECIDED
from enforcement.audit.actors import Actor
from enforcement.audit.errors import Refusal, not_found
from enforcement.audit.paging import HEAD_LIMIT
from enforcement.audit.services import record_event
from enforcement.policies.models import Reason
from enforcement.staff.matrix import Permission, require
from enforcement.staff.models import Person

BULK_LIMIT = HEAD_LIMIT


@dataclass(frozen=True)
class Skipped:
    """An alert that a bulk act left alone: somebody moved it after the preview, or the move is not legal."""

    alert_id: int
    state: str
    by: str
    at: datetime | None


@dataclass(frozen=True)
class BulkResult:
    """What a bulk act did: ids changed, and those it skipped with who and when."""

    changed: tuple[int, ...]
    skipped: tuple[Skipped, ...]


@dataclass(frozen=True)
class TriagePreview:
    """The ids a bulk act would touch, frozen with their versions, and counts by state and by cluster."""

    ids: tuple[int, ...]
    versions: tuple[int, ...]
    by_state: dict[str, int] = field(default_factory=dict)
    accounts: int = 0


def triage_alert(
    actor: Actor,
    *,
    alert_id: int,
    verdict: str,
    reason: str = "",
    reason_text: str = "",
    duplicate_of: int | None = None,
    version: int | None = None,
) -> Alert:
    """Set one verdict. `reason` is the code of a dismissal reason; `version` is what the person saw.

    Raises `Refusal`: not permitted, no such alert, an illegal move, a dismissal without reason, or a version that
    somebody else has moved past (naming who and when).
    """
    result = triage_alerts(
        actor,
        ids=[alert_id],
        versions=[version] if version is not None else None,
        verdict=verdict,
        reason=reason,
        reason_text=reason_text,
        duplicate_of=duplicate_of,
    )
    alert = Alert.objects.filter(pk=alert_id).first()
    if alert is None:
        raise not_found("alert", f"A-{alert_id}")
    if result.skipped:
        _refuse_skipped(result.skipped[0], verdict)
    return alert


def triage_alerts(
    actor: Actor,
    *,
    ids: Sequence[int],
    verdict: str,
    versions: Sequence[int] | None = None,
    reason: str = "",
    reason_text: str = "",
    duplicate_of: int | None = None,
) -> BulkResult:
    """Set the same verdict on up to 10,000 alerts, in one transaction and a fixed number of statements.

    An alert that changed since its `versions` entry, or that may not move to `verdict` from where it is, is skipped and
    told; the rest is set.
    """
    require(actor, Permission.ALERT_TRIAGE)
    if len(ids) > BULK_LIMIT:
        raise Refusal(
            "alerts.too_many", f"At most {BULK_LIMIT:,} alerts at once. Narrow the filters.", field="ids", status=400
        )
    chosen = _reason(verdict, reason, reason_text)
    _check_duplicate(verdict, duplicate_of, ids)
    seen = dict(zip(ids, versions, strict=True)) if versions is not None else {}
    with transaction.atomic():
        alerts = list(Alert.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
        free, skipped = _sort_out(alerts, verdict, seen)
        _write_verdict(actor, free, verdict, chosen, reason_text, duplicate_of)
        if free:
            record_event(
                actor=actor,
                verb="alerts.triaged",
                reason=reason_text or (chosen.label if chosen else ""),
                data={"verdict": verdict, "count": len(free), "ids": free[:1000], "skipped": len(skipped)},
            )
    return BulkResult(tuple(free), tuple(skipped))


def _sort_out(alerts: Sequence[Alert], verdict: str, seen: dict[int, int]) -> tuple[list[int], list[Skipped]]:
    """Ids that may take the verdict, and the rest with who changed them when. `seen` is id -> version at the preview."""
    free: list[int] = []
    skipped: list[Skipped] = []
    people = _deciders(alerts)
    for alert in alerts:
        stale = alert.version != seen.get(alert.pk, alert.version)
        if stale or not ALERT_STATES.allows(alert.state, verdict):
            who = people.get(alert.decided_by_id or alert.assignee_id, "")
            skipped.append(Skipped(alert.pk, alert.state, who, alert.decided_at))
        else:
            free.append(alert.pk)
    return free, skipped


def _write_verdict(
    actor: Actor, ids: Sequence[int], verdict: str, reason: Reason | None, text: str, duplicate_of: int | None
) -> None:
    decided = verdict in DECIDED
    changes: dict[str, Any] = {
        "state": verdict,
        "reason": reason if verdict == "dismissed" else None,
        "reason_text": text,
        "duplicate_of_id": duplicate_of if verdict == "duplicate" else None,
        "decided_by_id": actor.person_id if decided else None,
        "decided_at": timezone.now() if decided else None,
        "resurfaced_at": None,
        "version": F("version") + 1,
    }
    if verdict == "triaging":
        changes["assignee_id"] = actor.person_id
    Alert.objects.filter(pk__in=ids).update(**changes)


def preview_triage(
    actor: Actor, *, verdict: str, filters: AlertFilters | None = None, ids: Sequence[int] = ()
) -> TriagePreview:
    """Freeze what a bulk act would touch: the selected `ids`, or everything that matches `filters` (10,000 at most)."""
    require(actor, Permission.ALERT_TRIAGE)
    found = filtered(actor, filters if filters is not None else AlertFilters(ids=tuple(ids) or (0,)))
    rows = list(found.order_by("pk").values_list("pk", "version", "state", "account_id")[: BULK_LIMIT + 1])
    if len(rows) > BULK_LIMIT:
        raise Refusal("alerts.too_many", f"More than {BULK_LIMIT:,} alerts match. Narrow the filters.", status=400)
    by_state: dict[str, int] = {}
    for _, _, state, _ in rows:
        by_state[state] = by_state.get(state, 0) + 1
    legal = [row for row in rows if ALERT_STATES.allows(row[2], verdict)]
    return TriagePreview(
        ids=tuple(row[0] for row in legal),
        versions=tuple(row[1] for row in legal),
        by_state=by_state,
        accounts=len({row[3] for row in legal}),
    )


def assign_alert(actor: Actor, *, alert_id: int, person: Person | None) -> Alert:
    """Have somebody look at an alert, or nobody."""
    require(actor, Permission.ALERT_TRIAGE)
    with transaction.atomic():
        alert = Alert.objects.select_for_update().filter(pk=alert_id).first()
        if alert is None:
            raise not_found("alert", f"A-{alert_id}")
        alert.assignee = person
        alert.version += 1
        alert.save(update_fields=["assignee", "version"])
        record_event(
            actor=actor, verb="alerts.assigned", target=alert, data={"assignee": person.pk if person else None}
        )
    return alert


def _reason(verdict: str, code: str, text: str) -> Reason | None:
    if verdict not in ALERT_STATES.states or verdict == "new":
        raise Refusal(
            "alerts.verdict",
            "The verdict must be triaging, escalated, dismissed or duplicate.",
            field="verdict",
            status=400,
        )
    if verdict != "dismissed":
        return None
    reason = Reason.objects.filter(use="dismissal", code=code, active=True).first()
    if reason is None:
        raise Refusal("alerts.reason", "A dismissal needs one of the reasons listed.", field="reason", status=400)
    if code == "other" and not text.strip():
        raise Refusal(
            "alerts.reason_text", "Say in words why, when the reason is another one.", field="reason_text", status=400
        )
    return reason


def _check_duplicate(verdict: str, duplicate_of: int | None, ids: Sequence[int]) -> None:
    if verdict != "duplicate":
        return
    if duplicate_of is None or duplicate_of in ids or not Alert.objects.filter(pk=duplicate_of).exists():
        raise Refusal(
            "alerts.duplicate_of",
            "Name the other alert that this one repeats, such as 1042.",
            field="duplicate_of",
            status=400,
        )


def _deciders(alerts: Sequence[Alert]) -> dict[int | None, str]:
    ids = {alert.decided_by_id for alert in alerts} | {alert.assignee_id for alert in alerts}
    return dict(Person.objects.filter(pk__in=[i for i in ids if i]).values_list("pk", "name"))


def _refuse_skipped(skipped: Skipped, verdict: str) -> None:
    if ALERT_STATES.allows(skipped.state, verdict) or skipped.by:
        who = f" by {skipped.by}" if skipped.by else ""
        when = f" at {skipped.at:%H:%M} UTC" if skipped.at else ""
        raise Refusal(
            "alerts.changed",
            f"A-{skipped.alert_id} was set to {skipped.state}{who}{when} after you opened it. Reload to see it.",
        )
    ALERT_STATES.check(skipped.state, verdict)
