"""Submitting a case for review: what would be frozen, shown before it is; and taking a proposal back."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from enforcement.cases.selectors import cited_clauses, get_case
from enforcement.decisions.selectors import find_decision
from enforcement.decisions.services import submit_decision, void_decision, withdraw_decision
from enforcement.decisions.states import ACTION_KINDS
from enforcement.evidence.selectors import list_items
from enforcement.policies.selectors import newest_notice_texts, rules_for
from enforcement.staff.matrix import Permission, require
from enforcement.web.forms.acts import ReasonForm, bound
from enforcement.web.forms.decisions import SubmitForm
from enforcement.web.middleware import actor_of
from enforcement.web.shaping.cases import guard_of, tab_url
from enforcement.web.shaping.confirming import Ask, asked, done
from enforcement.web.views.workspace import case_of


def submit(request: HttpRequest, ref: str) -> HttpResponse:
    """Preview everything that submitting freezes, then submit."""
    actor = actor_of(request)
    case_of(request, ref, Permission.CASE_SUBMIT)
    view = get_case(actor, ref=ref)
    case = view.case
    form = bound(SubmitForm, request, version=case.version)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        made = form.attempt(
            lambda: submit_decision(
                actor, case=case, action_kind=data["action_kind"], summary=data["summary"], version=data["version"]
            )
        )
        if made is not None:
            said = f"Round {made.round} is submitted: {made.targets_count:,} targets frozen, digest {made.digest[:8]}"
            return done(request, said, reverse("web:decision", args=[case.ref, made.round]))
        view = get_case(actor, ref=ref)
        form.forget_version(view.case.version)
    context = {"form": form, "case": case, "view": view, "guard": guard_of(view), "back_url": tab_url(case.ref, "")}
    context |= _frozen(request, view)
    return render(request, "web/cases/submit.html", context, status=422 if form.errors else 200)


def _frozen(request: HttpRequest, view: Any) -> dict[str, Any]:
    """What would be frozen, counted as it stands now."""
    actor, case = actor_of(request), view.case
    targets = view.findings["violating"]
    texts = newest_notice_texts(actor)
    return {
        "targets": targets,
        "items": list_items(actor, case=case, withdrawn_too=False),
        "clauses": cited_clauses(actor, case=case),
        "asked": rules_for(targets=targets),
        "notices": [(kind, word, texts.get(kind)) for kind, word in ACTION_KINDS.items()],
    }


def withdraw(request: HttpRequest, case_ref: str, round_number: int) -> HttpResponse:
    """Take a proposal back before it is decided."""
    actor = actor_of(request)
    require(actor, Permission.CASE_SUBMIT)
    decision = find_decision(actor, case_ref=case_ref, round=round_number)
    back = reverse("web:decision", args=[decision.case.ref, decision.round])
    form = bound(ReasonForm, request)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        gone = form.attempt(lambda: withdraw_decision(actor, decision=decision, reason=reason))
        if gone is not None:
            return done(request, f"Round {decision.round} is withdrawn", tab_url(decision.case.ref, ""))
    ask = Ask(
        question=f"Withdraw round {decision.round}: {decision.targets_count:,} targets", keep="Leave it submitted",
        submit=f"Withdraw round {decision.round}", back_url=back, ref=decision.case.ref, danger=True,
        text="The case goes back to investigating. The frozen list stays in the record; a new round freezes a new one.",
    )  # fmt: skip
    return asked(request, ask, form)


def void(request: HttpRequest, case_ref: str, round_number: int) -> HttpResponse:
    """Declare a decision void before it is carried out."""
    actor = actor_of(request)
    decision = find_decision(actor, case_ref=case_ref, round=round_number)
    back = reverse("web:decision", args=[decision.case.ref, decision.round])
    form = bound(ReasonForm, request)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        gone = form.attempt(lambda: void_decision(actor, decision=decision, reason=reason))
        if gone is not None:
            return done(request, f"Round {decision.round} is void", tab_url(decision.case.ref, ""))
    given = decision.approvals.count()
    ask = Ask(
        question=f"Declare round {decision.round} void: {decision.targets_count:,} targets", keep="Let it stand",
        submit=f"Declare round {decision.round} void", back_url=back, ref=decision.case.ref, danger=True,
        text=f"Its {given} approval{'s' * (given != 1)} no longer count, and the case goes back to investigating.",
    )  # fmt: skip
    return asked(request, ask, form)
