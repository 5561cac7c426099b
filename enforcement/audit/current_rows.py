"""Rows of tracked tables against the last of their history: what was changed with the triggers switched off."""

from collections.abc import Iterator

from django.db import connection

from enforcement.audit.protections import TrackedTable, tracked_tables

_SHOWN = 20

# Only keys that the body has are compared: a column that came later was not there to be recorded.
_CHANGED = """
SELECT t.id::text, CASE WHEN h.body IS NULL OR h.operation = 'D' THEN 'appeared' ELSE 'changed' END
FROM {table} t LEFT JOIN LATERAL (
    SELECT body::jsonb AS body, operation FROM audit_history
    WHERE table_name = %s AND row_id = t.id::text ORDER BY id DESC LIMIT 1
) h ON true
WHERE h.body IS NULL OR h.operation = 'D' OR EXISTS (
    SELECT 1 FROM jsonb_each(h.body) said WHERE to_jsonb(t) ? said.key AND to_jsonb(t) -> said.key <> said.value
)
ORDER BY 1 LIMIT {shown}
"""
_VANISHED = """
SELECT h.row_id FROM (
    SELECT DISTINCT ON (row_id) row_id, operation FROM audit_history WHERE table_name = %s ORDER BY row_id, id DESC
) h
WHERE h.operation <> 'D' AND NOT EXISTS (SELECT 1 FROM {table} t WHERE t.id::text = h.row_id)
ORDER BY 1 LIMIT {shown}
"""


def differing_rows() -> Iterator[tuple[str, int, list[tuple[str, str]]]]:
    """For each tracked table: name, how many rows were compared, and (id, what happened) of up to 20 that differ."""
    for tracked in tracked_tables():
        yield tracked.table, *_compare(tracked)


def _compare(tracked: TrackedTable) -> tuple[int, list[tuple[str, str]]]:
    table = connection.ops.quote_name(tracked.table)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        checked = int(cursor.fetchone()[0])
        cursor.execute(_CHANGED.format(table=table, shown=_SHOWN), [tracked.table])
        differing = [(row_id, what) for row_id, what in cursor.fetchall()]
        cursor.execute(_VANISHED.format(table=table, shown=_SHOWN), [tracked.table])
        differing += [(row_id, "was removed") for (row_id,) in cursor.fetchall()]
    return checked, differing
