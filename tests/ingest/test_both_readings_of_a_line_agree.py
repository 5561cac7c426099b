"""The set-based reading takes only rows that the single reading accepts, and gives the same columns."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from enforcement.ingest import fastpath
from enforcement.ingest.columns import NAMES_SQL, STAGED
from enforcement.ingest.staging import Staging, staged_row
from enforcement.signals.duck import duck
from enforcement.signals.fields import latest_allowed
from enforcement.signals.lines import SCHEMA
from enforcement.signals.normalize import normalize_signal
from enforcement.signals.parsing import SignalError, parse_json

NOW = datetime(2026, 11, 24, tzinfo=UTC)

_ODD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=6), st.just([]), st.just({}), st.just([None]),
    st.sampled_from(["true", "1.5", "5", "1e5", " x", "x ", "[x]", "{x}", "a\\b", "é", "", "12", "-1", "007", "x,}"]),
)  # fmt: skip
_IDENTIFIER = st.one_of(
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(["ip", "asn", "device", "IP", ""]),
            "value": st.sampled_from(["198.18.0.1", "AS5", "x", " x", "5"]),
        }
    ),
    st.fixed_dictionaries({"kind": st.just("device"), "value": _ODD, "more": _ODD}),
    _ODD,
)
_SIGNAL = st.fixed_dictionaries(
    {
        "source_ref": st.one_of(st.just("ref-1"), _ODD),
        "account": st.one_of(st.just("ac-1"), _ODD),
        "observed_at": st.one_of(
            st.just("2026-10-01T10:00:00Z"), st.sampled_from(["2026-10-01T10:00:00.123+05:30", "2026-1-1"]), _ODD
        ),
    },
    optional={
        "rule": st.one_of(st.just("W-1"), _ODD),
        "severity": st.one_of(st.sampled_from([0, 6, 99, 7, "high", "High", "3"]), _ODD),
        "score": st.one_of(st.sampled_from([0, 50.5, 100, 100.1, "7"]), _ODD),
        "exchanges": st.one_of(st.integers(0, 10**10), _ODD),
        "title": _ODD,
        "tlp": st.one_of(st.sampled_from(["amber", "AMBER", "tlp:red"]), _ODD),
        "conduct": st.one_of(st.sampled_from(["grading", "Grading", "odd"]), _ODD),
        "identifiers": st.one_of(st.lists(_IDENTIFIER, max_size=3), _ODD),
        "sample": st.one_of(
            st.fixed_dictionaries({}, optional={"excerpt": _ODD, "sha256": st.just("ab" * 32), "x": _ODD}), _ODD
        ),
        "raw": _ODD,
        "unknown": _ODD,
    },
)
_LAYOUT = st.sampled_from([(",", ":"), (", ", ": "), (" , ", " : ")])


def _plain_rows(texts: list[str]) -> dict[int, dict[str, Any]]:
    """Line number -> staged columns, for the rows that the set-based reading takes."""
    batch = pa.table(
        {"line": pa.array(range(len(texts)), pa.int64()), "text": pa.array(texts, pa.large_string())}, schema=SCHEMA
    )
    with duck() as connection:
        connection.register("given", batch)
        connection.execute(
            f"CREATE TEMP TABLE chunk AS SELECT *, coalesce({fastpath.is_plain()}, false) AS plain FROM ({fastpath.lines()})",
            {"latest": latest_allowed(NOW)},
        )
        staging = Staging(connection, NOW)
        staging._mark_odd_identifiers()
        query = f"SELECT {NAMES_SQL} FROM (SELECT {fastpath.columns()} FROM chunk WHERE plain)"
        return {row["line"]: row for row in connection.sql(query).to_arrow_table().to_pylist()}


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(signals=st.lists(st.tuples(_SIGNAL, _LAYOUT, st.booleans()), min_size=1, max_size=30))
def test_what_the_set_based_reading_takes_is_what_the_single_reading_gives(signals: list[Any]) -> None:
    texts = [json.dumps(body, separators=layout, ensure_ascii=ascii_only) for body, layout, ascii_only in signals]
    texts = [text for text in texts if text.isascii() or text.isprintable()]
    for line, row in _plain_rows(texts).items():
        expected = staged_row(normalize_signal(parse_json(texts[line]), now=NOW), line)
        row["identifiers"] = sorted({(i["kind"], i["value"]) for i in row["identifiers"]})
        expected["identifiers"] = [(i["kind"], i["value"]) for i in expected["identifiers"]]
        assert {name: row[name] for name in STAGED} == {name: expected[name] for name in STAGED}


def test_a_plain_signal_with_every_field_is_taken_set_by_set() -> None:
    full = {
        "source_ref": "3f2a-1", "account": "12345", "observed_at": "2026-10-01T10:00:00.5+02:00", "rule": "W-1",
        "severity": "high", "score": 12.5, "title": "Odd hours", "principal": "key-1", "exchanges": 3, "tokens_in": 1,
        "tokens_out": 2, "organization": "Alderbank Trading", "product": "api", "model": "m", "conduct": "grading",
        "rule_version": "2", "identifiers": [{"kind": "ip", "value": "2001:db8::1"}, {"kind": "device", "value": "5"}],
        "sample": {"excerpt": "What is 2 + 2?", "sha256": "ab" * 32}, "tlp": "amber",
    }  # fmt: skip
    assert len(_plain_rows([json.dumps(full), json.dumps(full, separators=(",", ":"))])) == 2


@settings(max_examples=300, deadline=None)
@given(
    data=st.one_of(
        st.text(), st.recursive(_ODD, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)).map(json.dumps)
    )
)
def test_the_single_reading_gives_a_signal_or_a_reason_for_anything(data: str) -> None:
    reason, account = "", ""
    try:
        account = normalize_signal(parse_json(data), now=NOW)["account"]
    except SignalError as error:
        reason = error.code if error.reason else ""
    assert account or reason.startswith("signal.")
