"""Statements over thousands of rows, planned for thousands of rows."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def planned_for_many() -> Iterator[None]:
    """No nested loops inside the block; call it inside a transaction.

    Rows written a moment ago are unknown to the planner's statistics: it takes a table of thousands for empty and walks it once
    a row. The application role may not ANALYZE what it does not own, so bulk statements join by hash or merge instead.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")
        try:
            yield
        finally:
            if not connection.needs_rollback:
                cursor.execute("SET LOCAL enable_nestloop = on")
