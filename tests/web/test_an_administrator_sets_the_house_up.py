"""Set-up, people, detectors and tokens from the browser."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from enforcement.audit.errors import Refusal
from enforcement.signals.models import Detector, DetectorToken
from enforcement.signals.services import authenticate_token
from enforcement.staff.models import Person
from enforcement.staff.setup import setup_token
from tests.factories import detectors, person, person_row
from tests.web.pages import client_of, client_with

pytestmark = pytest.mark.django_db


def test_the_first_administrator_gets_in_by_the_token_and_nobody_after() -> None:
    token, client = setup_token(), Client()
    assert str(token) in client.get(f"/setup/?token={token}").content.decode()
    given = {"name": "Tomasz Reyes", "email": "tomasz@staff.example", "password": "a long and odd passphrase 7"}
    wrong = client.post("/setup/", given | {"token": "guess"})
    assert wrong.status_code == 422
    assert "not the set-up token" in wrong.content.decode()
    done = client.post("/setup/", given | {"token": token})
    assert (done.status_code, done["Location"]) == (302, reverse("account_login"))
    assert client.get("/setup/")["Location"] == reverse("account_login")
    client.force_login(Person.objects.get())
    assert "What is left to set up" in client.get("/").content.decode()


def test_a_weak_password_stands_at_its_field() -> None:
    token = setup_token()
    given = {"token": token, "name": "T", "email": "t@staff.example", "password": "short"}
    answer = Client().post("/setup/", given)
    assert answer.status_code == 422
    assert "id_password" in answer.content.decode()
    assert not Person.objects.exists()


def test_a_person_is_added_and_their_password_shown_once() -> None:
    client = client_with("administrator")
    given = {"name": "Priya Nair", "email": "priya@staff.example", "roles": ["triager"]}
    answer = client.post(reverse("web:person_new"), given)
    secret = re.search(r'id="secret">([^<]+)<', answer.content.decode())
    assert secret is not None
    assert answer["Cache-Control"] == "no-store"
    assert Person.objects.get(email="priya@staff.example").check_password(secret[1])
    again = client.post(reverse("web:person_new"), given)
    assert again.status_code == 422
    assert "signs in as" in again.content.decode()


def test_roles_that_will_not_do_together_are_refused_at_the_field() -> None:
    one = person("triager")
    answer = client_with("administrator").post(
        reverse("web:person", args=[one.id]), {"roles": ["administrator", "reviewer"], "reason": "both"}
    )
    assert answer.status_code == 422
    assert "decides no case" in answer.content.decode()


def test_somebody_is_shut_out_after_a_reason() -> None:
    one, client = person("triager", name="Priya Nair"), client_with("administrator")
    url = reverse("web:person_deactivate", args=[one.id])
    assert "Shut Priya Nair out" in client.get(url).content.decode()
    assert client.post(url, {}).status_code == 422
    assert client.post(url, {"reason": "left", "confirmed": "yes"}).status_code == 302
    assert not person_row(one).is_active


def test_a_lead_may_look_at_people_but_not_change_them() -> None:
    one, client = person("triager"), client_with("lead")
    assert client.get(reverse("web:person", args=[one.id])).status_code == 200
    assert client.post(reverse("web:person", args=[one.id]), {"roles": ["lead"], "reason": "x"}).status_code == 403
    assert client.get(reverse("web:person_deactivate", args=[one.id])).status_code == 403


def test_a_detector_is_registered_with_its_rules() -> None:
    client = client_with("administrator")
    given = {"slug": "card-velocity", "name": "Card velocity", "state": "canary", "rules": "CV-01 | 1 | 4 | Nine cards"}
    assert client.post(reverse("web:detector_new"), given).status_code == 302
    assert Detector.objects.get(slug="card-velocity").rule_versions.get().title == "Nine cards"
    wrong = client.post(reverse("web:detector_new"), given | {"slug": "two", "rules": "only words"})
    assert wrong.status_code == 422
    assert "Line 1 cannot be read" in wrong.content.decode()
    slug = client.post(reverse("web:detector_new"), given | {"slug": "Not A Slug"})
    assert slug.status_code == 422


def test_a_token_is_shown_once_and_works_until_it_is_revoked() -> None:
    detectors()
    client = client_of(person("administrator"))
    answer = client.post(reverse("web:detector_token_new", args=["prompt-harvest"]))
    secret = re.search(r'id="secret">([^<]+)<', answer.content.decode())
    assert secret is not None
    assert answer["Cache-Control"] == "no-store"
    assert authenticate_token(secret[1]).kind == "machine"
    token = DetectorToken.objects.get()
    assert secret[1] not in client.get(reverse("web:detector", args=["prompt-harvest"])).content.decode()
    url = reverse("web:detector_token_revoke", args=["prompt-harvest", token.pk])
    assert "cannot be taken back" in client.get(url).content.decode()
    assert client.post(url, {"confirmed": "yes"}).status_code == 302
    with pytest.raises(Refusal, match="revoked"):
        authenticate_token(secret[1])


def test_an_investigator_may_not_touch_tokens() -> None:
    detectors()
    client = client_with("investigator")
    assert client.post(reverse("web:detector_token_new", args=["prompt-harvest"])).status_code == 403
    assert client.post(reverse("web:detector_revoke", args=["prompt-harvest"])).status_code == 403
