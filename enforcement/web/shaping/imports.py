"""One import as its page shows it: progress in words, steps, figures that link."""

from typing import Any

from enforcement.ingest.models import Import
from enforcement.web.templatetags.figures import counted, percent, size
from enforcement.web.templatetags.shell import Step
from enforcement.web.templatetags.times import span_words

REASON_WORDS = {
    "not_json": "Not JSON",
    "too_long": "Line too long",
    "missing": "Field missing",
    "future": "Time in the future",
}


def job_of(job: Import) -> dict[str, Any]:
    """What the progress component shows."""
    words = {
        "queued": "Waiting for the worker. Nothing counts until the last step ends.",
        "running": job.progress_note or "Safe to stop at any point: nothing counts until the last step ends.",
        "done": f"{counted(job.rows_read, 'line')} in {job.seconds:.1f} s",
        "cancelled": "Cancelled; nothing of it landed.",
    }
    return {
        "id": job.pk,
        "title": job.filename,
        "kind": "import",
        "state": job.state,
        "done": job.progress_done,
        "total": job.progress_total or None,
        "words": words.get(job.state, ""),
        "failure": job.failure,
    }


def steps_of(job: Import) -> list[Step]:
    """Received, reading and checking, counting into alerts, done: where it stands."""
    names = ("Received", "Reading and checking", "Counted into alerts")
    notes = (size(job.blob.bytes), "", "one transaction")
    at = {"queued": 1, "running": 1, "done": 3}.get(job.state, 1)
    steps = []
    for position, (name, note) in enumerate(zip(names, notes, strict=True)):
        if position < at:
            steps.append(Step(name, "done", "tick", note=note))
        elif position == at and job.state in ("queued", "running"):
            said = f"{percent(job.progress_done / job.progress_total)}" if job.progress_total else ""
            steps.append(Step(name, "now", "full", note=said if job.state == "running" else "queued"))
        elif position == at:
            steps.append(Step(name, "now", "cross", "warn", "failed" if job.state == "failed" else "cancelled"))
        else:
            steps.append(Step(name, "ahead", "ring", note=note))
    return steps


def tiles_of(job: Import, *, may_see_alerts: bool) -> list[dict[str, Any]]:
    """What became of the lines."""
    alerts = f"/alerts/?view=all&detector={job.detector.slug}" if may_see_alerts else ""
    share = job.rows_refused / job.rows_read if job.rows_read else 0
    return [
        {
            "label": "Accepted", "figure": f"{job.rows_accepted:,}", "url": alerts,
            "note": f"{job.alerts_touched:,} alerts, {job.alerts_created:,} of them new",
        },
        {"label": "Context records", "figure": f"{job.rows_context:,}", "note": "sightings, never an alert"},
        {"label": "Duplicates", "figure": f"{job.rows_duplicate:,}", "note": "known, counted once"},
        {"label": "Revised", "figure": f"{job.rows_revised:,}", "note": "same reference, new body"},
        {
            "label": "Refused", "figure": f"{job.rows_refused:,}", "url": "#refused" if job.rows_refused else "",
            "note": f"{percent(share, 3)} of lines" if job.rows_refused else "every line was read",
            "tone": "warn" if job.rows_refused else "",
        },
    ]  # fmt: skip


def facts_of(job: Import) -> list[dict[str, Any]]:
    """The file's standing facts."""
    rows: list[dict[str, Any]] = [
        {"term": "Kept as", "value": f"sha256 {job.blob.sha256[:16]}…", "mono": True},
        {"term": "Size", "value": size(job.blob.bytes)},
        {"term": "Format", "value": "NDJSON, found by content"},
        {"term": "Detector", "value": job.detector.slug, "url": f"/detectors/{job.detector.slug}/"},
        {"term": "Accounts", "value": f"{job.accounts_created:,} new"},
    ]
    if job.segment is not None:
        rows.append({"term": "Segment", "value": f"sha256 {job.segment.sha256[:16]}…", "mono": True})
    if job.started_at and job.finished_at:
        rows.append({"term": "Took", "value": span_words(job.finished_at - job.started_at)})
    return rows


def reasons_of(job: Import) -> list[dict[str, Any]]:
    """Refused lines by reason, most first."""
    known: dict[str, int] = job.refusals_by_reason if isinstance(job.refusals_by_reason, dict) else {}
    rows = sorted(known.items(), key=lambda pair: (-pair[1], pair[0]))
    return [{"words": reason_words(code), "count": count} for code, count in rows]


def reason_words(code: str) -> str:
    """A refusal's code in words."""
    return REASON_WORDS.get(code, code.rpartition(".")[2].replace("_", " ").capitalize())
