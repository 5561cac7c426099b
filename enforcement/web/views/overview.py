"""The overview: what waits, how old it is, what thresholds opened, and whether the sources are well."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_GET

from enforcement.audit.actors import Actor
from enforcement.ingest.models import Import
from enforcement.policies.models import PolicyVersion
from enforcement.reports.selectors import overview as read_overview
from enforcement.reports.selectors.overview import AGES
from enforcement.signals.models import Detector, DetectorToken
from enforcement.staff.matrix import Permission, can
from enforcement.staff.models import Person
from enforcement.web.middleware import actor_of
from enforcement.web.shaping.imports import job_of
from enforcement.web.shaping.overview import backlog_groups, over_rows, tiles_of, work_rows


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """What `viewer` may see of it, by the matrix."""
    viewer = actor_of(request)
    found = read_overview(viewer)
    context: dict[str, Any] = {
        "found": found,
        "tiles": tiles_of(found),
        "work": work_rows(found),
        "age_heads": [_age_words(least, most) for least, most in AGES],
        "backlog": backlog_groups(found),
        "over": over_rows(found),
        "running": [{"job": job_of(job), "import": job} for job in found.imports if job.state in ("queued", "running")],
        "steps": checklist(viewer),
        "may_import": can(viewer, Permission.IMPORT_CREATE),
        "may_open_case": can(viewer, Permission.CASE_OPEN),
        "may_see_cases": can(viewer, Permission.CASE_VIEW),
    }
    return render(request, "web/overview/overview.html", context)


def _age_words(least: int, most: int | None) -> str:
    if most is None:
        return f"over {least} d"
    return f"under {most} d" if least == 0 else f"{least}–{most} d"


def checklist(viewer: Actor) -> list[dict[str, Any]]:
    """The next steps of an empty house, for who can take them; nothing once all are done."""
    if not can(viewer, Permission.STAFF_EDIT):
        return []
    imported = Import.objects.filter(state="done").exists()
    tokens = DetectorToken.objects.exists() or imported
    people = Person.objects.filter(is_active=True).exclude(pk=viewer.person_id or 0).exists()
    steps = [
        ("Register a detector", "What sends signals.", Detector.objects.exists(), "web:detector_new"),
        ("Issue its token", "So that it can post; files can also be sent by hand.", tokens, "web:detectors"),
        ("Publish your terms", "The clauses that findings and actions rest on.", PolicyVersion.objects.exists(), "web:policies"),
        ("Add people", "Triager, investigator, reviewer and enforcer at least: approval takes a second person.", people, "web:people"),
        ("Import a first file", "NDJSON, one signal a line.", imported, "web:import_new"),
    ]  # fmt: skip
    if all(done for _, _, done, _ in steps):
        return []
    return [{"title": title, "text": text, "done": done, "url": _address(url)} for title, text, done, url in steps]


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
