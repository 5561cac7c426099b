"""Which view shows which part of a case."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase

from enforcement.web.views import case_attribution, case_evidence, case_subjects, case_work, workspace

TABS: dict[str, Callable[[HttpRequest, str], HttpResponse]] = {
    "subjects": case_subjects.subjects,
    "alerts": workspace.alerts,
    "evidence": case_evidence.evidence,
    "attribution": case_attribution.attribution,
    "tasks": case_work.tasks,
    "notes": case_work.notes,
    "timeline": workspace.timeline,
    "decisions": workspace.decisions,
    "actions": workspace.actions,
    "packets": workspace.packets,
    "history": workspace.history,
}


def case_tab(request: HttpRequest, ref: str, tab: str) -> HttpResponseBase:
    """A part of a case page."""
    if tab not in TABS:
        raise Http404(f"A case has no part called {tab}.")
    return TABS[tab](request, ref)
