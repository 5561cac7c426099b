"""What beat wakes, and where it remembers when it last did."""

from typing import Any

from celery import Celery
from django.conf import settings

from enforcement.pipeline.routes import EVERY_SECONDS


def set_schedule(app: Celery) -> None:
    """Give `app` the periods of the routes page. A wake-up that nobody took before the next one is dropped."""
    entries: dict[str, dict[str, Any]] = {
        task: {"task": task, "schedule": float(seconds), "options": {"expires": seconds, "ignore_result": True}}
        for task, seconds in EVERY_SECONDS.items()
    }
    app.conf.beat_schedule = entries
    app.conf.beat_schedule_filename = str(settings.DOSSIER_HOME / "beat-schedule")
