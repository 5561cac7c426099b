"""Actors made from people and tokens."""

from enforcement.audit.actors import SYSTEM, Actor, rule_actor
from enforcement.staff.models import Person
from enforcement.staff.roles import Role

__all__ = ["SYSTEM", "Actor", "machine_actor", "person_actor", "rule_actor"]


def person_actor(person: Person) -> Actor:
    """The actor for a signed-in person, with the roles they hold now."""
    roles = frozenset(person.grants.values_list("role", flat=True)) if person.is_active else frozenset()
    return Actor("person", person.pk, person.name, roles)


def machine_actor(*, token_id: int, detector_id: int, label: str) -> Actor:
    """The actor for a detector's token: it may post as that detector, and nothing else."""
    return Actor("machine", token_id, label, frozenset({Role.MACHINE.value}), detector_id)
