"""A roll-up threshold opens a case that no single account would have opened."""

import pytest

from accounts.models import Account, Membership
from enforcement.audit.errors import Refusal
from enforcement.cases.models import Attribution, Case, CaseAlert, Subject
from enforcement.cases.selectors import get_case
from enforcement.cases.services import evaluate_thresholds, open_case_for_cluster, save_threshold
from tests.factories import RULE, desk, link_run, person, policy_version, ring, threshold

pytestmark = pytest.mark.django_db


def test_a_cluster_that_crosses_opens_one_case_and_says_why_in_words_and_numbers():
    made = ring(30)
    threshold(policy_version())
    (case,) = evaluate_thresholds(RULE)
    assert "30 accounts of cluster" in case.why_opened
    assert "none above 40 exchanges a day" in case.why_opened
    assert "1,200 a day" in case.why_opened
    assert "No single account crossed it: the highest drew 40" in case.why_opened
    assert Subject.objects.filter(case=case).count() == 30
    assert CaseAlert.objects.filter(case=case).count() == 30 + 21 + 3
    assert Subject.objects.filter(case=case).first().why_in.startswith("payment pf-")
    suggestion = Attribution.objects.get(case=case)
    assert (suggestion.organization, suggestion.confidence, suggestion.suggested) == (made.organization, "low", True)
    assert "proves nothing" in suggestion.why


def test_evaluating_again_opens_nothing_and_feeds_the_open_case():
    made = ring(30)
    threshold(policy_version())
    (case,) = evaluate_thresholds(RULE)
    assert evaluate_thresholds(RULE) == []
    newcomer = Account.objects.create(platform_id="ac-newcomer")
    Membership.objects.create(cluster=made.cluster, account=newcomer, role="joined", bits=9, joined_run=link_run())
    assert evaluate_thresholds(RULE) == []
    assert Subject.objects.filter(case=case, account=newcomer).exists()
    assert Case.objects.count() == 1


def test_what_arrives_in_review_is_a_suggestion_and_adds_nobody():
    at = desk()
    Case.objects.filter(pk=at.case.pk).update(state="awaiting_info")
    Case.objects.filter(pk=at.case.pk).update(state="investigating")
    from tests.factories import find_everybody

    find_everybody(at)
    from enforcement.decisions.services import submit_decision

    submit_decision(at.investigator, case=at.case, action_kind="suspend", summary="All of them.")
    newcomer = Account.objects.create(platform_id="ac-newcomer")
    Membership.objects.create(cluster=at.ring.cluster, account=newcomer, role="joined", bits=9, joined_run=link_run())
    evaluate_thresholds(RULE)
    assert not Subject.objects.filter(account=newcomer).exists()
    assert get_case(at.lead, ref=at.case.ref).arrivals == 1


def test_an_untold_cluster_opens_no_case_by_rule():
    made = ring(30, told=False)
    rule = threshold(policy_version())
    assert evaluate_thresholds(RULE) == []
    with pytest.raises(Refusal, match="nobody told"):
        open_case_for_cluster(RULE, threshold=rule, cluster=made.cluster)


@pytest.mark.parametrize(("members", "per_day"), [(20, 100), (30, 20)])
def test_a_cluster_below_any_one_condition_opens_nothing(members, per_day):
    ring(members, per_day=per_day)
    threshold(policy_version())
    assert evaluate_thresholds(RULE) == []


def test_a_changed_threshold_has_a_new_version_and_an_unknown_measure_is_refused():
    version, admin = policy_version(), person("administrator")
    first = save_threshold(admin, name="T", policy_version=version, conditions=[{"measure": "accounts", "at_least": 5}])
    again = save_threshold(admin, name="T", policy_version=version, conditions=[{"measure": "accounts", "at_least": 5}])
    later = save_threshold(admin, name="T", policy_version=version, conditions=[{"measure": "growth", "at_least": 2}])
    assert (first.version, again.version, later.version) == (1, 1, 2)
    with pytest.raises(Refusal) as refused:
        save_threshold(admin, name="T", policy_version=version, conditions=[{"measure": "luck", "at_least": 1}])
    assert refused.value.code == "threshold.measure"


@pytest.mark.parametrize("role", ["", "triager", "investigator", "lead", "reviewer", "legal", "auditor"])
def test_nobody_but_an_administrator_stores_thresholds(role):
    actor = person(*([role] if role else []))
    with pytest.raises(Refusal) as refused:
        save_threshold(
            actor, name="T", policy_version=policy_version(), conditions=[{"measure": "accounts", "at_least": 1}]
        )
    assert refused.value.status == 403
