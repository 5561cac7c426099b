"""An approver is a second person without a part in the case, and names the digest.

In the service and in the database.
"""

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from enforcement.audit.errors import Refusal
from enforcement.cases.models import Case, Involvement
from enforcement.cases.services import add_note, assign_person
from enforcement.decisions.models import Approval, Decision
from enforcement.decisions.selectors import get_decision
from enforcement.decisions.services import approve_decision, refuse_decision, return_decision
from enforcement.staff.actors import person_actor
from enforcement.staff.models import RoleGrant
from tests.factories import desk, find_everybody, person, person_row, submitted

pytestmark = pytest.mark.django_db


def also_reviewer(actor):
    RoleGrant.objects.create(person=person_row(actor), role="reviewer")
    return person_actor(person_row(actor))


def approve_raw(decision, actor, digest=None):
    """Past the service, as the application role."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO decisions_approval (decision_id, person_id, digest, reason, at)"
            " VALUES (%s, %s, %s, 'raw', now())",
            [decision.pk, actor.person_id, digest or decision.digest],
        )


def involved(how):
    """A submitted decision and somebody with that part in the case, who is a reviewer too."""
    from enforcement.decisions.services import submit_decision
    from enforcement.evidence.services import establish_attribution

    at = desk()
    actor = at.lead
    if how == "proposer":
        find_everybody(at)
        decision = submit_decision(at.lead, case=at.case, action_kind="suspend", summary="s")
        return at, decision, also_reviewer(at.lead)
    if how == "finding":
        actor = at.investigator
    elif how == "assigned":
        assign_person(at.lead, case=at.case, person=person_row(actor := person("investigator")))
    elif how == "assigning":
        assign_person(at.lead, case=at.case, person=person_row(at.investigator))
    elif how == "advised":
        add_note(actor := person("legal"), case=at.case, text="Advice of counsel")
    find_everybody(at)
    if how == "attribution":
        establish_attribution(
            actor := person("investigator"), case=at.case, organization=at.ring.organization, role="operator",
            confidence="low", why="x",
        )  # fmt: skip
    decision = submit_decision(person("lead"), case=at.case, action_kind="suspend", summary="s")
    return at, decision, also_reviewer(actor)


@pytest.mark.parametrize("how", ["proposer", "finding", "attribution", "assigned", "assigning", "advised"])
def test_nobody_with_a_part_in_it_approves_in_service_or_database(how):
    at, decision, actor = involved(how)
    for call in (
        lambda: approve_decision(actor, decision=decision, digest=decision.digest, reason="Mine"),
        lambda: return_decision(actor, decision=decision, reason_code="other", text="Mine"),
        lambda: refuse_decision(actor, decision=decision, reason_code="other", text="Mine"),
    ):
        with pytest.raises(Refusal) as refused:
            call()
        assert refused.value.code == (
            "decision.approver_is_proposer" if how == "proposer" else "decision.approver_had_a_part"
        )
    with pytest.raises(DatabaseError) as refused:
        approve_raw(decision, actor)
    assert refused.value.__cause__.sqlstate == "DS006"
    view = get_decision(actor, case_ref=at.case.ref, round=1)
    assert (view.may_approve, bool(view.why_not)) == (False, True)


def test_a_part_once_had_stays_although_the_assignment_ended():
    from enforcement.cases.services import unassign_person

    at = desk()
    helper = person("investigator")
    assign_person(at.lead, case=at.case, person=person_row(helper))
    unassign_person(at.lead, case=at.case, person=person_row(helper))
    assert Involvement.objects.filter(case=at.case, person_id=helper.person_id, how="assigned").exists()


@pytest.mark.parametrize("digest", ["", "b" * 64, "short"])
def test_another_digest_is_refused_in_service_and_database(digest):
    at, decision = submitted()
    with pytest.raises(Refusal) as refused:
        approve_decision(at.reviewer, decision=decision, digest=digest, reason="Yes")
    assert refused.value.code == "decision.digest"
    with pytest.raises(DatabaseError) as refused:
        approve_raw(decision, at.reviewer, digest or "x")
    assert refused.value.__cause__.sqlstate == "DS006"


def test_the_database_approves_nothing_without_enough_approvals_of_this_digest():
    at, decision = submitted()
    with pytest.raises(DatabaseError) as refused, transaction.atomic():
        Decision.objects.filter(pk=decision.pk).update(state="approved")
    assert refused.value.__cause__.sqlstate == "DS006"
    approve_raw(decision, at.reviewer)
    Decision.objects.filter(pk=decision.pk).update(state="approved")


def test_an_approval_stops_counting_when_its_person_gets_a_part_in_the_case():
    at, decision = submitted()
    approve_raw(decision, at.reviewer)
    Involvement.objects.create(case=at.case, person_id=at.reviewer.person_id, how="assigned", since=timezone.now())
    with pytest.raises(DatabaseError), transaction.atomic():
        Decision.objects.filter(pk=decision.pk).update(state="approved")


def test_an_approval_is_append_only():
    at, decision = submitted()
    approve_decision(at.reviewer, decision=decision, digest=decision.digest, reason="Yes")
    for statement in ("UPDATE decisions_approval SET reason = 'x'", "DELETE FROM decisions_approval"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert Approval.objects.get().reason == "Yes"


def test_rows_changed_past_the_services_stop_an_approval():
    at, decision = submitted()
    from enforcement.policies.models import PolicyVersion  # noqa: F401

    with connection.cursor() as cursor:
        cursor.execute("UPDATE decisions_decision SET summary = 'Something else' WHERE id = %s", [decision.pk])
    with pytest.raises(Refusal) as refused:
        approve_decision(at.reviewer, decision=decision, digest=decision.digest, reason="Yes")
    assert refused.value.code == "decision.changed"


def test_returning_takes_a_kept_reason_and_words_and_takes_the_case_back():
    at, decision = submitted()
    for code, text, wanted in (("nonsense", "x", "reason.unknown"), ("other", " ", "decision.text")):
        with pytest.raises(Refusal) as refused:
            return_decision(at.reviewer, decision=decision, reason_code=code, text=text)
        assert refused.value.code == wanted
    return_decision(at.reviewer, decision=decision, reason_code="targets_too_wide", text="Not the resold ones")
    assert (decision.state, decision.ended_reason.code) == ("returned", "targets_too_wide")
    assert Case.objects.get(pk=at.case.pk).state == "investigating"


@pytest.mark.parametrize(
    "role", ["", "triager", "investigator", "lead", "enforcer", "appeal_reviewer", "legal", "auditor", "administrator"]
)
def test_only_a_reviewer_decides(role):
    _, decision = submitted()
    actor = person(*([role] if role else []))
    for call in (
        lambda: approve_decision(actor, decision=decision, digest=decision.digest, reason="x"),
        lambda: return_decision(actor, decision=decision, reason_code="other", text="x"),
        lambda: refuse_decision(actor, decision=decision, reason_code="other", text="x"),
    ):
        with pytest.raises(Refusal) as refused:
            call()
        assert refused.value.status == 403
