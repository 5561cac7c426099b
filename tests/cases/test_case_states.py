"""Every pair of case states, legal and illegal, through the services and past them in the database."""

import pytest
from django.db import DatabaseError, connection, transaction

from enforcement.audit.errors import Refusal
from enforcement.cases.models import Blocker, Case
from enforcement.cases.services import advance_case, close_case, move_case, open_case, reopen_case
from enforcement.cases.states import CASE_STATES, SHUT
from tests.factories import person, policy_version

pytestmark = pytest.mark.django_db
PAIRS = [(old, new) for old in CASE_STATES.states for new in CASE_STATES.states if old != new]
LEGAL = set(CASE_STATES.pairs())
_ROUTES = {
    "new": (), "triage": ("triage",), "investigating": ("triage", "investigating"),
    "awaiting_info": ("triage", "investigating", "awaiting_info"),
    "in_review": ("triage", "investigating", "in_review"),
    "approved": ("triage", "investigating", "in_review", "approved"),
    "enforcing": ("triage", "investigating", "in_review", "approved", "enforcing"),
    "partially_enforced": ("triage", "investigating", "in_review", "approved", "enforcing", "partially_enforced"),
    "enforced": ("triage", "investigating", "in_review", "approved", "enforcing", "enforced"),
    "closed": ("closed",), "merged": ("merged",),
}  # fmt: skip


def set_raw(case, state):
    """Past every service, as the application role."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cases_case SET state = %s, outcome = CASE WHEN %s = 'closed' THEN 'referred' ELSE outcome END,"
            " merged_into_id = CASE WHEN %s = 'merged' THEN id ELSE merged_into_id END WHERE id = %s",
            [state, state, state, case.pk],
        )


def case_in(state):
    """A case without blockers, brought to `state` by legal moves."""
    lead = person("lead")
    case = open_case(lead, title="A case", why="To try its states", policy_version=policy_version())
    for step in _ROUTES[state]:
        Blocker.objects.filter(case=case).delete()
        set_raw(case, step)
    Blocker.objects.filter(case=case).delete()
    case.refresh_from_db()
    return lead, case


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_the_database_allows_exactly_the_moves_of_the_table(old, new):
    _, case = case_in(old)
    if (old, new) in LEGAL:
        set_raw(case, new)
        assert Case.objects.get(pk=case.pk).state == new
    else:
        with pytest.raises(DatabaseError) as refused:
            set_raw(case, new)
        assert refused.value.__cause__.sqlstate == "DS001"


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_the_service_allows_exactly_the_moves_of_the_table(old, new):
    lead, case = case_in(old)
    extra = {"outcome": "referred"} if new == "closed" else {"into": case} if new == "merged" else {}
    if (old, new) in LEGAL:
        advance_case(lead, case=case, to=new, reason="Trying", **extra)
        assert case.state == new
    else:
        with pytest.raises(Refusal) as refused:
            advance_case(lead, case=case, to=new, reason="Trying", **extra)
        assert refused.value.code == "case.state"


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_by_hand_only_the_early_moves_are_made(old, new):
    lead, case = case_in(old)
    early = {
        ("new", "triage"),
        ("triage", "investigating"),
        ("investigating", "awaiting_info"),
        ("awaiting_info", "investigating"),
    }
    if (old, new) in early:
        assert move_case(lead, case=case, to=new).state == new
    else:
        with pytest.raises(Refusal):
            move_case(lead, case=case, to=new)


def test_a_case_cannot_begin_anywhere_but_new():
    with pytest.raises(DatabaseError):
        Case.objects.create(ref="C-2026-9999", title="x", why_opened="y", state="approved")


@pytest.mark.parametrize("state", CASE_STATES.states)
@pytest.mark.parametrize("outcome", ["enforced", "no_violation", "insufficient_evidence", "referred"])
def test_closing_takes_an_outcome_that_fits_the_state(state, outcome):
    lead, case = case_in(state)
    early = state in {"new", "triage", "investigating", "awaiting_info"}
    late = state in {"enforced", "partially_enforced"}
    if (early and outcome != "enforced") or (late and outcome == "enforced"):
        close_case(lead, case=case, outcome=outcome, reason="Done")
        assert (case.state, case.outcome) == ("closed", outcome)
    else:
        with pytest.raises(Refusal):
            close_case(lead, case=case, outcome=outcome, reason="Done")


def test_a_closed_case_reopens_with_a_reason_and_loses_its_outcome():
    lead, case = case_in("investigating")
    close_case(lead, case=case, outcome="referred", reason="Elsewhere")
    with pytest.raises(Refusal, match="Say why"):
        reopen_case(lead, case=case, reason=" ")
    reopen_case(lead, case=case, reason="It went on")
    assert (case.state, case.outcome, case.closed_at) == ("investigating", "", None)


@pytest.mark.parametrize("transition", ["submit", "close"])
def test_a_blocker_stops_its_transition_in_service_and_database(transition):
    lead, case = case_in("investigating")
    Blocker.objects.create(case=case, transition=transition, source="cases", code="tasks.open", count=2)
    new = "in_review" if transition == "submit" else "closed"
    with pytest.raises(Refusal, match="2 tasks are open"):
        advance_case(lead, case=case, to=new, reason="x", outcome="referred")
    with pytest.raises(DatabaseError) as refused:
        set_raw(case, new)
    assert refused.value.__cause__.sqlstate == "DS005"


@pytest.mark.parametrize("state", SHUT)
def test_a_shut_case_is_read_only(state):
    from enforcement.cases.models import Note
    from enforcement.cases.services import add_note

    lead, case = case_in(state)
    with pytest.raises(Refusal, match="read-only"):
        add_note(lead, case=case, text="Too late")
    with pytest.raises(DatabaseError) as refused, transaction.atomic():
        Note.objects.create(case=case, author_id=lead.id, text="Past the service")
    assert refused.value.__cause__.sqlstate == "DS004"
