"""Every pair of decision states, past the services in the database, and the table against the design."""

import pytest
from django.db import DatabaseError, connection, transaction

from enforcement.decisions.models import Approval, Decision
from enforcement.decisions.states import DECISION_STATES
from tests.factories import desk, person, submitted

pytestmark = pytest.mark.django_db
PAIRS = [(old, new) for old in DECISION_STATES.states for new in DECISION_STATES.states if old != new]


def set_raw(decision, state):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE decisions_decision SET state = %s WHERE id = %s", [state, decision.pk])


def decision_in(state):
    if state in {"draft", "withdrawn"}:
        from enforcement.decisions.services import propose

        at = desk()
        row = propose(at.investigator, case=at.case, action_kind="warn", summary="x")
    else:
        _, row = submitted()
        if state in {"approved", "expired"}:
            Approval.objects.create(decision=row, person_id=person("reviewer").id, digest=row.digest, reason="ok")
            set_raw(row, "approved")
    if state not in {"draft", "submitted", "approved"}:
        set_raw(row, state)
    return row


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_the_database_allows_exactly_the_moves_of_the_table(old, new):
    row = decision_in(old)
    if new == "approved" and old == "submitted":
        Approval.objects.create(decision=row, person_id=person("reviewer").id, digest=row.digest, reason="ok")
    if DECISION_STATES.allows(old, new):
        if old == "draft" and new == "submitted":
            with pytest.raises(DatabaseError):  # a submitted decision has a digest
                set_raw(row, new)
            Decision.objects.filter(pk=row.pk).update(state="submitted", digest="a" * 64)
        else:
            set_raw(row, new)
        assert Decision.objects.get(pk=row.pk).state == new
    else:
        with pytest.raises(DatabaseError) as refused:
            set_raw(row, new)
        assert refused.value.__cause__.sqlstate in {"DS001", "DS006"}


@pytest.mark.parametrize("state", DECISION_STATES.states)
@pytest.mark.parametrize("act", ["approve", "return", "refuse", "withdraw", "void"])
def test_each_service_acts_in_the_states_of_the_table_alone(state, act):
    from enforcement.audit.errors import Refusal
    from enforcement.decisions import services

    row = decision_in(state)
    reviewer, lead = person("reviewer"), person("lead")
    from enforcement.cases.models import Case

    if state == "approved":
        Case.objects.filter(pk=row.case_id).update(state="approved")
    row = Decision.objects.select_related("case").get(pk=row.pk)
    calls = {
        "approve": (
            "approved",
            lambda: services.approve_decision(reviewer, decision=row, digest=row.digest, reason="y"),
        ),
        "return": ("returned", lambda: services.return_decision(reviewer, decision=row, reason_code="other", text="y")),
        "refuse": ("refused", lambda: services.refuse_decision(reviewer, decision=row, reason_code="other", text="y")),
        "withdraw": ("withdrawn", lambda: services.withdraw_decision(lead, decision=row, reason="y")),
        "void": ("void", lambda: services.void_decision(lead, decision=row, reason="y")),
    }
    becomes, call = calls[act]
    if DECISION_STATES.allows(state, becomes):
        assert call().state == becomes
        return
    with pytest.raises(Refusal):
        call()
    assert Decision.objects.get(pk=row.pk).state == state
