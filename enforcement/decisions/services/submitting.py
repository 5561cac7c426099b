"""Proposing an action, and submitting it: what is frozen is frozen here, in one transaction, under the case's lock."""

import io
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from enforcement.audit.actors import Actor
from enforcement.audit.errors import Refusal
from enforcement.audit.services import record_event
from enforcement.cases.access import lock_case, person_of, require_in
from enforcement.cases.blockers import refresh_blockers
from enforcement.cases.models import Case
from enforcement.cases.services.moves import advance_case, check_blockers
from enforcement.decisions.models import Decision
from enforcement.decisions.snapshots import build_snapshot
from enforcement.decisions.states import ACTION_KINDS
from enforcement.evidence.services import give_exhibit_numbers, refresh_evidence_blockers
from enforcement.policies.selectors import rules_for
from enforcement.signals.blobs import store_blob
from enforcement.staff.matrix import Permission

_TARGETS = """
INSERT INTO decisions_target (decision_id, subject_id, account_id, dropped_reason)
SELECT %(decision)s, s.id, s.account_id, '' FROM cases_subject s
 WHERE s.case_id = %(case)s AND s.finding = 'violating' ORDER BY s.account_id
"""


@transaction.atomic
def propose(actor: Actor, *, case: Case, action_kind: str, summary: str = "") -> Decision:
    """Draft a proposal for a case under investigation, or change the proposer's own draft. Nothing is frozen yet.

    A draft of somebody else gives way and is kept as withdrawn. Raises `Refusal`: 422 for an unknown action, 409
    when the case is not investigating or has no policy version pinned.
    """
    require_in(actor, Permission.CASE_SUBMIT, case)
    person = person_of(actor)
    if action_kind not in ACTION_KINDS:
        raise Refusal(
            "decision.action", f"The action is one of: {', '.join(ACTION_KINDS)}.", field="action_kind", status=422
        )
    row = lock_case(case)
    if row.state != "investigating":
        raise Refusal(
            "decision.case_state",
            f"{row.ref} is {row.state.replace('_', ' ')}; an action is proposed while it is investigated.",
        )
    if row.policy_version_id is None:
        raise Refusal("decision.no_policy", "Pin a policy version first: an action follows from a clause.")
    draft = Decision.objects.filter(case=row, state="draft").first()
    if draft is not None and draft.proposer_id != person:
        Decision.objects.filter(pk=draft.pk).update(
            state="withdrawn", decided_at=timezone.now(), ended_text=f"{actor.label} drafted another proposal."
        )
        draft = None
    if draft is None:
        last = Decision.objects.filter(case=row).aggregate(last=Max("round"))["last"] or 0
        draft = Decision(case=row, round=last + 1, proposer_id=person)
    draft.action_kind, draft.summary, draft.policy_version_id = action_kind, summary.strip(), row.policy_version_id
    draft.save()
    return draft


@transaction.atomic
def submit_decision(
    actor: Actor, *, case: Case, action_kind: str, summary: str, version: int | None = None
) -> Decision:
    """Freeze targets (the violating subjects), findings, evidence hashes, clauses, action and attributions, and ask.

    The snapshot's SHA-256 is the digest that approvals name. The case goes into review.

    Raises `Refusal`: 422 for an unknown action or no summary; 409 when blockers stand (each in words), the case is not
    investigating, or somebody changed it since `version`.
    """
    require_in(actor, Permission.CASE_SUBMIT, case)
    if not summary.strip():
        raise Refusal(
            "decision.summary", "Say in a few sentences what is proposed and why.", field="summary", status=422
        )
    row = lock_case(case, version=version)
    decision = propose(actor, case=row, action_kind=action_kind, summary=summary)
    refresh_blockers(row)
    refresh_evidence_blockers(row)
    check_blockers(row, transition="submit")
    give_exhibit_numbers(row)
    _freeze(decision)
    record_event(
        actor=actor, verb="decisions.submitted", target=decision, case_id=row.pk, reason=decision.summary,
        data={"digest": decision.digest, "targets": decision.targets_count, "action": action_kind,
              "round": decision.round, "approvals_needed": decision.approvals_needed},
    )  # fmt: skip
    advance_case(actor, case=case, to="in_review", reason=f"Round {decision.round} submitted")
    return decision


def _freeze(decision: Decision) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_TARGETS, {"decision": decision.pk, "case": decision.case_id})
        decision.targets_count = cursor.rowcount
    asked = rules_for(targets=decision.targets_count)
    decision.rules.set(asked.rules)
    decision.approvals_needed = asked.approvals_needed
    decision.cut_off_at = decision.submitted_at = timezone.now()
    decision.lapses_at = decision.submitted_at + timedelta(hours=asked.lapses_after_hours)
    blob = store_blob(io.BytesIO(build_snapshot(decision)), media_type="application/json")
    decision.snapshot, decision.digest, decision.state = blob, blob.sha256, "submitted"
    decision.save()
