"""POST /api/v1/alerts/: what becomes of one signal, and what is refused with the field at fault."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account
from enforcement.alerts.models import Alert, AlertTally
from enforcement.signals.models import PostedSignal, Revision
from tests.api.conftest import Machine, is_problem, signal, signed_in

pytestmark = pytest.mark.django_db
URL = "/api/v1/alerts/"


def test_the_first_signal_creates_an_alert_that_exists_by_then(watch: Machine) -> None:
    answer = watch.post(URL, signal(exchanges=7))
    assert answer.status_code == 201
    body = answer.json()
    assert body["result"] == "created"
    alert = Alert.objects.get(pk=body["alert"])
    assert (alert.detector, alert.rule, alert.account.platform_id) == (watch.detector, "W-1", "ac-1")


def test_the_next_ones_fold_repeat_or_revise(watch: Machine) -> None:
    first = watch.post(URL, signal(exchanges=7)).json()["alert"]
    for given, result in (
        (signal("r-2"), "folded"),
        (signal(exchanges=7), "duplicate"),
        (signal(exchanges=8), "revised"),
    ):
        answer = watch.post(URL, given)
        assert (answer.status_code, answer.json()["result"], answer.json()["alert"]) == (200, result, first)
    tally = AlertTally.objects.get()
    assert (tally.signals, tally.exchanges) == (2, 7)
    assert Revision.objects.get().body["exchanges"] == 8


def test_a_context_record_makes_no_alert(watch: Machine) -> None:
    given = signal(rule=None, identifiers=[{"kind": "payment", "value": "pf-1"}])
    answer = watch.post(URL, given)
    assert (answer.status_code, answer.json()["result"], answer.json()["alert"]) == (200, "context", None)
    assert not Alert.objects.exists()


def test_unknown_fields_are_kept_and_the_detector_is_never_the_bodys(watch: Machine, meter: Machine) -> None:
    answer = watch.post(URL, signal(detector="meter", colour={"of": ["hat", 1.5]}))
    assert Alert.objects.get(pk=answer.json()["alert"]).detector == watch.detector
    assert PostedSignal.objects.get().body["unmapped"] == {"detector": "meter", "colour": {"of": ["hat", 1.5]}}


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "nonsense"]
)
def test_what_the_body_is_called_does_not_matter(watch: Machine, content_type: str) -> None:
    assert watch.post(URL, signal(), content_type=content_type).status_code == 201


BAD_FIELDS: dict[str, tuple[dict[str, Any], str]] = {
    "no account": ({"account": None}, "account"),
    "an empty account": ({"account": "  "}, "account"),
    "no reference": ({"source_ref": None}, "source_ref"),
    "a long reference": ({"source_ref": "r" * 201}, "source_ref"),
    "no time": ({"observed_at": None}, "observed_at"),
    "the year 3000": ({"observed_at": "3000-01-01T00:00:00Z"}, "observed_at"),
    "the year 1999": ({"observed_at": "1999-12-31T23:59:59Z"}, "observed_at"),
    "a time of no zone": ({"observed_at": "2026-10-01T10:00:00"}, "observed_at"),
    "the 31st of February": ({"observed_at": "2026-02-31T10:00:00Z"}, "observed_at"),
    "a severity of seven": ({"severity": 7}, "severity"),
    "a severity of no name": ({"severity": "loud"}, "severity"),
    "a severity that is true": ({"severity": True}, "severity"),
    "a score of 101": ({"score": 101}, "score"),
    "a score below zero": ({"score": -0.5}, "score"),
    "half an exchange": ({"exchanges": 0.5}, "exchanges"),
    "exchanges beyond counting": ({"exchanges": 10**12}, "exchanges"),
    "a line break in the account": ({"account": "ac\n1"}, "account"),
    "identifiers that are no list": ({"identifiers": {"kind": "ip"}}, "identifiers"),
    "an identifier of no value": ({"identifiers": [{"kind": "ip"}]}, "identifiers[0]"),
    "an address that is none": ({"identifiers": [{"kind": "ip", "value": "300.1.2.3"}]}, "identifiers[0].value"),
    "a sample that is text": ({"sample": "hello"}, "sample"),
    "a digest that is none": ({"sample": {"sha256": "abc"}}, "sample.sha256"),
    "a colour of no light": ({"tlp": "blue"}, "tlp"),
}


@pytest.mark.parametrize("case", BAD_FIELDS)
def test_a_bad_field_is_named(watch: Machine, case: str) -> None:
    fields, at_fault = BAD_FIELDS[case]
    assert is_problem(watch.post(URL, signal(**fields)), 422, field=at_fault)
    assert not Account.objects.exists()
    assert not PostedSignal.objects.exists()


GOOD = json.dumps(signal()).encode()
BAD_BODIES: dict[str, tuple[bytes, int, str]] = {
    "nothing": (b"", 400, "signal.empty"),
    "white space": (b" \n\t ", 400, "signal.empty"),
    "words": (b"hello", 400, "signal.json"),
    "a list": (b"[" + GOOD + b"]", 400, "signal.json"),
    "half an object": (GOOD[:-5], 400, "signal.json"),
    "two objects": (GOOD + GOOD, 400, "signal.json"),
    "not UTF-8": (GOOD.replace(b"ac-1", b"ac-\xff"), 400, "signal.json"),
    "not a number": (GOOD[:-1] + b', "score": NaN}', 400, "signal.json"),
    "binary rubbish": (bytes(range(256)), 400, "signal.json"),
    "an account twice": (GOOD[:-1] + b', "account": "ac-2"}', 422, "signal.duplicate_key"),
    "an escaped NUL": (GOOD.replace(b"ac-1", b"ac-\\u0000"), 422, "signal.nul"),
    "a NUL in an unknown field": (GOOD[:-1] + b', "x": {"y": ["\\u0000"]}}', 422, "signal.nul"),
    "half a character": (GOOD.replace(b"ac-1", b"ac-\\ud800"), 422, "signal.surrogate"),
    "deep nesting": (GOOD[:-1] + b', "x": ' + b"[" * 40 + b"]" * 40 + b"}", 422, "signal.depth"),
    "bottomless nesting": (GOOD[:-1] + b', "x": ' + b"[" * 200_000 + b"]" * 200_000 + b"}", 422, "signal.depth"),
    "two megabytes": (GOOD[:-1] + b', "x": "' + b"y" * 2_000_000 + b'"}', 413, "signal.too_large"),
    "a number beyond floats": (GOOD[:-1] + b', "x": 1e999}', 422, "signal.number"),
    "a number of 5,000 digits": (GOOD[:-1] + b', "exchanges": ' + b"9" * 5_000 + b"}", 400, "signal.json"),
}


@pytest.mark.parametrize("case", BAD_BODIES)
def test_a_bad_body_is_refused_and_nothing_landed(watch: Machine, case: str) -> None:
    body, status, code = BAD_BODIES[case]
    assert is_problem(watch.post(URL, body), status, code)
    assert not Account.objects.exists()
    assert not PostedSignal.objects.exists()


@pytest.mark.parametrize("header", [None, "Bearer nobody", "Bearer ", "Basic YTpi", "Bearer \x00"])
def test_without_a_known_token_nobody_posts(watch: Machine, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = Client().post(URL, GOOD, content_type="application/json", headers=headers)
    assert is_problem(answer, 401)
    assert answer["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("role", ["investigator", "administrator", "auditor"])
def test_a_person_posts_no_signal(watch: Machine, role: str) -> None:
    answer = signed_in(role).post(URL, GOOD, content_type="application/json", headers={"X-Detector": "watch"})
    assert is_problem(answer, 403)


def test_a_token_posts_as_its_own_detector_alone(watch: Machine, meter: Machine) -> None:
    assert is_problem(watch.post(URL, GOOD, **{"X-Detector": "meter"}), 403, "token.other_detector", "detector")
    assert not Alert.objects.exists()
