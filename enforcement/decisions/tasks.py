"""Tasks of the decisions stage."""

from celery import shared_task

from enforcement.decisions.services import expire_decisions


@shared_task(name="decisions.expire")
def expire() -> None:
    """End what lapsed. Safe to run twice: an ended decision does not lapse again."""
    expire_decisions()
