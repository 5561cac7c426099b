"""An approved decision is carried out batch by batch, against a receiver that checks signatures and answers by target."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from enforcement.actions.models import Action, ActionTarget, Delivery, Notice
from enforcement.actions.selectors import get_action
from enforcement.actions.services import (
    pause_action,
    resume_action,
    retry_failed,
    run_action,
    start_action,
    stop_action,
    waive_notices,
)
from enforcement.audit.errors import Refusal
from enforcement.audit.models import Event
from enforcement.cases.models import Blocker, Case
from enforcement.decisions.models import Target
from enforcement.decisions.services import drop_target
from tests.factories import person


def _states(action: Action) -> dict[str, int]:
    return get_action(person("auditor"), action_id=action.pk).counts


def _told(platform) -> list[dict]:
    return [json.loads(line) for line in platform.record.read_text().splitlines()]


def test_every_target_is_done_and_told_in_signed_batches(approved, platform):
    at, decision = approved
    action = run_action(start_action(person("enforcer"), decision=decision).pk)
    assert action.state == "done"
    assert _states(action) == {"done": 24}
    assert [len(line["message"]["data"]["targets"]) for line in _told(platform)] == [10, 10, 4]
    assert {line["message"]["data"]["decision"]["digest"] for line in _told(platform)} == {decision.digest}
    assert Case.objects.get(pk=at.case.pk).state == "enforced"
    accounts = {t.account.status for t in Target.objects.filter(decision=decision).select_related("account")}
    assert accounts == {"suspended"}
    assert Notice.objects.filter(state="sent").count() == 24
    assert Event.objects.filter(verb="actions.delivered").count() == 3


def test_running_twice_sends_nothing_twice(approved, platform):
    _, decision = approved
    action = start_action(person("enforcer"), decision=decision)
    run_action(action.pk)
    before = platform.record.read_text()
    run_action(action.pk)
    assert platform.record.read_text() == before
    assert set(platform.seen.values()) == {1}


def test_a_decision_is_started_once_and_by_an_enforcer_alone(approved):
    _, decision = approved
    for role in ("investigator", "reviewer", "lead", "administrator", "auditor"):
        with pytest.raises(Refusal) as refused:
            start_action(person(role), decision=decision)
        assert refused.value.status == 403
    start_action(person("enforcer"), decision=decision)
    with pytest.raises(Refusal, match="already"):
        start_action(person("enforcer"), decision=decision)


def test_what_is_not_approved_is_not_started(connector):
    from tests.factories import submitted

    _, decision = submitted(30)
    with pytest.raises(Refusal, match="only an approved one"):
        start_action(person("enforcer"), decision=decision)
    assert not Action.objects.exists()


def test_a_crash_while_sending_resumes_under_the_same_key(approved, platform):
    _, decision = approved
    action = start_action(person("enforcer"), decision=decision)
    first = action.deliveries.order_by("number").first()
    # As a worker leaves it that was killed after claiming the batch and marking its targets.
    Delivery.objects.filter(pk=first.pk).update(
        state="sending", attempts=1, lease_until=timezone.now() - timedelta(seconds=1)
    )
    ActionTarget.objects.filter(delivery=first).update(state="sent")
    run_action(action.pk)
    assert _states(action) == {"done": 24}
    assert str(first.key) in {line["key"] for line in _told(platform)}
    assert set(platform.seen.values()) == {1}


def test_a_batch_held_by_somebody_else_is_left_alone(approved):
    _, decision = approved
    action = start_action(person("enforcer"), decision=decision)
    first = action.deliveries.order_by("number").first()
    Delivery.objects.filter(pk=first.pk).update(state="sending", lease_until=timezone.now() + timedelta(seconds=60))
    run_action(action.pk)
    assert _states(action) == {"done": 14, "pending": 10}
    assert Action.objects.get(pk=action.pk).state == "running"


def test_an_answer_of_503_is_waited_for_and_the_same_key_sent_again(approved, platform):
    _, decision = approved
    platform.statuses = [503]
    action = start_action(person("enforcer"), decision=decision)
    run_action(action.pk)
    waiting = Delivery.objects.get(action=action, state="pending")
    assert waiting.next_attempt_at > timezone.now()
    assert waiting.failure == "The platform answered 503."
    Delivery.objects.filter(pk=waiting.pk).update(next_attempt_at=timezone.now())
    run_action(action.pk)
    assert _states(action) == {"done": 24}
    assert str(waiting.key) in {line["key"] for line in _told(platform)}


def test_failed_targets_stay_visible_and_can_be_retried(approved, platform):
    at, decision = approved
    names = list(Target.objects.filter(decision=decision).values_list("account__platform_id", flat=True)[:3])
    platform.fail_accounts = set(names)
    action = run_action(start_action(person("enforcer"), decision=decision).pk)
    assert (action.state, _states(action)) == ("partial", {"done": 21, "failed": 3})
    assert Case.objects.get(pk=at.case.pk).state == "partially_enforced"
    failed = ActionTarget.objects.filter(action=action, state="failed").first()
    assert failed.failure == "The account is locked by another operation."
    platform.fail_accounts = set()
    assert retry_failed(person("enforcer"), action=action) == 3
    run_action(action.pk)
    assert _states(action) == {"done": 24}
    assert Case.objects.get(pk=at.case.pk).state == "enforced"


def test_a_dropped_target_is_cancelled_just_before_sending(approved, platform):
    at, decision = approved
    action = start_action(person("enforcer"), decision=decision)
    target = Target.objects.filter(decision=decision).select_related("decision__case").first()
    drop_target(at.investigator, target=target, reason="The account changed hands.")
    run_action(action.pk)
    assert _states(action) == {"cancelled": 1, "done": 23}
    assert target.account.platform_id not in platform.seen
    assert Action.objects.get(pk=action.pk).state == "done"


def test_pausing_and_stopping_send_nothing_further(approved, platform):
    _, decision = approved
    enforcer = person("enforcer")
    action = start_action(enforcer, decision=decision)
    pause_action(enforcer, action=action)
    run_action(action.pk)
    assert _states(action) == {"pending": 24}
    resume_action(enforcer, action=action)
    stop_action(enforcer, action=action, reason="Counsel asked to wait.")
    run_action(action.pk)
    assert _states(action) == {"cancelled": 24}
    assert Action.objects.get(pk=action.pk).state == "stopped"
    assert not platform.seen


def test_a_platform_that_cannot_be_reached_fails_targets_after_five_attempts(approved, connector):
    _, decision = approved
    connector.url = "http://127.0.0.1:1/actions"
    connector.save()
    action = start_action(person("enforcer"), decision=decision)
    for _ in range(5):
        Delivery.objects.filter(action=action).update(next_attempt_at=None)
        run_action(action.pk)
    assert _states(action) == {"failed": 24}
    assert "could not be reached" in ActionTarget.objects.filter(action=action).first().failure


def test_another_secret_is_refused_by_the_receiver_and_nothing_is_done(approved, connector, platform):
    _, decision = approved
    platform.secret = "whsec_" + "A" * 32
    action = run_action(start_action(person("enforcer"), decision=decision).pk)
    assert _states(action) == {"failed": 24}
    assert not platform.seen


def test_a_case_closes_only_when_notices_are_sent_or_waived(approved, platform):
    at, decision = approved
    action = run_action(start_action(person("enforcer"), decision=decision).pk)
    Notice.objects.filter(pk=Notice.objects.first().pk).update(state="pending", sent_at=None)
    from enforcement.actions.services.progress import refresh_blockers_of

    refresh_blockers_of(action)
    assert Blocker.objects.filter(case=at.case, transition="close", source="actions").exists()
    with pytest.raises(Refusal, match="why"):
        waive_notices(person("enforcer"), action=action, reason=" ")
    assert waive_notices(person("enforcer"), action=action, reason="The address bounces.") == 1
    assert not Blocker.objects.filter(case=at.case, transition="close", source="actions").exists()


def test_secrets_of_connectors_stay_out_of_history(connector):
    from enforcement.audit.models import History

    bodies = History.objects.filter(table_name="actions_connector").values_list("body", flat=True)
    assert bodies
    assert all(connector.secret not in body for body in bodies)
