"""Working a case: tasks, notes, people, the policy version."""

from datetime import UTC

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from enforcement.audit.errors import Refusal, not_found
from enforcement.cases.models import Case, Task
from enforcement.cases.selectors import list_assignments, list_notes, list_tasks
from enforcement.cases.services import add_note, add_task, assign_person, end_task, pin_policy, unassign_person
from enforcement.staff.matrix import Permission, can
from enforcement.staff.models import Person
from enforcement.web.forms.acts import ActForm, bound
from enforcement.web.forms.cases import AssignForm, EndTask, NoteForm, PinPolicy, TaskForm
from enforcement.web.middleware import actor_of
from enforcement.web.shaping.cases import tab_url
from enforcement.web.shaping.confirming import Ask, asked, done
from enforcement.web.shaping.lists import cursor_of, paged
from enforcement.web.views.workspace import case_of, show


def notes(request: HttpRequest, ref: str) -> HttpResponse:
    """Notes, newest first, and writing one."""
    actor, case = actor_of(request), case_of(request, ref)
    form = bound(NoteForm, request)
    if request.method == "POST" and form.is_valid():
        note = form.attempt(lambda: add_note(actor, case=case, text=form.cleaned_data["text"]))
        if note is not None:
            return done(request, "Note kept", tab_url(case.ref, "notes"))
    page = list_notes(actor, case=case, cursor=cursor_of(request))
    may = can(actor, Permission.CASE_WORK) or can(actor, Permission.CASE_ADVISE)
    more = paged(request, page) | {"form": form, "may_note": may, "advice": not can(actor, Permission.CASE_WORK)}
    return show(request, ref, "notes", more, status=422 if form.errors else 200)


def tasks(request: HttpRequest, ref: str) -> HttpResponse:
    """Tasks, open ones first, and adding one."""
    actor, case = actor_of(request), case_of(request, ref)
    form = bound(TaskForm, request, viewer=actor)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        due = data["due_at"].replace(tzinfo=UTC) if data["due_at"] else None
        task = form.attempt(
            lambda: add_task(
                actor, case=case, title=data["title"], assignee=form.people.get(data["person"]), due_at=due
            )
        )
        if task is not None:
            return done(request, f"Task added: {task.title}", tab_url(case.ref, "tasks"))
    more = {"tasks": list_tasks(actor, case=case), "form": form, "may_work": can(actor, Permission.CASE_WORK)}
    return show(request, ref, "tasks", more, status=422 if form.errors else 200)


def _task(request: HttpRequest, case: Case, task_id: int) -> Task:
    for row in list_tasks(actor_of(request), case=case):
        if row.pk == task_id:
            return row
    raise not_found("task", task_id)


def task_end(request: HttpRequest, ref: str, task_id: int, state: str) -> HttpResponse:
    """Say that a task is done, or waive it with a reason."""
    actor, case = actor_of(request), case_of(request, ref, Permission.CASE_WORK)
    task = _task(request, case, task_id)
    form = bound(EndTask, request)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        ended = form.attempt(lambda: end_task(actor, task=task, state=state, reason=reason))
        if ended is not None:
            return done(request, f"Task {state}: {task.title}", tab_url(case.ref, "tasks"))
    words = "Waive" if state == "waived" else "Finish"
    ask = Ask(
        question=f"{words} the task: {task.title}", submit=f"{words} the task", keep="Leave it open", ref=case.ref,
        back_url=tab_url(case.ref, "tasks"), text="It no longer blocks submitting. A task that is over stays in the record.",
    )  # fmt: skip
    return asked(request, ask, form)


def people(request: HttpRequest, ref: str) -> HttpResponse:
    """Who works the case, and putting somebody on it or taking them off."""
    actor, case = actor_of(request), case_of(request, ref)
    form = bound(AssignForm, request, viewer=actor)
    if request.method == "POST" and request.POST.get("do") == "unassign":
        return _unassign(request, case, form)
    if request.method == "POST" and form.is_valid():
        person = form.people[form.cleaned_data["person"]]
        row = form.attempt(lambda: assign_person(actor, case=case, person=person))
        if row is not None:
            return done(request, f"{person.name} is on {case.ref}", reverse("web:case_people", args=[case.ref]))
    context = {
        "form": form, "case": case, "rows": list_assignments(actor, case=case), "back_url": tab_url(case.ref, ""),
        "may_assign": can(actor, Permission.CASE_ASSIGN), "may_take": can(actor, Permission.CASE_WORK),
        "me": actor.person_id,
    }  # fmt: skip
    return render(request, "web/cases/people.html", context, status=422 if form.is_bound and form.errors else 200)


def _unassign(request: HttpRequest, case: Case, form: AssignForm) -> HttpResponse:
    wanted = request.POST.get("person", "")
    person: Person | None = form.people.get(int(wanted)) if wanted.isdecimal() and len(wanted) < 19 else None
    if person is None:
        raise Refusal("case.not_assigned", "Nobody of that number is on the case. Reload the page.", status=404)
    unassign_person(actor_of(request), case=case, person=person)
    return done(request, f"{person.name} is off {case.ref}", reverse("web:case_people", args=[case.ref]))


def policy(request: HttpRequest, ref: str) -> HttpResponse:
    """Pin the policy version under which the case is judged."""
    actor, case = actor_of(request), case_of(request, ref, Permission.CASE_WORK)
    form: ActForm = bound(
        PinPolicy, request, version=case.version, viewer=actor, initial={"policy_version": case.policy_version_id}
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        version = form.versions[data["policy_version"]]  # type: ignore[attr-defined]
        pinned = form.attempt(
            lambda: pin_policy(
                actor, case=case, policy_version=version, version=data["version"], confirm_void=form.void_confirmed
            )
        )
        if pinned is not None:
            return done(request, f"{version} is pinned", tab_url(case.ref, ""))
        form.forget_version(case_of(request, ref).version)
    now = f"{case.policy_version} is pinned now. " if case.policy_version else ""
    ask = Ask(
        question=f"Pin a policy version to {case.ref}", submit="Pin this version", keep="Keep it as it is",
        text=f"{now}Findings keep the clauses they name: under another version they show as missing a basis until set again.",
        back_url=tab_url(case.ref, ""), ref=case.ref,
    )  # fmt: skip
    return asked(request, ask, form)
