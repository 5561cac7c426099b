"""The queue: filters, keyset pages, verdicts on one and many, and what changed in between."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from enforcement.alerts.models import Alert
from enforcement.alerts.services import triage_alert
from enforcement.audit.models import Event
from tests.factories import account, alert, detectors, person, ring
from tests.web.pages import client_of, client_with

pytestmark = pytest.mark.django_db


def some(count: int) -> list[Alert]:
    _, harvest, _ = detectors()
    return [alert(account(), harvest, "PH-01", conduct="bulk-question-answer") for _ in range(count)]


def preview(client: Client, rows: list[Alert], verdict: str) -> str:
    """The frozen value of a preview page."""
    answer = client.post(reverse("web:alerts_triage"), {"alert": [row.pk for row in rows], "do": verdict})
    assert answer.status_code == 200
    found = re.search(r'name="frozen" value="([^"]+)"', answer.content.decode())
    assert found is not None
    return found[1]


def test_the_queue_shows_why_an_alert_is_grouped() -> None:
    made = ring(12)
    shown = client_with("triager").get(reverse("web:alerts")).content.decode()
    assert f"/clusters/{made.cluster.ref}/" in shown
    assert f"payment pf-{made.cluster.pk} shared by" in shown
    assert "Select A-" in shown


def test_who_may_not_triage_sees_no_boxes() -> None:
    some(1)
    shown = client_with("auditor").get(reverse("web:alerts")).content.decode()
    assert "data-select-page" not in shown


def test_filters_narrow_and_can_be_taken_away_again() -> None:
    rows = some(3)
    client = client_with("triager")
    address = f"?account={rows[0].account.platform_id}"
    shown = client.get(reverse("web:alerts") + address).content.decode()
    assert "1 match" in shown
    assert "Remove filter Account" in shown


@pytest.mark.parametrize(
    ("query", "field"),
    [("severity=loud", "Severity at least"), ("seen_from=yesterday", "Seen from"), ("state=gone", "State")],
)
def test_a_filter_that_cannot_be_read_is_named(query: str, field: str) -> None:
    answer = client_with("triager").get(f"{reverse('web:alerts')}?{query}")
    assert answer.status_code == 400
    assert field in answer.content.decode()


@pytest.mark.parametrize("query", ["sort=loudness", "after=rubbish"])
def test_an_address_nobody_gave_out_is_refused(query: str) -> None:
    assert client_with("triager").get(f"{reverse('web:alerts')}?{query}").status_code == 400


def test_older_and_newer_walk_the_whole_queue_once() -> None:
    rows = {row.pk for row in some(70)}
    client, seen, url = client_with("triager"), [], reverse("web:alerts")
    for _ in range(3):
        shown = client.get(url).content.decode()
        seen += [int(found) for found in re.findall(r'name="alert" value="(\d+)"', shown)]
        older = re.search(r'href="(\?[^"]+)" rel="next"', shown)
        if older is None:
            break
        url = reverse("web:alerts") + older[1].replace("&amp;", "&")
    assert sorted(seen) == sorted(rows)


def test_the_list_takes_as_many_queries_for_fifty_as_for_five(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    client = client_with("triager")
    some(50)
    with django_assert_max_num_queries(34):
        client.get(reverse("web:alerts"))


def test_a_dismissal_asks_its_reason_and_names_the_count() -> None:
    rows, actor = some(3), person("triager")
    client = client_of(actor)
    answer = client.post(reverse("web:alerts_triage"), {"alert": [row.pk for row in rows], "do": "dismissed"})
    assert "Dismiss 3 alerts" in answer.content.decode()
    frozen = preview(client, rows, "dismissed")
    refused = client.post(reverse("web:alerts_triage"), {"frozen": frozen, "do": "dismissed", "confirmed": "yes"})
    assert refused.status_code == 422
    assert "Choose a reason" in refused.content.decode()
    given = {"frozen": frozen, "do": "dismissed", "confirmed": "yes", "reason": "false_positive"}
    done = client.post(reverse("web:alerts_triage"), given)
    assert (done.status_code, done["Location"]) == (302, reverse("web:alerts"))
    assert set(Alert.objects.values_list("state", flat=True)) == {"dismissed"}
    assert Event.objects.filter(verb="alerts.triaged").count() == 1


def test_what_changed_since_the_preview_is_skipped_and_told_by_whom() -> None:
    rows = some(3)
    client = client_with("triager")
    frozen = preview(client, rows, "escalated")
    triage_alert(person("lead", name="Daniel Okafor"), alert_id=rows[0].pk, verdict="dismissed", reason="own_test")
    answer = client.post(reverse("web:alerts_triage"), {"frozen": frozen, "do": "escalated", "confirmed": "yes"})
    shown = answer.content.decode()
    assert "2 alerts escalated, 1 skipped" in shown
    assert "Daniel Okafor" in shown
    rows[0].refresh_from_db()
    assert rows[0].state == "dismissed"


def test_everything_that_matches_can_be_taken_at_once() -> None:
    some(60)
    answer = client_with("triager").get(f"{reverse('web:alerts_triage')}?all=yes&view=queue&do=escalated")
    assert "Escalate 60 alerts" in answer.content.decode()


def test_a_preview_that_was_tampered_with_is_refused() -> None:
    client = client_with("triager")
    answer = client.post(reverse("web:alerts_triage"), {"frozen": "made:up", "do": "escalated", "confirmed": "yes"})
    assert answer.status_code == 400
    assert "select again" in answer.content.decode()


def test_a_duplicate_names_the_other_alert() -> None:
    first, second = some(2)
    client = client_with("triager")
    frozen = preview(client, [second], "duplicate")
    given = {"frozen": frozen, "do": "duplicate", "confirmed": "yes", "duplicate_of": "A-999999"}
    refused = client.post(reverse("web:alerts_triage"), given)
    assert refused.status_code == 422
    assert "Name the other alert" in refused.content.decode()
    assert client.post(reverse("web:alerts_triage"), given | {"duplicate_of": str(first)}).status_code == 302


def test_nothing_selected_says_so() -> None:
    answer = client_with("triager").post(reverse("web:alerts_triage"), {"do": "dismissed"})
    assert answer.status_code == 400
    assert "No alert is selected" in answer.content.decode()


def test_the_dialog_is_a_fragment_and_the_page_is_a_page() -> None:
    (row,) = some(1)
    client = client_with("triager")
    url = f"{reverse('web:alerts_triage')}?alert={row.pk}&do=dismissed"
    assert "<html" in client.get(url).content.decode()
    assert "<html" not in client.get(url, headers={"HX-Request": "true"}).content.decode()


def test_an_alert_is_given_to_somebody() -> None:
    (row,), somebody = some(1), person("triager", name="Priya Nair")
    answer = client_of(somebody).post(reverse("web:alert_assign", args=[row.pk]), {"person": somebody.id})
    assert answer.status_code == 302
    row.refresh_from_db()
    assert row.assignee_id == somebody.id


def test_who_may_not_triage_cannot_post() -> None:
    (row,) = some(1)
    client = client_with("auditor")
    assert client.post(reverse("web:alerts_triage"), {"alert": row.pk, "do": "dismissed"}).status_code == 403
    assert client.post(reverse("web:alert_assign", args=[row.pk]), {"person": ""}).status_code == 403
