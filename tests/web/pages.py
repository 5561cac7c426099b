"""Signing in as a role, and every page of the work on cases with what it needs."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from enforcement.audit.actors import Actor
from enforcement.cases.models import Case
from tests.factories import person, person_row

CASE_TABS = (
    "subjects", "alerts", "evidence", "attribution", "tasks", "notes", "timeline", "decisions", "actions", "packets",
    "history",
)  # fmt: skip


def client_of(actor: Actor) -> Client:
    """A browser in which this person is signed in."""
    client = Client()
    client.force_login(person_row(actor))
    return client


def client_with(*roles: str) -> Client:
    """A browser of a new person with these roles."""
    return client_of(person(*roles))


def case_pages(case: Case) -> dict[str, str]:
    """Every page of a case that only reads, by name."""
    pages = {tab: reverse("web:case_tab", args=[case.ref, tab]) for tab in CASE_TABS}
    return {"overview": reverse("web:case", args=[case.ref]), **pages}
