"""Reads of the actions stage."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count

from enforcement.actions.models import Action, ActionTarget, Connector, Delivery, Notice
from enforcement.actions.services.progress import counts_by_state
from enforcement.audit.actors import Actor
from enforcement.audit.errors import not_found
from enforcement.audit.paging import Page, page_of
from enforcement.cases.models import Case
from enforcement.staff.matrix import Permission, can, require


@dataclass(frozen=True)
class ActionView:
    """An action with its targets by state, its batches, and its notices by state."""

    action: Action
    counts: dict[str, int]
    notices: dict[str, int]
    deliveries: Sequence[Delivery]

    @property
    def total(self) -> int:
        """All targets."""
        return sum(self.counts.values())

    @property
    def finished(self) -> int:
        """Targets that nothing more will happen to by itself."""
        return self.total - self.counts.get("pending", 0) - self.counts.get("sent", 0)


def get_action(viewer: Actor, *, action_id: int) -> ActionView:
    """One action. Raises `Refusal` (404)."""
    require(viewer, Permission.ACTION_VIEW)
    related = ("case", "decision", "connector", "started_by")
    action = Action.objects.select_related(*related).filter(pk=action_id).first()
    if action is None:
        raise not_found("action", action_id)
    notices = Notice.objects.filter(action_target__action=action).values_list("state").annotate(n=Count("id"))
    return ActionView(
        action=action,
        counts=counts_by_state(action),
        notices=dict(notices.order_by("state")),
        deliveries=list(action.deliveries.order_by("-number")[:50]),
    )


def list_case_actions(viewer: Actor, *, case: Case) -> list[ActionView]:
    """Every action of a case, newest first."""
    require(viewer, Permission.ACTION_VIEW)
    ids = Action.objects.filter(case=case).order_by("-id").values_list("pk", flat=True)[:50]
    return [get_action(viewer, action_id=pk) for pk in ids]


def list_action_targets(
    viewer: Actor, *, action: Action, state: str | None = None, cursor: str = ""
) -> Page[ActionTarget]:
    """One page of targets with their accounts; `state` keeps one state."""
    require(viewer, Permission.ACTION_VIEW)
    found = ActionTarget.objects.filter(action=action).select_related("target__account", "delivery", "notice")
    if state:
        found = found.filter(state=state)
    return page_of(found, order=("id",), cursor=cursor)


def list_connectors(viewer: Actor) -> list[Connector]:
    """Where actions may be sent, without secrets being read."""
    if not can(viewer, Permission.SETTINGS_EDIT):
        require(viewer, Permission.ACTION_VIEW)
    return list(Connector.objects.defer("secret").order_by("-active", "name")[:50])
