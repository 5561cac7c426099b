"""Carrying out: starting with the counts in sight, progress, targets, batches, notices."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from enforcement.actions.selectors import ActionView, get_action, list_action_targets, list_connectors
from enforcement.actions.services import (
    pause_action,
    resume_action,
    retry_failed,
    start_action,
    stop_action,
    waive_notices,
)
from enforcement.audit.errors import not_found
from enforcement.decisions.selectors import get_decision
from enforcement.staff.matrix import Permission, can, require
from enforcement.web.forms.acts import ActForm, ReasonForm, bound
from enforcement.web.middleware import actor_of
from enforcement.web.shaping.actions import ORDER, STATE_WORDS, counts_of, delivery_words, job_of, over
from enforcement.web.shaping.confirming import Ask, asked, done
from enforcement.web.shaping.decisions import KIND_DONE, covers_words
from enforcement.web.shaping.lists import cursor_of, paged
from enforcement.web.templatetags.figures import counted


def start(request: HttpRequest, case_ref: str, round_number: int) -> HttpResponse:
    """Start what was approved: counts, digest and where it is sent, then the press."""
    actor = actor_of(request)
    require(actor, Permission.ACTION_RUN)
    view = get_decision(actor, case_ref=case_ref, round=round_number)
    decision = view.decision
    form = bound(ActForm, request)
    if request.method == "POST" and form.is_valid():
        action = form.attempt(lambda: start_action(actor, decision=decision))
        if action is not None:
            said = f"{action.get_kind_display()}: {counted(view.impact.accounts, 'target')} on their way"
            return done(request, said, reverse("web:action", args=[action.pk]))
    active = [row for row in list_connectors(actor) if row.active]
    targets = counted(view.impact.accounts, "target")
    kind = decision.get_action_kind_display()
    ask = Ask(
        question=f"{kind} {targets}", submit=f"{kind} {targets}", keep="Not yet", danger=True, ref=decision.case.ref,
        back_url=reverse("web:decision", args=[decision.case.ref, decision.round]),
        text=f"They are {KIND_DONE[decision.action_kind]} in batches; each target is re-checked with the digest before it is sent. "
        "It can be paused and stopped; what was done by then stays done.",
        facts=[
            {"term": "Digest", "value": " ".join(decision.digest[i : i + 8] for i in range(0, 64, 8)), "mono": True},
            {"term": "Covers", "value": covers_words(view) if view.covers else ""},
            {"term": "Dropped since", "value": f"{view.dropped:,}"},
            {"term": "Sent to", "value": _connector_words(active)},
        ],
    )  # fmt: skip
    return asked(request, ask, form)


def _connector_words(active: list[Any]) -> str:
    if not active:
        return "No connector is set up. An administrator adds one under Settings."
    newest = max(active, key=lambda row: row.pk)
    return f"{newest.name}, {newest.url}, {newest.batch_size:,} targets in a batch"


def _shared(request: HttpRequest, view: ActionView) -> dict[str, Any]:
    poll = "" if over(view) else reverse("web:action_progress", args=[view.action.pk])
    tone, glyph, word = STATE_WORDS[view.action.state]
    return {
        "view": view, "action": view.action, "case": view.action.case, "counts": counts_of(view), "job": job_of(view),
        "poll_url": poll, "state_look": {"tone": tone, "glyph": glyph, "word": word},
        "deliveries": [delivery_words(row) for row in view.deliveries],
        "may_run": can(actor_of(request), Permission.ACTION_RUN),
    }  # fmt: skip


@require_GET
def action(request: HttpRequest, action_id: int) -> HttpResponse:
    """One action: progress, counts, batches, targets."""
    viewer = actor_of(request)
    view = get_action(viewer, action_id=action_id)
    state = request.GET.get("state", "")
    state = state if state in ORDER else ""
    page = list_action_targets(viewer, action=view.action, state=state or None, cursor=cursor_of(request))
    context = paged(request, page) | _shared(request, view) | {"state": state}
    return render(request, "web/actions/page.html", context)


@require_GET
def progress(request: HttpRequest, action_id: int) -> HttpResponse:
    """The part of the page that is asked for every two seconds until the action is over."""
    view = get_action(actor_of(request), action_id=action_id)
    answer = render(request, "web/actions/progress.html", _shared(request, view))
    if view.action.state not in {"pending", "running"}:
        # Batches, targets and notices stand elsewhere on the page: it is loaded anew, once.
        answer["HX-Refresh"] = "true"
    return answer


def act(request: HttpRequest, action_id: int, verb: str) -> HttpResponse:
    """Retry, pause, resume, stop, waive: each says what it will do, with its count, first."""
    actor = actor_of(request)
    require(actor, Permission.ACTION_RUN)
    view = get_action(actor, action_id=action_id)
    asks = _ASKS.get(verb)
    if asks is None:
        raise not_found("act on an action named", verb)
    kind: type[ActForm] = ReasonForm if verb in {"stop", "waive"} else ActForm
    form = bound(kind, request)
    if request.method == "POST" and form.is_valid():
        said = form.attempt(lambda: _do(request, view, verb, form.cleaned_data.get("reason", "")))
        if said is not None:
            return done(request, said, reverse("web:action", args=[action_id]))
    return asked(request, asks(view), form)


def _do(request: HttpRequest, view: ActionView, verb: str, reason: str) -> str:
    actor, action = actor_of(request), view.action
    if verb == "retry":
        return f"{counted(retry_failed(actor, action=action), 'target')} will be sent again"
    if verb == "pause":
        pause_action(actor, action=action)
        return "Paused: nothing further is sent until somebody resumes it"
    if verb == "resume":
        resume_action(actor, action=action)
        return "Resumed"
    if verb == "stop":
        stop_action(actor, action=action, reason=reason)
        return "Stopped: what was not sent is cancelled"
    return f"{counted(waive_notices(actor, action=action, reason=reason), 'notice')} waived"


def _ask(view: ActionView, question: str, text: str, keep: str, *, danger: bool = False) -> Ask:
    back = reverse("web:action", args=[view.action.pk])
    return Ask(
        question=question, submit=question, keep=keep, back_url=back, text=text, danger=danger, ref=view.action.case.ref
    )


def _retry(view: ActionView) -> Ask:
    count = counted(view.counts.get("failed", 0), "failed target")
    return _ask(
        view, f"Retry {count}", "They go out again in new batches; what is done stays done.", "Leave them failed"
    )


def _pause(view: ActionView) -> Ask:
    left = counted(view.counts.get("pending", 0), "target")
    return _ask(view, f"Pause before {left}", "Batches on their way are finished. It can be resumed.", "Let it run")


def _resume(view: ActionView) -> Ask:
    left = counted(view.counts.get("pending", 0), "target")
    return _ask(view, f"Resume with {left}", "Each is re-checked with the digest before it is sent.", "Leave it paused")


def _stop(view: ActionView) -> Ask:
    left, finished = counted(view.counts.get("pending", 0), "target"), view.counts.get("done", 0)
    text = (
        f"{left.capitalize()} not sent yet are cancelled for good. {finished:,} done stay done. This cannot be undone."
    )
    return _ask(view, f"Stop and cancel {left}", text, "Let it run", danger=True)


def _waive(view: ActionView) -> Ask:
    count = counted(view.notices.get("pending", 0), "notice")
    return _ask(
        view, f"Waive {count}", "The holders are not told. Your reason is kept and printed.", "Keep them", danger=True
    )


_ASKS = {"retry": _retry, "pause": _pause, "resume": _resume, "stop": _stop, "waive": _waive}
