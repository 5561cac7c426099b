"""Detectors: health, tokens, rules; registering one, issuing and revoking."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from enforcement.audit.errors import not_found
from enforcement.ingest.selectors import detector_figures, list_imports
from enforcement.reports.selectors import detector_health
from enforcement.signals.models import DetectorToken
from enforcement.signals.selectors import get_detector
from enforcement.signals.services import issue_token, register_detector, revoke_detector, revoke_token
from enforcement.staff.matrix import Permission, can, require
from enforcement.web.forms.acts import ActForm, bound
from enforcement.web.forms.sources import DetectorForm
from enforcement.web.middleware import actor_of
from enforcement.web.shaping.confirming import Ask, asked, done


@require_GET
def detectors(request: HttpRequest) -> HttpResponse:
    """Every detector with its health."""
    viewer = actor_of(request)
    rows = detector_health(viewer)
    context = {"rows": rows, "may_edit": can(viewer, Permission.DETECTOR_EDIT)}
    return render(request, "web/detectors/list.html", context)


@require_GET
def detector(request: HttpRequest, slug: str) -> HttpResponse:
    """One detector: what it sent, its tokens, its rules."""
    viewer = actor_of(request)
    view = get_detector(viewer, slug=slug)
    health = next(row for row in detector_health(viewer) if row.detector.pk == view.detector.pk)
    figures = detector_figures(viewer, detector=view.detector)
    may_import = can(viewer, Permission.IMPORT_VIEW)
    alerts_url = f"/alerts/?view=all&detector={slug}" if can(viewer, Permission.ALERT_VIEW) else ""
    imports_url = f"/imports/?detector={slug}" if may_import else ""
    tiles = [
        {"label": "Signals", "figure": f"{view.signals:,}", "note": f"{view.posted:,} not yet in a segment"},
        {"label": "Alerts", "figure": f"{figures.alerts:,}", "note": "opened by its files", "url": alerts_url},
        {"label": "Duplicates", "figure": f"{figures.duplicates:,}", "note": "known, counted once", "url": imports_url},
        {"label": "Revised", "figure": f"{view.revisions:,}", "note": "same reference, new body"},
        {
            "label": "Refused lines", "figure": f"{figures.refused:,}", "url": imports_url,
            "note": f"of {figures.read:,} read", "tone": "warn" if figures.refused else "",
        },
    ]  # fmt: skip
    context = {
        "view": view,
        "detector": view.detector,
        "health": health,
        "tiles": tiles,
        "tokens": view.detector.tokens.select_related("created_by"),
        "imports": list_imports(viewer, detector=slug, size=6).rows if may_import else [],
        "may_edit": can(viewer, Permission.DETECTOR_EDIT),
    }
    return render(request, "web/detectors/detail.html", context)


@require_http_methods(["GET", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """Register a detector."""
    viewer = actor_of(request)
    require(viewer, Permission.DETECTOR_EDIT)
    form = bound(DetectorForm, request, initial={"state": "reporting"})
    if request.method == "POST" and form.is_valid():
        given = {name: value for name, value in form.cleaned_data.items() if name not in ("version", "confirm_void")}
        made = form.attempt(lambda: register_detector(viewer, **{**given, "meters": given["meters"] or None}))
        if made is not None:
            return done(request, f"{made.slug} registered. Issue its token.", reverse("web:detector", args=[made.slug]))
    return render(request, "web/detectors/new.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def issue(request: HttpRequest, slug: str) -> HttpResponse:
    """Issue a token; its secret is on this answer and nowhere else."""
    viewer = actor_of(request)
    require(viewer, Permission.DETECTOR_EDIT)
    view = get_detector(viewer, slug=slug)
    if request.method == "GET":
        ask = Ask(
            question=f"Issue a token for {slug}",
            text="Whoever holds it can post signals as this detector, and nothing else. The secret is shown once.",
            submit="Issue a token",
            keep="Not now",
            back_url=reverse("web:detector", args=[slug]),
            ref=slug,
        )
        return asked(request, ask)
    token, secret = issue_token(viewer, detector=view.detector)
    answer = render(request, "web/detectors/issued.html", {"detector": view.detector, "token": token, "secret": secret})
    answer["Cache-Control"] = "no-store"
    return answer


@require_http_methods(["GET", "POST"])
def revoke(request: HttpRequest, slug: str, token_id: int) -> HttpResponse:
    """Revoke one token, after saying what follows."""
    viewer = actor_of(request)
    require(viewer, Permission.DETECTOR_EDIT)
    token = DetectorToken.objects.filter(pk=token_id, detector__slug=slug).first()
    if token is None:
        raise not_found("token", token_id)
    back = reverse("web:detector", args=[slug])
    if request.method == "POST":
        revoke_token(viewer, token_id=token_id)
        return done(request, f"Token {token.prefix}… of {slug} is revoked", back)
    ask = Ask(
        question=f"Revoke token {token.prefix}… of {slug}",
        text="Whatever still uses it is refused from now on, with the reason. It cannot be taken back; issue a new one.",
        submit="Revoke the token",
        keep="Leave it active",
        back_url=back,
        danger=True,
        ref=slug,
    )
    return asked(request, ask)


@require_http_methods(["GET", "POST"])
def revoke_whole(request: HttpRequest, slug: str) -> HttpResponse:
    """Take no more signals from a detector."""
    viewer = actor_of(request)
    require(viewer, Permission.DETECTOR_EDIT)
    view = get_detector(viewer, slug=slug)
    back = reverse("web:detector", args=[slug])
    form = bound(ActForm, request)
    if (
        request.method == "POST"
        and form.is_valid()
        and form.attempt(lambda: revoke_detector(viewer, slug=slug)) is not None
    ):
        return HttpResponseRedirect(back)
    ask = Ask(
        question=f"Revoke {slug}",
        text=f"It posts nothing more and its tokens stop. Its {view.signals:,} signals and their alerts stay. "
        "It cannot be taken back; register a new one.",
        submit=f"Revoke {slug}",
        keep="Leave it",
        back_url=back,
        danger=True,
        ref=slug,
    )
    return asked(request, ask, form)
