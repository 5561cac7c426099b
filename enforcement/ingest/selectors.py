"""Reads of imports and of what they refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db.models import Count, Sum

from enforcement.audit.actors import Actor
from enforcement.audit.errors import Refusal, not_found
from enforcement.audit.paging import Page, page_of
from enforcement.ingest.models import Import
from enforcement.ingest.rejects import read_rejects
from enforcement.ingest.running import finished_before
from enforcement.signals.blobs import local_file
from enforcement.signals.models import Detector
from enforcement.staff.matrix import Permission, Scope, can, require

FIGURES = (
    "rows_read",
    "rows_accepted",
    "rows_duplicate",
    "rows_revised",
    "rows_refused",
    "rows_context",
    "alerts_created",
    "alerts_touched",
    "accounts_created",
)


@dataclass(frozen=True, slots=True)
class DetectorFigures:
    """What a detector's imports came to, over all that finished."""

    imports: int
    read: int
    accepted: int
    duplicates: int
    revised: int
    refused: int
    alerts: int


def list_imports(
    viewer: Actor, *, detector: str | None = None, state: str | None = None, cursor: str = "", size: int = 50
) -> Page[Import]:
    """Imports, newest first."""
    require(viewer, Permission.IMPORT_VIEW)
    found = Import.objects.select_related("detector", "blob", "segment", "same_as")
    if detector:
        found = found.filter(detector__slug=detector)
    if state:
        found = found.filter(state=state)
    return page_of(found, order=("-id",), cursor=cursor, size=size)


def get_import(viewer: Actor, *, import_id: int) -> Import:
    """One import with its detector, blob and segment. A token sees its own detector's. Raises Refusal (403, 404)."""
    job = Import.objects.select_related("detector", "blob", "segment", "same_as").filter(pk=import_id).first()
    if viewer.kind == "machine":
        if job is None or not can(viewer, Permission.SIGNAL_POST, Scope(detector_id=job.detector_id)):
            raise not_found("import", import_id)
        return job
    require(viewer, Permission.IMPORT_VIEW)
    if job is None:
        raise not_found("import", import_id)
    return job


def same_finished(viewer: Actor, *, job: Import) -> Import | None:
    """The import that finished with the same file before this one, if any. Raises Refusal (403, 404) as `get_import`."""
    get_import(viewer, import_id=job.pk)
    return finished_before(job)


def list_rejects(viewer: Actor, *, import_id: int, offset: int = 0, size: int = 100) -> list[dict[str, Any]]:
    """Refused lines of an import: {line, column, value, reason, code}, by line. `size` at most 1,000."""
    job = get_import(viewer, import_id=import_id)
    if not job.rejects_path:
        return []
    return read_rejects(job.rejects_path, offset=max(0, offset), size=max(1, min(size, 1000)))


@contextmanager
def open_rejects_file(viewer: Actor, *, import_id: int) -> Iterator[Path]:
    """The rejects file (NDJSON) of an import while the context lasts. Raises Refusal (404) when nothing was refused."""
    job = get_import(viewer, import_id=import_id)
    if not job.rejects_path:
        raise Refusal("import.no_rejects", f"Import {import_id} refused nothing.", status=404)
    with local_file(job.rejects_path) as path:
        yield path


def import_figures(job: Import) -> dict[str, Any]:
    """An import as figures: one JSON object for commands and REST."""
    return {
        "id": job.pk,
        "detector": job.detector.slug,
        "filename": job.filename,
        "sha256": job.blob.sha256,
        "bytes": job.blob.bytes,
        "state": job.state,
        "failure": job.failure,
        "same_as": job.same_as_id,
        **{name: getattr(job, name) for name in FIGURES},
        "refusals_by_reason": job.refusals_by_reason,
        "segment_sha256": job.segment.sha256 if job.segment else None,
        "progress": {"done": job.progress_done, "total": job.progress_total, "note": job.progress_note},
        "seconds": job.seconds,
    }


def detector_figures(viewer: Actor, *, detector: Detector) -> DetectorFigures:
    """Sums over a detector's finished imports."""
    require(viewer, Permission.DETECTOR_VIEW)
    sums = Import.objects.filter(detector=detector, state="done").aggregate(
        imports=Count("id"),
        read=Sum("rows_read", default=0),
        accepted=Sum("rows_accepted", default=0),
        duplicates=Sum("rows_duplicate", default=0),
        revised=Sum("rows_revised", default=0),
        refused=Sum("rows_refused", default=0),
        alerts=Sum("alerts_created", default=0),
    )
    return DetectorFigures(**sums)
