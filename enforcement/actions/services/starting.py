"""Starting what was approved; pausing, stopping and retrying it."""

from django.db import connection, transaction
from django.utils import timezone

from enforcement.actions.models import Action, ActionTarget, Connector, Delivery
from enforcement.actions.services.progress import finish_if_over, refresh_blockers_of
from enforcement.actions.states import ACTION_STATES
from enforcement.audit.actors import Actor
from enforcement.audit.errors import Refusal
from enforcement.audit.services import record_event
from enforcement.cases.models import Case
from enforcement.cases.services import advance_case
from enforcement.decisions.models import Decision
from enforcement.staff.matrix import Permission, require


def start_action(actor: Actor, *, decision: Decision) -> Action:
    """Begin to carry out an approved decision, for every target not dropped since.

    Raises `Refusal`: not permitted, not approved, started already, no connector, or no target left.
    """
    require(actor, Permission.ACTION_RUN)
    with transaction.atomic():
        case = Case.objects.select_for_update().get(pk=decision.case_id)
        decision = Decision.objects.select_for_update().get(pk=decision.pk)
        if decision.state != "approved":
            raise Refusal(
                "action.not_approved", f"The decision is {decision.state}; only an approved one can be carried out."
            )
        if Action.objects.filter(decision=decision).exists():
            raise Refusal("action.started", "This decision is being carried out already.")
        connector = Connector.objects.filter(active=True).order_by("-id").first()
        if connector is None:
            raise Refusal("action.no_connector", "No connector is set up. An administrator adds one under Settings.")
        action = Action.objects.create(
            case=case,
            decision=decision,
            connector=connector,
            kind=decision.action_kind,
            started_by_id=actor.person_id,
            started_at=timezone.now(),
        )
        targets = _make_targets(action)
        if not targets:
            raise Refusal(
                "action.no_targets", "Every target of this decision was dropped; there is nothing to carry out."
            )
        _make_deliveries(action)
        action.state = "running"
        action.save(update_fields=["state"])
        advance_case(actor, case=case, to="enforcing", reason=f"{action.get_kind_display()} {targets:,} targets")
        refresh_blockers_of(action)
        record_event(actor=actor, verb="actions.started", target=action, case_id=case.pk,
                     data={"targets": targets, "digest": decision.digest, "kind": action.kind})  # fmt: skip
    return action


def _make_targets(action: Action) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO actions_actiontarget (action_id, target_id, state, failure, platform_ref, changed_at) "
            "SELECT %s, t.id, 'pending', '', '', now() FROM decisions_target t "
            "WHERE t.decision_id = %s AND t.dropped_at IS NULL ORDER BY t.id",
            [action.pk, action.decision_id],
        )
        return int(cursor.rowcount)


def _make_deliveries(action: Action) -> None:
    """Batches over the pending targets that have none, numbered on from the last."""
    size = action.connector.batch_size
    waiting = list(
        ActionTarget.objects.filter(action=action, state="pending", delivery=None)
        .order_by("id")
        .values_list("id", flat=True)
    )
    last = Delivery.objects.filter(action=action).order_by("-number").values_list("number", flat=True).first() or 0
    for place, start in enumerate(range(0, len(waiting), size), start=1):
        delivery = Delivery.objects.create(action=action, number=last + place)
        batch = waiting[start : start + size]
        ActionTarget.objects.filter(
            pk__gte=batch[0], pk__lte=batch[-1], action=action, state="pending", delivery=None
        ).update(delivery=delivery)


def retry_failed(actor: Actor, *, action: Action) -> int:
    """Send every failed target again, in new batches. Gives how many; raises `Refusal` when none failed."""
    require(actor, Permission.ACTION_RUN)
    with transaction.atomic():
        action = _locked(action)
        if action.state not in {"partial", "running"}:
            raise Refusal("action.state", f"The action is {action.state}; nothing of it can be retried.")
        failed = ActionTarget.objects.filter(action=action, state="failed", target__dropped_at=None).update(
            state="pending", failure="", delivery=None, changed_at=timezone.now()
        )
        if not failed:
            raise Refusal("action.none_failed", "No target has failed.")
        _make_deliveries(action)
        if action.state == "partial":
            _move(action, "running")
            advance_case(actor, case=action.case, to="enforcing", reason=f"Retry of {failed:,} failed targets")
        refresh_blockers_of(action)
        record_event(
            actor=actor, verb="actions.retried", target=action, case_id=action.case_id, data={"targets": failed}
        )
    return failed


def pause_action(actor: Actor, *, action: Action) -> Action:
    """Send nothing further until somebody resumes; batches on their way are finished."""
    return _change(actor, action, "paused", "actions.paused")


def resume_action(actor: Actor, *, action: Action) -> Action:
    """Go on with a paused action."""
    return _change(actor, action, "running", "actions.retried")


def stop_action(actor: Actor, *, action: Action, reason: str) -> Action:
    """Cancel every target that was not sent yet, for good. `reason` is kept."""
    require(actor, Permission.ACTION_RUN)
    if not reason.strip():
        raise Refusal("action.reason", "Say why the action is stopped.", field="reason", status=400)
    with transaction.atomic():
        action = _locked(action)
        if action.state == "paused":
            _move(action, "running")
        ACTION_STATES.check(action.state, "stopped")
        cancelled = ActionTarget.objects.filter(action=action, state="pending").update(
            state="cancelled", failure=reason[:300], changed_at=timezone.now()
        )
        Delivery.objects.filter(action=action, state="pending").update(state="cancelled")
        record_event(actor=actor, verb="actions.stopped", target=action, case_id=action.case_id, reason=reason,
                     data={"cancelled": cancelled})  # fmt: skip
        if not finish_if_over(actor, action):
            refresh_blockers_of(action)
    return action


def _change(actor: Actor, action: Action, to: str, verb: str) -> Action:
    require(actor, Permission.ACTION_RUN)
    with transaction.atomic():
        action = _locked(action)
        _move(action, to)
        record_event(actor=actor, verb=verb, target=action, case_id=action.case_id)
    return action


def _locked(action: Action) -> Action:
    Case.objects.select_for_update().get(pk=action.case_id)
    return (
        Action.objects.select_for_update(of=("self",)).select_related("case", "connector", "decision").get(pk=action.pk)
    )


def _move(action: Action, to: str) -> None:
    ACTION_STATES.check(action.state, to)
    action.state = to
    action.save(update_fields=["state"])
