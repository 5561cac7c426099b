"""Celery entry points of the audit stage."""

from celery import shared_task

from enforcement.audit.services import seal_now


@shared_task(name="audit.seal")
def seal() -> None:
    """Seal what is new; nothing when nothing is."""
    seal_now()
