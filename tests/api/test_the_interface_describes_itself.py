"""The schema is OpenAPI 3.1 and complete; methods and addresses that are not there say so; random calls break nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings

from enforcement.wsgi import application
from tests.api.conftest import Machine, is_problem, machine_of, ndjson, run, signal, signed_in

pytestmark = pytest.mark.django_db
PATHS = ("/api/v1/imports/", "/api/v1/alerts/", "/api/v1/imports/1/", "/api/v1/imports/1/rejects/", "/api/v1/alerts/1/")


def described() -> dict[str, Any]:
    answer = Client().get("/api/v1/schema/")
    assert answer.status_code == 200
    found: dict[str, Any] = json.loads(answer.content)
    return found


def test_it_is_openapi_3_1_and_lists_every_address() -> None:
    schema = described()
    assert schema["openapi"].startswith("3.1")
    assert set(schema["paths"]) == {
        "/api/v1/imports/", "/api/v1/imports/{import_id}/", "/api/v1/imports/{import_id}/rejects/",
        "/api/v1/alerts/", "/api/v1/alerts/{alert_id}/",
    }  # fmt: skip


def test_every_operation_is_summed_up_answered_and_refused() -> None:
    for path, operations in described()["paths"].items():
        for method, operation in operations.items():
            where = f"{method} {path}"
            assert operation["summary"], where
            assert operation["security"], where
            good = [status for status in operation["responses"] if status.startswith("2")]
            assert good, where
            for status in good:
                assert operation["responses"][status]["content"]["application/json"]["schema"], where
            for status in ("400", "401", "403"):
                assert "application/problem+json" in operation["responses"][status]["content"], (where, status)


def test_the_schema_makes_no_complaint(capsys: pytest.CaptureFixture[str]) -> None:
    from django.core.management import call_command

    call_command("spectacular", "--validate", "--fail-on-warn", "--file", "/dev/null")
    assert "rror" not in capsys.readouterr().err


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE"])
def test_a_method_that_is_not_there_says_so(watch: Machine, path: str, method: str) -> None:
    answer = Client().generic(method, path, headers={"Authorization": f"Bearer {watch.secret}"})
    assert is_problem(answer, 405, "method_not_allowed")
    assert "GET" in answer["Allow"]


def test_head_and_options_answer_signed_in_people_alone(db: None) -> None:
    client = signed_in("triager")
    head = client.head("/api/v1/alerts/")
    assert (head.status_code, head.content) == (200, b"")
    assert client.options("/api/v1/alerts/").status_code == 200
    for answer in (Client().head("/api/v1/alerts/"), Client().options("/api/v1/alerts/")):
        assert answer.status_code == 401
        assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["", "nothing/", "alerts/x/", "imports/1/raw/", "alerts/-1/", "../admin/"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_an_address_that_is_not_there_says_so(path: str, method: str) -> None:
    assert is_problem(Client().generic(method, f"/api/v1/{path}"), 404, "not_found")


def test_only_json_is_spoken(db: None) -> None:
    assert is_problem(signed_in("triager").get("/api/v1/alerts/", headers={"Accept": "text/html"}), 406)


def test_a_fault_of_ours_is_logged_and_told_without_its_trace(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("inner detail")

    monkeypatch.setattr("enforcement.api.views.list_alerts", broken)
    answer = signed_in("triager").get("/api/v1/alerts/")
    assert is_problem(answer, 500, "fault")
    assert "inner" not in answer.content.decode()


@contextmanager
def one_connection() -> Iterator[None]:
    """The database connection stays open between calls, as the test client keeps it: the rows are not committed."""
    for sent in (request_started, request_finished):
        sent.disconnect(close_old_connections)
    try:
        yield
    finally:
        for sent in (request_started, request_finished):
            sent.connect(close_old_connections)


@pytest.mark.parametrize("caller", ["machine", "lead"])
def test_calls_drawn_from_the_schema_find_no_fault(db: None, caller: str) -> None:
    watch = machine_of("watch")
    run(watch.post("/api/v1/imports/", ndjson(3), "application/x-ndjson"))
    watch.post("/api/v1/alerts/", signal("other"))
    session = signed_in("lead").cookies["sessionid"].value
    headers = {"Authorization": f"Bearer {watch.secret}"} if caller == "machine" else {"Cookie": f"sessionid={session}"}
    with one_connection():
        schema = schemathesis.openapi.from_wsgi("/api/v1/schema/", application)
        called = [_called(found.ok(), headers) for found in schema.get_all_operations()]
    assert len(called) == 7
    assert min(called) >= 2


def _called(operation: Any, headers: dict[str, str]) -> int:
    """How many calls of an operation were made; none may be a fault, each is answered in JSON."""
    calls = 0

    @settings(
        max_examples=20, database=None, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy())
    def call(case: Any) -> None:
        nonlocal calls
        calls += 1
        answer = case.call(headers=headers)
        assert answer.status_code < 500, (case.as_curl_command(), answer.content[:400])
        assert answer.headers["content-type"][0] in {"application/json", "application/problem+json"}

    call()
    return calls
