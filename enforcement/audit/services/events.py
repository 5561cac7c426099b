"""Recording what happened, and letting later stages hear of it after commit."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import models, transaction

from enforcement.audit.actors import Actor
from enforcement.audit.models import Event

_listeners: list[Callable[[Event], None]] = []


def on_event(listener: Callable[[Event], None]) -> None:
    """Have `listener` called with each event after the transaction that recorded it committed."""
    if listener not in _listeners:
        _listeners.append(listener)


def record_event(
    *,
    actor: Actor,
    verb: str,
    target: models.Model | None = None,
    case_id: int | None = None,
    reason: str = "",
    data: Mapping[str, Any] | None = None,
) -> Event:
    """Write one event in the caller's transaction; after commit it reaches every listener.

    `verb` is `stage.past_tense` (`cases.submitted`). `data` must be JSON and free of secrets.
    """
    event = Event.objects.create(
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_label=actor.label[:200],
        verb=verb,
        target_type=target._meta.label_lower if target is not None else "",
        target_id=target.pk if target is not None else None,
        target_label=str(target)[:200] if target is not None else "",
        case_id=case_id,
        reason=reason,
        data=dict(data or {}),
    )
    transaction.on_commit(lambda: _tell(event))
    return event


def _tell(event: Event) -> None:
    for listener in _listeners:
        listener(event)
