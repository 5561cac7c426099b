"""The overview's tiles, work, backlog and clusters as its template shows them."""

from typing import Any

from django.urls import NoReverseMatch, reverse

from enforcement.audit.paging import HEAD_LIMIT
from enforcement.cases.blockers import blockers_of
from enforcement.reports.selectors import Overview
from enforcement.reports.selectors.overview import AGES, BacklogRow
from enforcement.web.shaping.days import spread
from enforcement.web.templatetags.figures import counted, full, head_count, short

_NEXT = {
    "new": "Look at why it was opened and take it into triage",
    "triage": "Decide whether to investigate",
    "investigating": "Ready to submit",
    "awaiting_info": "Waiting for an answer",
    "in_review": "With the reviewers",
    "approved": "An enforcer carries it out",
    "enforcing": "Actions are running",
    "partially_enforced": "Targets failed: retry or record why",
    "enforced": "Close it once notices are sent or waived",
}


def _url(name: str, query: str = "", *args: object) -> str:
    try:
        return reverse(name, args=args) + query
    except NoReverseMatch:
        return ""


def tiles_of(found: Overview) -> list[dict[str, Any]]:
    """The strip of figures; parts that the viewer may not see are left out."""
    tiles: list[dict[str, Any]] = []
    if found.to_triage is not None:
        oldest = f", oldest {found.oldest_open_days} d" if found.oldest_open_days else ""
        tiles.append({
            "label": "Alerts to triage", "figure": head_count(found.to_triage), "url": _url("web:alerts"),
            "note": f"{head_count(found.arrived_yesterday)} since yesterday{oldest}",
        })  # fmt: skip
    if found.cases_open is not None:
        tiles.append({
            "label": "Open cases", "figure": full(found.cases_open), "url": _url("web:cases"),
            "note": f"{found.cases_late} past their day" if found.cases_late else "none past its day",
            "tone": "danger" if found.cases_late else "",
        })  # fmt: skip
    if found.decisions is not None:
        tiles.append({
            "label": "Decisions in review", "figure": full(found.decisions), "url": _url("web:decisions"),
            "note": f"{counted(found.decision_targets, 'target')} in all" if found.decisions else "none waiting",
        })  # fmt: skip
    if found.accounts_clustered is not None:
        tiles.append({
            "label": "Accounts in clusters", "figure": short(found.accounts_clustered), "url": _url("web:clusters"),
            "note": counted(found.clusters, "cluster"),
        })  # fmt: skip
    if found.imports_running is not None:
        tiles.append({
            "label": "Imports running", "figure": full(found.imports_running), "url": _url("web:imports"),
            "note": f"{found.refused_lately:,} lines refused in 7 d",
            "tone": "warn" if found.refused_lately else "",
        })  # fmt: skip
    if found.health:
        silent = sum(row.state == "silent" for row in found.health)
        tiles.append({
            "label": "Detectors", "figure": full(len(found.health)), "url": _url("web:detectors"),
            "note": f"{silent} silent" if silent else "none silent", "tone": "warn" if silent else "",
        })  # fmt: skip
    return tiles


def work_rows(found: Overview) -> list[dict[str, Any]]:
    """Cases of the viewer with what to do next."""
    rows = []
    for case in found.my_cases:
        blocked = [one.sentence for one in blockers_of(case) if one.transition == "submit"]
        following = _NEXT.get(case.state, "")
        if case.state == "investigating" and blocked:
            following = " ".join(blocked[:2])
        rows.append({"case": case, "url": _url("web:case", "", case.ref), "next": following})
    return rows


def backlog_groups(found: Overview) -> list[dict[str, Any]]:
    """The backlog by kind; each count leads to its list."""
    most = {
        kind: max((count for row in found.backlog if row.kind == kind for count in row.counts), default=0)
        for kind in ("alert", "case")
    }
    groups = []
    for kind, title in (("alert", "Alerts, by the age of the alert"), ("case", "Cases, by time in the present state")):
        rows = [_backlog_row(row, most[kind]) for row in found.backlog if row.kind == kind]
        if rows:
            groups.append({"kind": kind, "title": title, "rows": rows})
    return groups


def _backlog_row(row: BacklogRow, most: int) -> dict[str, Any]:
    base = (
        _url("web:alerts", f"?state={row.state}") if row.kind == "alert" else _url("web:cases", f"?state={row.state}")
    )
    cells = []
    for (least, until), count in zip(AGES, row.counts, strict=True):
        age = f"&age={least}-{'' if until is None else until}" if row.kind == "alert" else ""
        shade = 0 if not most else 1 + min(2, 3 * count // (most + 1))
        cells.append(
            {"count": head_count(count), "url": base + age if base else "", "shade": f"a{shade}", "empty": not count}
        )
    total = head_count(HEAD_LIMIT + 1) if row.total > HEAD_LIMIT else full(row.total)
    return {"state": row.state, "cells": cells, "total": total, "url": base}


def over_rows(found: Overview) -> list[dict[str, Any]]:
    """Clusters that a threshold opened a case on."""
    rows = []
    for one in found.over:
        rollup = getattr(one.cluster, "rollup", None)
        rows.append({
            "cluster": one.cluster, "case": one.case, "daily": spread(one.daily)[1], "rollup": rollup,
            "rule": one.case.opened_by_rule,
        })  # fmt: skip
    return rows
