"""Waking tasks: through the broker for whoever works there, or in this very process for a command.

A wake-up carries a task's name and a row's id, nothing else. It may be lost; it never fails whoever caused it.
"""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

import structlog
from django.db import transaction
from django.utils.module_loading import autodiscover_modules

from enforcement.audit.models import Event
from enforcement.celery import app
from enforcement.pipeline.routes import ROUTES, WITHOUT_ROW

log = structlog.get_logger()

Wake = tuple[str, int | None]
Progress = Callable[[str, int | None], None]


@dataclass
class Carried:
    """What a command carried out for its events: tasks in the order they ran, and those that failed with the reason."""

    ran: list[Wake] = field(default_factory=list)
    failures: list[tuple[str, int | None, str]] = field(default_factory=list)
    waiting: deque[Wake] = field(default_factory=deque)


_carried: ContextVar[Carried | None] = ContextVar("carried", default=None)


def wake(task: str, row_id: int | None = None, *, expires_seconds: int | None = None) -> None:
    """Wake `task` for the row once the current transaction, if any, has committed.

    Never raises: with the broker away the row waits for the sweeper. A worker drops the message after
    `expires_seconds`, if given.
    """
    transaction.on_commit(lambda: _deliver((task, row_id), expires_seconds))


def wake_for(event: Event) -> None:
    """Wake every task that the routes name for a committed event."""
    for task in ROUTES.get(event.verb, ()):
        wake(task, None if task in WITHOUT_ROW else event.target_id)


def load_tasks() -> None:
    """Register the tasks of every stage in this process, as a worker does when it starts."""
    autodiscover_modules("tasks")


@contextmanager
def carry_on(progress: Progress | None = None, *, wait: bool = True) -> Iterator[Carried]:
    """Run in this process, to the end, everything that events of the block wake, and what those wake in turn.

        with carry_on(say) as carried:
            receive_import(actor, ...)

    The tasks run when the block ends; `progress(task, row_id)` hears of each before it starts. A task that fails is
    listed in `failures` and stops no other. With `wait` false (`--no-wait`) the broker is woken as in any request. A
    block inside another one leaves its tasks to the outer. If the block raises, its wake-ups go to the broker.
    """
    if not wait or _carried.get() is not None:
        yield _carried.get() or Carried()
        return
    carried = Carried()
    token = _carried.set(carried)
    try:
        yield carried
        while carried.waiting:
            current = carried.waiting.popleft()
            if progress is not None:
                progress(*current)
            _run_here(current, carried)
    finally:
        _carried.reset(token)
        for left in carried.waiting:
            _send(left, None)
        carried.waiting.clear()


def _deliver(wanted: Wake, expires_seconds: int | None) -> None:
    carried = _carried.get()
    if carried is None:
        _send(wanted, expires_seconds)
    elif wanted not in carried.waiting:
        carried.waiting.append(wanted)


def _arguments(wanted: Wake) -> list[int]:
    return [] if wanted[1] is None else [wanted[1]]


def _send(wanted: Wake, expires_seconds: int | None) -> None:
    task, row_id = wanted
    try:
        app.send_task(task, args=_arguments(wanted), expires=expires_seconds, ignore_result=True, retry=False)
    except Exception as error:  # noqa: BLE001  (each transport has errors of its own; the row is what must not be lost)
        log.warning("wake-up not sent; the sweeper will find the row", task=task, row_id=row_id, error=str(error))


def _run_here(wanted: Wake, carried: Carried) -> None:
    load_tasks()
    task = app.tasks.get(wanted[0])
    if task is None:
        carried.failures.append((*wanted, "no such task"))
        log.error("no such task", task=wanted[0], row_id=wanted[1])
        return
    # Eager, and through Celery's own boundary: a failure is logged and stored as in a worker.
    result = task.apply(args=_arguments(wanted))
    carried.ran.append(wanted)
    if result.failed():
        carried.failures.append((*wanted, str(result.result)))
