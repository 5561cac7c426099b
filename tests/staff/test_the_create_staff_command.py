"""`manage.py create_staff`: adds a person and prints the made password once."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from enforcement.staff.models import Person

pytestmark = pytest.mark.django_db


def _run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("create_staff", *arguments, stdout=out)
    return out.getvalue()


def test_json_holds_the_person_and_their_password() -> None:
    arguments = ("--email", "a@staff.example", "--name", "Ana Pell", "--role", "lead", "--role", "triager", "--json")
    figures = json.loads(_run(*arguments))
    person = Person.objects.get(pk=figures["id"])
    assert person.check_password(figures["password"])
    assert figures["roles"] == ["lead", "triager"]


def test_words_say_it_once() -> None:
    said = _run("--email", "a@staff.example", "--name", "Ana Pell", "--role", "lead", "triager")
    assert "Ana Pell may sign in as a@staff.example (lead, triager)." in said
    assert "Password, shown this once: " in said


def test_an_unknown_role_is_one_sentence() -> None:
    with pytest.raises(CommandError, match="There is no role king for people; the roles are triager"):
        _run("--email", "a@staff.example", "--name", "Ana", "--role", "king")
    assert not Person.objects.exists()
