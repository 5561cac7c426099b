"""Who may do what in which case, and holding a case still while it is changed."""

from django.db import connection

from enforcement.audit.actors import Actor
from enforcement.audit.errors import Refusal, not_found
from enforcement.audit.models import Event
from enforcement.cases.models import Assignment, Case
from enforcement.cases.states import SHUT
from enforcement.staff.matrix import Permission, Scope, can, require


def scope_of(case: Case) -> Scope:
    """What the permission matrix is asked about a case: its seal, and the people assigned to it now."""
    team = Assignment.objects.filter(case=case, until=None).values_list("person_id", flat=True) if case.sealed else ()
    return Scope(sealed=case.sealed, team=frozenset(team))


def require_in(actor: Actor, permission: Permission, case: Case) -> None:
    """Raise `Refusal`: 404 where `actor` may not even see a sealed case, else 403 unless `permission` is held."""
    scope = scope_of(case)
    if case.sealed and not can(actor, Permission.CASE_VIEW, scope):
        raise not_found("case", case.ref)
    require(actor, permission, scope)


def find_case(viewer: Actor, *, ref: str, permission: Permission = Permission.CASE_VIEW) -> Case:
    """The case named `ref`. Raises `Refusal`: 403 without the permission, 404 when there is none to be seen."""
    require(viewer, permission)
    case = (
        Case.objects.select_related("policy_version__policy", "opened_by_rule", "opened_by", "merged_into")
        .filter(ref__iexact=ref.strip())
        .first()
    )
    if case is None:
        raise not_found("case", ref)
    require_in(viewer, permission, case)
    return case


def person_of(actor: Actor) -> int:
    """The person acting.

    Raises `Refusal` 403 where a rule, the system or a machine asks for what only people decide.
    """
    if actor.person_id is None:
        raise Refusal("case.person_needed", "Only a person may do this; a rule or a token may not.", status=403)
    return actor.person_id


def refuse_shut(case: Case) -> None:
    """Raise `Refusal` 409 for a closed or merged case: a form for it would only be refused later."""
    if case.state in SHUT:
        raise Refusal("case.read_only", f"{case.ref} is {case.state} and read-only. Reopen it first.")


def lock_case(case: Case, *, version: int | None = None, shut_too: bool = False) -> Case:
    """The row of `case`, locked until the transaction ends.

    Raises `Refusal` 409: `case.changed` when `version` (what the person saw) is no longer the row's, saying who changed
    it and when; `case.read_only` when it is closed or merged, unless `shut_too`.
    """
    row = Case.objects.select_for_update().get(pk=case.pk)
    if version is not None and version != row.version:
        raise Refusal("case.changed", _changed_words(row))
    if not shut_too:
        refuse_shut(row)
    return row


def _changed_words(row: Case) -> str:
    last = Event.objects.filter(case_id=row.pk).order_by("-id").first()
    if last is None:
        return f"{row.ref} changed since you opened it. Reload it and look before you go on."
    when = f"{last.at.day} {last.at:%b %Y, %H:%M} UTC"
    return f"{last.actor_label} changed {row.ref} on {when}, after you opened it. Reload it and look before you go on."


def lock_refs(name: str) -> None:
    """Let one transaction at a time give out the next number of `name`; released when it ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"refs.{name}"])
