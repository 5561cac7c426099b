"""Changing what is frozen voids after a warning; once it is carried out, it drops that target instead."""

import io
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.db import DatabaseError, transaction
from django.utils import timezone

from enforcement.audit.errors import Refusal
from enforcement.cases.models import Case, Subject
from enforcement.cases.services import advance_case, carve_out, pin_policy, set_finding, withdraw_attribution
from enforcement.decisions.models import Decision, Target
from enforcement.decisions.services import (
    drop_target,
    expire_decisions,
    recheck_targets,
    void_decision,
    withdraw_decision,
)
from enforcement.evidence.services import add_upload, establish_attribution, withdraw_item
from enforcement.policies.models import PolicyVersion
from tests.factories import approved, person, policy_version, submitted

pytestmark = pytest.mark.django_db


def newer():
    return PolicyVersion.objects.filter(number=15).first() or policy_version(number=15)


def changes(at, **confirm):
    """Every way to change something that a decision froze."""
    first = Subject.objects.filter(case=at.case, finding="violating").first()
    item = at.case.items.first()
    return {
        "finding": lambda: set_finding(
            at.investigator, case=at.case, subject_ids=[first.pk], finding="unclear", reason="Doubt", **confirm
        ),
        "carve_out": lambda: carve_out(
            at.investigator, case=at.case, subject_ids=[first.pk], reason="Campus", **confirm
        ),
        "item": lambda: withdraw_item(at.lead, item=item, reason="Wrong file", **confirm),
        "attribution": lambda: establish_attribution(
            at.investigator, case=at.case, organization=at.ring.organization, role="operator", confidence="moderate",
            why="Records", items=[(item, "Names it")], **confirm,
        ),
        "withdrawn_attribution": lambda: withdraw_attribution(
            at.investigator, attribution=at.case.attributions.first(), reason="Wrong", **confirm
        ),
        "policy": lambda: pin_policy(
            at.investigator, case=at.case, policy_version=newer(), **confirm
        ),
    }  # fmt: skip


KINDS = ["finding", "carve_out", "item", "attribution", "withdrawn_attribution", "policy"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("state", ["submitted", "approved"])
def test_a_change_of_something_frozen_is_warned_of_first_and_then_voids(kind, state):
    at, decision = submitted() if state == "submitted" else approved()
    with pytest.raises(Refusal) as refused:
        changes(at)[kind]()
    assert refused.value.code == "decision.would_void"
    assert "24 targets" in refused.value.message and decision.digest[:8] in refused.value.message  # noqa: PT018
    decision.refresh_from_db()
    assert decision.state == state
    changes(at, confirm_void=True)[kind]()
    decision.refresh_from_db()
    assert (decision.state, Case.objects.get(pk=at.case.pk).state) == ("void", "investigating")
    assert decision.ended_reason.code == ("item_withdrawn" if kind == "item" else "changed_after_freezing")


def test_an_item_that_came_after_the_cut_off_is_withdrawn_without_voiding():
    at, decision = submitted()
    later = add_upload(at.investigator, case=at.case, stream=io.BytesIO(b"later"), filename="later.txt")
    withdraw_item(at.lead, item=later, reason="Not needed")
    decision.refresh_from_db()
    assert decision.state == "submitted"


def test_the_database_keeps_a_cited_item_while_a_decision_stands():
    at, _ = submitted()
    with pytest.raises(DatabaseError) as refused, transaction.atomic():
        at.case.items.update(withdrawn_at=timezone.now(), withdrawn_reason="Past the service")
    assert refused.value.__cause__.sqlstate == "DS002"


def test_the_database_keeps_findings_frozen_while_a_decision_stands():
    at, _ = submitted()
    with pytest.raises(DatabaseError) as refused, transaction.atomic():
        Subject.objects.filter(case=at.case).update(finding="unclear")
    assert refused.value.__cause__.sqlstate == "DS002"


def enforcing():
    at, decision = approved()
    advance_case(person("enforcer"), case=at.case, to="enforcing", reason="Started")
    return at, decision


def test_once_enforcing_a_changed_finding_drops_that_target_and_voids_nothing():
    at, decision = enforcing()
    subject = Target.objects.filter(decision=decision).first().subject
    carve_out(at.investigator, case=at.case, subject_ids=[subject.pk], reason="Bystander")
    decision.refresh_from_db()
    target = Target.objects.get(subject=subject)
    assert (decision.state, target.dropped_reason) == ("approved", "Bystander")
    assert Target.objects.filter(decision=decision, dropped_at=None).count() == 23


def test_once_enforcing_nobody_is_added():
    at, _ = enforcing()
    unclear = Subject.objects.filter(case=at.case, finding="unclear").first()
    with pytest.raises(Refusal, match="may shrink, never grow"):
        set_finding(
            at.investigator, case=at.case, subject_ids=[unclear.pk], finding="violating", reason="x", clauses=["4.2"]
        )


def test_once_enforcing_a_decision_is_not_voided_as_a_whole():
    at, decision = enforcing()
    with pytest.raises(Refusal) as refused:
        void_decision(at.lead, decision=decision, reason="Changed my mind")
    assert refused.value.code == "decision.enforcing"


def test_a_dropped_target_stays_dropped_and_is_dropped_once():
    at, decision = enforcing()
    target = Target.objects.filter(decision=decision).first()
    drop_target(at.lead, target=target, reason="Appeal granted")
    with pytest.raises(Refusal, match="dropped already"):
        drop_target(at.lead, target=target, reason="Again")
    with pytest.raises(DatabaseError), transaction.atomic():
        Target.objects.filter(pk=target.pk).update(dropped_at=None)


def test_before_sending_each_target_is_checked_again():
    at, decision = enforcing()
    targets = list(Target.objects.filter(decision=decision).select_related("subject"))
    drop_target(at.lead, target=targets[0], reason="Appeal granted")
    Subject.objects.filter(pk=targets[1].subject_id).update(finding="unclear")
    checked = recheck_targets(decision=decision, target_ids=[t.pk for t in targets])
    assert checked.dropped == (targets[0].pk, targets[1].pk)
    assert len(checked.standing) == 22
    assert Target.objects.get(pk=targets[1].pk).dropped_reason.startswith("No longer found violating")


def test_nothing_is_sent_of_a_list_whose_bytes_changed():
    from pathlib import Path

    _, decision = enforcing()
    path = Path(default_storage.path(decision.snapshot.path))
    path.chmod(0o640)
    path.write_bytes(path.read_bytes().replace(b'"violating"', b'"Violating"', 1))
    with pytest.raises(Refusal) as refused:
        recheck_targets(decision=decision, target_ids=[1])
    assert refused.value.code == "decision.snapshot_changed"


@pytest.mark.parametrize(("state", "becomes"), [("submitted", "void"), ("approved", "expired")])
def test_what_lapses_ends_and_takes_the_case_back_once(state, becomes):
    at, decision = submitted() if state == "submitted" else approved()
    assert expire_decisions() == []
    Decision.objects.filter(pk=decision.pk).update(lapses_at=timezone.now() - timedelta(minutes=1))
    assert [d.pk for d in expire_decisions()] == [decision.pk]
    assert expire_decisions() == []
    decision.refresh_from_db()
    assert (decision.state, Case.objects.get(pk=at.case.pk).state) == (becomes, "investigating")


def test_what_is_being_carried_out_does_not_lapse():
    _, decision = enforcing()
    Decision.objects.filter(pk=decision.pk).update(lapses_at=timezone.now() - timedelta(minutes=1))
    assert expire_decisions() == []


@pytest.mark.parametrize("role", ["", "triager", "enforcer", "legal", "auditor", "administrator", "reviewer"])
def test_withdrawing_takes_a_submitters_role(role):
    _, decision = submitted()
    with pytest.raises(Refusal) as refused:
        withdraw_decision(person(*([role] if role else [])), decision=decision, reason="x")
    assert refused.value.status == 403
