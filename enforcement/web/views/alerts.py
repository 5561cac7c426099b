"""The alert queue, one alert, and a sample of its signals."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from enforcement.alerts.models import Alert
from enforcement.alerts.selectors import AlertView, get_alert, last_day_seen, list_alerts, queue_counts, read_signals
from enforcement.alerts.states import ALERT_STATES
from enforcement.audit.paging import HEAD_LIMIT
from enforcement.cases.models import CaseAlert
from enforcement.cases.selectors.cases import visible_cases
from enforcement.reports.selectors.accounts import strongest_reasons
from enforcement.staff.matrix import Permission, can, require
from enforcement.staff.selectors import people_who_may
from enforcement.web.forms.alerts import AlertFilterForm
from enforcement.web.middleware import actor_of
from enforcement.web.shaping.alerts import SORTS, VIEWS, filters_of, row_of, view_of, why_grouped
from enforcement.web.shaping.days import spread, window
from enforcement.web.shaping.lists import chips_of, cleaned, cursor_of, paged
from enforcement.web.templatetags.addresses import changed_query
from enforcement.web.templatetags.figures import head_count, percent

KEYS = ((("j", "k"), "move"), (("x",), "select"), (("Enter",), "open"), (("e",), "escalate"), (("d",), "dismiss"))
ACTS = (
    {"value": "escalated", "words": "Escalate…", "key": "e", "primary": True},
    {"value": "dismissed", "words": "Dismiss…", "key": "d"},
    {"value": "duplicate", "words": "Duplicate…", "wide": True},
    {"value": "triaging", "words": "Take…"},
)


@require_GET
def alerts(request: HttpRequest) -> HttpResponse:
    """The queue: saved views as tabs, filters in the address, rows that can be ticked."""
    viewer = actor_of(request)
    require(viewer, Permission.ALERT_VIEW)
    form = AlertFilterForm(request.GET)
    asked = cleaned(form)
    view = view_of(request.GET)
    filters = filters_of(viewer, view, asked)
    sort = request.GET.get("sort") or ("-severity" if view in ("queue", "high") else "-last_seen")
    page = list_alerts(viewer, filters=filters, sort=sort, cursor=cursor_of(request))
    counts = queue_counts(viewer)
    days = window(last_day_seen())
    listed = paged(request, page)
    context = {
        **listed,
        "rows": [row_of(alert, days) for alert in page.rows],
        "queue_total": head_count(counts["queue"]),
        "tabs": [
            {"title": title, "url": f"?view={name}", "count": _tab_count(counts.get(name)), "here": name == view}
            for name, (title, _) in VIEWS.items()
        ],
        "view": view,
        "chips": chips_of(form),
        "clear_url": f"?view={view}",
        "filter_form": form,
        "sorts": SORTS,
        "sort": sort,
        "acts": ACTS,
        "may_triage": can(viewer, Permission.ALERT_TRIAGE),
        "all_query": changed_query(request.GET, view=view, sort=None, all="yes"),
        "all_words": f"Select all {listed['total']}",
        "here_query": request.get_full_path(),
        "keys": KEYS,
    }
    return render(request, "web/alerts/list.html", context)


def _tab_count(count: int | None) -> str | int | None:
    return f"{HEAD_LIMIT:,}+" if count is not None and count > HEAD_LIMIT else count


@require_GET
def alert(request: HttpRequest, alert_id: int) -> HttpResponse:
    """One alert: what was seen, on which days, why it is grouped, and what was decided."""
    viewer = actor_of(request)
    view = get_alert(viewer, alert_id=alert_id)
    days, values = spread((row.day, row.exchanges or row.signals) for row in view.days)
    may_triage = can(viewer, Permission.ALERT_TRIAGE)
    basis = strongest_reasons([view.membership])[view.membership.pk] if view.membership else []
    cases = CaseAlert.objects.none()
    if can(viewer, Permission.CASE_VIEW):
        cases = CaseAlert.objects.filter(alert=view.alert, case__in=visible_cases(viewer)).select_related("case")
    context = {
        "view": view,
        "alert": view.alert,
        "tally": view.alert.tally,
        "days": days,
        "values": values,
        "unit": "exchanges" if view.alert.tally.exchanges else "signals",
        "basis": basis,
        "why": why_grouped(view.membership, basis),
        "cases": list(cases[:5]),
        "facts": _facts(view),
        "may_triage": may_triage,
        "moves": [act for act in ACTS if may_triage and _may_move(view.alert, str(act["value"]))],
        "people": people_who_may(viewer, permission=Permission.ALERT_TRIAGE) if may_triage else [],
    }
    return render(request, "web/alerts/detail.html", context)


def _may_move(one: Alert, verdict: str) -> bool:
    return ALERT_STATES.allows(one.state, verdict)


def _facts(view: AlertView) -> list[dict[str, object]]:
    one, tally = view.alert, view.alert.tally
    rows: list[dict[str, object]] = [
        {"term": "Rule", "value": one.rule, "url": f"/alerts/?view=all&rule={one.rule}", "mono": True},
        {"term": "Score", "value": f"{tally.score:.0f} of 100"},
    ]
    if tally.conduct:
        rows.append({"term": "Conduct", "value": tally.conduct.replace("_", " ")})
    if tally.tokens_in or tally.tokens_out:
        rows.append({"term": "Tokens", "value": f"{tally.tokens_in:,} in, {tally.tokens_out:,} out"})
    if one.detector.false_positive_rate is not None:
        rows.append(
            {
                "term": "Stated false positives",
                "value": f"{percent(one.detector.false_positive_rate, 2)} of honest accounts",
            }
        )
    return rows


@require_GET
def signals(request: HttpRequest, alert_id: int) -> HttpResponse:
    """Five of an alert's signals, drawn by its number so that anybody draws the same; the reading is recorded."""
    found = read_signals(actor_of(request), alert_id=alert_id)
    template = "web/alerts/signals_rows.html" if request.htmx else "web/alerts/signals.html"  # type: ignore[attr-defined]
    return render(request, template, {"alert": found.alert, "signals": found.rows})
