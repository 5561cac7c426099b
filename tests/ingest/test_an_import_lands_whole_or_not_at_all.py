"""An import that stops anywhere leaves nothing; run again, it lands once."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.utils import timezone

from enforcement.audit.actors import SYSTEM, Actor
from enforcement.audit.errors import Refusal
from enforcement.audit.models import Event
from enforcement.ingest import commit, running
from enforcement.ingest.models import Import
from enforcement.ingest.services import (
    cancel_import,
    post_signal,
    receive_import,
    retry_import,
    run_import,
    run_or_fail,
)
from enforcement.ingest.tasks import run_import_task
from enforcement.signals.models import Detector, Segment
from tests.ingest.rows import derived, ndjson, signal

ROWS = ndjson([signal(f"r{n}", exchanges=1, identifiers=[{"kind": "ip", "value": "198.18.0.1"}]) for n in range(5)])
STEPS = [
    (running, "prepare"),
    (running, "write_rejects"),
    (commit, "fold_files"),
    (commit, "_fetch_ids"),
    (commit, "write_sightings"),
    (commit, "_count_holders"),
    (commit, "_register"),
    (commit, "_write_holders"),
    (running, "keep_revisions"),
    (running, "record_event"),
]


def received(detector: Detector) -> Import:
    return receive_import(SYSTEM, detector=detector, stream=BytesIO(ROWS), filename="x.ndjson")


@pytest.mark.parametrize(("module", "name"), STEPS)
def test_a_fault_at_any_step_leaves_nothing_and_a_retry_lands_once(
    meter: Detector, monkeypatch: pytest.MonkeyPatch, module: Any, name: str
) -> None:
    job, empty = received(meter), derived()

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("pulled the plug")

    with monkeypatch.context() as patch:
        patch.setattr(module, name, broken)
        with pytest.raises(RuntimeError, match="pulled the plug"):
            run_or_fail(job.pk)
    job.refresh_from_db()
    assert (job.state, job.rows_accepted, job.segment) == ("failed", 0, None)
    assert "can be tried again" in job.failure
    assert derived() == empty
    assert not Segment.objects.exists()
    retry_import(SYSTEM, import_id=job.pk)
    assert run_import(job.pk).rows_accepted == 5
    assert derived()["daily"][0][3] == 5


def test_a_worker_that_died_is_taken_over_when_its_lease_ran_out(meter: Detector) -> None:
    job = received(meter)
    assert Import.claim(job.pk) is not None
    assert run_import(job.pk).state == "running"
    Import.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert run_import(job.pk).state == "done"
    assert derived()["daily"][0][3] == 5


def test_a_worker_that_lost_its_lease_while_working_commits_nothing(
    meter: Detector, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = received(meter)
    prepare = commit.prepare

    def slow(*given: Any, **more: Any) -> Any:
        Import.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
        monkeypatch.setattr(running, "prepare", prepare)
        assert run_import(job.pk).state == "done"
        return prepare(*given, **more)

    monkeypatch.setattr(running, "prepare", slow)
    assert run_import(job.pk).state == "done"
    assert Segment.objects.count() == 1
    assert derived()["daily"][0][3] == 5


def test_the_task_run_twice_lands_once(meter: Detector) -> None:
    job = received(meter)
    run_import_task(job.pk)
    run_import_task(job.pk)
    assert derived()["daily"][0][3] == 5
    assert Event.objects.filter(verb="ingest.import_folded").count() == 1


def test_what_arrived_while_a_file_was_read_is_seen_before_it_commits(
    meter: Detector, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = received(meter)
    prepare = commit.prepare

    def overtaken(*given: Any, **more: Any) -> Any:
        prepared = prepare(*given, **more)
        monkeypatch.setattr(running, "prepare", prepare)
        body = signal("r0", exchanges=1, identifiers=[{"kind": "ip", "value": "198.18.0.1"}])
        assert post_signal(SYSTEM, detector=meter, body=body).result == "created"
        return prepared

    monkeypatch.setattr(running, "prepare", overtaken)
    done = run_import(job.pk)
    assert (done.rows_accepted, done.rows_duplicate) == (4, 1)
    assert derived()["daily"][0][3] == 5


def test_a_cancelled_import_changes_nothing_even_while_it_runs(
    meter: Detector, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, empty = received(meter), derived()
    prepare = commit.prepare

    def cancelled(*given: Any, **more: Any) -> Any:
        cancel_import(SYSTEM, import_id=job.pk)
        return prepare(*given, **more)

    monkeypatch.setattr(running, "prepare", cancelled)
    assert run_import(job.pk).state == "cancelled"
    assert derived() == empty
    with pytest.raises(Refusal, match="nothing left to cancel"):
        cancel_import(SYSTEM, import_id=job.pk)
    with pytest.raises(Refusal, match="only a failed import"):
        retry_import(SYSTEM, import_id=job.pk)


@pytest.mark.parametrize("act", [cancel_import, retry_import])
def test_a_stranger_may_neither_cancel_nor_retry(meter: Detector, act: Any) -> None:
    job = received(meter)
    with pytest.raises(Refusal) as refusal:
        act(Actor("person", 1, "Nobody", frozenset({"triager"})), import_id=job.pk)
    assert refusal.value.status == 403
