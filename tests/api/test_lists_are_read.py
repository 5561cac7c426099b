"""GET of imports, refused lines and alerts: pages, filters, what is left out, and which role may."""

from __future__ import annotations

import base64
import json

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from enforcement.alerts.models import Alert
from tests.api.conftest import Machine, is_problem, ndjson, run, signal, signed_in
from tests.factories import account, alert, detectors

pytestmark = pytest.mark.django_db
IMPORTS, ALERTS = "/api/v1/imports/", "/api/v1/alerts/"
TYPE = "application/x-ndjson"
READERS = ("triager", "investigator", "lead", "reviewer", "enforcer", "appeal_reviewer", "legal", "auditor")

# (path, roles that may read it); everybody else is refused with 403.
WHO_READS = {
    IMPORTS: (*READERS, "administrator"),
    "/api/v1/imports/{job}/": (*READERS, "administrator"),
    "/api/v1/imports/{job}/rejects/": (*READERS, "administrator"),
    ALERTS: READERS,
    "/api/v1/alerts/{alert}/": READERS,
}
WHO_SENDS = ("investigator", "lead", "administrator")
ROLES = (*READERS, "administrator")


def some(count: int) -> list[Alert]:
    _, harvest, _ = detectors()
    return [alert(account(), harvest, "PH-01") for _ in range(count)]


@pytest.fixture
def filled(watch: Machine) -> dict[str, int]:
    """An import with refused lines, and an alert of it."""
    bad = b'{"source_ref": "x", "account": "ac-9"}\nrubbish\n'
    job = run(watch.post(IMPORTS, ndjson(2, sample={"excerpt": "secret words"}, raw={"secret": 1}) + bad, TYPE))
    return {"job": job.pk, "alert": Alert.objects.get().pk}


@pytest.mark.parametrize("path", WHO_READS)
@pytest.mark.parametrize("role", [*ROLES, "nobody"])
def test_a_role_reads_what_the_matrix_gives_it(filled: dict[str, int], role: str, path: str) -> None:
    client = signed_in(*(() if role == "nobody" else (role,)))
    answer = client.get(path.format(**filled))
    if role in WHO_READS[path]:
        assert answer.status_code == 200
    else:
        assert is_problem(answer, 403, "staff.not_permitted")


@pytest.mark.parametrize("role", [*ROLES, "nobody"])
def test_a_role_sends_files_when_the_matrix_says_so(watch: Machine, role: str) -> None:
    client = signed_in(*(() if role == "nobody" else (role,)))
    answer = client.post(f"{IMPORTS}?detector=watch", ndjson(1), content_type=TYPE)
    assert answer.status_code == (202 if role in WHO_SENDS else 403)


@pytest.mark.parametrize("path", WHO_READS)
def test_a_stranger_is_asked_to_sign_in(filled: dict[str, int], path: str) -> None:
    answer = Client().get(path.format(**filled))
    assert is_problem(answer, 401, "not_authenticated")
    assert answer["WWW-Authenticate"] == "Bearer"


def test_a_token_reads_its_own_imports_and_nothing_else(filled: dict[str, int], watch: Machine, meter: Machine) -> None:
    own = f"{IMPORTS}{filled['job']}/"
    assert watch.get(own).json()["rows_refused"] == 2
    assert len(watch.get(f"{own}rejects/").json()["results"]) == 2
    for path in (own, f"{own}rejects/"):
        assert is_problem(meter.get(path), 404)
    for path in (IMPORTS, ALERTS, f"{ALERTS}{filled['alert']}/"):
        assert is_problem(watch.get(path), 403, "staff.not_permitted")
    page = Client().get("/alerts/", headers={"Authorization": f"Bearer {watch.secret}"})
    assert (page.status_code, "/account/login/" in page.headers["Location"]) == (302, True)


def test_refused_lines_tell_line_column_and_reason(filled: dict[str, int]) -> None:
    answer = signed_in("triager").get(f"{IMPORTS}{filled['job']}/rejects/")
    rows = answer.json()["results"]
    assert [(row["line"], row["column"]) for row in rows] == [(3, "observed_at"), (4, "")]
    assert rows[1]["reason"].startswith("not JSON")
    assert answer.json()["next_offset"] is None
    beyond = signed_in("triager").get(f"{IMPORTS}{filled['job']}/rejects/?offset=2")
    assert beyond.json() == {"results": [], "next_offset": None}


@pytest.mark.parametrize("offset", ["-1", "x", "1.5", "\u0661", "9" * 30, ""])
def test_an_offset_that_is_none_is_named(filled: dict[str, int], offset: str) -> None:
    answer = signed_in("triager").get(f"{IMPORTS}{filled['job']}/rejects/", {"offset": offset})
    assert is_problem(answer, 400, "query.number", "offset")


def test_lists_leave_out_raw_and_excerpts(filled: dict[str, int]) -> None:
    client = signed_in("investigator")
    for path in (ALERTS, f"{ALERTS}{filled['alert']}/", IMPORTS):
        said = client.get(path).content.decode()
        assert "secret" not in said
        assert '"raw"' not in said
        assert "excerpt" not in said


def test_an_alert_gives_its_days(filled: dict[str, int]) -> None:
    body = signed_in("triager").get(f"{ALERTS}{filled['alert']}/").json()
    assert body["days"] == [{"day": "2026-10-01", "signals": 2, "exchanges": 0}]
    assert (body["first_seen_at"], body["severity"], body["cluster"]) == ("2026-10-01T10:00:00Z", "Medium", None)


def test_cursors_walk_the_alerts_once_there_and_back(db: None) -> None:
    wanted = {row.pk for row in some(230)}
    client, seen, cursor, pages = signed_in("triager"), [], "", []
    while True:
        page = client.get(ALERTS, {"cursor": cursor}).json()
        pages.append([row["id"] for row in page["results"]])
        seen += pages[-1]
        cursor = page["older"]
        if not cursor:
            break
    assert (len(seen), set(seen), [len(ids) for ids in pages]) == (230, wanted, [100, 100, 30])
    back = client.get(ALERTS, {"cursor": page["newer"]}).json()
    assert [row["id"] for row in back["results"]] == pages[1]


def test_imports_are_paged_newest_first_and_filtered(watch: Machine, meter: Machine) -> None:
    for number in range(1, 53):
        watch.post(f"{IMPORTS}?filename={number}", ndjson(number), TYPE)
    meter.post(IMPORTS, ndjson(1), TYPE)
    client = signed_in("lead")
    first = client.get(IMPORTS).json()
    second = client.get(IMPORTS, {"cursor": first["older"]}).json()
    ids = [row["id"] for page in (first, second) for row in page["results"]]
    assert (len(ids), ids) == (53, sorted(ids, reverse=True))
    assert second["older"] == ""
    assert [row["detector"] for row in client.get(IMPORTS, {"detector": "meter"}).json()["results"]] == ["meter"]
    assert client.get(IMPORTS, {"state": "done"}).json()["results"] == []


def test_filters_narrow_the_alerts(watch: Machine, meter: Machine) -> None:
    watch.post(ALERTS, signal("a", account="ac-1"))
    watch.post(ALERTS, signal("b", account="ac-2", rule="W-2"))
    meter.post(ALERTS, signal("c", account="ac-1"))
    client = signed_in("triager")
    for query, count in (
        ({}, 3), ({"account": "ac-1"}, 2), ({"detector": "watch"}, 2), ({"rule": "W-2"}, 1), ({"state": "new"}, 3),
        ({"state": ["new", "dismissed"]}, 3), ({"state": "dismissed"}, 0), ({"account": "ac-1", "detector": "meter"}, 1),
        ({"cluster": "CL-0001"}, 0), ({"account": "' OR 1=1 --"}, 0), ({"sort": "-exchanges"}, 3),
    ):  # fmt: skip
        assert len(client.get(ALERTS, query).json()["results"]) == count, query
    assert is_problem(client.get(ALERTS, {"sort": "loudness"}), 400, "alerts.sort", "sort")


def _cursor(*values: object) -> str:
    return base64.urlsafe_b64encode(json.dumps([False, *values]).encode()).decode().rstrip("=")


BAD_CURSORS = [
    "rubbish", "%", "\u00e9", _cursor(), _cursor(1), _cursor("x", 1), _cursor("2026-10-01", "x"), _cursor(None, 1),
    _cursor("2026-10-01T00:00:00+00:00", 10**40), _cursor("9999-99-99", 1), _cursor("\x00", 1), _cursor(float("inf"), 1),
    _cursor([1], 1), _cursor("2026-10-01T00:00:00+00:00", 1.5), base64.urlsafe_b64encode(b"[" * 100_000).decode(),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(BAD_CURSORS)))
def test_a_cursor_that_nobody_gave_out_is_refused_or_empty(watch: Machine, number: int) -> None:
    watch.post(ALERTS, signal())
    answer = signed_in("triager").get(ALERTS, {"cursor": BAD_CURSORS[number]})
    if answer.status_code != 200:
        assert is_problem(answer, 400, "page.cursor", "cursor")


@pytest.mark.parametrize("value", ["x", 1.5, 10**30, "\x00", True])
def test_a_cursor_of_imports_is_checked_too(watch: Machine, value: object) -> None:
    answer = signed_in("triager").get(IMPORTS, {"cursor": _cursor(value)})
    if answer.status_code != 200:
        assert is_problem(answer, 400, "page.cursor", "cursor")


@pytest.mark.parametrize("path", [ALERTS, IMPORTS])
@pytest.mark.parametrize("name", ["detector", "state", "account", "cursor", "any"])
def test_a_nul_in_a_parameter_is_refused(db: None, path: str, name: str) -> None:
    assert is_problem(signed_in("lead").get(path, {name: "a\x00b"}), 400, "query.nul", name)


@pytest.mark.parametrize("number", ["0", "999999999", "9" * 30])
@pytest.mark.parametrize("path", ["/api/v1/imports/{}/", "/api/v1/imports/{}/rejects/", "/api/v1/alerts/{}/"])
def test_a_number_that_nothing_has_is_not_there(db: None, path: str, number: str) -> None:
    assert is_problem(signed_in("lead").get(path.format(number)), 404)


def test_a_page_of_alerts_takes_the_same_queries_whatever_its_length(
    db: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = signed_in("triager")
    some(3)
    for more in (0, 60):
        some(more)
        with django_assert_max_num_queries(9):
            client.get(ALERTS)
