"""Findings rest on an account's own conduct, in bulk and one by one."""

import pytest
from django.db import DatabaseError, connection, transaction

from enforcement.alerts.models import Alert
from enforcement.audit.errors import Refusal
from enforcement.cases.models import Case, CaseAlert, FindingBasis, Subject
from enforcement.cases.selection import Selection
from enforcement.cases.selectors import get_case, list_subjects
from enforcement.cases.services import carve_out, preview_findings, set_finding
from tests.factories import desk, find_everybody, person

pytestmark = pytest.mark.django_db
VIOLATING = {"finding": "violating", "reason": "Own alerts", "clauses": ["4.2"]}


def test_violating_is_set_only_where_the_accounts_own_conduct_shows_the_breach():
    at = desk(30)
    seen = preview_findings(at.investigator, case=at.case, selection=Selection(), clauses=["4.2"])
    assert (seen.total, seen.can_be_violating, seen.left) == (30, 21, 9)
    done = set_finding(at.investigator, case=at.case, selection=Selection(), **VIOLATING)
    assert (done.changed, done.left, done.by_clause) == (21, 9, {"4.2": 21})
    assert done.left_words == (
        "Left as they were: 9 subjects have no conduct of their own under these clauses; only unclear is possible."
    )
    assert Subject.objects.filter(finding="violating").count() == 21
    assert Subject.objects.filter(finding="").count() == 9


def test_each_subject_breaks_only_the_clauses_that_its_own_alerts_show():
    at = desk(30)
    done = set_finding(
        at.investigator, case=at.case, selection=Selection(), finding="violating", reason="r", clauses=["4.2", "4.5"]
    )
    assert (done.by_clause, done.left) == ({"4.2": 21, "4.5": 3}, 6)
    pairs = set(FindingBasis.objects.values_list("clause__number", "alert__rule"))
    assert pairs == {("4.2", "PH-01"), ("4.5", "EW-03")}


def test_being_metered_or_linked_supports_only_unclear():
    at = desk(30)
    metered = [s.pk for i, s in enumerate(at.subjects()) if i % 10 in {7, 8}]
    done = set_finding(at.investigator, case=at.case, subject_ids=metered, **VIOLATING)
    assert (done.changed, done.left, set(done.left_ids)) == (0, 6, set(metered))
    done = set_finding(at.investigator, case=at.case, subject_ids=metered, finding="unclear", reason="Linked only")
    assert (done.changed, done.left) == (6, 0)


def test_a_dismissed_alert_carries_no_finding():
    at = desk(30)
    first = at.subjects()[0]
    from enforcement.policies.models import Reason

    reason = Reason.objects.get(use="dismissal", code="false_positive")
    Alert.objects.filter(account=first.account, rule="PH-01").update(state="dismissed", reason=reason)
    done = set_finding(at.investigator, case=at.case, subject_ids=[first.pk], **VIOLATING)
    assert (done.changed, done.left) == (0, 1)


def test_a_filter_names_whom_a_bulk_finding_is_about():
    at = desk(30)
    find_everybody(at)
    done = set_finding(
        at.investigator, case=at.case, selection=Selection(finding="unclear"), finding="not_violating", reason="Looked"
    )
    assert done.changed == 6
    one = at.ring.accounts[0].platform_id
    assert (
        set_finding(at.investigator, case=at.case, selection=Selection(q=one), finding="unclear", reason="?").changed
        == 1
    )


def test_a_carve_out_is_not_violating_with_its_reason_and_leaves_the_cluster_alone():
    at = desk(30)
    chosen = [s.pk for s in at.subjects()[:3]]
    set_finding(at.investigator, case=at.case, subject_ids=chosen, **VIOLATING)
    carve_out(at.investigator, case=at.case, subject_ids=chosen, reason="Campus network")
    rows = Subject.objects.filter(pk__in=chosen)
    assert set(rows.values_list("finding", "carved_out", "finding_reason")) == {
        ("not_violating", True, "Campus network")
    }
    assert not FindingBasis.objects.filter(subject__in=chosen).exists()
    assert at.ring.cluster.memberships.count() == 30


def test_the_database_refuses_an_alert_of_another_account_as_basis():
    at = desk(30)
    first, second = at.subjects()[:2]
    foreign = Alert.objects.get(account=second.account, rule="PH-01")
    clause = at.case.policy_version.clauses.get(number="4.2")
    with pytest.raises(DatabaseError, match="own account"), transaction.atomic():
        FindingBasis.objects.create(subject=first, case=at.case, clause=clause, alert=foreign)


def test_the_database_lets_no_case_into_review_with_a_violating_subject_without_basis():
    at = desk(30)
    find_everybody(at)
    FindingBasis.objects.filter(subject=at.subjects()[0]).delete()
    with pytest.raises(DatabaseError, match="1 violating subjects have no basis"), transaction.atomic():
        Case.objects.filter(pk=at.case.pk).update(state="in_review")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"finding": "guilty"}, "finding.unknown"),
        ({"reason": " "}, "finding.reason"),
        ({"clauses": []}, "finding.no_clause"),
        ({"clauses": ["9.9"]}, "finding.unknown_clause"),
        ({"subject_ids": [0]}, "finding.foreign_subject"),
        ({"subject_ids": []}, "finding.nobody"),
    ],
)
def test_bad_input_is_refused_by_name_and_changes_nothing(change, code):
    at = desk(30)
    given = {"subject_ids": [s.pk for s in at.subjects()], **VIOLATING, **change}
    with pytest.raises(Refusal) as refused:
        set_finding(at.investigator, case=at.case, **given)
    assert refused.value.code == code
    assert not Subject.objects.exclude(finding="").exists()


def test_the_second_of_two_people_is_told_who_changed_it_and_when():
    at = desk(30)
    seen = at.case.version
    other = person("investigator", name="Tomasz Brandt")
    set_finding(other, case=at.case, selection=Selection(), version=seen, **VIOLATING)
    with pytest.raises(Refusal, match=r"Tomasz Brandt changed .* UTC") as refused:
        set_finding(at.investigator, case=at.case, selection=Selection(), version=seen, **VIOLATING)
    assert (refused.value.code, refused.value.status) == ("case.changed", 409)


@pytest.mark.parametrize(
    ("role", "may"),
    [("", False), ("triager", False), ("investigator", True), ("lead", True), ("reviewer", False), ("enforcer", False),
     ("appeal_reviewer", False), ("legal", False), ("auditor", False), ("administrator", False)],
)  # fmt: skip
def test_only_those_who_work_cases_set_findings(role, may):
    at = desk(30)
    actor = person(*([role] if role else []))
    if may:
        assert set_finding(actor, case=at.case, selection=Selection(), **VIOLATING).changed == 21
        return
    with pytest.raises(Refusal) as refused:
        set_finding(actor, case=at.case, selection=Selection(), **VIOLATING)
    assert refused.value.status == 403


def test_blockers_follow_every_write_in_words():
    at = desk(30)
    assert [b.code for b in get_case(at.lead, ref=at.case.ref).submit_blockers] == ["findings.missing", "evidence.none"]
    set_finding(at.investigator, case=at.case, selection=Selection(), **VIOLATING)
    first = get_case(at.lead, ref=at.case.ref).submit_blockers[0]
    assert (first.sentence, first.remedy, first.place) == ("9 subjects have no finding.", "Set findings…", "subjects")


def test_conduct_before_the_policy_came_into_force_blocks():
    from datetime import UTC, datetime

    from enforcement.alerts.models import AlertTally

    at = desk(30)
    find_everybody(at)
    alert = Alert.objects.filter(rule="PH-01").first()
    AlertTally.objects.filter(alert=alert).update(first_seen_at=datetime(2026, 2, 20, tzinfo=UTC))
    set_finding(
        at.investigator,
        case=at.case,
        selection=Selection(finding="violating"),
        finding="violating",
        reason="again",
        clauses=["4.2", "4.5"],
    )
    codes = {b.code: b.count for b in get_case(at.lead, ref=at.case.ref).submit_blockers}
    assert codes == {"policy.not_in_force": 1}


def test_alerts_that_carry_a_finding_are_grouped_into_the_case():
    at = desk(30)
    CaseAlert.objects.filter(case=at.case).delete()
    set_finding(at.investigator, case=at.case, selection=Selection(), **VIOLATING)
    assert CaseAlert.objects.filter(case=at.case).count() == 21


def test_lists_and_the_case_page_take_as_many_queries_for_30_as_for_5000_subjects(django_assert_max_num_queries):
    at = desk(5_000)
    set_finding(at.investigator, case=at.case, selection=Selection(), **VIOLATING)
    with django_assert_max_num_queries(9):
        page = list_subjects(at.lead, case=at.case, finding="violating")
    assert (len(page.rows), page.total) == (50, 3_500)
    with django_assert_max_num_queries(12):
        view = get_case(at.lead, ref=at.case.ref)
    assert (view.findings["violating"], view.tiles.accounts) == (3_500, 5_000)


def test_the_application_role_cannot_forget_who_was_involved():
    at = desk(30)
    set_finding(at.investigator, case=at.case, selection=Selection(), **VIOLATING)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM cases_involvement")
