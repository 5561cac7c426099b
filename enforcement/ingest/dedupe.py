"""Exactly once: which staged rows counted already, in this file, in the archive or by a single post."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC

import duckdb
import numpy as np
import pyarrow as pa
from django.db.models import Count, Max

from enforcement.ingest.columns import same_body
from enforcement.ingest.staging import body_of
from enforcement.signals.archive import segment_files
from enforcement.signals.bodies import body_sha256
from enforcement.signals.keys import Words, halves, known, live_segments, map_keys
from enforcement.signals.models import Detector, PostedSignal, Segment

_BATCH_ROWS = 500_000


@dataclass(frozen=True, slots=True)
class Position:
    """What had been committed for a detector when its past was looked at; another position means: look again."""

    segments: tuple[int, ...]
    posted: int
    last_posted: int


def position(detector: Detector) -> Position:
    """Where the detector's committed signals stand now."""
    posted = PostedSignal.objects.filter(detector=detector).aggregate(n=Count("id"), last=Max("id"))
    segments = tuple(s.pk for s in live_segments(detector))
    return Position(segments, posted["n"], posted["last"] or 0)


def settle_repeats(connection: duckdb.DuckDBPyConnection, detector: Detector) -> None:
    """Make `verdict(line, status)` for staged rows that do not count: duplicate or revision; and `fresh`, the others."""
    connection.execute("CREATE OR REPLACE TEMP TABLE verdict (line BIGINT, status VARCHAR)")
    _against_archive(connection, live_segments(detector))
    _against_posted(connection, detector)
    connection.execute(
        f"""
        INSERT INTO verdict
        WITH open AS (SELECT * FROM staged ANTI JOIN verdict USING (line)),
             firsts AS (SELECT source_ref, min(line) AS line FROM open GROUP BY source_ref HAVING count(*) > 1)
        SELECT later.line, CASE WHEN {same_body("first", "later")} THEN 'duplicate' ELSE 'revision' END
        FROM firsts JOIN open AS first ON first.line = firsts.line
        JOIN open AS later ON later.source_ref = firsts.source_ref AND later.line > firsts.line
        """
    )
    counted = "staged" if not _any(connection, "verdict") else "(SELECT * FROM staged ANTI JOIN verdict USING (line))"
    connection.execute(f"CREATE OR REPLACE TEMP VIEW fresh AS SELECT * FROM {counted}")


def _any(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    found = connection.execute(f"SELECT count(*) FROM {table}").fetchall()
    return bool(found[0][0])


def hashed(connection: duckdb.DuckDBPyConnection, table: str) -> Iterator[tuple[Words, Words, Words]]:
    """(lines, high halves, low halves) of the reference hashes of a table, batch by batch."""
    reader = connection.sql(f"SELECT line, unhex(sha256(source_ref)[1:32]) AS hash FROM {table}").to_arrow_reader(
        _BATCH_ROWS
    )
    for batch in reader:
        if not len(batch):
            continue
        # Sixteen bytes each, one after the other: the data buffer of the column is the array.
        column = batch.column("hash").cast(pa.binary())
        words = np.frombuffer(
            column.buffers()[2], dtype=">u8", count=2 * len(batch), offset=16 * column.offset
        ).reshape(-1, 2)
        # Posted signals have no line.
        lines = batch.column("line").fill_null(0).to_numpy(zero_copy_only=False).astype(np.uint64)
        yield lines, words[:, 0].astype(np.uint64), words[:, 1].astype(np.uint64)


def _hits(connection: duckdb.DuckDBPyConnection, keys: list[Words]) -> list[np.ndarray]:
    """For each key file, the lines of the staged rows whose reference it holds."""
    found: list[list[Words]] = [[] for _ in keys]
    for lines, high, low in hashed(connection, "staged"):
        for number, file in enumerate(keys):
            found[number].append(lines[known(file, high, low)])
    return [np.concatenate(parts) if parts else np.empty(0, dtype=np.uint64) for parts in found]


def _against_archive(connection: duckdb.DuckDBPyConnection, segments: list[Segment]) -> None:
    kept = [segment for segment in segments if segment.refs_path]
    if not kept:
        return
    for segment, lines in zip(kept, _hits(connection, [map_keys(s.refs_path) for s in kept]), strict=True):
        if not len(lines):
            continue
        connection.register("hit", pa.table({"line": lines.astype(np.int64)}))
        with segment_files([segment]) as archive:
            connection.execute(
                f"""
                INSERT INTO verdict
                SELECT s.line, CASE WHEN {same_body("a", "s")} THEN 'duplicate' ELSE 'revision' END
                FROM staged AS s SEMI JOIN hit USING (line) JOIN {archive} AS a ON a.source_ref = s.source_ref
                """
            )
        connection.unregister("hit")


def _against_posted(connection: duckdb.DuckDBPyConnection, detector: Detector) -> None:
    """Posted bodies are compared one by one: there are few, and their digest was made row by row too."""
    posted = dict(PostedSignal.objects.filter(detector=detector).values_list("ref_hash", "body_sha256"))
    if not posted:
        return
    high, low = halves(posted)
    order = np.lexsort((low, high))
    by_hash = {(value.int >> 64, value.int & (2**64 - 1)): digest for value, digest in posted.items()}
    keys = np.concatenate((high[order], low[order]))
    wanted: dict[int, str] = {}
    for lines, highs, lows in hashed(connection, "staged"):
        for index in np.flatnonzero(known(keys, highs, lows)):
            wanted[int(lines[index])] = by_hash[(int(highs[index]), int(lows[index]))]
    if not wanted:
        return
    connection.register("hit", pa.table({"line": list(wanted)}))
    answer = connection.sql("SELECT s.* FROM staged s SEMI JOIN hit USING (line) ANTI JOIN verdict USING (line)")
    rows = answer.to_arrow_table().to_pylist()
    connection.unregister("hit")
    verdicts = [
        (row["line"], "duplicate" if body_sha256(body_of(row, UTC)) == wanted[row["line"]] else "revision")
        for row in rows
    ]
    if verdicts:
        connection.executemany("INSERT INTO verdict VALUES (?, ?)", verdicts)
