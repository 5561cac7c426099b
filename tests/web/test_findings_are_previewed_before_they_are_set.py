"""Bulk findings through pages: choose, look at exactly what it will do, press."""

from __future__ import annotations

import pytest
from django.urls import reverse

from enforcement.cases.models import Subject
from enforcement.cases.services import add_note
from tests.factories import Desk, desk
from tests.web.pages import client_of

pytestmark = pytest.mark.django_db


def _post(at: Desk, **typed: object):
    return client_of(at.investigator).post(reverse("web:case_findings", args=[at.case.ref]), typed)


def _version(at: Desk) -> int:
    at.case.refresh_from_db()
    return at.case.version


def test_the_first_page_says_how_many_linkage_alone_holds() -> None:
    at = desk(30)
    body = client_of(at.investigator).get(reverse("web:case_findings", args=[at.case.ref])).content.decode()
    assert "<b>24 of 30</b>" in body
    assert "held by linkage alone" in body
    assert "Preview 30 findings" in body


def test_violating_for_all_sets_only_those_with_conduct_of_their_own() -> None:
    at = desk(30)
    typed = {
        "finding": "violating",
        "clauses": ["4.2", "4.5"],
        "reason": "Own alerts",
        "version": _version(at),
        "of_finding": "none",
    }
    page = _post(at, **typed)
    assert "Set 24 findings" in page.content.decode()
    assert "6 subjects have no conduct of their own" in page.content.decode()
    assert not Subject.objects.filter(case=at.case, finding="violating").exists()
    answer = _post(at, **typed, confirmed="yes")
    assert answer.status_code == 302
    assert Subject.objects.filter(case=at.case, finding="violating").count() == 24
    assert Subject.objects.filter(case=at.case, finding="").count() == 6


def test_only_the_ticked_subjects_are_carved_out() -> None:
    at = desk(30)
    ids = [row.pk for row in at.subjects()[:3]]
    typed = {"s": ids, "finding": "carve_out", "reason": "A campus network", "version": _version(at)}
    assert "Set 3 findings to carved out" in _post(at, **typed).content.decode()
    _post(at, **typed, confirmed="yes")
    assert set(Subject.objects.filter(case=at.case, carved_out=True).values_list("pk", flat=True)) == set(ids)


def test_a_case_that_changed_meanwhile_says_who_and_keeps_what_was_typed() -> None:
    at = desk(30)
    typed = {"finding": "unclear", "reason": "Typed with care", "version": _version(at)}
    add_note(at.lead, case=at.case, text="Look here first")
    answer = _post(at, **typed, confirmed="yes")
    body = answer.content.decode()
    assert answer.status_code == 422
    assert "Daniel Okafor changed" in body
    assert "Typed with care" in body
    assert f'name="version" value="{_version(at)}"' in body
    assert not Subject.objects.filter(case=at.case).exclude(finding="").exists()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"finding": "violating", "reason": "x"}, "Name the clauses that were broken, or choose unclear."),
        ({"finding": "unclear", "reason": ""}, "Reason is missing. Fill it in."),
        ({"finding": "nonsense", "reason": "x"}, "nonsense is not one of the available choices"),
    ],
)
def test_bad_input_is_named_at_its_field(typed: dict[str, str], said: str) -> None:
    at = desk(25)
    answer = _post(at, **typed)
    assert answer.status_code == 422
    assert said in answer.content.decode()


def test_ids_that_are_no_numbers_are_refused() -> None:
    at = desk(25)
    assert _post(at, s=["1; drop"], finding="unclear", reason="x").status_code == 400
