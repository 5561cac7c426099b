"""Imports: the list, sending a file, one import with live progress and its refused lines."""

from typing import Any

from django import forms
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from enforcement.audit.jobs import JOB_STATES
from enforcement.ingest.models import Import
from enforcement.ingest.selectors import get_import, list_imports, list_rejects, open_rejects_file
from enforcement.ingest.services import cancel_import, receive_import, retry_import
from enforcement.signals.models import Detector
from enforcement.signals.selectors import detector_named
from enforcement.staff.matrix import Permission, can, require
from enforcement.web.forms.acts import bound
from enforcement.web.forms.sources import ImportForm
from enforcement.web.middleware import actor_of
from enforcement.web.shaping.confirming import done
from enforcement.web.shaping.imports import facts_of, job_of, reasons_of, steps_of, tiles_of
from enforcement.web.shaping.lists import chips_of, cleaned, cursor_of, paged
from enforcement.web.templatetags.addresses import changed_query
from enforcement.web.templatetags.states import look_of

REJECTS_A_PAGE = 100


class ImportFilters(forms.Form):
    """Filters of the list."""

    detector = forms.ChoiceField(label="Detector", required=False)
    state = forms.ChoiceField(
        label="State",
        required=False,
        choices=[("", "Any"), *((one, look_of("job", one).word) for one in JOB_STATES.states)],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        slugs = Detector.objects.order_by("slug").values_list("slug", flat=True)
        self.fields["detector"].choices = [("", "Any"), *((slug, slug) for slug in slugs)]  # type: ignore[attr-defined]


@require_GET
def imports(request: HttpRequest) -> HttpResponse:
    """Imports, newest first."""
    viewer = actor_of(request)
    require(viewer, Permission.IMPORT_VIEW)
    form = ImportFilters(request.GET)
    asked = cleaned(form)
    page = list_imports(
        viewer, detector=asked["detector"] or None, state=asked["state"] or None, cursor=cursor_of(request)
    )
    context = {
        **paged(request, page),
        "chips": chips_of(form),
        "filter_form": form,
        "may_create": can(viewer, Permission.IMPORT_CREATE),
    }
    return render(request, "web/imports/list.html", context)


@require_http_methods(["GET", "POST"])
def new_import(request: HttpRequest) -> HttpResponse:
    """Send a file: kept whole, then read by the worker."""
    viewer = actor_of(request)
    require(viewer, Permission.IMPORT_CREATE)
    form = bound(ImportForm, request, initial={"detector": request.GET.get("detector", "")})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        job = form.attempt(
            lambda: receive_import(
                viewer,
                detector=detector_named(given["detector"]),
                stream=given["file"].file,
                filename=given["file"].name,
            )
        )
        if job is not None:
            return done(request, f"{job.filename} received", reverse("web:import", args=[job.pk]))
    context = {"form": form, "detectors": Detector.objects.exclude(state="revoked").exists()}
    return render(request, "web/imports/new.html", context, status=422 if form.errors else 200)


@require_GET
def show_import(request: HttpRequest, import_id: int) -> HttpResponse:
    """One import: how far it is, what became of its lines, which were refused and why."""
    viewer = actor_of(request)
    job = get_import(viewer, import_id=import_id)
    raw = request.GET.get("offset", "0")
    offset = int(raw) if raw.isdecimal() and len(raw) < 12 else 0
    rejects = list_rejects(viewer, import_id=import_id, offset=offset, size=REJECTS_A_PAGE)
    end = offset + len(rejects)
    context = {
        **_live(request, job),
        "steps": steps_of(job),
        "tiles": tiles_of(job, may_see_alerts=can(viewer, Permission.ALERT_VIEW)),
        "facts": facts_of(job),
        "rejects": rejects,
        "reasons": reasons_of(job),
        "earlier": list_imports(viewer, detector=job.detector.slug, size=6).rows,
        "newer_url": changed_query(request.GET, offset=max(0, offset - REJECTS_A_PAGE) or None) if offset else "",
        "older_url": changed_query(request.GET, offset=end) if end < job.rows_refused else "",
        "shown": f"{offset + 1:,} to {end:,} of {job.rows_refused:,}" if rejects else "",
    }
    return render(request, "web/imports/detail.html", context)


def _live(request: HttpRequest, job: Import) -> dict[str, Any]:
    running = job.state in ("queued", "running")
    may = can(actor_of(request), Permission.IMPORT_CREATE)
    return {
        "imported": job,
        "job": job_of(job),
        "poll_url": reverse("web:import_progress", args=[job.pk]) if running else "",
        "cancel_url": reverse("web:import_cancel", args=[job.pk]) if running and may else "",
        "retry_url": reverse("web:import_retry", args=[job.pk]) if job.state == "failed" and may else "",
    }


@require_GET
def progress(request: HttpRequest, import_id: int) -> HttpResponse:
    """The live part alone; once over, the whole page is asked for, so that counts and refused lines appear."""
    job = get_import(actor_of(request), import_id=import_id)
    answer = render(request, "web/imports/live.html", _live(request, job) | {"steps": steps_of(job)})
    if job.state not in ("queued", "running"):
        answer["HX-Refresh"] = "true"
    return answer


@require_GET
def refused_file(request: HttpRequest, import_id: int) -> FileResponse:
    """The refused lines as NDJSON."""
    with open_rejects_file(actor_of(request), import_id=import_id) as path:
        stream = path.open("rb")
    return FileResponse(
        stream, as_attachment=True, filename=f"import-{import_id}-refused.ndjson", content_type="application/x-ndjson"
    )


@require_POST
def cancel(request: HttpRequest, import_id: int) -> HttpResponse:
    """Stop an import; nothing of it lands."""
    job = cancel_import(actor_of(request), import_id=import_id)
    return done(request, f"IM-{job.pk} cancelled; nothing of it landed", reverse("web:import", args=[job.pk]))


@require_POST
def retry(request: HttpRequest, import_id: int) -> HttpResponse:
    """Queue a failed import again."""
    job = retry_import(actor_of(request), import_id=import_id)
    return done(request, f"IM-{job.pk} queued again", reverse("web:import", args=[job.pk]))
