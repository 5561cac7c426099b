"""What may be done with imports: receive, run, cancel, retry; and one signal by itself (`post_signal`)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePath
from typing import BinaryIO

import structlog
from django.db import DataError, transaction

from enforcement.audit.actors import SYSTEM, Actor
from enforcement.audit.errors import Refusal, not_found
from enforcement.audit.services import record_event
from enforcement.ingest.compaction import compact_all_posted, compact_posted
from enforcement.ingest.idempotency import check_key, created_before, keep_key
from enforcement.ingest.models import Import
from enforcement.ingest.posting import PostedResult, post_signal
from enforcement.ingest.running import Cancelled, fold_import
from enforcement.signals.blobs import store_blob
from enforcement.signals.models import Detector
from enforcement.staff.matrix import Permission, Scope, can, require

__all__ = [
    "PostedResult",
    "cancel_import",
    "compact_all_posted",
    "compact_posted",
    "fail_import",
    "post_signal",
    "receive_import",
    "retry_import",
    "run_import",
    "run_or_fail",
]

FORMAT = "ndjson"
MAPPING_VERSION = 1
log = structlog.get_logger(__name__)
OnProgress = Callable[[Import], None]


def receive_import(
    actor: Actor, *, detector: Detector, stream: BinaryIO | Path, filename: str, idempotency_key: str = ""
) -> Import:
    """Keep a file whole and queue its import; the event wakes the worker.

    `stream` is read once, in pieces. A machine token may send for its own detector, people need `import.create`. Raises
    Refusal: not permitted, a revoked detector, a file that vanished, is a folder or is too large, an `idempotency_key`
    that stands for other bytes. What the file holds is judged when the import runs.
    """
    if not can(actor, Permission.SIGNAL_POST, Scope(detector_id=detector.pk)):
        require(actor, Permission.IMPORT_CREATE)
    refuse_revoked(detector)
    check_key(idempotency_key)
    blob = store_blob(stream, media_type="application/x-ndjson")
    with transaction.atomic():
        earlier = created_before(actor, key=idempotency_key, detector=detector, blob=blob)
        if earlier is not None:
            return earlier
        job = Import.objects.create(
            detector=detector,
            blob=blob,
            filename=PurePath(filename.replace("\\", "/")).name[:255] or "unnamed",
            format=FORMAT,
            mapping_version=MAPPING_VERSION,
            received_by=actor.label[:200],
            progress_total=blob.bytes,
        )
        keep_key(actor, key=idempotency_key, created=job)
        record_event(
            actor=actor,
            verb="ingest.import_received",
            target=job,
            data={"detector": detector.slug, "filename": job.filename, "bytes": blob.bytes, "sha256": blob.sha256},
        )
    return job


def refuse_revoked(detector: Detector) -> None:
    """Raise Refusal (403) when nothing more may come from this detector."""
    if detector.state == "revoked":
        raise Refusal(
            "detector.revoked",
            f"The detector {detector.slug} is revoked: it takes no more signals. Register a new one.",
            status=403,
        )


def run_import(import_id: int, *, on_progress: OnProgress | None = None) -> Import:
    """Carry one import to its end. Safe to call twice, at once or after a crash: whoever claims the row runs it.

    Gives the row as it stands afterwards: `done`, or `failed` with the reason in words. Faults that are not the file's
    are raised, with the row left to be failed by `fail_import` or taken over when its lease runs out.
    """
    job = Import.claim(import_id)
    if job is None:
        return Import.objects.select_related("detector", "blob").get(pk=import_id)
    try:
        refuse_revoked(job.detector)
        fold_import(job, on_progress=on_progress)
    except Refusal as refusal:
        fail_import(job, refusal.message, code=refusal.code)
    except DataError as error:
        log.warning("import_out_of_range", import_id=job.pk, failure=str(error))
        fail_import(
            job, "A sum would pass what the database can hold. Check the counts in this file.", code="import.range"
        )
    except Cancelled:
        log.info("import_left", import_id=job.pk)
    return Import.objects.select_related("detector", "blob", "segment").get(pk=import_id)


def run_or_fail(import_id: int, *, on_progress: OnProgress | None = None) -> Import:
    """`run_import` at the boundary of a task or command: a fault of ours is logged and kept on the row, then raised."""
    try:
        return run_import(import_id, on_progress=on_progress)
    except Exception as error:
        log.exception("import_fault", import_id=import_id)
        kind = type(error).__name__
        fail_import(
            Import.objects.get(pk=import_id),
            f"The import stopped on a fault of the program ({kind}). Nothing of it landed. It can be tried again.",
        )
        raise


def fail_import(job: Import, failure: str, *, code: str = "import.fault") -> None:
    """Mark a running import that is ours as failed, with the reason."""
    with transaction.atomic():
        if job.finish("failed", failure=failure):
            record_event(actor=SYSTEM, verb="ingest.import_failed", target=job, reason=failure, data={"code": code})


def _own(actor: Actor, import_id: int) -> Import:
    job = Import.objects.select_for_update().filter(pk=import_id).first()
    if job is None:
        raise not_found("import", import_id)
    if not can(actor, Permission.SIGNAL_POST, Scope(detector_id=job.detector_id)):
        require(actor, Permission.IMPORT_CREATE)
    return job


def cancel_import(actor: Actor, *, import_id: int) -> Import:
    """Stop an import that is queued or running; nothing of it lands. Raises Refusal when it is over."""
    with transaction.atomic():
        job = _own(actor, import_id)
        if not Import.objects.filter(pk=job.pk, state__in=("queued", "running")).update(
            state="cancelled", lease_until=None
        ):
            raise Refusal("import.state", f"Import {job.pk} is {job.state}: there is nothing left to cancel.")
        record_event(actor=actor, verb="ingest.import_cancelled", target=job)
    job.refresh_from_db()
    return job


def retry_import(actor: Actor, *, import_id: int) -> Import:
    """Queue a failed import again; its bytes are still here. Raises Refusal for one that did not fail."""
    with transaction.atomic():
        job = _own(actor, import_id)
        if not Import.objects.filter(pk=job.pk, state="failed").update(state="queued", failure="", finished_at=None):
            raise Refusal("import.state", f"Import {job.pk} is {job.state}: only a failed import can be tried again.")
        record_event(
            actor=actor,
            verb="ingest.import_received",
            target=job,
            reason="tried again",
            data={"detector": job.detector.slug, "filename": job.filename},
        )
    job.refresh_from_db()
    return job
