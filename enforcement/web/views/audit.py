"""The audit: events with filters, the rows each changed, the seal over both."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from enforcement.audit.selectors import get_event, last_seal, list_events, list_history
from enforcement.cases.selectors import case_by_ref
from enforcement.staff.matrix import Permission, require
from enforcement.web.forms.settings import AuditFilters
from enforcement.web.middleware import actor_of
from enforcement.web.shaping.events import told
from enforcement.web.shaping.lists import chips_of, cleaned, cursor_of, paged
from enforcement.web.shaping.rows import readable

STAGES = (
    "signals",
    "ingest",
    "accounts",
    "alerts",
    "cases",
    "evidence",
    "decisions",
    "actions",
    "packets",
    "policies",
    "staff",
    "audit",
)


@require_GET
def audit(request: HttpRequest) -> HttpResponse:
    """Events, newest first."""
    viewer = actor_of(request)
    require(viewer, Permission.AUDIT_VIEW)
    form = AuditFilters(request.GET)
    asked = cleaned(form)
    kind, _, number = asked["actor"].partition(":")
    record, _, record_id = asked["target"].rpartition(":")
    page = list_events(
        viewer,
        case=case_by_ref(viewer, ref=asked["case"]) if asked["case"] else None,
        target=(record, int(record_id)) if record else None,
        actor=(kind, int(number) if number else None) if kind else None,
        verb=asked["verb"].strip(),
        cursor=cursor_of(request),
    )
    context = paged(request, page) | {
        "events": [told(row) for row in page.rows], "chips": chips_of(form), "filter_form": form,
        "seal": last_seal(viewer), "stages": STAGES, "verb": asked["verb"],
    }  # fmt: skip
    return render(request, "web/audit/list.html", context)


@require_GET
def event(request: HttpRequest, event_id: int) -> HttpResponse:
    """One event, and the rows that its transaction wrote."""
    viewer = actor_of(request)
    row = get_event(viewer, event_id=event_id)
    page = list_history(viewer, xid=row.xid, cursor=cursor_of(request))
    context = paged(request, page) | {"event": row, "told": told(row), "rows": [readable(one) for one in page.rows]}
    return render(request, "web/audit/event.html", context)
