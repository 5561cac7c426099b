"""Terms are published word for word, and never changed."""

from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from enforcement.audit.actors import SYSTEM
from enforcement.audit.errors import Refusal
from enforcement.policies.demo import publish_demo_policy
from enforcement.policies.models import ApprovalRule, NoticeText, PolicyVersion, Reason
from enforcement.policies.selectors import get_version, list_policies, reason, rules_for, version_in_force
from enforcement.policies.services import ClauseText, create_policy, publish_version
from tests.factories import person

pytestmark = pytest.mark.django_db
ONE = (ClauseText("1", "One", "Text"),)


def test_the_demo_terms_hold_clauses_4_2_and_4_5_and_are_published_once():
    version = publish_demo_policy(SYSTEM)
    assert publish_demo_policy(SYSTEM) == version
    assert (version.number, version.in_force_from) == (14, date(2026, 3, 1))
    assert {"4.2", "4.5"} <= set(version.clauses.values_list("number", flat=True))
    before = PolicyVersion.objects.get(number=13)
    assert before.in_force_until == date(2026, 2, 28)


@pytest.mark.parametrize(
    ("day", "number"),
    [(date(2025, 1, 1), None), (date(2026, 2, 28), 13), (date(2026, 3, 1), 14), (date(2026, 11, 24), 14)],
)
def test_one_version_is_in_force_on_a_day(day, number):
    version = publish_demo_policy(SYSTEM)
    found = version_in_force(policy=version.policy, on=day)
    assert (found.number if found else None) == number


def test_published_text_never_changes():
    publish_demo_policy(SYSTEM)
    for statement in (
        "UPDATE policies_clause SET text = 'x'",
        "DELETE FROM policies_clause",
        "UPDATE policies_policyversion SET in_force_from = '2020-01-01'",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"clauses": ()}, "policy.empty"),
        ({"clauses": ONE * 2}, "policy.clause_twice"),
        ({"number": 14}, "policy.number"),
        ({"in_force_from": date(2026, 3, 1)}, "policy.in_force_from"),
    ],
)
def test_a_bad_version_is_refused_by_name(given, code):
    policy = publish_demo_policy(SYSTEM).policy
    with pytest.raises(Refusal) as refused:
        publish_version(
            SYSTEM, policy=policy, **{"number": 15, "in_force_from": date(2027, 1, 1), "clauses": ONE, **given}
        )
    assert refused.value.code == code
    assert policy.versions.count() == 2


def test_every_installation_begins_with_reasons_rules_and_notice_texts():
    assert set(Reason.objects.values_list("use", flat=True)) >= {"dismissal", "return", "refusal", "closing", "void"}
    assert ApprovalRule.objects.count() == 2
    assert set(NoticeText.objects.values_list("action_kind", flat=True)) == {
        "warn", "rate_limit", "restrict", "suspend", "terminate", "refuse_signup",
    }  # fmt: skip
    with pytest.raises(Refusal, match="Choose one of"):
        reason(use="return", code="because")


@pytest.mark.parametrize(("targets", "approvers"), [(0, 1), (1, 1), (999, 1), (1_000, 2), (25_000, 2)])
def test_how_many_must_agree_follows_the_rules_as_data(targets, approvers):
    assert rules_for(targets=targets).approvals_needed == approvers


def test_a_further_role_adds_up():
    ApprovalRule.objects.create(name="Legal from 10", role="legal", approvers=1, targets_at_least=10)
    assert rules_for(targets=10).by_role == {"reviewer": 1, "legal": 1}


@pytest.mark.parametrize("role", ["", "triager", "investigator", "lead", "reviewer", "legal", "auditor"])
def test_only_an_administrator_publishes_and_a_stranger_reads_nothing(role):
    version = publish_demo_policy(SYSTEM)
    actor = person(*([role] if role else []))
    with pytest.raises(Refusal) as refused:
        create_policy(actor, slug="x", name="X")
    assert refused.value.status == 403
    if role:
        assert get_version(actor, slug="usage-terms", number=14) == version
        return
    with pytest.raises(Refusal):
        list_policies(actor)
