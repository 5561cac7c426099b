"""The canonical bytes of events and history rows, streamed in the order in which a batch seals them."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection

CHUNK_ROWS = 2000
_TIME = """to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
# Every column by name: one that is added later changes nothing. jsonb has one text for one value.
_EVENT_COLUMNS = (
    f"id, xid, {_TIME.format('at')}, actor_kind, actor_id, actor_label, verb, target_type, target_id, target_label, "
    "case_id, reason, data::text"
)
_HISTORY_COLUMNS = f"id, xid, {_TIME.format('at')}, table_name, row_id, operation, sha256"


@dataclass(frozen=True, slots=True)
class Span:
    """Rows of one table that one batch covers: transactions in [from_xid, to_xid), ids in (above_id, through_id].

    None: no bound on that side.
    """

    from_xid: int
    to_xid: int | None
    above_id: int
    through_id: int | None

    def condition(self) -> tuple[str, list[int]]:
        """The SQL condition and its parameters."""
        parts, values = ["xid >= %s", "id > %s"], [self.from_xid, self.above_id]
        if self.to_xid is not None:
            parts.append("xid < %s")
            values.append(self.to_xid)
        if self.through_id is not None:
            parts.append("id <= %s")
            values.append(self.through_id)
        return " AND ".join(parts), values


def event_leaves(span: Span) -> Iterator[bytes]:
    """Canonical bytes of the events of `span`, by transaction and id."""
    for row in _rows("audit_event", _EVENT_COLUMNS, span):
        yield _canonical("event/1", row)


def history_leaves(span: Span) -> Iterator[bytes]:
    """Canonical bytes of the history rows of `span`; the row's body stands in them as its SHA-256."""
    for row in _rows("audit_history", _HISTORY_COLUMNS, span):
        yield _canonical("history/1", row)


def checked_history_leaves(span: Span, wrong: list[int]) -> Iterator[bytes]:
    """As `history_leaves`, reading bodies as well: ids of rows whose body is not what its hash says go to `wrong`."""
    for *row, body in _rows("audit_history", f"{_HISTORY_COLUMNS}, body", span):
        if hashlib.sha256(body.encode()).hexdigest() != row[-1]:
            wrong.append(row[0])
        yield _canonical("history/1", row)


def _rows(table: str, columns: str, span: Span) -> Iterator[Any]:
    condition, values = span.condition()
    # A server-side cursor: a batch may hold more rows than memory.
    with connection.chunked_cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {table} WHERE {condition} ORDER BY xid, id", values)
        while rows := cursor.fetchmany(CHUNK_ROWS):
            yield from rows


def _canonical(kind: str, row: Any) -> bytes:
    return json.dumps([kind, *row], ensure_ascii=False, separators=(",", ":")).encode()
