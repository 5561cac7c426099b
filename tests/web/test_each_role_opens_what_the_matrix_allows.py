"""Every page of alerts, directory and sources: as a stranger, as each role, and where there is nothing yet."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from enforcement.alerts.models import Alert
from enforcement.ingest.models import Import
from enforcement.signals.models import Blob
from enforcement.staff.matrix import MATRIX, Permission
from enforcement.staff.roles import Role
from tests.factories import Ring, detectors, person, ring
from tests.web.pages import client_of, client_with

pytestmark = pytest.mark.django_db
PEOPLE = [role for role in Role if role is not Role.MACHINE]
P = Permission


def pages(made: Ring) -> dict[str, Permission]:
    """Every page that reads, and the permission it takes."""
    alert = Alert.objects.filter(detector__slug="prompt-harvest").first()
    assert alert is not None
    blob = Blob.objects.create(sha256="b" * 64, bytes=10, media_type="application/x-ndjson", path="blobs/x")
    job = Import.objects.create(detector=detectors()[0], blob=blob, filename="one.ndjson", received_by="somebody")
    return {
        reverse("web:overview"): P.OVERVIEW_VIEW,
        reverse("web:alerts"): P.ALERT_VIEW,
        reverse("web:alert", args=[alert.pk]): P.ALERT_VIEW,
        f"{reverse('web:alerts_triage')}?alert={alert.pk}&do=dismissed": P.ALERT_TRIAGE,
        reverse("web:clusters"): P.CLUSTER_VIEW,
        reverse("web:cluster", args=[made.cluster.ref]): P.CLUSTER_VIEW,
        reverse("web:cluster_members", args=[made.cluster.ref]): P.CLUSTER_VIEW,
        reverse("web:cluster_explain", args=[made.cluster.ref]): P.CLUSTER_VIEW,
        reverse("web:cluster_members_csv", args=[made.cluster.ref]): P.CLUSTER_VIEW,
        reverse("web:accounts"): P.ACCOUNT_VIEW,
        reverse("web:account", args=[made.accounts[0].platform_id]): P.ACCOUNT_VIEW,
        reverse("web:organizations"): P.ORGANIZATION_VIEW,
        reverse("web:organization", args=[made.organization.pk]): P.ORGANIZATION_VIEW,
        reverse("web:imports"): P.IMPORT_VIEW,
        reverse("web:import", args=[job.pk]): P.IMPORT_VIEW,
        reverse("web:import_progress", args=[job.pk]): P.IMPORT_VIEW,
        reverse("web:import_new"): P.IMPORT_CREATE,
        reverse("web:detectors"): P.DETECTOR_VIEW,
        reverse("web:detector", args=["prompt-harvest"]): P.DETECTOR_VIEW,
        reverse("web:detector_new"): P.DETECTOR_EDIT,
        reverse("web:detector_token_new", args=["prompt-harvest"]): P.DETECTOR_EDIT,
        reverse("web:people"): P.STAFF_VIEW,
        reverse("web:person_new"): P.STAFF_EDIT,
    }


def test_a_stranger_is_asked_to_sign_in_everywhere() -> None:
    stranger = Client()
    for url in [*pages(ring(12)), reverse("web:search")]:
        answer = stranger.get(url)
        assert answer.status_code == 302, url
        assert answer["Location"].startswith("/account/login/"), url


@pytest.mark.parametrize("role", PEOPLE, ids=lambda role: role.value)
def test_a_role_sees_exactly_what_the_matrix_gives_it(role: Role) -> None:
    made = ring(12)
    client = client_of(person(role.value))
    for url, permission in pages(made).items():
        expected = 200 if permission in MATRIX[role] else 403
        assert client.get(url).status_code == expected, (role, url)


def test_somebody_without_roles_may_open_nothing() -> None:
    client = client_with()
    assert client.get(reverse("web:overview")).status_code == 403


def test_the_nav_offers_only_what_may_be_opened() -> None:
    shown = client_with("administrator").get(reverse("web:overview")).content.decode()
    assert f'href="{reverse("web:detectors")}"' in shown
    assert 'data-go="alerts"' not in shown


@pytest.mark.parametrize(
    "name", ["alerts", "clusters", "accounts", "organizations", "imports", "detectors", "overview"]
)
def test_an_empty_house_has_pages_that_lead_on(name: str) -> None:
    answer = client_with("investigator").get(reverse(f"web:{name}"))
    assert answer.status_code == 200


def test_health_answers_without_signing_in() -> None:
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.parametrize(
    "url",
    ["/alerts/999999/", "/clusters/CL-9999/", "/accounts/ac-none/", "/organizations/999999/", "/imports/999999/",
     "/detectors/nobody/"],
)  # fmt: skip
def test_what_is_not_there_says_so(url: str) -> None:
    answer = client_with("investigator").get(url)
    assert answer.status_code == 404
    assert "There is no" in answer.content.decode()


def test_a_value_that_cannot_be_one_is_refused_and_no_fault():
    assert client_with("investigator").get("/accounts/ac%00/").status_code in {400, 404}
