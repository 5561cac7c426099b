"""Reads of the staff stage."""

from django.db.models import Q

from enforcement.audit.actors import Actor
from enforcement.audit.errors import not_found
from enforcement.audit.paging import Page, page_of
from enforcement.staff.matrix import MATRIX, Permission, require
from enforcement.staff.models import Person


def list_people(
    viewer: Actor, *, q: str = "", active: bool | None = None, cursor: str = "", size: int = 50
) -> Page[Person]:
    """People by e-mail address, with their grants; `q` is looked for in name and address. 403 without `staff.view`."""
    require(viewer, Permission.STAFF_VIEW)
    people = Person.objects.prefetch_related("grants")
    if q:
        people = people.filter(Q(name__icontains=q) | Q(email__icontains=q))
    if active is not None:
        people = people.filter(is_active=active)
    return page_of(people, order=["email"], cursor=cursor, size=size)


def get_person(viewer: Actor, *, person_id: int) -> Person:
    """One person with their grants. Raises `Refusal` 403 without `staff.view`, 404 when there is none."""
    require(viewer, Permission.STAFF_VIEW)
    person = Person.objects.prefetch_related("grants").filter(pk=person_id).first()
    if person is None:
        raise not_found("person", person_id)
    return person


def people_who_may(viewer: Actor, *, permission: Permission) -> list[Person]:
    """Active people who hold `permission` by one of their roles, by name: whom a case can be given to, who may approve.

    For anybody who may see cases. Says nothing of the scope: a sealed case still asks the matrix.
    """
    require(viewer, Permission.CASE_VIEW)
    roles = [role.value for role, held in MATRIX.items() if permission in held]
    return list(Person.objects.filter(is_active=True, grants__role__in=roles).distinct().order_by("name", "pk"))
