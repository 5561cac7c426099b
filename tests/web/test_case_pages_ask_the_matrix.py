"""Every page of the work on cases, as a stranger and as each role: open or refused as the one matrix says."""

from __future__ import annotations

import pytest
from django.urls import reverse

from enforcement.staff.matrix import MATRIX, Permission
from enforcement.staff.roles import Role
from tests.factories import Desk, desk, person, submitted
from tests.web.pages import CASE_TABS, client_of, client_with

pytestmark = pytest.mark.django_db
PEOPLE = [role for role in Role if role is not Role.MACHINE]
TAKES = {
    "alerts": Permission.ALERT_VIEW, "evidence": Permission.EVIDENCE_VIEW, "decisions": Permission.DECISION_VIEW,
    "actions": Permission.ACTION_VIEW, "packets": Permission.PACKET_VIEW,
}  # fmt: skip
LISTS = {
    "web:cases": Permission.CASE_VIEW, "web:decisions": Permission.DECISION_VIEW, "web:packets": Permission.PACKET_VIEW,
    "web:policies": Permission.POLICY_VIEW, "web:audit": Permission.AUDIT_VIEW, "web:case_new": Permission.CASE_OPEN,
    "web:connectors": Permission.SETTINGS_EDIT, "web:packet_certificate": Permission.PACKET_VIEW,
}  # fmt: skip
CASE_ACTS = {
    "case_findings": Permission.CASE_WORK, "case_upload": Permission.EVIDENCE_ADD, "case_extract": Permission.EVIDENCE_ADD,
    "case_establish": Permission.CASE_WORK, "case_policy": Permission.CASE_WORK, "case_close": Permission.CASE_CLOSE,
    "case_reopen": Permission.CASE_CLOSE, "case_submit": Permission.CASE_SUBMIT, "case_packet": Permission.PACKET_BUILD,
    "case_arrivals": Permission.CASE_WORK,
}  # fmt: skip


def _expected(role: Role, *needed: Permission) -> int:
    return 200 if set(needed) <= MATRIX[role] else 403


@pytest.mark.parametrize("name", LISTS)
def test_a_stranger_is_sent_to_sign_in(client, name: str) -> None:
    answer = client.get(reverse(name))
    assert answer.status_code == 302
    assert "/account/login/" in answer["Location"]


@pytest.mark.parametrize("role", PEOPLE)
def test_a_list_opens_for_whom_the_matrix_says(role: Role) -> None:
    client = client_with(role)
    got = {name: client.get(reverse(name)).status_code for name in LISTS}
    assert got == {name: _expected(role, permission) for name, permission in LISTS.items()}


def test_a_stranger_sees_no_case(client) -> None:
    at = desk(25)
    answer = client.get(reverse("web:case", args=[at.case.ref]))
    assert answer.status_code == 302
    assert "/account/login/" in answer["Location"]


@pytest.mark.parametrize("role", PEOPLE)
def test_a_part_of_a_case_opens_for_whom_the_matrix_says(role: Role) -> None:
    at = desk(25)
    client = client_with(role)
    got = {tab: client.get(reverse("web:case_tab", args=[at.case.ref, tab])).status_code for tab in CASE_TABS}
    assert got == {
        tab: _expected(role, Permission.CASE_VIEW, TAKES.get(tab, Permission.CASE_VIEW)) for tab in CASE_TABS
    }


@pytest.mark.parametrize("role", PEOPLE)
def test_an_act_on_a_case_opens_for_whom_the_matrix_says(role: Role) -> None:
    at = desk(25)
    client = client_with(role)
    got = {name: client.get(reverse(f"web:{name}", args=[at.case.ref])).status_code for name in CASE_ACTS}
    assert got == {name: _expected(role, Permission.CASE_VIEW, needed) for name, needed in CASE_ACTS.items()}


def test_somebody_without_a_role_is_refused_with_a_next_step() -> None:
    at = desk(25)
    answer = client_of(person()).get(reverse("web:case", args=[at.case.ref]))
    assert answer.status_code == 403
    assert "It takes one of these roles" in answer.content.decode()


def test_a_case_that_is_none_says_so() -> None:
    answer = client_with("investigator").get(reverse("web:case", args=["C-1999-0001"]))
    assert answer.status_code == 404
    assert "There is no case C-1999-0001 that you may see." in answer.content.decode()


def test_a_part_that_is_none_is_not_found() -> None:
    at: Desk = desk(25)
    assert client_of(at.investigator).get(f"/cases/{at.case.ref}/nonsense/").status_code == 404


def test_only_a_lead_opens_withdrawing_evidence() -> None:
    at, _ = submitted(25)
    item = at.case.items.get()
    url = reverse("web:case_item_withdraw", args=[at.case.ref, item.pk])
    assert client_of(at.investigator).get(url).status_code == 403
    answer = client_of(at.lead).get(url)
    assert answer.status_code == 200
    assert "becomes void" in answer.content.decode()
