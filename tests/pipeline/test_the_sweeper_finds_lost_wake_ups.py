"""A row whose wake-up was lost, or whose worker died, is found by the next sweep."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import LinkRun
from accounts.services import request_link_run
from enforcement.audit.actors import SYSTEM
from enforcement.audit.services import record_event
from enforcement.ingest.models import Import
from enforcement.pipeline import wake as wake_module
from enforcement.pipeline.sweeper import linking_is_due, unfinished
from enforcement.pipeline.tasks import request_linking, sweep
from enforcement.signals.models import Blob, Detector

pytestmark = pytest.mark.django_db


@pytest.fixture
def received() -> Import:
    """An import that nobody was woken for."""
    detector = Detector.objects.create(slug="usage-meter", name="Usage meter")
    blob = Blob.objects.create(sha256="a" * 64, bytes=1, media_type="x", path="x")
    return Import.objects.create(detector=detector, blob=blob, filename="x.ndjson", received_by="test")


def test_a_queued_job_is_found_until_somebody_holds_it(received: Import) -> None:
    wanted = ("ingest.run_import", received.pk)
    assert wanted in list(unfinished())
    job = Import.claim(received.pk)
    assert job is not None
    assert wanted not in list(unfinished())
    job.finish("done")
    assert wanted not in list(unfinished())


def test_a_job_whose_worker_died_is_found_after_its_lease(received: Import) -> None:
    Import.claim(received.pk)
    Import.objects.filter(pk=received.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert ("ingest.run_import", received.pk) in list(unfinished())


def test_a_failed_or_cancelled_job_waits_for_a_person(received: Import) -> None:
    job = Import.claim(received.pk)
    assert job is not None
    job.finish("failed", failure="the disk is full")
    assert ("ingest.run_import", received.pk) not in list(unfinished())


def test_a_sweep_wakes_what_it_found(
    received: Import, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    sent: list[tuple[str, list[int]]] = []
    monkeypatch.setattr(wake_module.app, "send_task", lambda name, args, **_: sent.append((name, args)))
    with django_capture_on_commit_callbacks(execute=True):
        sweep()
    assert ("ingest.run_import", [received.pk]) in sent


def test_linking_is_due_after_signals_and_not_after_a_run_began() -> None:
    assert not linking_is_due()
    record_event(actor=SYSTEM, verb="ingest.import_folded")
    assert linking_is_due()
    run = request_link_run(SYSTEM)
    assert not linking_is_due()
    LinkRun.claim(run.pk)
    assert not linking_is_due()
    record_event(actor=SYSTEM, verb="ingest.import_folded")
    assert linking_is_due()


def test_single_signals_ask_for_linking_once_a_minute() -> None:
    run = request_link_run(SYSTEM)
    claimed = LinkRun.claim(run.pk)
    assert claimed is not None
    record_event(actor=SYSTEM, verb="ingest.signal_folded")
    assert not linking_is_due()
    request_linking()
    assert LinkRun.objects.count() == 1
    LinkRun.objects.filter(pk=run.pk).update(started_at=timezone.now() - timedelta(seconds=61))
    assert linking_is_due()


def test_asking_for_linking_twice_queues_one_run() -> None:
    request_linking()
    request_linking()
    assert LinkRun.objects.filter(state="queued").count() == 1
