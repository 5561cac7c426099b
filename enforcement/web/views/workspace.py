"""One case: what every part of its page shares, and the parts that only read."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from enforcement.actions.selectors import list_case_actions
from enforcement.cases.models import Case
from enforcement.cases.selectors import (
    case_days,
    case_timeline,
    cited_clauses,
    find_case,
    get_case,
    list_assignments,
    list_attributions,
    list_case_alerts,
    rows_changed,
    state_times,
)
from enforcement.cases.states import SHUT
from enforcement.decisions.selectors import rounds_of
from enforcement.evidence.selectors import basis_of
from enforcement.packets.selectors import list_packets
from enforcement.reports.selectors.cases import case_counts
from enforcement.staff.matrix import Permission, can
from enforcement.web.middleware import actor_of
from enforcement.web.shaping.cases import acts_of, guard_of, step_notes, tab_url, tabs_of, tiles_of
from enforcement.web.shaping.events import feed_of, history_of
from enforcement.web.shaping.lists import cursor_of, paged
from enforcement.web.shaping.timelines import case_chart


def case_of(request: HttpRequest, ref: str, permission: Permission = Permission.CASE_VIEW) -> Case:
    """The case named in the address, authorized."""
    return find_case(actor_of(request), ref=ref, permission=permission)


def frame(request: HttpRequest, ref: str, here: str) -> dict[str, Any]:
    """The context that every tab of a case shares."""
    viewer = actor_of(request)
    view = get_case(viewer, ref=ref)
    case = view.case
    head, more = acts_of(view, viewer)
    clusters = [link.cluster for link in case.case_clusters.select_related("cluster__points_to").order_by("id")]
    return {
        "view": view,
        "case": case,
        "clusters": clusters,
        "clauses": [clause.number for clause in cited_clauses(viewer, case=case)],
        "step_notes": step_notes(view, state_times(viewer, case=case), view.counts["decisions"]),
        "guard": guard_of(view),
        "tiles": tiles_of(view),
        "tabs": tabs_of(view, viewer, here=here, extra=case_counts(viewer, case=case)),
        "acts": head,
        "more_acts": more,
        "read_only": case.state in SHUT,
        "tab_here": here,
    }


def show(request: HttpRequest, ref: str, here: str, more: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Render a tab of a case."""
    template = f"web/cases/{here or 'overview'}.html"
    return render(request, template, frame(request, ref, here) | more, status=status)


def attributions_of(request: HttpRequest, case: Case, *, withdrawn_too: bool = False) -> list[dict[str, Any]]:
    """Organizations of the case with the exhibits each rests on."""
    viewer = actor_of(request)
    rows = list_attributions(viewer, case=case, withdrawn_too=withdrawn_too)
    may = can(viewer, Permission.EVIDENCE_VIEW)
    return [{"row": row, "basis": basis_of(viewer, attribution=row) if may else []} for row in rows]


@require_GET
def overview(request: HttpRequest, ref: str) -> HttpResponse:
    """Why it was opened, its clusters, days, organizations and people."""
    viewer, case = actor_of(request), case_of(request, ref)
    events = case_timeline(viewer, case=case, size=6)
    more = {
        "chart": case_chart(case, case_days(viewer, case=case)),
        "attributions": attributions_of(request, case),
        "feed": feed_of(events.rows),
        "subjects_url": tab_url(ref, "subjects"),
    }
    return show(request, ref, "", more)


@require_GET
def alerts(request: HttpRequest, ref: str) -> HttpResponse:
    """Alerts grouped into the case, and why each is."""
    viewer, case = actor_of(request), case_of(request, ref, Permission.ALERT_VIEW)
    q = request.GET.get("q", "")
    page = list_case_alerts(viewer, case=case, q=q, cursor=cursor_of(request))
    return show(request, ref, "alerts", paged(request, page) | {"q": q})


@require_GET
def timeline(request: HttpRequest, ref: str) -> HttpResponse:
    """Days of conduct, and what happened since."""
    viewer, case = actor_of(request), case_of(request, ref)
    page = case_timeline(viewer, case=case, cursor=cursor_of(request))
    more = {"chart": case_chart(case, case_days(viewer, case=case), width=1030), "feed": feed_of(page.rows)}
    return show(request, ref, "timeline", paged(request, page) | more)


@require_GET
def history(request: HttpRequest, ref: str) -> HttpResponse:
    """Every event with the rows that it changed."""
    viewer, case = actor_of(request), case_of(request, ref)
    page = case_timeline(viewer, case=case, cursor=cursor_of(request))
    events = history_of(page.rows, rows_changed(viewer, case=case, events=page.rows))
    people = list_assignments(viewer, case=case)
    may = can(viewer, Permission.AUDIT_VIEW)
    return show(request, ref, "history", paged(request, page) | {"events": events, "people": people, "may_audit": may})


@require_GET
def decisions(request: HttpRequest, ref: str) -> HttpResponse:
    """Every round of proposing and deciding."""
    case = case_of(request, ref, Permission.DECISION_VIEW)
    return show(request, ref, "decisions", {"rounds": list(reversed(rounds_of(actor_of(request), case=case)))})


@require_GET
def actions(request: HttpRequest, ref: str) -> HttpResponse:
    """What was carried out, or is."""
    viewer = actor_of(request)
    case = case_of(request, ref, Permission.ACTION_VIEW)
    rounds = rounds_of(viewer, case=case) if can(viewer, Permission.DECISION_VIEW) else []
    waiting = [row for row in rounds if row.state == "approved"] if case.state == "approved" else []
    more = {
        "actions": list_case_actions(viewer, case=case), "waiting": waiting,
        "may_run": can(viewer, Permission.ACTION_RUN),
    }  # fmt: skip
    return show(request, ref, "actions", more)


@require_GET
def packets(request: HttpRequest, ref: str) -> HttpResponse:
    """Packets of the case."""
    viewer = actor_of(request)
    case = case_of(request, ref, Permission.PACKET_VIEW)
    page = list_packets(viewer, case=case, cursor=cursor_of(request))
    return show(request, ref, "packets", paged(request, page) | {"may_build": can(viewer, Permission.PACKET_BUILD)})
