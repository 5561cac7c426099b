"""One import from its kept bytes to its committed fold."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import duckdb
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from enforcement.audit.actors import Actor
from enforcement.audit.errors import Refusal
from enforcement.audit.services import record_event
from enforcement.ingest.commit import Outcome, Prepared, commit_segment, prepare
from enforcement.ingest.dedupe import position
from enforcement.ingest.locks import lock_detector, lock_sightings
from enforcement.ingest.models import Import
from enforcement.ingest.rejects import write_rejects
from enforcement.ingest.revisions import keep_revisions
from enforcement.ingest.rollup import figure
from enforcement.ingest.staging import Staging
from enforcement.ingest.terms import restricted_accounts
from enforcement.signals.blobs import local_file, scratch
from enforcement.signals.duck import duck
from enforcement.signals.lines import open_reader
from enforcement.signals.models import Detector

EXTEND_SECONDS = 1.0
EXCERPT_DROPPED = "excerpt not kept: the account's content terms do not allow it"
OnProgress = Callable[[Import], None]


class Cancelled(Exception):
    """The import was cancelled, or another worker took it over: stop, changing nothing."""


def fold_import(job: Import, *, on_progress: OnProgress | None = None) -> None:
    """Run a claimed import. Raises Refusal for a file that cannot be read, Cancelled when the row is no longer ours."""
    began = time.monotonic()
    if _repeats_a_finished_one(job, began):
        return
    with scratch() as folder, duck() as connection:
        staging = Staging(connection, job.created_at)
        _read(job, staging, on_progress)
        if not staging.rows_read:
            raise Refusal("import.empty", "This file is empty: it holds no signal.", status=422)
        prepared = prepare(connection, job.detector, folder, source=f"import {job.pk}")
        _progress(job, "Writing alerts, accounts and sightings", on_progress)
        _commit(job, connection, staging, prepared, folder, began)


def finished_before(job: Import) -> Import | None:
    """The first finished import of the same file: same detector, bytes, format and mapping, and no refusals."""
    return (
        Import.objects.filter(
            detector=job.detector_id,
            blob=job.blob_id,
            format=job.format,
            mapping_version=job.mapping_version,
            state="done",
            rows_refused=0,
            same_as=None,
        )
        .exclude(pk=job.pk)
        .order_by("id")
        .first()
    )


def _repeats_a_finished_one(job: Import, began: float) -> bool:
    """The same bytes for the same detector, read the same way, that landed without a refusal: nothing to do."""
    same = finished_before(job)
    if same is None:
        return False
    with transaction.atomic():
        Import.objects.filter(pk=job.pk).update(same_as=same, seconds=round(time.monotonic() - began, 3))
        if not job.finish("done"):
            raise Cancelled
    return True


def _read(job: Import, staging: Staging, on_progress: OnProgress | None) -> None:
    last = 0.0

    def on_chunk(done_bytes: int, total_bytes: int) -> None:
        nonlocal last
        job.progress_done, job.progress_total = done_bytes, total_bytes
        if time.monotonic() - last >= EXTEND_SECONDS:
            last = time.monotonic()
            _progress(job, f"Reading: {staging.rows_read:,} lines", on_progress)

    with local_file(job.blob.path) as path:
        reader = open_reader(path, max_line_bytes=settings.MAX_LINE_BYTES, max_bytes=settings.MAX_IMPORT_BYTES)
        with reader.source:
            staging.read(reader, on_chunk)


def _progress(job: Import, note: str, on_progress: OnProgress | None) -> None:
    """Renew the lease. Raises Cancelled when the row is no longer ours."""
    if not job.extend(done=job.progress_done, total=job.progress_total, note=note):
        raise Cancelled
    job.progress_note = note
    if on_progress is not None:
        on_progress(job)


def _commit(
    job: Import, connection: duckdb.DuckDBPyConnection, staging: Staging, prepared: Prepared, folder: Path, began: float
) -> None:
    """The one transaction: everything of the import, or nothing."""
    detector = job.detector
    with transaction.atomic():
        lock_detector(detector.pk)
        lock_sightings()
        if not job.extend(done=job.progress_total, total=job.progress_total, note="Committing"):
            raise Cancelled
        if prepared.position != position(detector) or prepared.restricted != restricted_accounts():
            prepared = prepare(connection, detector, folder, source=f"import {job.pk}")
        rejects_path = write_rejects(connection, folder)
        outcome = commit_segment(connection, detector, prepared, folder)
        keep_revisions(connection, detector)
        figures = _figures(connection, staging, prepared, outcome)
        seconds = round(time.monotonic() - began, 3)
        Import.objects.filter(pk=job.pk).update(
            **figures,
            segment=outcome.segment,
            rejects_path=rejects_path,
            refusals_by_reason=_reasons(connection, prepared),
            seconds=seconds,
        )
        if not job.finish("done"):
            raise Cancelled
        Detector.objects.filter(pk=detector.pk).update(last_signal_at=timezone.now())
        actor = Actor("machine", None, f"import {job.pk}")
        record_event(
            actor=actor,
            verb="ingest.import_folded",
            target=job,
            data={
                **figures,
                "detector": detector.slug,
                "seconds": seconds,
                "excerpts_dropped": prepared.excerpts_dropped,
            },
        )


def _figures(
    connection: duckdb.DuckDBPyConnection, staging: Staging, prepared: Prepared, outcome: Outcome
) -> dict[str, int]:
    """What became of the rows, by the columns of the import."""
    duplicates, revised = figure(
        connection,
        "SELECT count(*) FILTER (WHERE status = 'duplicate'), count(*) FILTER (WHERE status = 'revision') FROM verdict",
    )
    return {
        "rows_read": staging.rows_read,
        "rows_accepted": prepared.rows,
        "rows_duplicate": duplicates,
        "rows_revised": revised,
        "rows_refused": staging.rows_refused,
        "rows_context": prepared.context_rows,
        "alerts_created": outcome.folded.alerts_created,
        "alerts_touched": outcome.folded.alerts_touched,
        "accounts_created": outcome.folded.accounts_created,
    }


def _reasons(connection: duckdb.DuckDBPyConnection, prepared: Prepared) -> dict[str, int]:
    """How many lines were refused for each reason, and how many excerpts content terms kept out."""
    found = connection.execute(
        "SELECT split_part(reason, ': ', 1) AS kind, count(*) FROM rejects GROUP BY kind ORDER BY kind"
    ).fetchall()
    return dict(found) | ({EXCERPT_DROPPED: prepared.excerpts_dropped} if prepared.excerpts_dropped else {})
