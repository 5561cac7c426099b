"""Celery entry points of the pipeline itself."""

import structlog
from celery import shared_task

from accounts.models import LinkRun
from accounts.services import request_link_run
from enforcement.audit.actors import SYSTEM
from enforcement.audit.models import Event
from enforcement.ingest.services import compact_all_posted
from enforcement.pipeline.routes import CHANGES_LINKS, EVERY_SECONDS, REQUEST_LINKING, SWEEP
from enforcement.pipeline.sweeper import paused, unfinished
from enforcement.pipeline.wake import wake

log = structlog.get_logger()


@shared_task(name=SWEEP)
def sweep() -> None:
    """Wake whoever should be working on a row and is not. Messages of one sweep do not outlive the next."""
    woken = 0
    for task, row_id in unfinished():
        wake(task, row_id, expires_seconds=EVERY_SECONDS[SWEEP])
        woken += 1
    if woken:
        log.info("sweep woke unfinished rows", rows=woken)


@shared_task(name=REQUEST_LINKING)
def request_linking() -> None:
    """Queue one link run, unless one waits already.

    Signals that come one by one shall not keep the linker running all day: the sweeper asks again after the pause.
    """
    newest = Event.objects.filter(verb__in=CHANGES_LINKS).order_by("-id").first()
    last = LinkRun.objects.exclude(started_at=None).order_by("-started_at").first()
    if newest is not None and newest.verb == "ingest.signal_folded" and last is not None and paused(last):
        return
    # Posted signals are linked once they are in a segment, as imported ones are.
    compact_all_posted()
    request_link_run(SYSTEM)
