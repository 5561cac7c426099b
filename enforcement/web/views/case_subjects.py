"""Subjects of a case: the list, its export, and findings for one or for thousands, previewed before they are set."""

import csv
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from enforcement.cases.selection import Selection
from enforcement.cases.selectors import find_case, get_case, list_subjects, subjects_for_export, without_own_conduct
from enforcement.cases.selectors.contents import EXPORT_COLUMNS, SUBJECT_ORDERS
from enforcement.cases.services import FindingPreview, FindingResult, carve_out, preview_findings, set_finding
from enforcement.cases.states import SHUT
from enforcement.reports.selectors import about_accounts
from enforcement.staff.matrix import Permission
from enforcement.web.forms.findings import CARVE_OUT, WORDS, FindingForm, selection_of
from enforcement.web.middleware import actor_of
from enforcement.web.shaping.cases import short_why, tab_url
from enforcement.web.shaping.confirming import Ask, Effect, asked, done
from enforcement.web.shaping.days import series, window
from enforcement.web.shaping.lists import cursor_of, paged
from enforcement.web.templatetags.addresses import changed_query
from enforcement.web.templatetags.figures import counted
from enforcement.web.views.workspace import attributions_of, case_of, show

_PICKS = ("violating", "not_violating", "unclear", "none")


@require_GET
def subjects(request: HttpRequest, ref: str) -> HttpResponse:
    """Subjects, weakest link first."""
    viewer, case = actor_of(request), case_of(request, ref)
    finding, q = request.GET.get("finding", ""), request.GET.get("q", "")
    sort = request.GET.get("sort", "bits")
    sort = sort if sort in SUBJECT_ORDERS else "bits"
    page = list_subjects(viewer, case=case, finding=finding, q=q, sort=sort, cursor=cursor_of(request))
    view = get_case(viewer, ref=ref)
    days = window(view.tiles.last_day)
    about = about_accounts(viewer, accounts=[row.account for row in page.rows], since=days[0] if days else None)
    rows = [
        {"row": row, "daily": series(about[row.account_id].daily, days), "clauses": _clauses(row),
         "why": short_why(row.why_in)}
        for row in page.rows
    ]  # fmt: skip
    may = view.may_work and view.case.state not in SHUT
    more = paged(request, page) | {
        "rows": rows, "q": q, "finding": finding, "sort": sort, "picks": _picks(request, view.findings, finding),
        "bulk_acts": _bulk_acts(ref) if may else [], "may_work": may,
        "all_url": f"{reverse('web:case_findings', args=[ref])}{changed_query(QueryDict(), of_finding=finding, of_q=q)}",
        "bare": without_own_conduct(viewer, case=case), "attributions": attributions_of(request, case),
    }  # fmt: skip
    return show(request, ref, "subjects", more)


def _clauses(row: Any) -> list[str]:
    return sorted({basis.clause.number for basis in row.basis.all()})


def _picks(request: HttpRequest, counts: dict[str, int], here: str) -> list[dict[str, Any]]:
    everybody = counts["violating"] + counts["not_violating"] + counts["unclear"] + counts["none"]
    picks: list[dict[str, Any]] = [
        {"words": "All", "count": everybody, "url": changed_query(request.GET, finding=None), "here": not here}
    ]
    picks += [
        {"badge_kind": "finding", "badge_state": name, "count": counts[name],
         "url": changed_query(request.GET, finding=name), "here": here == name}
        for name in _PICKS
    ]  # fmt: skip
    if counts["carved_out"]:
        picks.append({"words": "Carved out", "count": counts["carved_out"], "here": here == "carved_out",
                      "url": changed_query(request.GET, finding="carved_out")})  # fmt: skip
    return picks


def _bulk_acts(ref: str) -> list[dict[str, Any]]:
    url = reverse("web:case_findings", args=[ref])
    return [
        {"value": "set", "words": "Set findings…", "key": "f", "primary": True, "dialog_url": url},
        {"value": CARVE_OUT, "words": "Carve out…", "dialog_url": url},
    ]


class _Echo:
    """What csv writes into: it hands each line straight on."""

    def write(self, value: str) -> str:
        """The line itself."""
        return value


@require_GET
def subjects_csv(request: HttpRequest, ref: str) -> StreamingHttpResponse:
    """Every subject of a case as CSV."""
    viewer = actor_of(request)
    case = case_of(request, ref)
    rows = subjects_for_export(viewer, case=case)
    writer = csv.writer(_Echo())

    def lines() -> Iterator[str]:
        yield writer.writerow(EXPORT_COLUMNS)
        for row in rows:
            yield writer.writerow(row)

    headers = {"Content-Disposition": f'attachment; filename="{case.ref}-subjects.csv"'}
    return StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8", headers=headers)


def findings(request: HttpRequest, ref: str) -> HttpResponse:
    """Choose a finding, see exactly what it will do, then do it: three presses, the last one with the number on it."""
    actor = actor_of(request)
    case = find_case(actor, ref=ref, permission=Permission.CASE_WORK)
    values = request.POST if request.method == "POST" else request.GET
    ids = values.getlist("s")
    chosen = selection_of(values, ids)
    preview = preview_findings(actor, case=case, selection=chosen)
    typed = request.POST if "finding" in request.POST or "reason" in request.POST else None
    first = {"version": preview.version}
    if request.POST.get("do") == CARVE_OUT:
        first["finding"] = CARVE_OUT  # type: ignore[assignment]
    form = FindingForm(typed, case=case, preview=preview, initial=first)
    if preview.total and typed is not None and form.is_valid():
        if request.POST.get("confirmed") != "yes":
            return _last_page(request, ref, form, preview, chosen)
        result = form.attempt(lambda: _set(request, ref, form, chosen))
        if result is not None:
            return done(request, _said(result, form.cleaned_data["finding"]), tab_url(case.ref, "subjects"))
        form.forget_version(preview.version)
    shown = changed_query(QueryDict(), finding=values.get("of_finding"), q=values.get("of_q"))
    context = {
        "question": f"Set the finding of {counted(preview.total, 'subject')}", "case": case, "ref": case.ref,
        "form": form, "preview": preview, "ids": ids, "kept": _kept(values, ids), "back_url": f"{tab_url(case.ref, 'subjects')}{shown}",
        "pinned": case.policy_version,
    }  # fmt: skip
    return render(request, "web/cases/findings.html", context, status=422 if form.errors else 200)


def _kept(values: Any, ids: list[str]) -> list[tuple[str, str]]:
    """The filter that says which subjects are meant, where none are named."""
    return [] if ids else [(name, values.get(name, "")) for name in ("of_finding", "of_q")]


def _set(request: HttpRequest, ref: str, form: FindingForm, chosen: Selection) -> FindingResult:
    actor, data = actor_of(request), form.cleaned_data
    case = find_case(actor, ref=ref, permission=Permission.CASE_WORK)
    shared: dict[str, Any] = {
        "case": case, "reason": data["reason"], "selection": chosen, "version": data["version"],
        "confirm_void": form.void_confirmed,
    }  # fmt: skip
    if data["finding"] == CARVE_OUT:
        return carve_out(actor, **shared)
    return set_finding(actor, finding=data["finding"], clauses=data["clauses"], **shared)


def _said(result: FindingResult, finding: str) -> str:
    said = f"{counted(result.changed, 'finding')} set to {WORDS[finding]}."
    if result.unchanged:
        said += f" {result.unchanged:,} stood so already."
    return f"{said} {result.left_words}".strip()


def _last_page(
    request: HttpRequest, ref: str, form: FindingForm, preview: FindingPreview, chosen: Selection
) -> HttpResponse:
    """What the act will do, as now and after, over exactly these subjects."""
    data, actor = form.cleaned_data, actor_of(request)
    case = find_case(actor, ref=ref)
    if data["finding"] == "violating":
        preview = preview_findings(actor, case=case, selection=chosen, clauses=data["clauses"])
    violating = data["finding"] == "violating"
    settable = preview.settable_by_finding if violating else preview.by_finding
    to = "not_violating" if data["finding"] == CARVE_OUT else data["finding"]
    count = sum(settable.values())
    after = {name: preview.by_finding.get(name, 0) - settable.get(name, 0) for name in _PICKS}
    after[to] += count
    text = f"{preview.left_words} " if violating else ""
    if violating and preview.by_clause:
        held = ", ".join(f"{number} against {n:,}" for number, n in preview.by_clause.items())
        text += f"Clauses held: {held}. "
    ask = Ask(
        question=f"Set {counted(count, 'finding')} to {WORDS[data['finding']]}",
        submit=f"Set {counted(count, 'finding')}", keep="Leave them", back_url=tab_url(case.ref, "subjects"),
        text=f"{text}Findings can be set again while the case is investigated. Who set one can no longer approve here.",
        effects=[Effect("", preview.by_finding.get(n, 0), after[n], "finding", n) for n in _PICKS],
        effects_of=f"{counted(preview.total, 'subject')} selected", ref=case.ref,
        more={"kept": _typed(request), "nothing": count == 0},
    )  # fmt: skip
    return asked(request, ask, None, template="web/cases/findings_last.html")


def _typed(request: HttpRequest) -> list[tuple[str, str]]:
    left_out = ("csrfmiddlewaretoken", "confirmed")
    return [(name, value) for name in request.POST if name not in left_out for value in request.POST.getlist(name)]
