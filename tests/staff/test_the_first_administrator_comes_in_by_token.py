"""An empty installation lets one person in, by a token that lies beside its keys."""

import threading

import pytest
from django.db import connection

from enforcement.audit.actors import SYSTEM
from enforcement.audit.errors import Refusal
from enforcement.staff.actors import person_actor
from enforcement.staff.models import Person
from enforcement.staff.services import create_person, first_administrator
from enforcement.staff.setup import setup_token, token_path

pytestmark = pytest.mark.django_db(transaction=True)
WHO = {"email": "first@staff.example", "name": "First One", "password": "a long enough sentence"}


@pytest.fixture(autouse=True)
def _no_token_left(transactional_db: None) -> None:
    token_path().unlink(missing_ok=True)


def test_the_token_is_made_once_private_and_spent() -> None:
    token = setup_token()
    assert token
    assert setup_token() == token
    assert token_path().stat().st_mode & 0o777 == 0o600
    person = first_administrator(token, **WHO)
    assert person_actor(person).roles == {"administrator"}
    assert person.check_password(WHO["password"])
    assert not token_path().exists()
    assert setup_token() is None


@pytest.mark.parametrize("token", ["", "wrong", "é"])
def test_another_token_lets_nobody_in(token: str) -> None:
    setup_token()
    with pytest.raises(Refusal) as refused:
        first_administrator(token, **WHO)
    assert (refused.value.code, refused.value.status) == ("staff.setup_token", 403)
    assert not Person.objects.exists()


def test_once_a_person_exists_the_token_is_worth_nothing() -> None:
    token = setup_token() or ""
    create_person(SYSTEM, email="someone@staff.example", name="Someone", roles=["lead"])
    with pytest.raises(Refusal) as refused:
        first_administrator(token, **WHO)
    assert refused.value.code == "staff.set_up_already"


def test_two_at_once_make_one_administrator() -> None:
    token = setup_token() or ""
    refusals: list[str] = []

    def come_in(number: int) -> None:
        try:
            first_administrator(token, **{**WHO, "email": f"p{number}@staff.example"})
        except Refusal as refusal:
            refusals.append(refusal.code)
        connection.close()

    threads = [threading.Thread(target=come_in, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Person.objects.count() == 1
    assert refusals == ["staff.set_up_already"] * 3


def test_a_poor_password_spends_no_token() -> None:
    token = setup_token() or ""
    with pytest.raises(Refusal) as refused:
        first_administrator(token, **{**WHO, "password": "password"})
    assert refused.value.field == "password"
    assert setup_token() == token
