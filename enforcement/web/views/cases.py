"""The list of cases, and opening one by hand."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from enforcement.cases.selectors import list_cases
from enforcement.cases.services import open_case
from enforcement.staff.matrix import Permission, can, require
from enforcement.web.forms.acts import bound
from enforcement.web.forms.cases import CaseFilters, OpenCase
from enforcement.web.middleware import actor_of
from enforcement.web.shaping.confirming import done
from enforcement.web.shaping.lists import chips_of, cleaned, cursor_of, paged
from enforcement.web.templatetags.addresses import changed_query


@require_GET
def cases(request: HttpRequest) -> HttpResponse:
    """Cases, newest first; open ones unless the address asks otherwise."""
    viewer = actor_of(request)
    require(viewer, Permission.CASE_VIEW)
    form = CaseFilters(request.GET, viewer=viewer)
    asked = cleaned(form)
    state = asked["state"] if "state" in request.GET else "open"
    page = list_cases(viewer, state=state or None, assignee=asked["assignee"], q=asked["q"], cursor=cursor_of(request))
    mine = viewer.person_id
    views: tuple[tuple[str, dict[str, object], bool], ...] = (
        ("Open", {"state": "open", "assignee": None}, state == "open" and asked["assignee"] is None),
        ("Mine", {"state": "open", "assignee": mine}, state == "open" and asked["assignee"] == mine),
        ("In review", {"state": "in_review", "assignee": None}, state == "in_review"),
        ("Approved", {"state": "approved", "assignee": None}, state == "approved"),
        ("Closed", {"state": "closed", "assignee": None}, state == "closed"),
        ("All", {"state": "", "assignee": None}, not state and asked["assignee"] is None),
    )
    context = paged(request, page) | {
        "tabs": [{"title": title, "url": _view_url(request, change), "here": here} for title, change, here in views],
        "chips": chips_of(form, quiet=("state",)),
        "filter_form": form,
        "clear_url": changed_query(request.GET, q=None, assignee=None),
        "may_open": can(viewer, Permission.CASE_OPEN),
        "state": state,
    }
    return render(request, "web/cases/list.html", context)


def _view_url(request: HttpRequest, change: dict[str, object]) -> str:
    """A saved view: `state=` stays in the address when it means all."""
    url = changed_query(request.GET, **change)
    return url if change["state"] else f"{url}{'' if url == '?' else '&'}state="


def case_new(request: HttpRequest) -> HttpResponse:
    """Open a case."""
    viewer = actor_of(request)
    require(viewer, Permission.CASE_OPEN)
    wanted = {"cluster": request.GET.get("cluster", ""), "title": request.GET.get("title", "")}
    form = bound(OpenCase, request, viewer=viewer, initial=wanted)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        pinned = form.versions.get(data["policy_version"])
        case = form.attempt(
            lambda: open_case(
                viewer, title=data["title"], why=data["why"], cluster=data["cluster"], policy_version=pinned,
                severity=data["severity"],
            )
        )  # fmt: skip
        if case is not None:
            return done(request, f"{case.ref} is open", reverse("web:case", args=[case.ref]))
    return render(request, "web/cases/new.html", {"form": form}, status=422 if form.errors else 200)
