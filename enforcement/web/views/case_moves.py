"""Moving a case: early states by hand, closing, reopening, taking in arrivals."""

from django.http import HttpRequest, HttpResponse

from enforcement.cases.selectors import get_case
from enforcement.cases.services import close_case, move_case, reopen_case, take_in_arrivals
from enforcement.cases.states import OUTCOMES
from enforcement.staff.matrix import Permission
from enforcement.web.forms.acts import ActForm, ReasonForm, bound
from enforcement.web.forms.cases import CloseForm, MoveForm
from enforcement.web.middleware import actor_of
from enforcement.web.shaping.cases import tab_url
from enforcement.web.shaping.confirming import Ask, asked, done
from enforcement.web.templatetags.figures import counted
from enforcement.web.templatetags.states import look_of
from enforcement.web.views.workspace import case_of


def move(request: HttpRequest, ref: str, to: str) -> HttpResponse:
    """Move an early case to another state."""
    actor, case = actor_of(request), case_of(request, ref, Permission.CASE_WORK)
    form = bound(MoveForm, request, version=case.version)
    word = look_of("case", to).word.lower()
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        moved = form.attempt(lambda: move_case(actor, case=case, to=to, reason=data["reason"], version=data["version"]))
        if moved is not None:
            return done(request, f"{case.ref} is in {word}", tab_url(case.ref, ""))
        form.forget_version(case_of(request, ref).version)
    here = look_of("case", case.state).word.lower()
    ask = Ask(
        question=f"Move {case.ref} from {here} to {word}", submit=f"Move to {word}", keep="Leave it", ref=case.ref,
        back_url=tab_url(case.ref, ""),
    )  # fmt: skip
    return asked(request, ask, form)


def close(request: HttpRequest, ref: str) -> HttpResponse:
    """Close a case with an outcome."""
    actor = actor_of(request)
    case_of(request, ref, Permission.CASE_CLOSE)
    view = get_case(actor, ref=ref)
    case = view.case
    first = {"outcome": view.outcomes[0]} if len(view.outcomes) == 1 else {}
    form = bound(CloseForm, request, version=case.version, outcomes=view.outcomes or tuple(OUTCOMES), initial=first)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        closed = form.attempt(
            lambda: close_case(
                actor, case=case, outcome=data["outcome"], reason=data["reason"], version=data["version"]
            )
        )
        if closed is not None:
            return done(request, f"{case.ref} is closed: {OUTCOMES[data['outcome']].lower()}", tab_url(case.ref, ""))
        form.forget_version(case_of(request, ref).version)
    missing = " ".join(row.sentence for row in view.close_blockers)
    ask = Ask(
        question=f"Close {case.ref}", submit="Close the case", keep="Keep it open", ref=case.ref, danger=True,
        back_url=tab_url(case.ref, ""),
        text=f"{missing} A closed case is read-only and shows its alerts as counted now. It can be reopened with a "
        "reason.".strip(),
    )  # fmt: skip
    return asked(request, ask, form)


def reopen(request: HttpRequest, ref: str) -> HttpResponse:
    """Take a closed case back to investigating."""
    actor, case = actor_of(request), case_of(request, ref, Permission.CASE_CLOSE)
    form = bound(ReasonForm, request, version=case.version)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        opened = form.attempt(lambda: reopen_case(actor, case=case, reason=data["reason"], version=data["version"]))
        if opened is not None:
            return done(request, f"{case.ref} is investigated again", tab_url(case.ref, ""))
        form.forget_version(case_of(request, ref).version)
    ask = Ask(
        question=f"Reopen {case.ref}", submit="Reopen the case", keep="Leave it closed", ref=case.ref,
        back_url=tab_url(case.ref, ""), text="It goes back to investigating; its outcome stays in the record.",
    )  # fmt: skip
    return asked(request, ask, form)


def arrivals(request: HttpRequest, ref: str) -> HttpResponse:
    """Take in the accounts that the case's clusters gained since."""
    actor = actor_of(request)
    case_of(request, ref, Permission.CASE_WORK)
    view = get_case(actor, ref=ref)
    form = bound(ActForm, request)
    if request.method == "POST" and form.is_valid():
        taken = form.attempt(lambda: take_in_arrivals(actor, case=view.case))
        if taken is not None:
            said = f"{counted(taken.subjects, 'subject')} and {counted(taken.alerts, 'alert')} taken in"
            return done(request, said, f"{tab_url(view.case.ref, 'subjects')}?finding=none")
    ask = Ask(
        question=f"Take in {counted(view.arrivals, 'account')}", submit=f"Take in {counted(view.arrivals, 'account')}",
        keep="Leave them out", back_url=tab_url(view.case.ref, ""), ref=view.case.ref,
        text="The case's clusters gained them since. They become subjects without a finding.",
    )  # fmt: skip
    return asked(request, ask, form)
