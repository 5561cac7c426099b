"""What an action adds up to, and what that means for its case."""

from django.db.models import Count
from django.utils import timezone

from enforcement.actions.models import Action, ActionTarget, Notice
from enforcement.audit.actors import Actor
from enforcement.audit.services import record_event
from enforcement.cases.services import advance_case, set_blocker

UNFINISHED = ("pending", "sent")


def counts_by_state(action: Action) -> dict[str, int]:
    """How many targets stand in each state."""
    rows = ActionTarget.objects.filter(action=action).values_list("state").annotate(n=Count("id"))
    return dict(rows.order_by("state"))


def finish_if_over(actor: Actor, action: Action) -> bool:
    """When no target is under way any more: close the action, move the case, tell. Call inside a transaction."""
    counts = counts_by_state(action)
    if any(counts.get(state) for state in UNFINISHED) or action.state != "running":
        return False
    failed = counts.get("failed", 0)
    stopped = ActionTarget.objects.filter(action=action, state="cancelled", target__dropped_at=None).exists()
    action.state = "partial" if failed else "stopped" if stopped else "done"
    action.finished_at = timezone.now()
    action.save(update_fields=["state", "finished_at"])
    refresh_blockers_of(action)
    case = action.case
    case.refresh_from_db()
    to = "enforced" if action.state == "done" else "partially_enforced"
    advance_case(actor, case=case, to=to, reason=f"{counts.get('done', 0):,} targets done, {failed:,} failed")
    record_event(actor=actor, verb="actions.finished", target=action, case_id=case.pk, data=counts)
    return True


def refresh_blockers_of(action: Action) -> None:
    """What stands in the way of closing the case: targets under way, and notices neither sent nor waived."""
    targets = ActionTarget.objects.filter(action__case_id=action.case_id)
    pending = targets.filter(state__in=UNFINISHED).count()
    notices = Notice.objects.filter(action_target__action__case_id=action.case_id, state="pending").count()
    set_blocker(action.case, transition="close", source="actions", code="actions.pending", count=pending)
    set_blocker(action.case, transition="close", source="actions", code="notices.open", count=notices)
