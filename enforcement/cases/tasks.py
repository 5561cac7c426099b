"""Tasks of the cases stage."""

from celery import shared_task

from enforcement.audit.actors import rule_actor
from enforcement.cases.services import evaluate_thresholds


@shared_task(name="cases.evaluate_thresholds")
def evaluate() -> None:
    """Open or feed cases after linking. Safe to run twice: a cluster has one open case."""
    evaluate_thresholds(rule_actor("Thresholds"))
