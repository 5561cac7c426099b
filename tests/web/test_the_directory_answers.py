"""Accounts, organizations, clusters, search: filters, reasons in words, exports, jumps."""

from __future__ import annotations

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from enforcement.audit.models import Event
from tests.factories import account, desk, ring
from tests.web.pages import client_with

pytestmark = pytest.mark.django_db


def test_a_cluster_shows_picture_reasons_members_and_its_case() -> None:
    at = desk(30)
    shown = client_with("investigator").get(reverse("web:cluster", args=[at.ring.cluster.ref])).content.decode()
    assert "Why linked" in shown
    assert at.case.ref in shown
    assert at.ring.accounts[0].platform_id in shown
    assert 'id="explained"' in shown


def test_a_member_is_explained_in_words_as_page_and_as_fragment() -> None:
    made = ring(12)
    client = client_with("investigator")
    url = f"{reverse('web:cluster_explain', args=[made.cluster.ref])}?account={made.accounts[0].platform_id}"
    assert f"pf-{made.cluster.pk}" in client.get(url).content.decode()
    fragment = client.get(url, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in fragment
    assert 'id="explained"' in fragment
    assert client.get(f"{url}-none").status_code == 404


def test_members_are_exported_whole_and_the_export_is_recorded() -> None:
    made = ring(12)
    answer = client_with("investigator").get(reverse("web:cluster_members_csv", args=[made.cluster.ref]))
    lines = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert lines[0].startswith("account,part,bits")
    assert len(lines) == 13
    assert Event.objects.filter(verb="accounts.members_exported").exists()


def test_members_are_filtered_by_part_and_account() -> None:
    made = ring(12)
    client, url = client_with("investigator"), reverse("web:cluster_members", args=[made.cluster.ref])
    assert "12 match" in client.get(f"{url}?role=core").content.decode()
    assert "0 match" in client.get(f"{url}?role=joined").content.decode()
    assert "1 match" in client.get(f"{url}?q={made.accounts[0].platform_id}").content.decode()


def test_accounts_are_filtered_by_cluster_status_and_organization() -> None:
    made = ring(12)
    account()
    client, url = client_with("investigator"), reverse("web:accounts")
    assert "13 match" in client.get(url).content.decode()
    assert "12 match" in client.get(f"{url}?cluster={made.cluster.ref.lower()}").content.decode()
    assert "0 match" in client.get(f"{url}?status=terminated").content.decode()
    assert client.get(f"{url}?status=gone").status_code == 400
    refused = client.get(f"{url}?identifier=no-colon")
    assert refused.status_code == 400
    assert "a kind, a colon and a value" in refused.content.decode()


def test_the_accounts_list_takes_as_many_queries_for_fifty_as_for_five(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    ring(60)
    client = client_with("investigator")
    with django_assert_max_num_queries(24):
        client.get(reverse("web:accounts"))


def test_an_account_shows_everything_known_of_it() -> None:
    at = desk(30)
    one = at.ring.accounts[0]
    shown = client_with("investigator").get(reverse("web:account", args=[one.platform_id])).content.decode()
    assert at.case.ref in shown
    assert "PH-01" in shown
    assert f"pf-{at.ring.cluster.pk}" in shown


@pytest.mark.parametrize("kind", ["account", "cluster", "case", "organization", "identifier"])
def test_search_jumps_to_a_sole_exact_match(kind: str) -> None:
    at = desk(30)
    made = at.ring
    named = {
        "account": (made.accounts[0].platform_id, reverse("web:account", args=[made.accounts[0].platform_id])),
        "cluster": (made.cluster.ref, reverse("web:cluster", args=[made.cluster.ref])),
        "case": (at.case.ref, reverse("web:case", args=[at.case.ref])),
        "organization": (made.organization.name, reverse("web:organization", args=[made.organization.pk])),
        "identifier": (f"pf-{made.cluster.pk}", f"{reverse('web:accounts')}?identifier=payment%3Apf-{made.cluster.pk}"),
    }
    word, url = named[kind]
    answer = client_with("investigator").get(reverse("web:search"), {"q": word.lower()})
    assert (answer.status_code, answer["Location"]) == (302, url)


def test_search_lists_what_begins_so_and_shows_nothing_that_may_not_be_seen() -> None:
    ring(12)
    found = client_with("investigator").get(reverse("web:search"), {"q": "ac-"}).content.decode()
    assert "Accounts" in found
    assert "Nothing found" in client_with("administrator").get(reverse("web:search"), {"q": "ac-"}).content.decode()


@pytest.mark.parametrize("word", ["", "x", "%", "a" * 5000, "\x00ab", "'; DROP TABLE"])
def test_search_takes_any_words(word: str) -> None:
    assert client_with("investigator").get(reverse("web:search"), {"q": word}).status_code == 200
