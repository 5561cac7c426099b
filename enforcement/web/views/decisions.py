"""Decisions: the queue, the page of the person who decides, and the last page before it is recorded."""

from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from enforcement.actions.models import Action
from enforcement.decisions.selectors import (
    DecisionView,
    changed_targets,
    find_decision,
    get_decision,
    impact_groups,
    list_decisions,
    list_targets,
    snapshot_file,
    waiting_for,
)
from enforcement.decisions.services import approve_decision, refuse_decision, return_decision
from enforcement.policies.selectors import newest_notice_texts
from enforcement.staff.matrix import Permission, can, require
from enforcement.web.forms.acts import bound
from enforcement.web.forms.decisions import DecideForm
from enforcement.web.middleware import actor_of
from enforcement.web.shaping.confirming import Ask, Effect, asked, done
from enforcement.web.shaping.decisions import (
    KIND_DONE,
    covers_words,
    grouped_rows,
    impact_rows,
    left_out_of,
    rules_words,
    sample_of,
    waiting_first,
    who_must_agree,
)
from enforcement.web.shaping.lists import cursor_of, paged
from enforcement.web.templatetags.addresses import changed_query
from enforcement.web.templatetags.figures import counted

_VIEWS = (
    ("Waiting", "submitted"),
    ("Approved", "approved"),
    ("Returned", "returned"),
    ("Refused", "refused"),
    ("All", ""),
)
_SAMPLE_SHOWN = 12


@require_GET
def decisions(request: HttpRequest) -> HttpResponse:
    """Decisions; those waiting for the viewer first."""
    viewer = actor_of(request)
    require(viewer, Permission.DECISION_VIEW)
    state = request.GET.get("state", "submitted")
    page = list_decisions(viewer, state=state, cursor=cursor_of(request))
    rows = waiting_first(page.rows, waiting_for(viewer, decisions=page.rows))
    tabs = [
        {"title": title, "url": changed_query(request.GET, state=value) if value else "?state=", "here": state == value}
        for title, value in _VIEWS
    ]
    context = paged(request, page) | {"rows": rows, "tabs": tabs, "state": state}
    return render(request, "web/decisions/list.html", context)


def _page(request: HttpRequest, view: DecisionView, form: DecideForm | None) -> HttpResponse:
    viewer, decision = actor_of(request), view.decision
    groups = impact_groups(viewer, decision=decision)
    sample = len(view.sample) if request.GET.get("sample") == "all" else _SAMPLE_SHOWN
    action = Action.objects.filter(decision=decision).first() if can(viewer, Permission.ACTION_VIEW) else None
    context: dict[str, Any] = {
        "view": view, "decision": decision, "case": decision.case, "form": form,
        "covers": covers_words(view) if view.covers else "", "left_out": left_out_of(view) if view.covers else [],
        "impact": impact_rows(view), "groups": grouped_rows(groups), "sample": sample_of(view, size=sample),
        "agree": who_must_agree(view), "rules": rules_words(view), "action": action,
        "kind_done": KIND_DONE[decision.action_kind],
        "notice": newest_notice_texts(viewer).get(decision.action_kind),
        "may_start": can(viewer, Permission.ACTION_RUN) and decision.state == "approved" and action is None,
        "may_void": decision.state in {"submitted", "approved"} and decision.case.state in {"in_review", "approved"}
        and (can(viewer, Permission.DECISION_APPROVE) or can(viewer, Permission.CASE_SUBMIT)),
        "step_notes": {decision.case.state: f"round {decision.round}"},
    }  # fmt: skip
    status = 422 if form is not None and form.is_bound and form.errors else 200
    return render(request, "web/decisions/page.html", context, status=status)


def decision(request: HttpRequest, case_ref: str, round_number: int) -> HttpResponse:
    """One round; POST answers it: first the last page, then, confirmed, the record."""
    viewer = actor_of(request)
    view = get_decision(viewer, case_ref=case_ref, round=round_number)
    if request.method != "POST":
        form = bound(DecideForm, request, decision=view.decision) if view.may_approve else None
        return _page(request, view, form)
    require(viewer, Permission.DECISION_APPROVE)
    form = DecideForm(request.POST, decision=view.decision)
    if not form.is_valid():
        return _page(request, view, form)
    if request.POST.get("confirmed") != "yes" and view.may_approve:
        return _last_page(request, view, form)
    answered = form.attempt(lambda: _answer(request, view, form))
    if answered is None:
        return _page(request, get_decision(viewer, case_ref=case_ref, round=round_number), form)
    here = reverse("web:decision", args=[view.decision.case.ref, view.decision.round])
    return done(request, _said(view, answered), here)


def _answer(request: HttpRequest, view: DecisionView, form: DecideForm) -> Any:
    actor, data = actor_of(request), form.cleaned_data
    if data["answer"] == "approve":
        # The digest of the page that was looked at, whatever the row says by now.
        return approve_decision(actor, decision=view.decision, digest=data["seen"], reason=data["reason"])
    answer = return_decision if data["answer"] == "return" else refuse_decision
    return answer(actor, decision=view.decision, reason_code=form.ground, text=data["reason"])


def _said(view: DecisionView, answered: Any) -> str:
    if answered.state == "submitted":
        return "Your approval is recorded. Another person must agree as well."
    return f"Round {view.decision.round} is {answered.state}: {answered.targets_count:,} targets"


def _last_page(request: HttpRequest, view: DecisionView, form: DecideForm) -> HttpResponse:
    """The counts once more, and the digest they belong to."""
    decision, data = view.decision, form.cleaned_data
    targets = counted(view.impact.accounts, "target")
    kept = [(name, request.POST.get(name, "")) for name in ("answer", "digest", "code", "reason")]
    kept.append(("seen", decision.digest))
    if data["answer"] == "approve":
        left = view.decision.approvals_needed - len(view.approvals) - 1
        follows = (
            f"{counted(left, 'further approval')} will still be needed."
            if left > 0
            else ("An enforcer can then start it.")
        )
        ask = Ask(
            question=f"Approve {targets}", submit=f"Approve {targets}", keep="Go back",
            back_url=reverse("web:decision", args=[decision.case.ref, decision.round]), ref=decision.case.ref,
            text=f"Exactly the frozen list, to be {KIND_DONE[decision.action_kind]}. {follows}",
            facts=[
                {"term": "Digest", "value": " ".join(decision.digest[i : i + 8] for i in range(0, 64, 8)), "mono": True},
                {"term": "Covers", "value": covers_words(view)},
                {"term": "Left out", "value": f"{view.left_out['unclear']:,} unclear, {view.left_out['not_violating']:,} not violating"},
                {"term": "Reason", "value": data["reason"]},
            ],
            more={"kept": kept},
        )  # fmt: skip
    else:
        act = "Return" if data["answer"] == "return" else "Refuse"
        ask = Ask(
            question=f"{act} round {decision.round}: {targets}", submit=f"{act} round {decision.round}", keep="Go back",
            back_url=reverse("web:decision", args=[decision.case.ref, decision.round]), ref=decision.case.ref,
            text="No action falls on anybody. The case goes back to investigating, with your reason.", danger=act == "Refuse",
            facts=[{"term": "Ground", "value": dict(form.codes["return" if act == "Return" else "refusal"])[form.ground]},
                   {"term": "Reason", "value": data["reason"]}],
            effects=[Effect("Approvals of this round", len(view.approvals), 0)] if view.approvals else (),
            more={"kept": kept},
        )  # fmt: skip
    return asked(request, ask, None, template="web/decisions/last.html")


@require_GET
def targets(request: HttpRequest, case_ref: str, round_number: int) -> HttpResponse:
    """Targets in the order they were frozen."""
    viewer = actor_of(request)
    row = find_decision(viewer, case_ref=case_ref, round=round_number)
    q, dropped = request.GET.get("q", ""), {"yes": True, "no": False}.get(request.GET.get("dropped", ""))
    page = list_targets(viewer, decision=row, q=q, dropped=dropped, cursor=cursor_of(request))
    context = paged(request, page) | {
        "decision": row,
        "case": row.case,
        "q": q,
        "dropped": request.GET.get("dropped", ""),
    }
    return render(request, "web/decisions/targets.html", context)


@require_GET
def changes(request: HttpRequest, case_ref: str, round_number: int) -> HttpResponse:
    """Accounts that came and went since the round before."""
    viewer = actor_of(request)
    view = get_decision(viewer, case_ref=case_ref, round=round_number)
    came, went = changed_targets(viewer, decision=view.decision, before=view.before) if view.before else ([], [])
    context = {"view": view, "decision": view.decision, "case": view.decision.case, "came": came, "went": went}
    return render(request, "web/decisions/changes.html", context)


@require_GET
def snapshot(request: HttpRequest, case_ref: str, round_number: int) -> FileResponse:
    """What was frozen, byte for byte."""
    viewer = actor_of(request)
    row = find_decision(viewer, case_ref=case_ref, round=round_number)
    name = f"{row.case.ref}-round-{row.round}.json"
    return FileResponse(
        snapshot_file(viewer, decision=row), as_attachment=True, filename=name, content_type="application/json"
    )
