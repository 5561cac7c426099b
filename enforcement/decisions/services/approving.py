"""A second person's answer: yes to exactly the frozen list, back with reasons, or no."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from enforcement.audit.actors import Actor
from enforcement.audit.errors import Refusal
from enforcement.audit.services import record_event
from enforcement.cases.access import lock_case, person_of, require_in
from enforcement.cases.models import Involvement
from enforcement.cases.services.moves import advance_case
from enforcement.decisions.models import Approval, Decision
from enforcement.decisions.services.ending import end_decision, locked
from enforcement.decisions.snapshots import recompute_digest
from enforcement.decisions.states import DECISION_STATES
from enforcement.policies.selectors import reason as reason_named
from enforcement.policies.selectors import rules_for
from enforcement.staff.matrix import Permission
from enforcement.staff.models import RoleGrant

_HOW = {
    "finding": "set a finding",
    "attribution": "set an attribution",
    "assigned": "was assigned",
    "assigning": "assigned somebody",
    "advised": "advised as counsel",
}


def why_not_decide(actor: Actor, *, decision: Decision) -> Refusal | None:
    """Why `actor` may not answer this decision as a second person; none when they may. Asks no permission."""
    if decision.state != "submitted":
        return Refusal("decision.state", f"Round {decision.round} is {decision.state}; nothing is to be decided.")
    if actor.person_id is None:
        return Refusal("decision.person_needed", "Only a person decides.", status=403)
    if actor.person_id == decision.proposer_id:
        return Refusal("decision.approver_is_proposer", "You proposed this. Somebody else must decide it.", status=403)
    part = Involvement.objects.filter(case_id=decision.case_id, person_id=actor.person_id).order_by("id").first()
    if part is not None:
        return Refusal(
            "decision.approver_had_a_part",
            f"You {_HOW.get(part.how, 'had a part')} in this case. Somebody without a part in it must decide.",
            status=403,
        )
    if decision.lapses_at is not None and decision.lapses_at <= timezone.now():
        return Refusal("decision.lapsed", f"Round {decision.round} lapsed undecided. It has to be submitted again.")
    return None


def _may_decide(actor: Actor, decision: Decision) -> None:
    DECISION_STATES.check(decision.state, "approved")
    refusal = why_not_decide(actor, decision=decision)
    if refusal is not None:
        raise refusal


@transaction.atomic
def approve_decision(actor: Actor, *, decision: Decision, digest: str, reason: str) -> Decision:
    """Say yes to exactly the list with `digest` (64 hex digits).

    With the last approval asked for, the case is approved.

    Raises `Refusal`: 403 for the proposer, anybody with a part in the case, or counsel who advised; 422 without a
    reason;
    409 for another digest, rows that changed since, a decision that is not submitted, or a second yes by one person.
    """
    require_in(actor, Permission.DECISION_APPROVE, decision.case)
    if not reason.strip():
        raise Refusal("decision.reason", "Say why you approve; it is kept and printed.", field="reason", status=422)
    case = lock_case(decision.case)
    row = locked(decision)
    _may_decide(actor, row)
    if digest.strip().lower() != row.digest:
        raise Refusal(
            "decision.digest", "This is not the digest as submitted. Reload the page and look again.", field="digest"
        )
    if not recompute_digest(row)[1]:
        raise Refusal(
            "decision.changed", "What was frozen no longer matches its digest. It must be void and submitted again."
        )
    person = person_of(actor)
    if Approval.objects.filter(decision=row, person_id=person).exists():
        raise Refusal("decision.approved_already", "You approved this already; another person is needed.")
    Approval.objects.create(decision=row, person_id=person, digest=row.digest, reason=reason.strip())
    if not _enough(row):
        record_event(
            actor=actor, verb="decisions.approval_given", target=row, case_id=case.pk, reason=reason,
            data={"digest": row.digest, "approvals_needed": row.approvals_needed},
        )  # fmt: skip
    else:
        _approve(actor, row, reason)
    decision.refresh_from_db()
    return decision


def _enough(row: Decision) -> bool:
    """Whether every rule has its people: so many in all, and so many of each role."""
    people = list(Approval.objects.filter(decision=row, digest=row.digest).values_list("person_id", flat=True))
    if len(people) < row.approvals_needed:
        return False
    asked: dict[str, int] = {}
    for rule in row.rules.all():
        asked[rule.role] = max(asked.get(rule.role, 0), rule.approvers)
    grants = RoleGrant.objects.filter(person_id__in=people)
    return all(grants.filter(role=role).values("person").distinct().count() >= needed for role, needed in asked.items())


def _approve(actor: Actor, row: Decision, reason: str) -> None:
    now = timezone.now()
    hours = rules_for(targets=row.targets_count).lapses_after_hours
    Decision.objects.filter(pk=row.pk).update(state="approved", decided_at=now, lapses_at=now + timedelta(hours=hours))
    record_event(
        actor=actor, verb="decisions.approved", target=row, case_id=row.case_id, reason=reason,
        data={"digest": row.digest, "targets": row.targets_count, "action": row.action_kind},
    )  # fmt: skip
    advance_case(actor, case=row.case, to="approved", reason=f"Round {row.round} approved")


@transaction.atomic
def return_decision(actor: Actor, *, decision: Decision, reason_code: str, text: str) -> Decision:
    """Send it back with reasons; the case is investigated again. `reason_code` is one kept for the use "return"."""
    return _answer_no(actor, decision, "returned", reason_code, text)


@transaction.atomic
def refuse_decision(actor: Actor, *, decision: Decision, reason_code: str, text: str) -> Decision:
    """Refuse the action; the case stays open. `reason_code` is one kept for the use "refusal"."""
    return _answer_no(actor, decision, "refused", reason_code, text)


def _answer_no(actor: Actor, decision: Decision, state: str, reason_code: str, text: str) -> Decision:
    require_in(actor, Permission.DECISION_APPROVE, decision.case)
    if not text.strip():
        raise Refusal("decision.text", "Say what has to change; the proposer reads it.", field="text", status=422)
    reason = reason_named(use="return" if state == "returned" else "refusal", code=reason_code)
    lock_case(decision.case)
    row = locked(decision)
    DECISION_STATES.check(row.state, state)
    _may_decide(actor, row)
    end_decision(actor, decision=row, state=state, text=text.strip(), reason=reason)
    decision.refresh_from_db()
    return decision
