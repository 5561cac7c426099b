"""Registers the pipeline stage."""

from django.apps import AppConfig


class PipelineConfig(AppConfig):
    """Which event wakes which task; the sweeper; the schedule."""

    name = "enforcement.pipeline"
    label = "pipeline"

    def ready(self) -> None:
        """Hear of every committed event and of every task that failed, and give beat its schedule."""
        from celery.signals import task_failure

        from enforcement.audit.services import on_event
        from enforcement.celery import app
        from enforcement.pipeline.failures import store_failure
        from enforcement.pipeline.schedule import set_schedule
        from enforcement.pipeline.wake import wake_for

        on_event(wake_for)
        task_failure.connect(store_failure, weak=False, dispatch_uid="pipeline.store_failure")
        set_schedule(app)
