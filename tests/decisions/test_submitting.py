"""Submitting freezes exactly what is approved; the digest says what that was."""

import pytest
from django.db import DatabaseError, transaction

from enforcement.audit.errors import Refusal
from enforcement.cases.models import Case, Subject
from enforcement.cases.services import add_task, end_task, set_finding
from enforcement.decisions.models import Decision, Target
from enforcement.decisions.selectors import get_decision, list_decisions, list_targets
from enforcement.decisions.services import approve_decision, propose, recompute_digest, return_decision, submit_decision
from enforcement.decisions.snapshots import build_snapshot, read_snapshot, snapshot_bytes
from tests.factories import desk, find_everybody, person, submitted

pytestmark = pytest.mark.django_db


def test_submitting_freezes_violating_subjects_alone_and_moves_the_case():
    at, decision = submitted(30)
    assert decision.targets_count == 24
    assert Target.objects.filter(decision=decision).count() == 24
    assert set(Target.objects.values_list("subject__finding", flat=True)) == {"violating"}
    assert Case.objects.get(pk=at.case.pk).state == "in_review"
    frozen = read_snapshot(decision)
    assert len(frozen["findings"]) == 30
    assert frozen["targets"] == sorted(frozen["targets"])
    assert [c["number"] for c in frozen["clauses"]] == ["4.2", "4.5"]
    assert frozen["evidence"][0]["sha256"] and frozen["attributions"][0]["confidence"] == "low"  # noqa: PT018
    assert at.case.items.get().exhibit_number == 1


def test_the_same_data_gives_the_same_bytes_and_the_stored_ones():
    _, decision = submitted()
    row = Decision.objects.select_related("case", "policy_version__policy", "proposer", "snapshot").get(pk=decision.pk)
    assert build_snapshot(row) == build_snapshot(row) == snapshot_bytes(row)
    assert recompute_digest(row) == (row.digest, True)


def test_one_finding_changed_gives_another_digest():
    at, decision = submitted()
    return_decision(at.reviewer, decision=decision, reason_code="other", text="Look again at one")
    first = Target.objects.filter(decision=decision).first()
    at.case.refresh_from_db()
    set_finding(at.investigator, case=at.case, subject_ids=[first.subject_id], finding="unclear", reason="Looked again")
    again = submit_decision(at.investigator, case=at.case, action_kind="suspend", summary="Suspend what broke 4.2.")
    assert (again.round, again.targets_count) == (2, 23)
    assert again.digest != decision.digest
    lines = {d.what: d for d in get_decision(at.reviewer, case_ref=at.case.ref, round=2).differences}
    assert (lines["Targets"].before, lines["Targets"].after, lines["Targets"].removed) == ("24", "23", 1)
    assert lines["Unclear"].added == 1


def test_every_blocker_is_named_when_submitting_is_refused():
    at = desk()
    task = add_task(at.investigator, case=at.case, title="Confirm bystanders")
    with pytest.raises(Refusal) as refused:
        submit_decision(at.investigator, case=at.case, action_kind="suspend", summary="All")
    assert refused.value.code == "case.blocked"
    for words in ("30 subjects have no finding.", "1 task is open.", "The case has no evidence item."):
        assert words in refused.value.message
    assert not Decision.objects.exists()
    end_task(at.investigator, task=task, state="waived", reason="Not needed")
    find_everybody(at)
    assert submit_decision(at.investigator, case=at.case, action_kind="suspend", summary="All").state == "submitted"


def test_a_list_once_frozen_neither_grows_nor_loses_rows():
    at, decision = submitted()
    other = Subject.objects.filter(case=at.case, finding="unclear").first()
    with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
        Target.objects.create(decision=decision, subject=other, account=other.account)
    with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
        Target.objects.filter(decision=decision).delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        Decision.objects.filter(pk=decision.pk).update(digest="b" * 64)


def test_a_draft_takes_no_target_that_is_not_found_violating():
    at = desk()
    find_everybody(at)
    draft = propose(at.investigator, case=at.case, action_kind="warn")
    unclear = Subject.objects.filter(case=at.case, finding="unclear").first()
    with pytest.raises(DatabaseError, match="found violating"), transaction.atomic():
        Target.objects.create(decision=draft, subject=unclear, account=unclear.account)


def test_two_reviewers_are_asked_for_from_1000_targets():
    at, decision = submitted(1_300)
    assert decision.targets_count == 1_040
    assert decision.approvals_needed == 2
    approve_decision(at.reviewer, decision=decision, digest=decision.digest, reason="Seen")
    assert (decision.state, Case.objects.get(pk=at.case.pk).state) == ("submitted", "in_review")
    with pytest.raises(Refusal, match="approved this already"):
        approve_decision(at.reviewer, decision=decision, digest=decision.digest, reason="Seen")
    approve_decision(at.second_reviewer, decision=decision, digest=decision.digest, reason="Seen too")
    assert (decision.state, Case.objects.get(pk=at.case.pk).state) == ("approved", "approved")


def test_a_draft_of_somebody_else_gives_way():
    at = desk()
    first = propose(at.investigator, case=at.case, action_kind="warn", summary="Mine")
    second = propose(at.lead, case=at.case, action_kind="suspend", summary="Other")
    first.refresh_from_db()
    assert (first.state, second.state, second.round) == ("withdrawn", "draft", 2)


@pytest.mark.parametrize(
    ("given", "code"),
    [({"action_kind": "shame"}, "decision.action"), ({"summary": " "}, "decision.summary")],
)
def test_bad_input_is_refused_by_name(given, code):
    at = desk()
    find_everybody(at)
    with pytest.raises(Refusal) as refused:
        submit_decision(at.investigator, case=at.case, **{"action_kind": "suspend", "summary": "All", **given})
    assert refused.value.code == code
    assert Case.objects.get(pk=at.case.pk).state == "investigating"


@pytest.mark.parametrize(
    "role", ["", "triager", "reviewer", "enforcer", "appeal_reviewer", "legal", "auditor", "administrator"]
)
def test_only_those_who_submit_cases_submit(role):
    at = desk()
    find_everybody(at)
    with pytest.raises(Refusal) as refused:
        submit_decision(person(*([role] if role else [])), case=at.case, action_kind="suspend", summary="All")
    assert refused.value.status == 403


def test_the_queue_and_the_targets_take_as_many_queries_for_24_as_for_4000(django_assert_max_num_queries):
    at, decision = submitted(5_000)
    with django_assert_max_num_queries(2):
        assert [d.pk for d in list_decisions(at.reviewer, state="submitted").rows] == [decision.pk]
    with django_assert_max_num_queries(2):
        assert list_targets(at.reviewer, decision=decision).total == 4_000
    with django_assert_max_num_queries(26):
        view = get_decision(at.reviewer, case_ref=at.case.ref, round=1)
    assert view.may_approve and view.unchanged and len(view.sample) == 60  # noqa: PT018
    assert view.covers == {"targets": 4_000, "findings": 5_000, "evidence": 1, "clauses": 2, "attributions": 1}
    again = get_decision(at.second_reviewer, case_ref=at.case.ref, round=1)
    assert [t.pk for t in again.sample] == [t.pk for t in view.sample]
