"""The rejects file of an import: every refused line with its number, column, value and reason."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import duckdb

from enforcement.signals.blobs import keep_file, local_file, sha256_of
from enforcement.signals.duck import output


def write_rejects(connection: duckdb.DuckDBPyConnection, folder: Path) -> str:
    """Write the table `rejects` as NDJSON by line; its storage name, or "" when nothing was refused."""
    path = folder / "rejects.ndjson"
    done = connection.execute(
        f'COPY (SELECT line, "column", value, reason, code FROM rejects ORDER BY line, "column") TO {output(path)} (FORMAT json)'
    ).fetchall()
    if not done[0][0]:
        return ""
    return keep_file(path, folder="rejects", sha256=sha256_of(path), suffix=".ndjson")


def read_rejects(name: str, *, offset: int, size: int) -> list[dict[str, Any]]:
    """Some rows of a rejects file: line, column, value, reason, code."""
    with local_file(name) as path, path.open("rb") as stream:
        return list(_parsed(stream, offset, size))


def _parsed(stream: BinaryIO, offset: int, size: int) -> Iterator[dict[str, Any]]:
    for line in islice(stream, offset, offset + size):
        yield json.loads(line)
