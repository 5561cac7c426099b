"""The one way to open DuckDB here: stated threads, memory and temporary folder, and nothing fetched from anywhere."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from django.conf import settings


@contextmanager
def duck(*, threads: int | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB in memory that spills to a folder of its own, removed afterwards. Times are UTC."""
    parent = Path(settings.STORAGE_ROOT) / "tmp"
    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="duck-", dir=parent) as folder:
        connection = duckdb.connect(
            ":memory:",
            config={
                "threads": threads or settings.DUCKDB_THREADS,
                "memory_limit": settings.DUCKDB_MEMORY_LIMIT,
                "temp_directory": folder,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "allow_community_extensions": False,
            },
        )
        try:
            connection.execute("SET TimeZone = 'UTC'")
            yield connection
        finally:
            connection.close()


def literal(path: Path) -> str:
    """A path as an SQL string that DuckDB takes as one file: brackets, stars and question marks are no pattern.

    DuckDB reads `[c]` as the character c, so each special character is put into a bracket of its own.
    """
    escaped = "".join(f"[{c}]" if c in "[*?" else c for c in str(path))
    return "'" + escaped.replace("'", "''") + "'"


def output(path: Path) -> str:
    """A path to write to, as an SQL string: taken literally by COPY."""
    return "'" + str(path).replace("'", "''") + "'"
