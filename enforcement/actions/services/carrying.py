"""Carrying an action out: batch by batch, each claimed, re-checked, sent under one key, and settled target by target.

A crash between any two lines loses nothing: a batch that was on its way when its lease ran out is sent again under the same
key, and the platform answers it as before.
"""

from datetime import timedelta
from typing import Any

import structlog
from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Account
from accounts.models.directory import ACCOUNT_STATES
from enforcement.actions.connectors import Answer, DeliveryError, send
from enforcement.actions.models import Action, ActionTarget, Delivery
from enforcement.actions.services.notices import note_notices, notice_text
from enforcement.actions.services.progress import counts_by_state, finish_if_over, refresh_blockers_of
from enforcement.audit.actors import SYSTEM, Actor
from enforcement.audit.errors import Refusal
from enforcement.audit.services import record_event
from enforcement.cases.models import Case
from enforcement.decisions.services import recheck_targets

log = structlog.get_logger()
LEASE_SECONDS = 120
MAX_ATTEMPTS = 5
BACKOFF_SECONDS = (0, 2, 10, 60, 300)
_STATUS_AFTER = {"restrict": "restricted", "suspend": "suspended", "terminate": "terminated"}


def run_action(action_id: int, *, actor: Actor = SYSTEM) -> Action:
    """Send what is due of an action. Safe to run twice and by two workers at once: each batch has one claimant."""
    action = Action.objects.select_related("case", "decision__policy_version", "connector").get(pk=action_id)
    if action.state == "running":
        while (delivery := _claim(action)) is not None:
            try:
                _deliver(actor, action, delivery)
            except Refusal as refusal:
                _pause(actor, action, delivery, refusal)
            action.refresh_from_db(fields=["state"])
            if action.state != "running":
                break
    with transaction.atomic():
        Case.objects.select_for_update().get(pk=action.case_id)
        action = Action.objects.select_for_update(of=("self",)).select_related("case").get(pk=action_id)
        finish_if_over(actor, action)
    return action


def _pause(actor: Actor, action: Action, delivery: Delivery, refusal: Refusal) -> None:
    """The decision no longer stands as approved: send nothing of it, put the batch back, and say why."""
    with transaction.atomic():
        ActionTarget.objects.filter(delivery=delivery, state="sent").update(state="pending")
        Delivery.objects.filter(pk=delivery.pk, state="sending").update(state="pending", lease_until=None)
        Action.objects.filter(pk=action.pk, state="running").update(state="paused")
        record_event(actor=actor, verb="actions.paused", target=action, case_id=action.case_id, reason=refusal.message)


def _claim(action: Action) -> Delivery | None:
    """The next batch that is due, taken for ourselves; batches whose lease ran out come back first."""
    now = timezone.now()
    Delivery.objects.filter(action=action, state="sending", lease_until__lt=now).update(state="pending")
    due = Q(next_attempt_at=None) | Q(next_attempt_at__lte=now)
    candidates = (
        Delivery.objects.filter(due, action=action, state="pending").order_by("number").values_list("pk", flat=True)
    )
    for pk in candidates[:20]:
        taken = Delivery.objects.filter(pk=pk, state="pending").update(
            state="sending", attempts=F("attempts") + 1, lease_until=now + timedelta(seconds=LEASE_SECONDS), sent_at=now
        )
        if taken:
            return Delivery.objects.get(pk=pk)
    return None


def _deliver(actor: Actor, action: Action, delivery: Delivery) -> None:
    with transaction.atomic():
        Case.objects.select_for_update().get(pk=action.case_id)
        _cancel_dropped(action, delivery)
        held = ActionTarget.objects.filter(delivery=delivery)
        held.filter(state="sent").update(state="pending")  # resend, same key
        held.filter(state="pending").update(state="sent", changed_at=timezone.now())
        rows = list(held.filter(state="sent").order_by("id").values_list("id", "target__account__platform_id"))
    if not rows:
        Delivery.objects.filter(pk=delivery.pk, state="sending").update(state="done", lease_until=None)
        return
    try:
        answer = send(
            action.connector,
            key=str(delivery.key),
            body=_body(action, delivery, rows),
            target_ids=frozenset(r[0] for r in rows),
        )
    except DeliveryError as error:
        _settle_failure(delivery, error)
        return
    _settle(actor, action, delivery, answer)


def _cancel_dropped(action: Action, delivery: Delivery) -> None:
    """An approval may shrink: what no longer stands is cancelled just before sending, under the case's lock.

    Raises `Refusal` when the decision itself no longer stands for its digest.
    """
    waiting = ActionTarget.objects.filter(delivery=delivery, state__in=["pending", "sent"])
    asked = list(waiting.values_list("target_id", flat=True))
    check = recheck_targets(decision=action.decision, target_ids=asked)
    waiting.filter(target_id__in=check.dropped).update(
        state="cancelled", failure="Dropped before sending", changed_at=timezone.now()
    )


def _body(action: Action, delivery: Delivery, rows: list[tuple[int, str]]) -> dict[str, Any]:
    text = notice_text(action.kind)
    return {
        "action": action.kind,
        "case": action.case.ref,
        "decision": {"round": action.decision.round, "digest": action.decision.digest},
        "policy": str(action.decision.policy_version),
        "batch": delivery.number,
        "notice": {"subject": text.subject, "body": text.body, "version": text.version} if text else None,
        "targets": [{"target": pk, "account": account, "principals": []} for pk, account in rows],
    }


def _settle(actor: Actor, action: Action, delivery: Delivery, answer: Answer) -> None:
    done = sorted(pk for pk, result in answer.results.items() if result[0] == "done")
    shown = sorted(pk for pk, result in answer.results.items() if result[0] == "done" and result[3])
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE actions_actiontarget t SET state = r.state, failure = r.failure, platform_ref = r.ref, changed_at = now() "
                "FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) AS r(id, state, failure, ref) "
                "WHERE t.id = r.id AND t.state = 'sent'",
                [
                    list(answer.results),
                    *(
                        list(column)
                        for column in zip(*((s, w, p) for s, w, p, _ in answer.results.values()), strict=True)
                    ),
                ],
            )
        _set_account_status(action, done)
        note_notices(action, shown=shown, done=done)
        Delivery.objects.filter(pk=delivery.pk, state="sending").update(
            state="done", lease_until=None, response_status=answer.status, failure=""
        )
        refresh_blockers_of(action)
        record_event(actor=actor, verb="actions.delivered", target=action, case_id=action.case_id,
                     data={"delivery": delivery.number, "key": str(delivery.key), **counts_by_state(action)})  # fmt: skip


def _set_account_status(action: Action, done: list[int]) -> None:
    status = _STATUS_AFTER.get(action.kind)
    if status is None or not done:
        return
    before = [old for old, new in ACCOUNT_STATES.pairs() if new == status]
    Account.objects.filter(targets__outcome__in=done, status__in=before).update(status=status)


def _settle_failure(delivery: Delivery, error: DeliveryError) -> None:
    """Wait and send the same batch again, or, when that is no use any more, mark its targets failed."""
    again = error.again and delivery.attempts < MAX_ATTEMPTS
    log.warning("delivery not taken", delivery=delivery.pk, attempts=delivery.attempts, again=again, reason=str(error))
    with transaction.atomic():
        wait = timedelta(seconds=BACKOFF_SECONDS[min(delivery.attempts, len(BACKOFF_SECONDS) - 1)])
        Delivery.objects.filter(pk=delivery.pk, state="sending").update(
            state="pending" if again else "failed",
            lease_until=None,
            next_attempt_at=timezone.now() + wait if again else None,
            response_status=error.status,
            failure=str(error)[:2000],
        )
        if not again:
            ActionTarget.objects.filter(delivery=delivery, state="sent").update(
                state="failed", failure=str(error)[:300], changed_at=timezone.now()
            )
