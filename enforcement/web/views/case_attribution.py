"""Organizations of a case: suggested, established from exhibits, withdrawn."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.models import Organization
from enforcement.audit.errors import not_found
from enforcement.cases.models import Attribution, Case
from enforcement.cases.selectors import list_attributions
from enforcement.cases.services import withdraw_attribution
from enforcement.evidence.selectors import list_items
from enforcement.evidence.services import establish_attribution
from enforcement.packets.compose.attribution import MEANINGS
from enforcement.staff.matrix import Permission
from enforcement.web.forms.acts import ReasonForm, bound
from enforcement.web.forms.attributions import AttributionForm
from enforcement.web.middleware import actor_of
from enforcement.web.shaping.cases import tab_url
from enforcement.web.shaping.confirming import Ask, asked, done
from enforcement.web.views.workspace import attributions_of, case_of, show

CONFIDENCES = [(name, MEANINGS[name]) for name in ("high", "moderate", "low")]


@require_GET
def attribution(request: HttpRequest, ref: str) -> HttpResponse:
    """What stands, what was withdrawn, and what the words mean."""
    case = case_of(request, ref)
    rows = attributions_of(request, case, withdrawn_too=True)
    more = {
        "standing": [row for row in rows if row["row"].withdrawn_at is None],
        "withdrawn": [row for row in rows if row["row"].withdrawn_at is not None],
        "meanings": CONFIDENCES,
    }
    return show(request, ref, "attribution", more)


def _candidates(case: Case) -> list[Organization]:
    """Whom the accounts of the case declare, with the bodies above them: what somebody is likely to name."""
    declared = (
        Organization.objects.filter(declared_accounts__subjects__case=case).select_related("parent").distinct()[:200]
    )
    found = {row.pk: row for row in declared}
    found |= {row.parent.pk: row.parent for row in list(found.values()) if row.parent is not None}
    return sorted(found.values(), key=lambda row: row.name)


def establish(request: HttpRequest, ref: str) -> HttpResponse:
    """Say what part an organization has."""
    actor, case = actor_of(request), case_of(request, ref, Permission.CASE_WORK)
    items = list_items(actor, case=case, withdrawn_too=False)
    first = {name: request.GET[name] for name in ("organization", "role") if name in request.GET}
    form = bound(AttributionForm, request, version=case.version, items=items, initial=first)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        made = form.attempt(
            lambda: establish_attribution(
                actor, case=case, organization=data["organization"], role=data["role"], confidence=data["confidence"],
                why=data["why"], items=form.basis, version=data["version"], confirm_void=form.void_confirmed,
            )
        )  # fmt: skip
        if made is not None:
            said = f"{made.organization.name} stands as {made.get_role_display().lower()}, {made.confidence} confidence"
            return done(request, said, tab_url(case.ref, "attribution"))
        form.forget_version(case_of(request, ref).version)
    context = {
        "form": form, "case": case, "back_url": tab_url(case.ref, "attribution"), "meanings": CONFIDENCES,
        "candidates": _candidates(case), "items": items,
    }  # fmt: skip
    return render(request, "web/cases/establish.html", context, status=422 if form.errors else 200)


def _attribution(request: HttpRequest, case: Case, attribution_id: int) -> Attribution:
    for row in list_attributions(actor_of(request), case=case, withdrawn_too=True):
        if row.pk == attribution_id:
            return row
    raise not_found("attribution", attribution_id)


def withdraw(request: HttpRequest, ref: str, attribution_id: int) -> HttpResponse:
    """Take an attribution back."""
    actor, case = actor_of(request), case_of(request, ref, Permission.CASE_WORK)
    row = _attribution(request, case, attribution_id)
    form = bound(ReasonForm, request, version=case.version)
    name = row.organization.name
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        gone = form.attempt(
            lambda: withdraw_attribution(
                actor, attribution=row, reason=data["reason"], version=data["version"], confirm_void=form.void_confirmed
            )
        )
        if gone is not None:
            return done(request, f"The attribution of {name} is withdrawn", tab_url(case.ref, "attribution"))
        form.forget_version(case_of(request, ref).version)
    ask = Ask(
        question=f"Withdraw the attribution of {name}", submit="Withdraw the attribution", keep="Keep it", danger=True,
        text="It stays in the record with your reason, and leaves the next packet.", ref=case.ref,
        back_url=tab_url(case.ref, "attribution"),
    )  # fmt: skip
    return asked(request, ask, form)
