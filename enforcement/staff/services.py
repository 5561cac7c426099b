"""Writes of the staff stage: people and the roles they hold."""

from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection, transaction

from enforcement.audit.actors import SYSTEM, Actor
from enforcement.audit.errors import Refusal
from enforcement.audit.services import record_event
from enforcement.staff.matrix import Permission, require
from enforcement.staff.models import Person, RoleGrant
from enforcement.staff.passwords import check_password, made_password
from enforcement.staff.roles import Role
from enforcement.staff.setup import setup_token, spend_token, token_matches

_STAFF_LOCK = 0x53544646  # "STFF": who is the last administrator is asked and answered by one at a time


def create_person(
    actor: Actor,
    *,
    email: str,
    name: str,
    roles: Collection[str],
    password: str | None = None,
    is_demo: bool = False,
) -> tuple[Person, str]:
    """Add a member of staff; returns them and their password, which is made here unless given, and shown this once.

    Raises `Refusal`: 403 without `staff.edit`, 400 for an address, name, role or password that will not do, 409 for an
    address that somebody has.
    """
    require(actor, Permission.STAFF_EDIT)
    with transaction.atomic():
        _lock()
        person, chosen = _make_person(email=email, name=name, password=password, is_demo=is_demo)
        _grant(actor, person, _checked_roles(roles))
        record_event(
            actor=actor,
            verb="staff.person_created",
            target=person,
            data={"email": person.email, "roles": sorted(roles)},
        )
    return person, chosen


def set_roles(actor: Actor, *, person: Person, roles: Collection[str], reason: str = "") -> Person:
    """Let `person` hold exactly `roles`.

    Raises `Refusal`: 403 without `staff.edit` or for one's own roles, 400 for roles that will not do together, 409 when
    nobody would be administrator any more.
    """
    require(actor, Permission.STAFF_EDIT)
    _not_oneself(actor, person, "roles")
    wanted = _checked_roles(roles)
    with transaction.atomic():
        _lock()
        held = set(person.grants.values_list("role", flat=True))
        if held == wanted:
            return person
        if Role.ADMINISTRATOR.value in held - wanted:
            _keep_an_administrator(person)
        person.grants.filter(role__in=held - wanted).delete()
        _grant(actor, person, wanted - held)
        record_event(
            actor=actor,
            verb="staff.roles_set",
            target=person,
            reason=reason,
            data={"before": sorted(held), "after": sorted(wanted)},
        )
    return person


def deactivate_person(actor: Actor, *, person: Person, reason: str) -> Person:
    """Shut `person` out, at once and from every session. What they did stays under their name.

    Raises `Refusal`: 403 without `staff.edit` or for oneself, 400 without a reason, 409 for the last administrator.
    """
    require(actor, Permission.STAFF_EDIT)
    _not_oneself(actor, person, "access")
    if not reason.strip():
        raise Refusal("staff.reason", "Say why this person is shut out.", field="reason", status=400)
    with transaction.atomic():
        _lock()
        person.refresh_from_db()
        if not person.is_active:
            return person
        _keep_an_administrator(person)
        person.is_active = False
        person.save(update_fields=["is_active"])
        record_event(actor=actor, verb="staff.person_deactivated", target=person, reason=reason)
    return person


def first_administrator(token: str, *, email: str, name: str, password: str) -> Person:
    """Make the first person of an empty installation, an administrator, in exchange for the set-up token.

    Raises `Refusal`: 403 for a token that is not the one in `DOSSIER_HOME`, 409 once a person exists, 400 for an
    address, name or password that will not do.
    """
    with transaction.atomic():
        _lock()
        if setup_token() is None:
            raise Refusal("staff.set_up_already", "There are people here already. Ask an administrator to add you.")
        if not token_matches(token):
            raise Refusal(
                "staff.setup_token",
                "This is not the set-up token. It stands in the terminal that started Dossier, and in the file "
                "setup-token of DOSSIER_HOME.",
                field="token",
                status=403,
            )
        person, _ = _make_person(email=email, name=name, password=password, is_demo=False)
        _grant(SYSTEM, person, {Role.ADMINISTRATOR.value})
        record_event(
            actor=Actor("person", person.pk, person.name),
            verb="staff.person_created",
            target=person,
            reason="First administrator, by set-up token",
            data={"email": person.email, "roles": [Role.ADMINISTRATOR.value]},
        )
        transaction.on_commit(spend_token)
    return person


def _make_person(*, email: str, name: str, password: str | None, is_demo: bool) -> tuple[Person, str]:
    address, words = email.strip().lower(), " ".join(name.split())
    try:
        validate_email(address)
    except ValidationError as error:
        raise Refusal("staff.email", f"{email!r} is not an e-mail address.", field="email", status=400) from error
    if not words or len(words) > 120:
        raise Refusal("staff.name", "A name takes 1 to 120 characters.", field="name", status=400)
    if Person.objects.filter(email__iexact=address).exists():
        raise Refusal("staff.email_taken", f"Somebody signs in as {address} already.", field="email")
    person = Person(email=address, name=words, is_demo=is_demo)
    if password is not None:
        check_password(password, person)
    chosen = made_password() if password is None else password
    person.set_password(chosen)
    person.save(force_insert=True)
    return person, chosen


def _checked_roles(roles: Collection[str]) -> set[str]:
    wanted = {str(role) for role in roles}
    unknown = sorted(wanted - set(Role.values)) + ([Role.MACHINE.value] if Role.MACHINE.value in wanted else [])
    if unknown or not wanted:
        known = ", ".join(role.value for role in Role if role is not Role.MACHINE)
        problem = f"There is no role {unknown[0]} for people" if unknown else "A person holds at least one role"
        raise Refusal("staff.role", f"{problem}; the roles are {known}.", field="roles", status=400)
    if {Role.ADMINISTRATOR.value, Role.REVIEWER.value} <= wanted:
        raise Refusal(
            "staff.administrator_decides_nothing",
            "An administrator decides no case, so nobody is administrator and reviewer at once.",
            field="roles",
            status=400,
        )
    return wanted


def _grant(actor: Actor, person: Person, roles: Collection[str]) -> None:
    RoleGrant.objects.bulk_create(
        RoleGrant(person=person, role=role, granted_by_id=actor.person_id) for role in sorted(roles)
    )


def _not_oneself(actor: Actor, person: Person, what: str) -> None:
    if actor.person_id == person.pk:
        raise Refusal("staff.oneself", f"Nobody changes their own {what}. Ask another administrator.", status=403)


def _keep_an_administrator(person: Person) -> None:
    """Raise `Refusal` when `person` is the last active administrator."""
    administrators = RoleGrant.objects.filter(role=Role.ADMINISTRATOR, person__is_active=True)
    if administrators.filter(person=person).exists() and not administrators.exclude(person=person).exists():
        raise Refusal(
            "staff.last_administrator", f"{person} is the last administrator. Make somebody else administrator first."
        )


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_STAFF_LOCK])
