"""Celery entry points of the actions stage."""

from celery import shared_task

from enforcement.actions.services import run_action


@shared_task(name="actions.run_action")
def run_action_task(action_id: int) -> None:
    """Send what is due of an action; one that is over is left alone."""
    run_action(action_id)
