"""Moving a case from state to state. People move the early ones; decisions and actions move the rest through here."""

from collections.abc import Mapping
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from enforcement.audit.actors import Actor
from enforcement.audit.errors import Refusal
from enforcement.audit.services import record_event
from enforcement.cases.access import lock_case, person_of, require_in
from enforcement.cases.blockers import blockers_of
from enforcement.cases.frozen import Change, before_change
from enforcement.cases.models import Case
from enforcement.cases.services.settling import settle
from enforcement.cases.states import CASE_STATES, EARLY, EARLY_OUTCOMES, OUTCOMES, WORKABLE
from enforcement.policies.models import PolicyVersion
from enforcement.staff.matrix import Permission

# What a person may ask for by name; every other move follows from an act of its own.
BY_HAND = frozenset(
    {
        ("new", "triage"),
        ("triage", "investigating"),
        ("investigating", "awaiting_info"),
        ("awaiting_info", "investigating"),
    }
)
_INSTEAD: Mapping[str, str] = {
    "in_review": "Submit the case for review instead.",
    "approved": "A second person approves the decision instead.",
    "enforcing": "Start the action instead.",
    "enforced": "It follows when every target is done.",
    "partially_enforced": "It follows when the action ends with failed targets.",
    "closed": "Close the case with an outcome instead.",
    "merged": "Name the case that it goes into instead.",
    "investigating": "Return, withdraw or reopen instead.",
}

_KEEP_TALLIES = """
UPDATE cases_casealert k SET signals_at_closing = t.signals, exchanges_at_closing = t.exchanges
  FROM alerts_alerttally t WHERE t.alert_id = k.alert_id AND k.case_id = %s
"""


@transaction.atomic
def move_case(actor: Actor, *, case: Case, to: str, reason: str = "", version: int | None = None) -> Case:
    """Move an early case by hand: new, triage, investigating, awaiting information.

    Raises `Refusal` 409 for a move that the table does not know, or that follows from another act, saying which.
    """
    require_in(actor, Permission.CASE_WORK, case)
    row = lock_case(case, version=version, shut_too=True)
    CASE_STATES.check(row.state, to)
    if (row.state, to) not in BY_HAND:
        raise Refusal(
            "case.not_by_hand", f"{row.ref} cannot be moved to {to.replace('_', ' ')} by hand. {_INSTEAD[to]}"
        )
    return advance_case(actor, case=case, to=to, reason=reason)


@transaction.atomic
def advance_case(
    actor: Actor, *, case: Case, to: str, reason: str = "", outcome: str = "", into: Case | None = None
) -> Case:
    """Make one legal move, as a consequence of an act that was authorized by whoever calls (decisions, actions).

    `outcome` with `closed`, `into` with `merged`. Raises `Refusal` 409 for an illegal move, or one that blockers stop,
    with every blocker in words.
    """
    row = lock_case(case, shut_too=True)
    old = row.state
    CASE_STATES.check(old, to)
    if to in {"in_review", "closed"}:
        check_blockers(row, transition="submit" if to == "in_review" else "close")
    now = timezone.now()
    changes: dict[str, object] = {"state": to, "state_since": now, **_with_state(to, outcome, reason, into, now)}
    if old == "closed":
        changes |= {"outcome": "", "outcome_reason": "", "closed_at": None}
    if to == "closed":
        with connection.cursor() as cursor:
            cursor.execute(_KEEP_TALLIES, [row.pk])
    Case.objects.filter(pk=row.pk).update(**changes)
    verb = {"closed": "cases.closed"}.get(to, "cases.reopened" if old == "closed" else "cases.moved")
    record_event(
        actor=actor, verb=verb, target=row, case_id=row.pk, reason=reason,
        data={"from": old, "to": to, **({"outcome": outcome} if outcome else {})},
    )  # fmt: skip
    settle(case)
    return case


def _with_state(to: str, outcome: str, reason: str, into: Case | None, now: datetime) -> dict[str, object]:
    """What a final state brings with it."""
    if to == "closed":
        if outcome not in OUTCOMES:
            raise Refusal(
                "case.outcome", f"Closing needs an outcome: {', '.join(OUTCOMES)}.", field="outcome", status=422
            )
        return {"outcome": outcome, "outcome_reason": reason, "closed_at": now}
    if to == "merged":
        if into is None:
            raise Refusal("case.merged_into", "Name the case that this one goes into.", field="into", status=422)
        return {"merged_into": into}
    return {}


def check_blockers(row: Case, *, transition: str) -> None:
    """Raise `Refusal` 409 with every blocker of `transition` (submit or close) in words, when there is any."""
    found = blockers_of(row, transition=transition)
    if found:
        act = "submitted" if transition == "submit" else "closed"
        sentences = " ".join(blocker.sentence for blocker in found)
        raise Refusal("case.blocked", f"{row.ref} cannot be {act} yet. {sentences}")


@transaction.atomic
def close_case(actor: Actor, *, case: Case, outcome: str, reason: str, version: int | None = None) -> Case:
    """Close a case with an outcome: early without action, or after enforcing as enforced. It is read-only from then on.

    Raises `Refusal` 422 without a reason or with an outcome that does not fit the state; 409 for blockers and states.
    """
    require_in(actor, Permission.CASE_CLOSE, case)
    row = lock_case(case, version=version, shut_too=True)
    if not reason.strip():
        raise Refusal("case.reason", "Say why the case is closed.", field="reason", status=422)
    CASE_STATES.check(row.state, "closed")
    fitting = EARLY_OUTCOMES if row.state in EARLY else ("enforced",)
    if outcome not in fitting:
        words = ", ".join(OUTCOMES[code].lower() for code in fitting)
        raise Refusal(
            "case.outcome",
            f"A case that is {row.state.replace('_', ' ')} closes as: {words}.",
            field="outcome",
            status=422,
        )
    return advance_case(actor, case=case, to="closed", reason=reason, outcome=outcome)


@transaction.atomic
def reopen_case(actor: Actor, *, case: Case, reason: str, version: int | None = None) -> Case:
    """Take a closed case back to investigating. Raises `Refusal` 422 without a reason, 409 when it is not closed."""
    require_in(actor, Permission.CASE_CLOSE, case)
    row = lock_case(case, version=version, shut_too=True)
    if not reason.strip():
        raise Refusal("case.reason", "Say why the case is reopened.", field="reason", status=422)
    if row.state != "closed":
        raise Refusal("case.not_closed", f"{row.ref} is {row.state.replace('_', ' ')}; only a closed case is reopened.")
    return advance_case(actor, case=case, to="investigating", reason=reason)


@transaction.atomic
def pin_policy(
    actor: Actor, *, case: Case, policy_version: PolicyVersion, version: int | None = None, confirm_void: bool = False
) -> Case:
    """Say under which terms the case is judged. Findings under another version keep their clauses and show as blockers.

    Raises `Refusal` 409 when a decision froze the version and `confirm_void` is false.
    """
    require_in(actor, Permission.CASE_WORK, case)
    person_of(actor)
    row = lock_case(case, version=version)
    if row.policy_version_id == policy_version.pk:
        return case
    change = Change(what="the pinned policy version", reason=f"{policy_version} was pinned")
    before_change(actor, case=row, change=change, confirm_void=confirm_void)
    row.refresh_from_db()
    if row.state not in WORKABLE:
        raise Refusal(
            "case.not_workable", f"{row.ref} is {row.state.replace('_', ' ')}; its policy version no longer changes."
        )
    Case.objects.filter(pk=row.pk).update(policy_version=policy_version)
    record_event(
        actor=actor, verb="cases.policy_pinned", target=row, case_id=row.pk,
        data={"policy_version": str(policy_version), "sha256": policy_version.text_sha256},
    )  # fmt: skip
    settle(case)
    return case
