"""The boundary of every task: a failure that reaches it is logged and stored, whatever stage it came from."""

from collections.abc import Sequence
from typing import Any

import structlog
from celery import Task
from django.db import DatabaseError

from enforcement.ingest.models import DeadWake

log = structlog.get_logger()


def store_failure(
    sender: Task | None = None,
    exception: BaseException | None = None,
    args: Sequence[Any] = (),
    **_: Any,
) -> None:
    """Keep what failed, on which row, and why. Connected to Celery's `task_failure`."""
    name = getattr(sender, "name", "") or "unknown"
    row_id = args[0] if args and isinstance(args[0], int) else None
    failure = f"{type(exception).__name__}: {exception}"
    log.error("task failed", task=name, row_id=row_id, failure=failure)
    try:
        DeadWake.objects.create(task=name[:120], row_id=row_id, failure=failure[:10_000])
    except DatabaseError:
        # The database itself may be what failed; the log line above is then all there is.
        log.exception("task failure not stored", task=name, row_id=row_id)
