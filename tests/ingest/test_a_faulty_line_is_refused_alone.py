"""A line that cannot be a signal is refused with its number and reason; the rest of the file lands."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_django import Settings

from enforcement.alerts.models import AlertTally
from enforcement.audit.actors import SYSTEM, Actor
from enforcement.audit.errors import Refusal
from enforcement.ingest.selectors import list_rejects, open_rejects_file
from enforcement.signals.models import Detector
from tests.ingest.rows import imported, ndjson, signal

FAULTY: list[tuple[Any, str, str]] = [
    (b"not json", "", "not JSON"),
    (b'{"source_ref": "x", "account": "a", "observed_at": "2026-10-01T00:00:00Z"', "", "not JSON"),
    (b"[1, 2]", "", "not a JSON object"),
    (b'"text"', "", "not a JSON object"),
    (signal("x", account=None), "account", "account is missing"),
    (signal("x", account=""), "account", "account is missing"),
    (signal("x", account=" "), "account", "account is missing"),
    (signal("x", account={"id": 1}), "account", "account is not text"),
    (signal("x", account=True), "account", "account is not text"),
    (signal("x", account=1.5), "account", "account is not text"),
    (signal("", account="a"), "source_ref", "source_ref is missing"),
    (signal("x", observed_at=None), "observed_at", "observed_at is missing"),
    (signal("x", observed_at="3000-01-01T00:00:00Z"), "observed_at", "more than a day ahead"),
    (signal("x", observed_at="1999-12-31T23:59:59Z"), "observed_at", "before the year 2000"),
    (signal("x", observed_at="2026-10-01T10:00:00"), "observed_at", "no time zone"),
    (signal("x", observed_at="2026-13-01T10:00:00Z"), "observed_at", "not an RFC 3339 time"),
    (signal("x", observed_at="2026-02-30T10:00:00Z"), "observed_at", "not an RFC 3339 time"),
    (signal("x", observed_at=1790000000), "observed_at", "not an RFC 3339 time"),
    (signal("x", severity=7), "severity", "severity is not"),
    (signal("x", severity="awful"), "severity", "severity is not"),
    (signal("x", score=101), "score", "score is not"),
    (b'{"source_ref":"x","account":"a","observed_at":"2026-10-01T00:00:00Z","score":NaN}', "", "NaN is not a number"),
    (
        b'{"source_ref":"x","account":"a","observed_at":"2026-10-01T00:00:00Z","score":1e400}',
        "",
        "number that is too large",
    ),
    (signal("x", exchanges=-1), "exchanges", "whole number"),
    (signal("x", exchanges=1.5), "exchanges", "whole number"),
    (signal("x", exchanges=10**30), "exchanges", "whole number"),
    (signal("x", identifiers="ip"), "identifiers", "not a list"),
    (signal("x", identifiers=[{"kind": "ip"}]), "identifiers[0]", "both text"),
    (signal("x", identifiers=[{"kind": "ip", "value": "300.1.1.1"}]), "identifiers[0].value", "not an IPv4 or IPv6"),
    (signal("x", identifiers=[{"kind": "a", "value": "b"}] * 101), "identifiers", "more than 100"),
    (signal("x", title="t" * 201), "title", "longer than 200"),
    (signal("x", title="a\x00b"), "", "NUL"),
    (signal("x", title="a\nb"), "title", "control character"),
    (signal("x", sample={"sha256": "zz"}), "sample.sha256", "SHA-256"),
    (signal("x", sample="text"), "sample", "not an object"),
    (signal("x", tlp="purple"), "tlp", "tlp is none of"),
    (b'{"source_ref":"x","account":"a","observed_at":"2026-10-01T00:00:00Z","rule":"\\ud800"}', "", "surrogate"),
    (b'{"source_ref":"x","source_ref":"y","account":"a","observed_at":"2026-10-01T00:00:00Z"}', "source_ref", "twice"),
    (
        b'{"source_ref":"x","account":"a","observed_at":"2026-10-01T00:00:00Z","raw":' + b"[" * 40 + b"]" * 40 + b"}",
        "",
        "nested",
    ),
    (b'{"source_ref":"x","account":"a","observed_at":"2026-10-01T00:00:00Z",}', "", "not JSON"),
    (b'{"source_ref":"x\x00"}', "", "NUL"),
    (b'{"source_ref":"\xff\xfe"}', "", "UTF-8"),
]


@pytest.mark.parametrize(("line", "column", "reason"), FAULTY)
def test_a_faulty_line_is_refused_with_its_number_and_the_rest_lands(
    watch: Detector, line: Any, column: str, reason: str
) -> None:
    job = imported(watch, [signal("one"), line, signal("three")])
    assert (job.state, job.rows_read, job.rows_accepted, job.rows_refused) == ("done", 3, 2, 1)
    (refused,) = list_rejects(SYSTEM, import_id=job.pk)
    assert refused["line"] == 2
    assert refused["column"] == column
    assert reason in refused["reason"]
    assert AlertTally.objects.get().signals == 2


def test_a_line_over_the_limit_is_refused_there_and_its_neighbours_land(watch: Detector, settings: Settings) -> None:
    settings.MAX_LINE_BYTES = 2_000
    huge = signal("two", raw={"text": "x" * 9_000_000})
    job = imported(watch, [signal("one"), huge, signal("three"), signal("four", raw="y" * 3_000), signal("five")])
    assert (job.rows_read, job.rows_accepted, job.rows_refused) == (5, 3, 2)
    refused = list_rejects(SYSTEM, import_id=job.pk)
    assert [row["line"] for row in refused] == [2, 4]
    assert "longer than 2,000 bytes" in refused[0]["reason"]
    assert len(refused[0]["value"]) < 200


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_line_ends_of_every_kind_and_a_byte_order_mark_are_understood(watch: Detector, end: bytes) -> None:
    lines = ndjson([signal("one"), b"oops", signal("three")]).replace(b"\n", end)
    job = imported(watch, b"\xef\xbb\xbf" + lines.removesuffix(end))
    assert (job.rows_read, job.rows_accepted) == (3, 2)
    assert [row["line"] for row in list_rejects(SYSTEM, import_id=job.pk)] == [2]


def test_blank_lines_count_as_lines_and_as_nothing_else(watch: Detector) -> None:
    job = imported(watch, b"\n\n" + ndjson([signal("one")]) + b"\nnope\n\n")
    assert (job.rows_read, job.rows_accepted) == (2, 1)
    assert list_rejects(SYSTEM, import_id=job.pk)[0]["line"] == 5


def test_unknown_fields_are_kept_and_never_dropped(watch: Detector) -> None:
    from enforcement.signals.archive import segment_files
    from enforcement.signals.duck import duck

    job = imported(
        watch, [signal("one", colour="red", identifiers=[{"kind": "asn", "value": "AS1", "seen": 3}], conduct="odd")]
    )
    assert job.segment is not None
    with duck() as connection, segment_files([job.segment]) as archive:
        (row,) = connection.execute(f"SELECT unmapped FROM {archive}").fetchall()
    assert row[0] == ('{"colour":"red","conduct":"odd","identifiers":[{"kind":"asn","seen":3,"value":"AS1"}]}')


def test_refusals_are_listed_in_pages_and_as_a_file(watch: Detector) -> None:
    job = imported(watch, [b"no", signal("one"), b"no", b"no"])
    assert [row["line"] for row in list_rejects(SYSTEM, import_id=job.pk, offset=1, size=1)] == [3]
    with open_rejects_file(SYSTEM, import_id=job.pk) as path:
        assert len(path.read_bytes().splitlines()) == 3
    assert job.refusals_by_reason == {"not JSON": 3}


def test_a_stranger_sees_no_rejects(watch: Detector) -> None:
    job = imported(watch, [b"no", signal("one")])
    with pytest.raises(Refusal) as refusal:
        list_rejects(Actor("person", 1, "Nobody"), import_id=job.pk)
    assert refusal.value.status == 403
    other = Actor("machine", 1, "other", frozenset({"machine"}), watch.pk + 1)
    with pytest.raises(Refusal) as refusal:
        list_rejects(other, import_id=job.pk)
    assert refusal.value.status == 404
