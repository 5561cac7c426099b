"""After approval: an approval may shrink, never grow. Dropping targets, and checking before every sending."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from enforcement.audit.actors import SYSTEM, Actor
from enforcement.audit.errors import Refusal
from enforcement.audit.services import record_event
from enforcement.cases.access import lock_case, require_in, scope_of
from enforcement.cases.models import Case
from enforcement.decisions.models import Decision, Target
from enforcement.decisions.snapshots import read_snapshot
from enforcement.staff.matrix import Permission, can

_NAMED_IN_EVENT = 50


@dataclass(frozen=True, slots=True)
class Recheck:
    """Which of the targets asked about may still be sent, and which were dropped, now or before. Ids, ascending."""

    standing: tuple[int, ...]
    dropped: tuple[int, ...]


@transaction.atomic
def drop_target(actor: Actor, *, target: Target, reason: str) -> Target:
    """Let one target go, for good; the decision and its digest stand. What was sent already is not taken back here.

    Raises `Refusal`: 422 without a reason, 409 when it was dropped or the decision is not approved.
    """
    case = target.decision.case
    if not can(actor, Permission.ACTION_RUN, scope_of(case)):
        require_in(actor, Permission.CASE_WORK, case)
    if not reason.strip():
        raise Refusal("target.reason", "Say why the target is dropped.", field="reason", status=422)
    lock_case(case)
    decision = Decision.objects.select_for_update(of=("self",)).get(pk=target.decision_id)
    if decision.state != "approved":
        raise Refusal("target.decision_state", f"Round {decision.round} is {decision.state}; nothing of it is sent.")
    if not drop_targets(actor, decision=decision, target_ids=[target.pk], reason=reason.strip()):
        raise Refusal("target.dropped", "This target was dropped already.")
    target.refresh_from_db()
    return target


def drop_targets(actor: Actor, *, decision: Decision, target_ids: Sequence[int], reason: str) -> int:
    """Drop several at once, in the caller's transaction and under the case's lock; how many were not dropped before."""
    rows = Target.objects.filter(decision=decision, pk__in=target_ids, dropped_at=None)
    ids = list(rows.order_by("id").values_list("id", flat=True))
    dropped = rows.update(dropped_at=timezone.now(), dropped_reason=reason)
    if dropped:
        record_event(
            actor=actor, verb="decisions.target_dropped", target=decision, case_id=decision.case_id, reason=reason,
            data={"targets": ids[:_NAMED_IN_EVENT], "count": dropped},
        )  # fmt: skip
    return dropped


def drop_targets_of_subjects(actor: Actor, *, case: Case, subject_ids: Sequence[int], reason: str) -> int:
    """Drop the targets of subjects whose finding changes while their decision is carried out."""
    dropped = 0
    for decision in Decision.objects.filter(case=case, state="approved").order_by("id"):
        ids = list(Target.objects.filter(decision=decision, subject_id__in=subject_ids).values_list("id", flat=True))
        dropped += drop_targets(actor, decision=decision, target_ids=ids, reason=reason)
    return dropped


@transaction.atomic
def recheck_targets(*, decision: Decision, target_ids: Sequence[int]) -> Recheck:
    """Ask before every sending: is it approved, for exactly this digest, and does each target still stand?

    A target stands when it was not dropped, is on the frozen list, and its subject is still found violating; one whose
    subject no longer is gets dropped here, on the record.

    Raises `Refusal` 409 when the decision does not stand: not approved, too few approvals of its digest, or stored
    bytes that no longer have it.
    """
    row = Decision.objects.select_related("snapshot").get(pk=decision.pk)
    approvals = row.approvals.filter(digest=row.digest).values("person").distinct().count()
    if row.state != "approved" or approvals < row.approvals_needed:
        raise Refusal(
            "decision.not_standing", f"Round {row.round} is not approved as it stands; nothing of it is sent."
        )
    frozen = set(read_snapshot(row)["targets"])
    asked = Target.objects.filter(decision=row, pk__in=target_ids).order_by("id")
    standing, fallen, gone = [], [], []
    for pk, dropped_at, finding, name in asked.values_list(
        "id", "dropped_at", "subject__finding", "account__platform_id"
    ):
        if dropped_at is not None:
            gone.append(pk)
        elif finding != "violating" or name not in frozen:
            fallen.append(pk)
        else:
            standing.append(pk)
    if fallen:
        drop_targets(
            SYSTEM, decision=row, target_ids=fallen, reason="No longer found violating when it was to be sent."
        )
    return Recheck(standing=tuple(standing), dropped=tuple(sorted(gone + fallen)))
