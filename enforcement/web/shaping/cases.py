"""The head of a case page: steps, guard, tiles, tabs and the acts that are open to whoever looks."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from enforcement.audit.actors import Actor
from enforcement.cases.blockers import BlockerView
from enforcement.cases.selectors import CaseView
from enforcement.cases.states import EARLY, SHUT, WORKABLE
from enforcement.staff.matrix import Permission, can
from enforcement.web.templatetags.figures import full, number_word, short
from enforcement.web.templatetags.times import day_range

# tab -> (title, permission that it takes)
TABS: tuple[tuple[str, str, Permission], ...] = (
    ("", "Overview", Permission.CASE_VIEW),
    ("subjects", "Subjects", Permission.CASE_VIEW),
    ("alerts", "Alerts", Permission.ALERT_VIEW),
    ("evidence", "Evidence", Permission.EVIDENCE_VIEW),
    ("attribution", "Attribution", Permission.CASE_VIEW),
    ("tasks", "Tasks", Permission.CASE_VIEW),
    ("notes", "Notes", Permission.CASE_VIEW),
    ("timeline", "Timeline", Permission.CASE_VIEW),
    ("decisions", "Decisions", Permission.DECISION_VIEW),
    ("actions", "Actions", Permission.ACTION_VIEW),
    ("packets", "Packets", Permission.PACKET_VIEW),
    ("history", "History", Permission.CASE_VIEW),
)
_MOVE_WORDS = {
    "triage": "Start triage", "investigating": "Investigate", "awaiting_info": "Wait for information…",
}  # fmt: skip


@dataclass(frozen=True)
class Act:
    """A button of the page head. `dialog` opens it as a confirmation; `blocked` leads to the guard instead."""

    words: str
    url: str
    primary: bool = False
    danger: bool = False
    dialog: bool = True
    blocked: bool = False
    key: str = ""


def tab_url(ref: str, tab: str) -> str:
    """The address of a tab of a case."""
    return reverse("web:case_tab", args=[ref, tab]) if tab else reverse("web:case", args=[ref])


def tabs_of(view: CaseView, actor: Actor, *, here: str, extra: dict[str, int]) -> list[dict[str, Any]]:
    """The tabs that `actor` may open; `extra` counts what later stages keep."""
    counts: dict[str, Any] = {
        "subjects": view.counts["subjects"], "alerts": view.counts["alerts"], "evidence": view.counts["evidence"],
        "attribution": view.counts["attributions"], "tasks": _tasks_words(view), "notes": view.counts["notes"],
        "decisions": view.counts["decisions"], **extra,
    }  # fmt: skip
    return [
        {"title": title, "url": tab_url(view.case.ref, tab), "count": counts.get(tab), "here": tab == here}
        for tab, title, permission in TABS
        if can(actor, permission)
    ]


def _tasks_words(view: CaseView) -> str | int:
    total, left = view.counts["tasks"], view.counts["tasks_open"]
    return f"{total - left} of {total}" if left else total


def tiles_of(view: CaseView) -> list[dict[str, Any]]:
    """The strip of figures, each leading to what it counts."""
    t, ref = view.tiles, view.case.ref
    span = f"{day_range(t.first_day, t.last_day)}, {t.days} d" if t.days else "no exchange counted"
    findings = view.findings
    return [
        {"label": "Accounts", "figure": full(t.accounts), "note": f"{t.active_accounts:,} active",
         "url": tab_url(ref, "subjects")},
        {"label": "Exchanges", "figure": short(t.exchanges), "note": span, "url": tab_url(ref, "timeline")},
        {"label": "Each account, a day", "figure": f"{t.exchanges_per_account_day:,.1f}",
         "note": f"highest {t.highest_account_day:,} on one day", "url": f"{tab_url(ref, 'subjects')}?sort=-exchanges"},
        {"label": "Alerts", "figure": full(t.alerts), "url": tab_url(ref, "alerts"),
         "note": f"{_many(t.detectors, 'detector')}, {_many(t.rules, 'rule')}"},
        {"label": "Violating", "figure": full(findings["violating"]),
         "note": f"{findings['unclear']:,} unclear, {findings['not_violating']:,} not violating",
         "url": f"{tab_url(ref, 'subjects')}?finding=violating"},
    ]  # fmt: skip


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def step_notes(view: CaseView, times: dict[str, datetime], rounds: int) -> dict[str, str]:
    """Words under the steps of the way so far: the day of each, and at the present one how long."""
    notes = {state: f"{at.day} {at:%b}" for state, at in times.items()}
    if rounds and view.case.state in {"in_review", "investigating"}:
        notes[view.case.state] = f"{notes.get(view.case.state, '')}, round {rounds}".strip(", ")
    return notes


def _remedy_url(view: CaseView, row: BlockerView) -> str:
    ref = view.case.ref
    if row.code == "findings.missing":
        return f"{tab_url(ref, 'subjects')}?finding=none"
    if row.code == "findings.no_basis":
        return f"{tab_url(ref, 'subjects')}?finding=violating"
    if row.place == "policy":
        return reverse("web:case_policy", args=[ref])
    if row.code == "evidence.none":
        return reverse("web:case_upload", args=[ref])
    return tab_url(ref, row.place if row.place != "overview" else "")


def _rows(view: CaseView, blockers: Sequence[BlockerView]) -> list[dict[str, Any]]:
    return [
        {"text": row.sentence, "url": _remedy_url(view, row), "remedy": row.remedy if view.may_work else "See it"}
        for row in blockers
    ]


def guard_of(view: CaseView) -> dict[str, Any] | None:
    """What stands in the way of the next step, before anybody presses it; none where nothing is to be guarded."""
    state = view.case.state
    if state in WORKABLE:
        rows = _rows(view, view.submit_blockers)
        heading = f"{_things(len(rows))} missing before this can be submitted"
        side = view.findings["violating"]
        return {
            "heading": heading, "blockers": rows, "met": _met(view),
            "ready": f"Nothing stands in the way of submitting {side:,} targets" if state == "investigating"
            else "Nothing is missing; investigate to submit it",
            "side_url": reverse("web:case_submit", args=[view.case.ref]) if view.may_submit else "",
            "side_words": f"Preview the proposal: {_many(side, 'target')}",
        }  # fmt: skip
    if state in {"enforcing", "partially_enforced", "enforced"}:
        rows = _rows(view, view.close_blockers)
        heading = f"{_things(len(rows))} missing before this can be closed"
        ready = "Nothing stands in the way of closing" if state != "enforcing" else "Every target is finished"
        return {"heading": heading, "blockers": rows, "met": [], "ready": ready}
    return None


def _things(count: int) -> str:
    return "One thing is" if count == 1 else f"{number_word(count)} things are"


def _met(view: CaseView) -> list[str]:
    codes = {row.code for row in view.submit_blockers}
    met = []
    if view.case.policy_version is not None and not any(code.startswith("policy.") for code in codes):
        met.append(f"{view.case.policy_version} was in force on every conduct date")
    if view.counts["evidence"] and "evidence.unhashed" not in codes:
        count = view.counts["evidence"]
        met.append(f"{count:,} of {_many(count, 'evidence item')} hashed")
    if view.counts["subjects"] and "findings.missing" not in codes:
        met.append("every subject has a finding")
    if view.counts["tasks"] and "tasks.open" not in codes:
        met.append(f"{_many(view.counts['tasks'], 'task')} done or waived")
    return met


def acts_of(view: CaseView, actor: Actor) -> tuple[list[Act], list[Act]]:
    """Buttons of the head, and those under More: only what is legal now and permitted."""
    case, ref = view.case, view.case.ref
    head: list[Act] = []
    more: list[Act] = []
    may_note = view.may_work or can(actor, Permission.CASE_ADVISE)
    if may_note and case.state not in SHUT:
        head.append(Act("Note", f"{tab_url(ref, 'notes')}#id_text", dialog=False, key="n"))
    for to in view.moves:
        act = Act(_MOVE_WORDS[to], reverse("web:case_move", args=[ref, to]), primary=case.state in {"new", "triage"})
        (more if to == "awaiting_info" else head).append(act)
    if view.may_submit:
        blocked = bool(view.submit_blockers)
        url = "#guard" if blocked else reverse("web:case_submit", args=[ref])
        head.append(Act("Submit for review", url, primary=True, dialog=False, blocked=blocked))
    if view.outcomes:
        blocked = bool(view.close_blockers) and case.state not in EARLY
        url = "#guard" if blocked else reverse("web:case_close", args=[ref])
        close = Act("Close case…", url, primary=case.state not in EARLY, blocked=blocked)
        (more if case.state in EARLY else head).append(close)
    if case.state == "closed" and can(actor, Permission.CASE_CLOSE):
        head.append(Act("Reopen case…", reverse("web:case_reopen", args=[ref])))
    if case.state not in SHUT and (view.may_work or can(actor, Permission.CASE_ASSIGN)):
        more.append(Act("Assign people…", reverse("web:case_people", args=[ref]), dialog=False))
    if case.state in WORKABLE and view.may_work:
        more.append(Act("Pin a policy version…", reverse("web:case_policy", args=[ref]), dialog=False))
        if view.arrivals:
            more.append(Act(f"Take in {view.arrivals:,} arrivals…", reverse("web:case_arrivals", args=[ref])))
    if can(actor, Permission.PACKET_BUILD):
        more.append(Act("Request a packet…", reverse("web:case_packet", args=[ref]), dialog=False))
    return head, more


_LONG_VALUE = re.compile(r"\b([a-z]{1,4}-[0-9a-f]{6})[0-9a-f]{4,}\b")


def short_why(words: str) -> str:
    """Why a subject is in, with hashed values cut to what tells them apart; the full words stay in its title."""
    return _LONG_VALUE.sub(r"\1…", words)
