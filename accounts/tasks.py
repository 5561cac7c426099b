"""Celery entry points of the accounts stage."""

from celery import shared_task

from accounts.services import run_linking
from enforcement.audit.actors import SYSTEM


@shared_task(name="accounts.run_linking")
def run_linking_task(run_id: int) -> None:
    """Carry out a queued link run; one that is over is left alone."""
    run_linking(SYSTEM, run_id=run_id)
