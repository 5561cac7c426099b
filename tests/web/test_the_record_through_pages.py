"""Evidence, packets, terms and connectors through pages: what is kept, what is refused, and how many queries a list takes."""

from __future__ import annotations

import hashlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from enforcement.actions.models import Connector
from enforcement.cases.services import add_note, close_case
from enforcement.evidence.models import CustodyEvent, Item
from enforcement.packets.models import Packet
from enforcement.policies.models import PolicyVersion
from tests.factories import desk, find_everybody, submitted
from tests.web.pages import case_pages, client_of, client_with

pytestmark = pytest.mark.django_db


def test_an_upload_is_kept_and_reading_it_is_logged() -> None:
    at = desk(25)
    client = client_of(at.investigator)
    file = SimpleUploadedFile("register.txt", b"extract of the register")
    answer = client.post(reverse("web:case_upload", args=[at.case.ref]), {"file": file, "title": "Register"})
    assert answer.status_code == 302
    item = Item.objects.get(case=at.case)
    assert item.blob.sha256 == hashlib.sha256(b"extract of the register").hexdigest()
    got = client.get(reverse("web:case_item_file", args=[at.case.ref, item.pk]))
    assert b"".join(got.streaming_content) == b"extract of the register"
    assert CustodyEvent.objects.filter(item=item, act="read").exists()


def test_an_empty_file_is_refused_at_its_field() -> None:
    at = desk(25)
    file = SimpleUploadedFile("empty.txt", b"")
    answer = client_of(at.investigator).post(
        reverse("web:case_upload", args=[at.case.ref]), {"file": file, "title": "Typed with care"}
    )
    body = answer.content.decode()
    assert answer.status_code == 422
    assert "empty.txt is empty. Choose a file with content." in body
    assert "Typed with care" in body
    assert not Item.objects.exists()


def test_a_packet_of_a_case_without_evidence_is_refused_with_the_next_step() -> None:
    at = desk(25)
    client, url = client_of(at.investigator), reverse("web:case_packet", args=[at.case.ref])
    assert "a packet without evidence is refused" in client.get(url).content.decode()
    answer = client.post(url, {"tlp": "AMBER"})
    assert answer.status_code == 422
    assert "has no evidence. Add an upload or an extract" in answer.content.decode()
    assert not Packet.objects.exists()


def test_a_packet_asked_for_shows_its_progress() -> None:
    at = desk(25)
    find_everybody(at)
    client = client_of(at.investigator)
    answer = client.post(reverse("web:case_packet", args=[at.case.ref]), {"tlp": "GREEN"})
    packet = Packet.objects.get()
    assert answer["Location"] == reverse("web:packet", args=[packet.pk])
    assert "every 2s" in client.get(answer["Location"]).content.decode()
    assert client.get(reverse("web:packet_file", args=[packet.pk])).status_code == 409


def test_moderate_confidence_without_an_exhibit_is_refused_and_kept_as_typed() -> None:
    at = desk(25)
    find_everybody(at)
    typed = {
        "organization": at.ring.organization.name, "role": "operator", "confidence": "moderate", "why": "Typed with care",
    }  # fmt: skip
    answer = client_of(at.investigator).post(reverse("web:case_establish", args=[at.case.ref]), typed)
    body = answer.content.decode()
    assert answer.status_code == 422
    assert "Moderate confidence rests on exhibits." in body
    assert "Typed with care" in body


def test_a_closed_case_offers_no_act_but_reopening() -> None:
    at = desk(25)
    close_case(at.lead, case=at.case, outcome="referred", reason="Handed to another team")
    body = client_of(at.investigator).get(reverse("web:case", args=[at.case.ref])).content.decode()
    assert "read-only" in body
    assert "Reopen case…" in body
    assert "Submit for review" not in body
    answer = client_of(at.investigator).post(reverse("web:case_tab", args=[at.case.ref, "notes"]), {"text": "Late"})
    assert answer.status_code == 422
    assert "Reopen it first" in answer.content.decode()


def test_an_administrator_publishes_terms_and_a_number_twice_is_refused() -> None:
    desk(25)
    client, url = client_with("administrator"), reverse("web:policy_publish", args=["usage-terms"])
    typed = {
        "number": 14, "in_force_from": "2027-01-01", "clause-TOTAL_FORMS": 1, "clause-INITIAL_FORMS": 0,
        "clause-0-number": "1.1", "clause-0-heading": "Use", "clause-0-text": "Use it fairly.",
    }  # fmt: skip
    refused = client.post(url, typed)
    assert refused.status_code == 422
    assert "Use a number above it." in refused.content.decode()
    assert client.post(url, typed | {"number": 15}).status_code == 302
    assert PolicyVersion.objects.filter(number=15).get().clauses.count() == 1


def test_a_secret_is_shown_once_and_a_private_address_is_refused() -> None:
    client, url = client_with("administrator"), reverse("web:connectors")
    typed = {"name": "Platform", "url": "http://10.0.0.1/", "batch_size": 100, "timeout_seconds": 5}
    refused = client.post(url, typed)
    assert refused.status_code == 422
    assert 'id="id_url_error"' in refused.content.decode()
    body = client.post(url, typed | {"url": "http://127.0.0.1:9/"}).content.decode()
    secret = Connector.objects.get().secret
    assert secret in body
    assert secret not in client.get(url).content.decode()


@pytest.mark.parametrize("tab", ["subjects", "alerts", "notes", "evidence", "history"])
def test_a_list_takes_the_same_queries_however_long_it_is(tab: str) -> None:
    at, _ = submitted(25)
    client, url = client_of(at.investigator), case_pages(at.case)[tab]

    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert client.get(url).status_code == 200
        return len(caught)

    client.get(url)
    before = queries()
    for number in range(4):
        add_note(at.investigator, case=at.case, text=f"Note {number}")
    assert queries() == before
    assert before <= 60
