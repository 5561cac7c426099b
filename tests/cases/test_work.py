"""Notes, tasks and assignments."""

import pytest
from django.db import DatabaseError, transaction

from enforcement.audit.errors import Refusal
from enforcement.cases.models import Blocker, Involvement, Note
from enforcement.cases.services import add_note, add_task, assign_person, end_task, open_case, unassign_person
from tests.factories import desk, person, person_row

pytestmark = pytest.mark.django_db


def test_a_note_is_never_edited():
    at = desk()
    add_note(at.investigator, case=at.case, text="Seen")
    with pytest.raises(DatabaseError), transaction.atomic():
        Note.objects.update(text="Not seen")


def test_counsel_may_advise_and_is_involved_from_then_on():
    at = desk()
    counsel = person("legal")
    add_note(counsel, case=at.case, text="Mind the contract")
    assert Involvement.objects.filter(case=at.case, person_id=counsel.person_id, how="advised").exists()


def test_an_open_task_blocks_until_it_is_done_or_waived_with_a_reason():
    at = desk()
    first = add_task(at.investigator, case=at.case, title="One")
    second = add_task(at.investigator, case=at.case, title="Two")
    assert Blocker.objects.get(case=at.case, code="tasks.open").count == 2
    end_task(at.investigator, task=first, state="done")
    with pytest.raises(Refusal, match="Say why"):
        end_task(at.investigator, task=second, state="waived")
    end_task(at.investigator, task=second, state="waived", reason="Not needed")
    assert not Blocker.objects.filter(case=at.case, code="tasks.open").exists()
    with pytest.raises(Refusal, match="ended this task already"):
        end_task(at.investigator, task=second, state="done")


def test_assigning_involves_both_and_ending_it_forgets_neither():
    at = desk()
    worker = person("investigator")
    assign_person(at.lead, case=at.case, person=person_row(worker))
    assign_person(at.lead, case=at.case, person=person_row(worker))
    unassign_person(at.lead, case=at.case, person=person_row(worker))
    with pytest.raises(Refusal, match="is not assigned"):
        unassign_person(at.lead, case=at.case, person=person_row(worker))
    kept = set(Involvement.objects.filter(case=at.case).values_list("person_id", "how"))
    assert {(worker.person_id, "assigned"), (at.lead.person_id, "assigning")} <= kept


def test_those_who_work_cases_take_one_themselves_but_give_it_to_nobody():
    at = desk()
    worker = person("investigator")
    assign_person(worker, case=at.case, person=person_row(worker))
    with pytest.raises(Refusal) as refused:
        assign_person(worker, case=at.case, person=person_row(at.investigator))
    assert refused.value.status == 403
    with pytest.raises(Refusal, match="may not work cases"):
        assign_person(at.lead, case=at.case, person=person_row(at.reviewer))


@pytest.mark.parametrize("role", ["", "triager", "reviewer", "enforcer", "appeal_reviewer", "auditor", "administrator"])
def test_strangers_and_readers_write_nothing(role):
    at = desk()
    actor = person(*([role] if role else []))
    task = add_task(at.investigator, case=at.case, title="One")
    for call in (
        lambda: add_note(actor, case=at.case, text="x"),
        lambda: add_task(actor, case=at.case, title="x"),
        lambda: end_task(actor, task=task, state="done"),
        lambda: assign_person(actor, case=at.case, person=person_row(at.investigator)),
    ):
        with pytest.raises(Refusal) as refused:
            call()
        assert refused.value.status == 403


@pytest.mark.parametrize(("given", "code"), [({"title": " "}, "case.title"), ({"why": ""}, "case.why")])
def test_a_case_by_hand_needs_a_title_and_a_reason(given, code):
    with pytest.raises(Refusal) as refused:
        open_case(person("triager"), **{"title": "A", "why": "B", **given})
    assert refused.value.code == code


def test_a_second_open_case_on_one_cluster_is_refused_naming_the_first():
    at = desk()
    with pytest.raises(Refusal, match=at.case.ref):
        open_case(at.lead, title="Again", why="Again", cluster=at.ring.cluster)
