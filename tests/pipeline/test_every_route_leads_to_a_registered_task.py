"""The routes page names events and tasks; each task must exist, and take what it is given."""

import inspect

import pytest

from enforcement.celery import app
from enforcement.pipeline.routes import EVERY_SECONDS, ROUTES, WITHOUT_ROW
from enforcement.pipeline.wake import load_tasks

TASKS = sorted({task for tasks in ROUTES.values() for task in tasks} | set(EVERY_SECONDS))


@pytest.mark.parametrize("name", TASKS)
def test_the_task_is_registered(name: str) -> None:
    load_tasks()
    assert name in app.tasks


@pytest.mark.parametrize("name", TASKS)
def test_it_takes_one_row_or_none(name: str) -> None:
    load_tasks()
    needed = [
        parameter
        for parameter in inspect.signature(app.tasks[name].run).parameters.values()
        if parameter.default is inspect.Parameter.empty and parameter.kind is not inspect.Parameter.VAR_KEYWORD
    ]
    assert len(needed) == (0 if name in WITHOUT_ROW or name in EVERY_SECONDS else 1)


def test_beat_wakes_each_scheduled_task_and_lets_old_messages_lapse() -> None:
    assert {name: entry["schedule"] for name, entry in app.conf.beat_schedule.items()} == dict(EVERY_SECONDS)
    assert all(entry["options"]["expires"] == entry["schedule"] for entry in app.conf.beat_schedule.values())
