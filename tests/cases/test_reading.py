"""Lists, exports and the two commands about cases."""

import csv
import io
import json

import pytest
from django.core.management import CommandError, call_command

from enforcement.audit.errors import Refusal
from enforcement.audit.models import Event
from enforcement.cases.models import Assignment, Case
from enforcement.cases.selectors import case_timeline, find_case, get_case, list_cases
from enforcement.cases.services import assign_person
from enforcement.cases.tasks import evaluate
from enforcement.decisions.tasks import expire
from tests.factories import desk, find_everybody, person, person_row

pytestmark = pytest.mark.django_db
ROLES = [
    ("", False), ("triager", True), ("investigator", True), ("lead", True), ("reviewer", True), ("enforcer", True),
    ("appeal_reviewer", True), ("legal", True), ("auditor", True), ("administrator", False),
]  # fmt: skip


@pytest.mark.parametrize(("role", "may"), ROLES)
def test_who_may_see_cases_is_the_matrixs_word(role, may):
    at = desk()
    actor = person(*([role] if role else []))
    for call in (lambda: get_case(actor, ref=at.case.ref), lambda: list_cases(actor)):
        if may:
            call()
            continue
        with pytest.raises(Refusal) as refused:
            call()
        assert refused.value.status == 403


def test_a_case_that_is_not_there_is_one_sentence():
    with pytest.raises(Refusal, match="There is no case C-2026-0000") as refused:
        find_case(person("lead"), ref="C-2026-0000")
    assert refused.value.status == 404


def test_a_sealed_case_is_not_there_for_anybody_but_its_team():
    at = desk()
    member = person("investigator")
    assign_person(at.lead, case=at.case, person=person_row(member))
    Case.objects.filter(pk=at.case.pk).update(sealed=True)
    assert [c.pk for c in list_cases(member).rows] == [at.case.pk]
    assert list_cases(at.lead).rows == []
    with pytest.raises(Refusal) as refused:
        get_case(at.lead, ref=at.case.ref)
    assert refused.value.status == 404


def test_cases_are_found_by_state_person_and_words(django_assert_num_queries):
    at = desk()
    Assignment.objects.create(case=at.case, person=person_row(at.investigator))
    lead = at.lead
    for wanted in (
        {"state": "investigating"}, {"state": "open"}, {"assignee": at.investigator.person_id}, {"q": at.case.ref},
        {"q": "sundermere"},
    ):  # fmt: skip
        assert [c.pk for c in list_cases(lead, **wanted).rows] == [at.case.pk]
    assert list_cases(lead, state="closed").rows == []
    with django_assert_num_queries(4):
        assert list_cases(lead).rows[0].subjects_count == 30


def test_the_timeline_tells_every_act_newest_first():
    at = desk()
    verbs = [event.verb for event in case_timeline(at.lead, case=at.case).rows]
    assert verbs == ["cases.moved", "cases.moved", "cases.opened", "cases.attribution_suggested"]


def test_list_cases_prints_one_json_object():
    at = desk()
    out = io.StringIO()
    call_command("list_cases", "--json", stdout=out)
    figures = json.loads(out.getvalue())
    assert (figures["count"], figures["cases"][0]["ref"], figures["cases"][0]["subjects"]) == (1, at.case.ref, 30)
    with pytest.raises(CommandError, match="no state"):
        call_command("list_cases", "--state", "sleeping")


def test_export_subjects_writes_every_subject_and_escapes_formulas(tmp_path):
    at = desk()
    find_everybody(at)
    first = at.subjects()[0]
    at.case.subjects.filter(pk=first.pk).update(why_in="=cmd()")
    out, target = io.StringIO(), tmp_path / "subjects.csv"
    call_command("export_subjects", at.case.ref, "--out", str(target), "--json", stdout=out)
    figures = json.loads(out.getvalue())
    assert figures["findings"] == {"violating": 24, "unclear": 6}
    rows = list(csv.DictReader(target.open(encoding="utf-8")))
    assert (len(rows), rows[0]["why_in"], rows[0]["clauses"]) == (30, "'=cmd()", "4.2")
    assert [row["account"] for row in rows] == sorted(row["account"] for row in rows)
    assert Event.objects.filter(verb="cases.subjects_exported").exists()


def test_export_subjects_to_standard_output_is_plain_csv():
    at = desk()
    out = io.StringIO()
    call_command("export_subjects", at.case.ref, stdout=out, stderr=io.StringIO())
    assert len(list(csv.DictReader(io.StringIO(out.getvalue())))) == 30


@pytest.mark.parametrize(
    ("arguments", "words"), [(["C-2026-9999"], "no case"), (["{ref}", "--out", "{folder}"], "folder")]
)
def test_export_subjects_refuses_in_one_sentence(arguments, words, tmp_path):
    at = desk()
    with pytest.raises(CommandError, match=words):
        call_command("export_subjects", *[a.format(ref=at.case.ref, folder=tmp_path) for a in arguments])


def test_each_task_is_safe_to_run_twice():
    desk()
    for task in (evaluate, evaluate, expire, expire):
        task()
    assert Case.objects.count() == 1
