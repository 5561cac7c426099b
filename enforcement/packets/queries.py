"""The query register: every count in the packet, as SQL that a stranger can run on the attached files.

The packet does not trust numbers handed to it: it runs these queries over its own attachments (DuckDB, in
memory, no extension, no network) and prints what they give. `queries.sql` starts with the views, so that
`duckdb < queries.sql` in the folder of the saved attachments repeats all of them. Queries over the archive,
which does not travel with the packet, arrive with their results (`RecordedQuery`) and join the register.
Every query has a total ORDER BY, or the hash of its result would not repeat.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from enforcement.packets.attachments import Attachment, cell, csv_bytes
from enforcement.packets.document_records import PacketInputs
from enforcement.packets.errors import IncompletePacketError
from enforcement.packets.query_specs import SPECS, VIEWS, QuerySpec

MEMORY_LIMIT = "512MB"


@dataclass(frozen=True, kw_only=True, slots=True)
class QueryResult:
    """A query with its number (`Q-01`), its result as text cells, and the SHA-256 of that result as CSV."""

    number: str
    key: str
    what: str
    sql: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    value: str
    sha256: str
    exhibits: tuple[str, ...]
    on_archive: bool

    def count(self, column: str = "n", **match: str) -> int:
        """One whole number out of the result: of the row whose columns equal `match`, 0 when none does."""
        position = self.columns.index(column)
        wanted = [(self.columns.index(name), value) for name, value in match.items()]
        for row in self.rows:
            if all(row[i] == value for i, value in wanted):
                return int(row[position] or 0)
        return 0

    def total(self, column: str) -> int:
        """The sum of one column of whole numbers."""
        position = self.columns.index(column)
        return sum(int(row[position] or 0) for row in self.rows)


def _printed(show: str, columns: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> str:
    if show.startswith("rows:"):
        return f"{len(rows):,} {show[5:]}"
    if not rows:
        return "none"
    if show == "hundredths":
        return f"{int(rows[0][0] or 0) / 100:,.1f}"
    if show.startswith("highest:"):
        at = columns.index(show[8:])
        top = max(rows, key=lambda row: int(row[at]))
        return f"{int(top[at]):,} on {top[0]}"
    values: dict[str, Any] = {c: int(v) for c, v in zip(columns, rows[0], strict=True) if v.lstrip("-").isdigit()}
    return show.format(**values)


def _connect(folder: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(
        config={
            "threads": "1",
            "memory_limit": MEMORY_LIMIT,
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "file_search_path": str(folder),
            "temp_directory": str(folder),
        }
    )
    connection.execute(VIEWS)
    return connection


def run_register(inputs: PacketInputs, files: Sequence[Attachment]) -> tuple[QueryResult, ...]:
    """Run every query over `files`; number them, those on the archive last. Raises IncompletePacketError."""
    results: list[QueryResult] = []
    with tempfile.TemporaryDirectory(prefix="packet-") as name:
        folder = Path(name)
        for item in files:
            (folder / item.name).write_bytes(item.content)
        with _connect(folder) as connection:
            for spec in SPECS:
                cursor = connection.execute(spec.sql)
                columns = tuple(str(column[0]) for column in cursor.description or ())
                rows = tuple(tuple(cell(value) for value in row) for row in cursor.fetchall())
                results.append(_result(len(results), spec, columns, rows))
    for recorded in inputs.archive_queries:
        results.append(_recorded(len(results), recorded))
    keys = [result.key for result in results]
    if len(set(keys)) != len(keys):
        raise IncompletePacketError("query_keys", "Two queries of the packet have the same key.")
    return tuple(results)


def _result(index: int, spec: QuerySpec, columns: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> QueryResult:
    return QueryResult(
        number=f"Q-{index + 1:02d}",
        key=spec.key,
        what=spec.what,
        sql=spec.sql,
        columns=columns,
        rows=rows,
        value=_printed(spec.show, columns, rows),
        sha256=hashlib.sha256(csv_bytes(columns, rows)).hexdigest(),
        exhibits=(),
        on_archive=False,
    )


def _recorded(index: int, recorded: Any) -> QueryResult:
    return QueryResult(
        number=f"Q-{index + 1:02d}",
        key=recorded.key,
        what=recorded.what,
        sql=recorded.sql,
        columns=recorded.columns,
        rows=recorded.rows,
        value=recorded.value,
        sha256=hashlib.sha256(csv_bytes(recorded.columns, recorded.rows)).hexdigest(),
        exhibits=recorded.exhibits,
        on_archive=True,
    )


def query_files(results: Sequence[QueryResult]) -> list[Attachment]:
    """`queries.sql` and `query-results.csv`."""
    text = VIEWS
    for result in results:
        where = " (on the archive, not on the attached files)" if result.on_archive else ""
        body = result.sql.rstrip("\n")
        if result.on_archive:
            body = "\n".join(f"-- {line}" for line in body.split("\n"))
        text += f"\n-- {result.number} {result.what}{where}\n{body}\n"
    rows = [[r.number, r.what, r.value, len(r.rows), r.sha256, " ".join(r.exhibits)] for r in results]
    columns = ["query", "what", "value", "rows", "result_sha256", "exhibits"]
    return [
        Attachment(
            name="queries.sql",
            content=text.encode(),
            media_type="application/sql",
            what="text of the queries of Section 8",
            rows=None,
        ),
        Attachment(
            name="query-results.csv",
            content=csv_bytes(columns, rows),
            media_type="text/csv",
            what="value and result hash of each query",
            rows=len(rows),
        ),
    ]
