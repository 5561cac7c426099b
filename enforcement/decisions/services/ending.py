"""How a decision ends without being carried out: withdrawn, void, expired.

Each takes the case back to investigating.
"""

from django.db import transaction
from django.utils import timezone

from enforcement.audit.actors import SYSTEM, Actor
from enforcement.audit.errors import Refusal
from enforcement.audit.services import record_event
from enforcement.cases.access import lock_case, require_in, scope_of
from enforcement.cases.models import Case
from enforcement.cases.services.moves import advance_case
from enforcement.decisions.models import Decision
from enforcement.decisions.states import DECISION_STATES
from enforcement.policies.models import Reason
from enforcement.policies.selectors import reason as reason_named
from enforcement.staff.matrix import Permission, can

_VERBS = {
    "returned": "returned",
    "refused": "refused",
    "withdrawn": "withdrawn",
    "void": "voided",
    "expired": "expired",
}


def locked(decision: Decision) -> Decision:
    """The decision's row, locked. Lock its case first, always, or two writers may wait for each other."""
    return (
        Decision.objects.select_for_update(of=("self",))
        .select_related("case", "policy_version__policy", "proposer")
        .get(pk=decision.pk)
    )


def end_decision(actor: Actor, *, decision: Decision, state: str, text: str, reason: Reason | None = None) -> None:
    """Make one ending move of a locked decision, and take its case back. Authorized by whoever calls."""
    DECISION_STATES.check(decision.state, state)
    was_draft = decision.state == "draft"
    Decision.objects.filter(pk=decision.pk).update(
        state=state, decided_at=timezone.now(), ended_text=text, ended_reason=reason
    )
    record_event(
        actor=actor, verb=f"decisions.{_VERBS[state]}", target=decision, case_id=decision.case_id, reason=text,
        data={"round": decision.round, "digest": decision.digest, "reason": reason.code if reason else ""},
    )  # fmt: skip
    if not was_draft:
        advance_case(actor, case=decision.case, to="investigating", reason=f"Round {decision.round} {state}: {text}")
    decision.refresh_from_db()


@transaction.atomic
def withdraw_decision(actor: Actor, *, decision: Decision, reason: str) -> Decision:
    """Take back a draft or a submitted proposal. Raises `Refusal` 422 without a reason, 409 when it is decided."""
    require_in(actor, Permission.CASE_SUBMIT, decision.case)
    if not reason.strip():
        raise Refusal("decision.reason", "Say why it is withdrawn.", field="reason", status=422)
    lock_case(decision.case)
    end_decision(actor, decision=locked(decision), state="withdrawn", text=reason.strip())
    decision.refresh_from_db()
    return decision


@transaction.atomic
def void_decision(actor: Actor, *, decision: Decision, reason: str) -> Decision:
    """Declare a submitted or approved decision void before it is carried out.

    Raises `Refusal` 409 once enforcing: then targets are dropped one by one instead; 422 without a reason.
    """
    if not can(actor, Permission.DECISION_APPROVE, scope_of(decision.case)):
        require_in(actor, Permission.CASE_SUBMIT, decision.case)
    if not reason.strip():
        raise Refusal("decision.reason", "Say why it is void.", field="reason", status=422)
    case = lock_case(decision.case)
    void_locked(actor, case=case, decision=locked(decision), text=reason.strip(), code="by_a_person")
    decision.refresh_from_db()
    return decision


def void_locked(actor: Actor, *, case: Case, decision: Decision, text: str, code: str) -> None:
    """Void a decision whose case and row are locked; authorized by whoever calls."""
    DECISION_STATES.check(decision.state, "void")
    if case.state not in {"in_review", "approved"}:
        raise Refusal(
            "decision.enforcing",
            f"{case.ref} is {case.state.replace('_', ' ')}: its decision is being carried out. Drop targets, or stop "
            "the action instead.",
        )
    end_decision(actor, decision=decision, state="void", text=text, reason=reason_named(use="void", code=code))


def expire_decisions() -> list[Decision]:
    """End what lapsed: undecided proposals become void, approved ones that nobody started expire. Safe to run twice."""
    ended = []
    lapsed = Decision.objects.filter(state__in=("submitted", "approved"), lapses_at__lte=timezone.now())
    for decision in lapsed.select_related("case").order_by("id"):
        with transaction.atomic():
            case = lock_case(decision.case, shut_too=True)
            row = locked(decision)
            if row.lapses_at is None or row.lapses_at > timezone.now():
                continue
            if row.state == "submitted" and case.state == "in_review":
                void_locked(
                    SYSTEM, case=case, decision=row, text="Nobody decided before it lapsed.", code="not_decided_in_time"
                )
            elif row.state == "approved" and case.state == "approved":
                end_decision(SYSTEM, decision=row, state="expired", text="Nobody started it before it lapsed.")
            else:
                continue
            ended.append(row)
    return ended
