"""A received file read into DuckDB: normalized rows in `staged`, refusals in `rejects`. Chunk by chunk, memory bounded."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa

from enforcement.ingest import fastpath
from enforcement.ingest.columns import COLUMNS_SQL, NAMES_SQL
from enforcement.signals.fields import latest_allowed
from enforcement.signals.identifiers import NORMALIZED_KINDS, normalize_identifier
from enforcement.signals.lines import SCHEMA, Reader
from enforcement.signals.normalize import normalize_signal
from enforcement.signals.parsing import Body, SignalError, parse_json, shown

CHUNK_BYTES = 32 * 1024**2
_REMEMBERED_IDENTIFIERS = 500_000
_SINGLY_ROWS = 20_000
_REJECTS = pa.schema(
    [
        ("line", pa.int64()),
        ("column", pa.string()),
        ("value", pa.string()),
        ("reason", pa.string()),
        ("code", pa.string()),
    ]
)
_STAGED = pa.schema(
    [
        ("line", pa.int64()),
        ("source_ref", pa.string()),
        ("account", pa.string()),
        ("observed_at", pa.timestamp("us")),
        ("rule", pa.string()),
        ("severity", pa.int16()),
        ("score", pa.float64()),
        ("title", pa.string()),
        ("principal", pa.string()),
        ("exchanges", pa.int64()),
        ("tokens_in", pa.int64()),
        ("tokens_out", pa.int64()),
        ("organization", pa.string()),
        ("product", pa.string()),
        ("model", pa.string()),
        ("conduct", pa.string()),
        ("rule_version", pa.string()),
        ("identifiers", pa.list_(pa.struct([("kind", pa.string()), ("value", pa.string())]))),
        ("excerpt", pa.string()),
        ("sample_sha256", pa.string()),
        ("tlp", pa.string()),
        ("raw", pa.string()),
        ("unmapped", pa.string()),
    ]
)

Progress = Callable[[int, int], None]


@dataclass
class Staging:
    """One file on its way in. `now` is when it was received: times ahead of it are judged by that, on every run."""

    connection: duckdb.DuckDBPyConnection
    now: datetime
    rows_read: int = 0
    rows_refused: int = 0
    _canonical: set[tuple[str, str]] = field(default_factory=set)

    def read(self, reader: Reader, on_chunk: Progress) -> None:
        """Stage every line of `reader`. Raises Refusal when the file as a whole cannot be read."""
        self.connection.execute(f"CREATE TABLE staged ({COLUMNS_SQL})")
        self.connection.execute(
            'CREATE TABLE rejects (line BIGINT, "column" VARCHAR, value VARCHAR, reason VARCHAR, code VARCHAR)'
        )
        for chunk in _chunks(reader):
            self._stage(chunk)
            self._refuse_lines(reader)
            on_chunk(reader.read_bytes, reader.size_bytes)
        self._refuse_lines(reader)

    def _stage(self, chunk: pa.Table) -> None:
        connection = self.connection
        connection.register("given", chunk)
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE chunk AS SELECT line, text, s, coalesce({fastpath.is_plain()}, false) AS plain"
            f" FROM ({fastpath.lines()})",
            {"latest": latest_allowed(self.now)},
        )
        connection.unregister("given")
        self._mark_odd_identifiers()
        connection.execute(f"INSERT INTO staged SELECT {fastpath.columns()} FROM chunk WHERE plain")
        self.rows_read += len(chunk)
        last = 0
        while slow := self._not_plain(last):
            self._read_singly(slow)
            last = slow[-1][0]
        connection.execute("DROP TABLE chunk")

    def _not_plain(self, after: int) -> list[tuple[int, str]]:
        """The next lines of the chunk to be read singly; few at a time, since a chunk may be millions of short ones."""
        return self.connection.execute(
            f"SELECT line, text FROM chunk WHERE NOT plain AND line > $after ORDER BY line LIMIT {_SINGLY_ROWS}",
            {"after": after},
        ).fetchall()

    def _mark_odd_identifiers(self) -> None:
        """Rows with an identifier that is not in its one spelling go the other way."""
        odd = [pair for pair in self._new_identifiers() if not self._is_canonical(*pair)]
        if not odd:
            return
        table = pa.table({"kind": [k for k, _ in odd], "value": [v for _, v in odd]})
        self.connection.register("odd", table)
        self.connection.execute(
            "UPDATE chunk SET plain = false WHERE line IN (SELECT line FROM"
            " (SELECT line, unnest(s.identifiers) AS i FROM chunk WHERE plain) u"
            " JOIN odd ON u.i.kind = odd.kind AND u.i.value = odd.value)"
        )
        self.connection.unregister("odd")

    def _new_identifiers(self) -> list[tuple[str, str]]:
        kinds = ", ".join(f"'{kind}'" for kind in NORMALIZED_KINDS)
        found = self.connection.execute(
            "SELECT DISTINCT i.kind, i.value FROM (SELECT unnest(s.identifiers) AS i FROM chunk WHERE plain)"
            f" WHERE i.kind IN ({kinds})"
        ).fetchall()
        return [pair for pair in found if pair not in self._canonical]

    def _is_canonical(self, kind: str, value: str) -> bool:
        try:
            canonical = normalize_identifier(kind, value) == value
        except ValueError:
            return False
        if canonical and len(self._canonical) < _REMEMBERED_IDENTIFIERS:
            self._canonical.add((kind, value))
        return canonical

    def _read_singly(self, rows: list[tuple[int, str]]) -> None:
        accepted: list[dict[str, Any]] = []
        refused: list[tuple[int, str, str, str, str]] = []
        for line, text in rows:
            if not text.strip():
                self.rows_read -= 1  # a line of white space is blank, not faulty
                continue
            try:
                accepted.append(staged_row(normalize_signal(parse_json(text), now=self.now), line))
            except SignalError as error:
                refused.append((line, error.column, error.value, error.reason, error.code))
        if accepted:
            self.stage_rows(accepted)
        self._refuse(refused)

    def stage_rows(self, rows: list[dict[str, Any]]) -> None:
        """Add normalized rows (see `staged_row`)."""
        self.connection.register("rows_given", pa.Table.from_pylist(rows, schema=_STAGED))
        self.connection.execute(f"INSERT INTO staged SELECT {NAMES_SQL} FROM rows_given")
        self.connection.unregister("rows_given")

    def _refuse_lines(self, reader: Reader) -> None:
        found = [(r.line, "", shown(r.beginning), r.reason, r.code) for r in reader.refused]
        reader.refused.clear()
        self.rows_read += len(found)
        self._refuse(found)

    def _refuse(self, refused: list[tuple[int, str, str, str, str]]) -> None:
        if not refused:
            return
        self.rows_refused += len(refused)
        columns = [
            pa.array(list(column), type=kind.type)
            for column, kind in zip(zip(*refused, strict=True), _REJECTS, strict=True)
        ]
        self.connection.register("refused", pa.Table.from_arrays(columns, schema=_REJECTS))
        self.connection.execute("INSERT INTO rejects SELECT * FROM refused")
        self.connection.unregister("refused")


def _chunks(reader: Reader) -> Iterator[pa.Table]:
    batches: list[pa.RecordBatch] = []
    size = 0
    for batch in reader.batches():
        batches.append(batch)
        size += batch.nbytes
        if size >= CHUNK_BYTES or len(reader.refused) >= _SINGLY_ROWS:
            yield pa.Table.from_batches(batches, schema=SCHEMA)
            batches, size = [], 0
    if batches or reader.refused:
        yield pa.Table.from_batches(batches, schema=SCHEMA)


def staged_row(body: Body, line: int) -> dict[str, Any]:
    """A normalized body as a staged row (`line` 0: it was posted): time without its zone (UTC), nested values as JSON text."""
    return {
        **body,
        "line": line,
        "observed_at": body["observed_at"].replace(tzinfo=None),
        "raw": _json(body["raw"]),
        "unmapped": _json(body["unmapped"]),
    }


def body_of(row: dict[str, Any], utc: Any) -> Body:
    """The reverse of `staged_row`: a row of `staged` or of a segment as a normalized body."""
    return {
        **{name: value for name, value in row.items() if name not in {"line", "source_ref"}},
        "source_ref": row["source_ref"],
        "observed_at": row["observed_at"].replace(tzinfo=utc),
        "identifiers": sorted(row["identifiers"] or [], key=lambda i: (i["kind"], i["value"])),
        "raw": json.loads(row["raw"]) if row["raw"] else None,
        "unmapped": json.loads(row["unmapped"]) if row["unmapped"] else None,
    }


def _json(value: object) -> str | None:
    return None if value is None else json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
