"""A storage of the test's own, detectors with tokens, and callers of every kind."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from enforcement.audit.actors import SYSTEM
from enforcement.ingest.models import Import
from enforcement.ingest.services import run_import
from enforcement.signals.models import Detector
from enforcement.signals.services import issue_token, register_detector
from tests.factories import person, person_row

Signal = dict[str, Any]


@dataclass(frozen=True)
class Machine:
    """A detector and the secret of one of its tokens."""

    detector: Detector
    token_id: int
    secret: str

    def post(
        self, path: str, data: bytes | Signal, content_type: str = "application/json", **headers: str
    ) -> HttpResponse:
        """A request with the token, as a detector sends it."""
        body = data if isinstance(data, bytes) else json.dumps(data).encode()
        return Client().post(
            path, body, content_type=content_type, headers={"Authorization": f"Bearer {self.secret}", **headers}
        )

    def get(self, path: str) -> HttpResponse:
        return Client().get(path, headers={"Authorization": f"Bearer {self.secret}"})


@pytest.fixture(autouse=True)
def storage(tmp_path: Path, settings: Settings) -> Path:
    root = tmp_path / "store"
    settings.STORAGE_ROOT = root
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(root)}},
    }
    return root


def machine_of(slug: str, meters: str | None = None) -> Machine:
    detector = register_detector(
        SYSTEM,
        slug=slug,
        name=slug.title(),
        meters=meters,
        rules=[{"rule": "W-1", "title": "Odd hours", "severity": 3}],
    )
    token, secret = issue_token(SYSTEM, detector=detector)
    return Machine(detector, token.pk, secret)


@pytest.fixture
def watch(db: None) -> Machine:
    return machine_of("watch")


@pytest.fixture
def meter(db: None) -> Machine:
    return machine_of("meter", meters="api")


def signed_in(*roles: str, checks_csrf: bool = False) -> Client:
    """A browser of a new person with these roles."""
    client = Client(enforce_csrf_checks=checks_csrf)
    client.force_login(person_row(person(*roles)))
    return client


def signal(ref: str = "r-1", **fields: Any) -> Signal:
    """A signal with what is required, and `fields`; a field of None is left out."""
    found = {"source_ref": ref, "account": "ac-1", "observed_at": "2026-10-01T10:00:00Z", "rule": "W-1", **fields}
    return {name: value for name, value in found.items() if value is not None}


def ndjson(count: int = 3, **fields: Any) -> bytes:
    return b"".join(json.dumps(signal(f"r-{n}", **fields)).encode() + b"\n" for n in range(count))


def run(answer: HttpResponse) -> Import:
    """Carry out the import that an answer told of."""
    return run_import(answer.json()["id"])


def is_problem(answer: HttpResponse, status: int, code: str = "", field: str | None = None) -> bool:
    """Whether an answer is a problem body that agrees with itself and with what is expected."""
    assert answer.status_code == status, answer.content[:500]
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert set(body) >= {"type", "title", "status", "detail", "code"}
    assert body["status"] == status
    assert body["detail"].endswith("."), body["detail"]
    assert "Traceback" not in body["detail"]
    if code:
        assert body["code"] == code
        assert body["type"] == f"urn:dossier:problem:{code}"
    if field is not None:
        assert body["field"] == field
    return True
