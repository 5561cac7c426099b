"""Entry points for the worker. Each is safe to run twice: the row says who works on it and whether it is over."""

from __future__ import annotations

from celery import shared_task

from enforcement.ingest.services import compact_all_posted, run_or_fail


@shared_task(name="ingest.run_import")
def run_import_task(import_id: int) -> None:
    """Carry one import to its end."""
    run_or_fail(import_id)


@shared_task(name="ingest.compact_posted")
def compact_posted_task() -> None:
    """Archive the posted signals of every detector that has some, so that linking sees their sightings."""
    compact_all_posted()
