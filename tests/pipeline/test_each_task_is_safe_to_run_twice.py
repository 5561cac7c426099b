"""Each task run a second time on the same row changes nothing more: no row, no history, no event."""

import io
import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.apps import apps
from django.utils import timezone

from accounts.services import request_link_run
from enforcement.audit.actors import SYSTEM
from enforcement.celery import app
from enforcement.pipeline import wake as wake_module
from enforcement.pipeline.routes import EVERY_SECONDS, ROUTES
from enforcement.pipeline.wake import load_tasks
from tests import factories
from tests.house.tree import STAGES

pytestmark = pytest.mark.django_db(transaction=True)
TASKS = sorted({task for tasks in ROUTES.values() for task in tasks} | set(EVERY_SECONDS))


def _an_import() -> int:
    from enforcement.ingest.services import receive_import

    detector = factories.detectors()[0]
    lines = [
        {"source_ref": f"s-{number}", "account": f"acct-{number}", "observed_at": "2026-10-01T10:00:00Z", "rule": "R-1"}
        for number in range(3)
    ]
    stream = io.BytesIO("".join(json.dumps(line) + "\n" for line in lines).encode())
    return receive_import(SYSTEM, detector=detector, stream=stream, filename="three.ndjson").pk


def _a_link_run() -> int:
    return request_link_run(SYSTEM).pk


def _an_action() -> int:
    from enforcement.actions.models import Connector
    from enforcement.actions.services import start_action

    Connector.objects.create(name="Platform", url="http://127.0.0.1:9/", secret="whsec_" + "A" * 32, timeout_seconds=1)
    _, decision = factories.approved()
    return start_action(factories.person("enforcer"), decision=decision).pk


def _a_packet() -> int:
    from accounts.services.linking import current_method
    from enforcement.packets.services import request_packet

    current_method()
    at, _ = factories.submitted()
    return request_packet(at.investigator, case=at.case).pk


def _a_ring_past_its_threshold() -> None:
    factories.ring()
    factories.threshold(factories.policy_version())


def _a_lapsed_decision() -> None:
    from enforcement.decisions.models import Decision

    _, decision = factories.approved()
    Decision.objects.filter(pk=decision.pk).update(lapses_at=timezone.now() - timedelta(hours=1))


def _a_posted_signal() -> None:
    from enforcement.ingest.services import post_signal

    signal = {"source_ref": "s-1", "account": "acct-1", "observed_at": "2026-10-01T10:00:00Z", "rule": "R-1"}
    post_signal(SYSTEM, detector=factories.detectors()[0], body=signal)


ROWS: dict[str, Callable[[], int | None]] = {
    "ingest.run_import": _an_import,
    "ingest.compact_posted": _a_posted_signal,
    "accounts.run_linking": _a_link_run,
    "cases.evaluate_thresholds": _a_ring_past_its_threshold,
    "decisions.expire": _a_lapsed_decision,
    "actions.run_action": _an_action,
    "packets.build_packet": _a_packet,
    "audit.seal": lambda: factories.person("lead") and None,
    "pipeline.sweep": lambda: _a_link_run() and None,
    "pipeline.request_linking": lambda: None,
}


def _everything() -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table of ours."""
    return {
        model._meta.db_table: sorted(model._default_manager.values_list(), key=str)
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in STAGES
    }


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wake_module.app, "send_task", lambda *_, **__: None)


def test_every_task_has_a_row_here() -> None:
    assert set(ROWS) == set(TASKS)


@pytest.mark.parametrize("name", TASKS)
def test_the_second_run_changes_nothing(name: str) -> None:
    load_tasks()
    row_id = ROWS[name]()
    arguments = [] if row_id is None else [row_id]
    before = _everything()
    assert app.tasks[name].apply(args=arguments).successful()
    once = _everything()
    assert once != before or name == "pipeline.sweep", "the first run did nothing"
    assert app.tasks[name].apply(args=arguments).successful()
    assert _everything() == once


@pytest.mark.parametrize(
    "name", [name for name in TASKS if name not in EVERY_SECONDS and name != "pipeline.request_linking"]
)
def test_a_row_that_is_not_there_breaks_nothing(name: str) -> None:
    """A wake-up may outlive its row, in a restored database for one."""
    load_tasks()
    before = _everything()
    app.tasks[name].apply(args=[987_654])
    after = _everything()
    before.pop("ingest_deadwake")
    after.pop("ingest_deadwake")
    assert after == before
