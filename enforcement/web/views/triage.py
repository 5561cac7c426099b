"""Verdicts: a preview freezes which alerts and as of which version, asks why, and tells what it skipped."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from enforcement.alerts.models import Alert
from enforcement.alerts.services import BulkResult, TriagePreview, assign_alert, preview_triage, triage_alerts
from enforcement.alerts.states import ALERT_STATES
from enforcement.audit.errors import Refusal
from enforcement.staff.matrix import Permission, require
from enforcement.staff.models import Person
from enforcement.web.forms.alerts import VERDICTS, AlertFilterForm, TriageForm
from enforcement.web.middleware import actor_of
from enforcement.web.shaping.alerts import filters_of, view_of
from enforcement.web.shaping.lists import cleaned
from enforcement.web.templatetags.figures import counted
from enforcement.web.templatetags.states import look_of

_SALT = "triage"
_FROZEN_SECONDS = 12 * 3600
_DONE = {"triaging": "taken", "escalated": "escalated", "dismissed": "dismissed", "duplicate": "marked as duplicates"}
_FOLLOWS = {
    "triaging": "They stand under your name until somebody gives a verdict.",
    "escalated": "They leave the queue and wait for a case. It can be taken back.",
    "dismissed": "They leave the queue. A repeat never changes that; growth past their threshold brings them up again.",
    "duplicate": "They leave the queue and point to the other alert. It can be taken back.",
}


@require_http_methods(["GET", "POST"])
def triage(request: HttpRequest) -> HttpResponse:
    """GET or a first POST freezes and asks; the POST with `confirmed` does exactly what was frozen."""
    require(actor_of(request), Permission.ALERT_TRIAGE)
    if request.method == "POST" and request.POST.get("confirmed"):
        return _carry_out(request)
    query = request.POST if request.method == "POST" else request.GET
    verdict = _verdict(query)
    preview = _preview(request, query, verdict)
    frozen = signing.dumps(
        {"ids": preview.ids, "versions": preview.versions, "verdict": verdict, "states": preview.by_state},
        salt=_SALT,
        compress=True,
    )
    form = TriageForm(initial={"frozen": frozen, "do": verdict, "back": _back(query.get("back", ""))}, verdict=verdict)
    return _ask(request, verdict, preview.ids, preview.by_state, form)


def _verdict(query: QueryDict) -> str:
    verdict = query.get("do", "dismissed")
    if verdict not in VERDICTS:
        raise Refusal(
            "alerts.verdict", "Choose to take, escalate, dismiss, or mark as duplicate.", field="do", status=400
        )
    return verdict


def _preview(request: HttpRequest, query: QueryDict, verdict: str) -> TriagePreview:
    viewer = actor_of(request)
    if query.get("all"):
        filters = filters_of(viewer, view_of(query), cleaned(AlertFilterForm(query)))
        return preview_triage(viewer, verdict=verdict, filters=filters)
    chosen = [int(value) for value in query.getlist("alert") if value.isdecimal() and len(value) < 19]
    if not chosen:
        raise Refusal("alerts.none_selected", "No alert is selected. Tick rows first, then press again.", status=400)
    return preview_triage(viewer, verdict=verdict, ids=chosen)


def _back(address: str) -> str:
    fits = url_has_allowed_host_and_scheme(address, allowed_hosts=None) and address.startswith("/alerts/")
    return address if fits else reverse("web:alerts")


def _ask(
    request: HttpRequest, verdict: str, ids: Sequence[int], by_state: dict[str, int], form: TriageForm
) -> HttpResponse:
    count, total = len(ids), sum(by_state.values())
    noun = counted(count, "alert")
    word = VERDICTS[verdict]
    question = f"Mark {noun} as duplicate{'' if count == 1 else 's'}" if verdict == "duplicate" else f"{word} {noun}"
    if count == 0:
        raise Refusal(
            "alerts.nothing_to_do",
            f"None of the {counted(total, 'alert')} can be set to {look_of('alert', verdict).word.lower()} from where "
            "they stand. Take them back to triaging first.",
        )
    text = f"{_FOLLOWS[verdict]} Exactly these {noun} are frozen here; what changed since is skipped and told."
    if count == 1:
        text = _FOLLOWS[verdict].replace("They leave", "It leaves").replace("They stand", "It stands").replace(
            "their threshold brings them", "its threshold brings it").replace("wait for", "waits for")  # fmt: skip
    left = total - count
    if left:
        text += f" {counted(left, 'other alert')} already decided stay as they are."
    effects = _effects(verdict, by_state, count)
    context = {
        "question": question, "text": text, "effects": effects, "effects_of": "State", "form": form,
        "submit": question, "keep": "Keep it" if count == 1 else "Keep them", "danger": False,
        "back_url": form["back"].value() or reverse("web:alerts"), "action": reverse("web:alerts_triage"),
        "verdicts": [(name, words) for name, words in VERDICTS.items() if name != verdict],
    }  # fmt: skip
    return render(request, "web/alerts/triage.html", context, status=422 if form.is_bound and form.errors else 200)


def _effects(verdict: str, by_state: dict[str, int], count: int) -> list[dict[str, Any]]:
    rows = []
    for state, now in sorted(by_state.items()):
        moves = ALERT_STATES.allows(state, verdict)
        if state != verdict:
            rows.append({"badge_kind": "alert", "badge_state": state, "now": now, "after": 0 if moves else now})
    before = by_state.get(verdict, 0)
    rows.append({"badge_kind": "alert", "badge_state": verdict, "now": before, "after": before + count})
    return rows


def _thawed(form_data: QueryDict) -> dict[str, Any]:
    try:
        found: dict[str, Any] = signing.loads(form_data.get("frozen", ""), salt=_SALT, max_age=_FROZEN_SECONDS)
    except signing.BadSignature as error:
        raise Refusal(
            "alerts.preview_lost",
            "This preview is older than 12 hours or incomplete. Go back to the queue and select again.",
            status=400,
        ) from error
    return found


def _carry_out(request: HttpRequest) -> HttpResponse:
    frozen = _thawed(request.POST)
    verdict = str(frozen["verdict"])
    form = TriageForm(request.POST, verdict=verdict)
    if form.is_valid():
        given = form.cleaned_data
        other = given.get("duplicate_of", "")
        try:
            result = triage_alerts(
                actor_of(request),
                ids=frozen["ids"],
                versions=frozen["versions"],
                verdict=verdict,
                reason=given.get("reason", ""),
                reason_text=given.get("reason_text", ""),
                duplicate_of=int(other.strip().removeprefix("A-")) if other else None,
            )
        except Refusal as refusal:
            if refusal.status in (403, 404) or refusal.field not in form.fields:
                raise
            form.add_error(refusal.field, refusal.message)
        else:
            return _told(request, verdict, result, _back(given["back"]))
    return _ask(request, verdict, frozen["ids"], frozen["states"], form)


def _told(request: HttpRequest, verdict: str, result: BulkResult, back: str) -> HttpResponse:
    said = f"{counted(len(result.changed), 'alert')} {_DONE[verdict]}"
    if not result.skipped:
        messages.success(request, said, extra_tags=f"url:{reverse('web:alerts')}?view=all&state={verdict}|See them")
        return HttpResponseRedirect(back)
    rows = Alert.objects.filter(pk__in=[one.alert_id for one in result.skipped[:200]]).select_related(
        "tally", "account"
    )
    known = {row.pk: row for row in rows}
    skipped = [{"was": one, "alert": known[one.alert_id]} for one in result.skipped[:200] if one.alert_id in known]
    context = {"said": said, "skipped": skipped, "skipped_total": len(result.skipped), "back_url": back}
    return render(request, "web/alerts/triaged.html", context)


@require_POST
def assign(request: HttpRequest, alert_id: int) -> HttpResponse:
    """Have somebody look at an alert, or nobody."""
    chosen = request.POST.get("person", "")
    person = Person.objects.filter(pk=int(chosen), is_active=True).first() if chosen.isdecimal() else None
    if chosen and person is None:
        raise Refusal(
            "alerts.person", "There is no such person here. Choose one of the list.", field="person", status=400
        )
    assign_alert(actor_of(request), alert_id=alert_id, person=person)
    messages.success(
        request, f"A-{alert_id} is with {person.name} now" if person else f"A-{alert_id} is with nobody now"
    )
    return redirect("web:alert", alert_id=alert_id)
