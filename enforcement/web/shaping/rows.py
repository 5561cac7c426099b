"""A row of the history as people read it: which table, what was done, its columns."""

import json
from dataclasses import dataclass
from typing import Any

from enforcement.audit.models import History
from enforcement.web.shaping.events import OPERATIONS, TABLES

_QUIET = frozenset({"id"})


@dataclass(frozen=True)
class ReadableRow:
    """One tracked row as a statement left it."""

    row: History
    table: str
    act: str
    columns: list[tuple[str, str]]


def readable(row: History) -> ReadableRow:
    """The row with its columns; empty ones are left out."""
    try:
        body: Any = json.loads(row.body)
    except ValueError:
        body = {}
    pairs = body.items() if isinstance(body, dict) else ()
    columns = [
        (name.replace("_", " "), str(value)[:300])
        for name, value in pairs
        if name not in _QUIET and value not in (None, "", [], {})
    ]
    return ReadableRow(
        row, TABLES.get(row.table_name, row.table_name), OPERATIONS.get(row.operation, row.operation), columns
    )
