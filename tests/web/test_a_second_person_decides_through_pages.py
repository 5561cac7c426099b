"""From submitting to starting through pages: two people, one digest, nothing recorded before the last page."""

from __future__ import annotations

import pytest
from django.urls import reverse

from enforcement.actions.models import Action
from enforcement.actions.services import set_connector
from enforcement.audit.actors import SYSTEM
from enforcement.cases.services import set_finding
from enforcement.decisions.models import Approval, Decision
from tests.factories import approved, desk, find_everybody, person, submitted
from tests.web.pages import client_of, client_with

pytestmark = pytest.mark.django_db


def _url(decision: Decision, name: str = "decision") -> str:
    return reverse(f"web:{name}", args=[decision.case.ref, decision.round])


def _yes(decision: Decision, **more: object) -> dict[str, object]:
    typed = {
        "answer": "approve",
        "digest": decision.digest[:8],
        "reason": "Looked at the sample",
        "seen": decision.digest,
    }
    return typed | more


def test_submitting_says_what_it_freezes_and_leads_to_the_round() -> None:
    at = desk(30)
    find_everybody(at)
    client, url = client_of(at.investigator), reverse("web:case_submit", args=[at.case.ref])
    body = client.get(url).content.decode()
    assert "Submit 24 targets for review" in body
    at.case.refresh_from_db()
    answer = client.post(url, {"action_kind": "suspend", "summary": "Suspend them.", "version": at.case.version})
    decision = Decision.objects.get(case=at.case)
    assert answer["Location"] == _url(decision)
    assert decision.state == "submitted"
    assert decision.targets_count == 24


def test_a_case_with_blockers_is_not_submitted_and_says_why() -> None:
    at = desk(25)
    client, url = client_of(at.investigator), reverse("web:case_submit", args=[at.case.ref])
    answer = client.post(url, {"action_kind": "suspend", "summary": "Typed with care", "version": at.case.version})
    body = answer.content.decode()
    assert answer.status_code == 422
    assert "25 subjects have no finding." in body
    assert "Typed with care" in body


def test_approval_is_recorded_on_the_last_page_alone() -> None:
    _, decision = submitted(30)
    client = client_with("reviewer")
    page = client.post(_url(decision), _yes(decision))
    assert "Approve 24 targets" in page.content.decode()
    assert not Approval.objects.exists()
    assert client.post(_url(decision), _yes(decision, confirmed="yes")).status_code == 302
    decision.refresh_from_db()
    assert decision.state == "approved"


@pytest.mark.parametrize("typed", ["", "00000000", "DEADBEEF"])
def test_another_digest_is_refused_at_its_field(typed: str) -> None:
    _, decision = submitted(25)
    answer = client_with("reviewer").post(_url(decision), _yes(decision, digest=typed, confirmed="yes"))
    assert answer.status_code == 422
    assert 'id="id_digest_error"' in answer.content.decode()
    assert not Approval.objects.exists()


def test_the_proposer_sees_why_they_may_not_and_is_refused() -> None:
    at, decision = submitted(25)
    both = person("investigator", "reviewer")
    client = client_of(at.investigator)
    assert "Deciding takes the role of a reviewer." in client.get(_url(decision)).content.decode()
    assert client.post(_url(decision), _yes(decision, confirmed="yes")).status_code == 403
    assert client_of(both).get(_url(decision)).status_code == 200


def test_somebody_with_a_part_in_the_case_is_named_a_reason_and_refused() -> None:
    at = desk(25)
    find_everybody(at)
    both = person("investigator", "reviewer", name="Tomasz Brandt")
    set_finding(both, case=at.case, subject_ids=[at.subjects()[0].pk], finding="unclear", reason="Not plain")
    client_of(at.investigator).post(
        reverse("web:case_submit", args=[at.case.ref]), {"action_kind": "suspend", "summary": "Suspend them."}
    )
    decision = Decision.objects.get(case=at.case)
    client = client_of(both)
    assert "You set a finding in this case." in client.get(_url(decision)).content.decode()
    assert client.post(_url(decision), _yes(decision, confirmed="yes")).status_code == 403
    assert not Approval.objects.exists()


def test_returning_needs_a_ground_and_takes_the_case_back() -> None:
    at, decision = submitted(25)
    client = client_with("reviewer")
    typed = {"answer": "return", "reason": "Too wide", "seen": decision.digest}
    refused = client.post(_url(decision), typed)
    assert refused.status_code == 422
    assert "Choose a ground to return it." in refused.content.decode()
    client.post(_url(decision), typed | {"code": "return:targets_too_wide", "confirmed": "yes"})
    decision.refresh_from_db()
    at.case.refresh_from_db()
    assert (decision.state, at.case.state) == ("returned", "investigating")


def test_an_enforcer_starts_exactly_what_was_approved(settings) -> None:
    _, decision = approved(30)
    set_connector(SYSTEM, name="Demo platform", url="http://127.0.0.1:9/", is_demo=True)
    client = client_with("enforcer")
    page = client.get(_url(decision, "decision_start")).content.decode()
    assert "Suspend 24 targets" in page
    assert decision.digest[:8] in page
    assert client_with("reviewer").post(_url(decision, "decision_start")).status_code == 403
    answer = client.post(_url(decision, "decision_start"), {"confirmed": "yes"})
    action = Action.objects.get()
    assert answer["Location"] == reverse("web:action", args=[action.pk])
    body = client.get(answer["Location"]).content.decode()
    assert "Suspend 24 targets" in body
    assert "action-live" in body
    assert client.get(f"{answer['Location']}?state=pending").status_code == 200


def test_without_a_connector_starting_says_what_is_missing() -> None:
    _, decision = approved(25)
    client = client_with("enforcer")
    answer = client.post(_url(decision, "decision_start"), {"confirmed": "yes"})
    assert answer.status_code == 422
    assert "No connector is set up" in answer.content.decode()


def test_stopping_asks_why_and_names_the_count() -> None:
    _, decision = approved(30)
    set_connector(SYSTEM, name="Demo platform", url="http://127.0.0.1:9/", is_demo=True)
    client = client_with("enforcer")
    client.post(_url(decision, "decision_start"), {"confirmed": "yes"})
    url = reverse("web:action_act", args=[Action.objects.get().pk, "stop"])
    assert "Stop and cancel 24 targets" in client.get(url).content.decode()
    assert client.post(url, {"reason": ""}).status_code == 422
    assert client.post(url, {"reason": "A court order"}).status_code == 302
    assert Action.objects.get().state == "stopped"


def test_the_frozen_file_is_what_the_digest_is_of() -> None:
    import hashlib

    at, decision = submitted(25)
    answer = client_of(at.reviewer).get(_url(decision, "decision_snapshot"))
    assert hashlib.sha256(b"".join(answer.streaming_content)).hexdigest() == decision.digest
