"""Assignments, notes and tasks."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from enforcement.audit.actors import Actor
from enforcement.audit.errors import Refusal
from enforcement.audit.services import record_event
from enforcement.cases.access import lock_case, person_of, require_in, scope_of
from enforcement.cases.models import Assignment, Case, Involvement, Note, Task
from enforcement.cases.services.settling import settle, touch
from enforcement.staff.actors import person_actor
from enforcement.staff.matrix import Permission, Scope, can
from enforcement.staff.models import Person
from enforcement.staff.roles import Role


@transaction.atomic
def assign_person(actor: Actor, *, case: Case, person: Person) -> Assignment:
    """Put somebody on a case; those who may work cases may take one themselves. Twice is once.

    Both are involved from then on and cannot approve in it. Raises `Refusal` 422 when the person may not work cases.
    """
    taking = actor.person_id == person.pk and can(actor, Permission.CASE_WORK, scope_of(case))
    require_in(actor, Permission.CASE_WORK if taking else Permission.CASE_ASSIGN, case)
    lock_case(case)
    if not can(person_actor(person), Permission.CASE_WORK, Scope()):
        raise Refusal(
            "case.assignee", f"{person.name} may not work cases. Choose an investigator or a lead.", field="person",
            status=422,
        )  # fmt: skip
    row, created = Assignment.objects.get_or_create(
        case=case, person=person, until=None, defaults={"assigned_by_id": person_of(actor)}
    )
    if created:
        record_event(
            actor=actor,
            verb="cases.assigned",
            target=case,
            case_id=case.pk,
            data={"person": person.name, "to": person.pk},
        )
        touch(case)
    return row


@transaction.atomic
def unassign_person(actor: Actor, *, case: Case, person: Person) -> None:
    """Take somebody off a case; their part in it stays. Raises `Refusal` 409 when they are not on it."""
    own = actor.person_id == person.pk and can(actor, Permission.CASE_WORK, scope_of(case))
    require_in(actor, Permission.CASE_WORK if own else Permission.CASE_ASSIGN, case)
    lock_case(case)
    changed = Assignment.objects.filter(case=case, person=person, until=None).update(until=timezone.now())
    if not changed:
        raise Refusal("case.not_assigned", f"{person.name} is not assigned to {case.ref}.")
    record_event(
        actor=actor,
        verb="cases.unassigned",
        target=case,
        case_id=case.pk,
        data={"person": person.name, "from": person.pk},
    )
    touch(case)


@transaction.atomic
def add_note(actor: Actor, *, case: Case, text: str) -> Note:
    """Write a note. Counsel may write one too: that is advice, and who advised in a case never approves in it.

    Raises `Refusal` 422 for an empty note.
    """
    if not can(actor, Permission.CASE_ADVISE, scope_of(case)):
        require_in(actor, Permission.CASE_WORK, case)
    person = person_of(actor)
    if not text.strip():
        raise Refusal("note.empty", "The note is empty. Write something.", field="text", status=422)
    lock_case(case)
    note = Note.objects.create(case=case, author_id=person, text=text.strip())
    if Role.LEGAL.value in actor.roles:
        Involvement.objects.get_or_create(
            case=case, person_id=person, how="advised", defaults={"since": timezone.now()}
        )
    record_event(actor=actor, verb="cases.note_added", target=note, case_id=case.pk)
    touch(case)
    return note


@transaction.atomic
def add_task(
    actor: Actor, *, case: Case, title: str, assignee: Person | None = None, due_at: datetime | None = None
) -> Task:
    """Add a task; while it is open the case cannot be submitted. Raises `Refusal` 422 without a title."""
    require_in(actor, Permission.CASE_WORK, case)
    if not title.strip():
        raise Refusal("task.title", "The task needs a title.", field="title", status=422)
    lock_case(case)
    task = Task.objects.create(
        case=case, title=title.strip()[:200], assignee=assignee, due_at=due_at, created_by_id=person_of(actor)
    )
    record_event(actor=actor, verb="cases.task_added", target=task, case_id=case.pk)
    settle(case)
    return task


@transaction.atomic
def end_task(actor: Actor, *, task: Task, state: str, reason: str = "") -> Task:
    """End a task as `done` or `waived`; waiving needs a reason.

    Raises `Refusal` 422 for either, 409 when it is over.
    """
    require_in(actor, Permission.CASE_WORK, task.case)
    if state not in {"done", "waived"}:
        raise Refusal("task.state", "A task ends as done or waived.", field="state", status=422)
    if state == "waived" and not reason.strip():
        raise Refusal("task.reason", "Say why the task is waived.", field="reason", status=422)
    lock_case(task.case)
    ended = Task.objects.filter(pk=task.pk, state="open").update(
        state=state, reason=reason.strip(), ended_by_id=person_of(actor), ended_at=timezone.now()
    )
    if not ended:
        raise Refusal("task.over", "Somebody ended this task already.")
    record_event(
        actor=actor, verb="cases.task_ended", target=task, case_id=task.case_id, reason=reason, data={"state": state}
    )
    settle(task.case)
    task.refresh_from_db()
    return task
