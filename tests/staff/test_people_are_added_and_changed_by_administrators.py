"""Adding people, giving roles, shutting people out."""

import pytest

from enforcement.audit.actors import SYSTEM, Actor
from enforcement.audit.errors import Refusal
from enforcement.audit.models import Event
from enforcement.staff.actors import person_actor
from enforcement.staff.matrix import Permission
from enforcement.staff.models import Person
from enforcement.staff.selectors import get_person, list_people, people_who_may
from enforcement.staff.services import create_person, deactivate_person, set_roles

pytestmark = pytest.mark.django_db
STRANGERS = [
    Actor("person", 900, "Nobody"),
    *(
        Actor("person", 900, role, frozenset({role}))
        for role in ("triager", "investigator", "lead", "reviewer", "enforcer", "appeal_reviewer", "legal", "auditor")
    ),
]


@pytest.fixture
def administrator() -> Person:
    return create_person(SYSTEM, email="admin@staff.example", name="Ada Minton", roles=["administrator"])[0]


def _person(*roles: str, email: str = "ines@staff.example") -> Person:
    return create_person(SYSTEM, email=email, name="Ines Vestri", roles=roles or ["investigator"])[0]


def test_a_password_is_made_and_works_and_is_nowhere_in_the_record() -> None:
    person, password = create_person(
        SYSTEM, email=" Ines@Staff.Example ", name="Ines  Vestri", roles=["lead", "triager"]
    )
    assert person.check_password(password)
    assert len(password) == 23
    assert (person.email, person.name) == ("ines@staff.example", "Ines Vestri")
    assert person_actor(person).roles == {"lead", "triager"}
    event = Event.objects.get(verb="staff.person_created")
    assert password not in str(event.data)
    assert event.data["roles"] == ["lead", "triager"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"email": "no address"}, "staff.email"),
        ({"name": "   "}, "staff.name"),
        ({"roles": ["king"]}, "staff.role"),
        ({"roles": ["machine"]}, "staff.role"),
        ({"roles": []}, "staff.role"),
        ({"roles": ["administrator", "reviewer"]}, "staff.administrator_decides_nothing"),
        ({"password": "short"}, "staff.password"),
    ],
)
def test_what_will_not_do_is_refused_by_name(change: dict[str, object], code: str) -> None:
    given = {"email": "a@staff.example", "name": "A", "roles": ["lead"], **change}
    with pytest.raises(Refusal) as refused:
        create_person(SYSTEM, **given)  # type: ignore[arg-type]
    assert refused.value.code == code
    assert refused.value.field
    assert not Person.objects.exists()


def test_an_address_is_taken_once_whatever_its_case() -> None:
    _person()
    with pytest.raises(Refusal) as refused:
        _person(email="INES@staff.example")
    assert refused.value.code == "staff.email_taken"


@pytest.mark.parametrize("stranger", STRANGERS, ids=lambda actor: actor.label)
def test_nobody_but_an_administrator_changes_people(stranger: Actor) -> None:
    person = _person()
    for act in (
        lambda: create_person(stranger, email="b@staff.example", name="B", roles=["lead"]),
        lambda: set_roles(stranger, person=person, roles=["lead"]),
        lambda: deactivate_person(stranger, person=person, reason="x"),
    ):
        with pytest.raises(Refusal) as refused:
            act()
        assert refused.value.status == 403
    assert person_actor(Person.objects.get(pk=person.pk)).roles == {"investigator"}


def test_roles_become_exactly_what_was_said_and_the_event_tells_both(administrator: Person) -> None:
    person = _person("triager", "investigator")
    set_roles(person_actor(administrator), person=person, roles=["investigator", "lead"], reason="promoted")
    assert person_actor(person).roles == {"investigator", "lead"}
    event = Event.objects.get(verb="staff.roles_set")
    assert event.data == {"before": ["investigator", "triager"], "after": ["investigator", "lead"]}
    set_roles(person_actor(administrator), person=person, roles=["lead", "investigator"])
    assert Event.objects.filter(verb="staff.roles_set").count() == 1


def test_nobody_changes_their_own_roles_or_access(administrator: Person) -> None:
    for act in (
        lambda: set_roles(person_actor(administrator), person=administrator, roles=["lead"]),
        lambda: deactivate_person(person_actor(administrator), person=administrator, reason="tired"),
    ):
        with pytest.raises(Refusal, match="Nobody changes their own"):
            act()


def test_the_last_administrator_stays(administrator: Person) -> None:
    for act in (
        lambda: set_roles(SYSTEM, person=administrator, roles=["lead"]),
        lambda: deactivate_person(SYSTEM, person=administrator, reason="left"),
    ):
        with pytest.raises(Refusal, match="last administrator"):
            act()
    _person("administrator")
    deactivate_person(SYSTEM, person=administrator, reason="left")
    assert person_actor(Person.objects.get(pk=administrator.pk)).roles == frozenset()


def test_lists_say_who_is_here_and_who_may(administrator: Person, django_assert_num_queries) -> None:
    person = _person("reviewer")
    viewer = person_actor(administrator)
    with django_assert_num_queries(3):
        people = list_people(viewer)
        roles = [[grant.role for grant in row.grants.all()] for row in people.rows]
    assert roles == [["administrator"], ["reviewer"]]
    assert [row.pk for row in list_people(viewer, q="vestri").rows] == [person.pk]
    assert get_person(viewer, person_id=person.pk) == person
    lead = Actor("person", 5, "Lead", frozenset({"lead"}))
    assert people_who_may(lead, permission=Permission.DECISION_APPROVE) == [person]
    with pytest.raises(Refusal):
        list_people(Actor("person", 6, "T", frozenset({"triager"})))
    with pytest.raises(Refusal):
        people_who_may(viewer, permission=Permission.DECISION_APPROVE)
