"""Fresh staged signals into the archive and the database: the part that imports and compaction share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any

import duckdb
from django.db import connection as database

from enforcement.ingest.dedupe import Position, position, settle_repeats
from enforcement.ingest.fold import INPUTS, Folded, copy_in, copy_out, fold_files
from enforcement.ingest.rollup import figure, roll_up, write_input, write_refs, write_segment, write_sightings
from enforcement.ingest.terms import drop_excerpts, restricted_accounts
from enforcement.signals.archive import sighting_files
from enforcement.signals.blobs import keep_file, sha256_of
from enforcement.signals.duck import output
from enforcement.signals.models import Detector, Segment

_NOTHING = Folded(0, 0, 0)


@dataclass(frozen=True, slots=True)
class Prepared:
    """Files written before the lock is taken, and what they were judged against."""

    position: Position
    restricted: frozenset[str]
    rows: int
    context_rows: int
    excerpts_dropped: int
    segment: Path
    refs: Path
    inputs: dict[str, Path]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was committed; no segment when nothing was new."""

    segment: Segment | None
    folded: Folded


def prepare(connection: duckdb.DuckDBPyConnection, detector: Detector, folder: Path, *, source: str) -> Prepared:
    """Settle what is new in `staged`, roll it up and write the files. May be called again when the past has moved on."""
    restricted = restricted_accounts()
    at = position(detector)
    dropped = drop_excerpts(connection, restricted)
    settle_repeats(connection, detector)
    return _written(connection, detector, folder, source, (at, restricted, dropped))


def prepare_counted(
    connection: duckdb.DuckDBPyConnection, detector: Detector, folder: Path, *, source: str
) -> Prepared:
    """The same for staged signals that counted when they were posted: all of them are to be archived."""
    restricted = restricted_accounts()
    dropped = drop_excerpts(connection, restricted)
    connection.execute("CREATE OR REPLACE TEMP VIEW fresh AS SELECT * FROM staged")
    return _written(connection, detector, folder, source, (position(detector), restricted, dropped))


def _written(
    connection: duckdb.DuckDBPyConnection,
    detector: Detector,
    folder: Path,
    source: str,
    judged: tuple[Position, frozenset[str], int],
) -> Prepared:
    rows, context = figure(connection, "SELECT count(*), count(*) FILTER (WHERE rule IS NULL) FROM fresh")
    segment, refs = folder / "segment.parquet", folder / "refs.keys"
    inputs = {name: folder / f"{name}.csv" for name in INPUTS}
    if rows:
        roll_up(connection, detector)
        write_segment(connection, segment, detector=detector, source=source)
        write_refs(connection, refs)
        for name, path in inputs.items():
            write_input(connection, name, detector, path)
    at, restricted, dropped = judged
    return Prepared(at, restricted, rows, context, dropped, segment, refs, inputs)


def commit_segment(
    connection: duckdb.DuckDBPyConnection, detector: Detector, prepared: Prepared, folder: Path, *, tallies: bool = True
) -> Outcome:
    """Fold and register in the caller's transaction, which holds both locks.

    `tallies` is false where they were counted already (posted signals being compacted): then only the sightings are new.
    """
    if not prepared.rows:
        return Outcome(None, _NOTHING)
    inputs = prepared.inputs if tallies else {"in_identifier": prepared.inputs["in_identifier"]}
    folded = fold_files(inputs, detector)
    _fetch_ids(connection, folder)
    sightings = folder / "sightings.parquet"
    sighting_rows = write_sightings(connection, sightings)
    holders_csv = _count_holders(connection, sightings, folder)
    segment = _register(connection, detector, prepared, sightings, sighting_rows)
    _write_holders(holders_csv)
    return Outcome(segment, folded)


def _fetch_ids(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """The database's ids of the accounts and identifiers at hand, as DuckDB tables."""
    accounts, identifiers = folder / "account_ids.csv", folder / "identifier_ids.csv"
    names = folder / "accounts.csv"
    connection.execute(
        f"COPY (SELECT DISTINCT account FROM sight) TO {output(names)} (FORMAT csv, HEADER false, NULLSTR '\\N')"
    )
    with database.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.in_name")
        cursor.execute("CREATE TEMP TABLE in_name (platform_id text) ON COMMIT DROP")
        copy_in(cursor, "in_name", names)
        copy_out(
            cursor, "SELECT a.platform_id, a.id FROM in_name JOIN accounts_account a USING (platform_id)", accounts
        )
        copy_out(
            cursor,
            "SELECT i.kind, i.value, i.id FROM in_identifier JOIN accounts_identifier i USING (kind, value)",
            identifiers,
        )
    _load(connection, "account_ids", accounts, {"platform_id": "VARCHAR", "id": "BIGINT"})
    _load(connection, "identifier_ids", identifiers, {"kind": "VARCHAR", "value": "VARCHAR", "id": "BIGINT"})


def _load(connection: duckdb.DuckDBPyConnection, table: str, path: Path, columns: dict[str, str]) -> None:
    shape = ", ".join(f"'{name}': '{kind}'" for name, kind in columns.items())
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT * FROM read_csv({output(path)}, header = false,"
        f" auto_detect = false, delim = ',', quote = '\"', escape = '\"', columns = {{{shape}}})"
    )


def _count_holders(connection: duckdb.DuckDBPyConnection, sightings: Path, folder: Path) -> Path:
    """Distinct accounts ever seen with each identifier at hand, over every live segment and this one."""
    target = folder / "holders.csv"
    live: list[Any] = list(Segment.objects.filter(retired_at=None).exclude(sightings_path="").order_by("id"))
    with sighting_files(live) as archive:
        connection.execute(
            f"""
            COPY (SELECT identifier_id, count(DISTINCT account_id) FROM (
                SELECT account_id, identifier_id FROM read_parquet({output(sightings)})
                UNION ALL
                SELECT account_id, identifier_id FROM {archive} WHERE identifier_id IN (SELECT id FROM identifier_ids))
              GROUP BY identifier_id ORDER BY identifier_id)
            TO {output(target)} (FORMAT csv, HEADER false)
            """
        )
    return target


def _write_holders(path: Path) -> None:
    with database.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.in_holders")
        cursor.execute("CREATE TEMP TABLE in_holders (id bigint PRIMARY KEY, holders integer) ON COMMIT DROP")
        copy_in(cursor, "in_holders", path)
        cursor.execute(
            "UPDATE accounts_identifier i SET holders = g.holders FROM in_holders g WHERE g.id = i.id AND i.holders <> g.holders"
        )


def _register(
    connection: duckdb.DuckDBPyConnection, detector: Detector, prepared: Prepared, sightings: Path, sighting_rows: int
) -> Segment:
    """Put the files in place and write the row that makes them count."""
    window = connection.execute("SELECT min(observed_at), max(observed_at) FROM fresh").fetchall()
    first, last = (moment.replace(tzinfo=UTC) for moment in window[0])
    digest, size = sha256_of(prepared.segment), prepared.segment.stat().st_size
    sightings_path = ""
    if sighting_rows:
        sightings_path = keep_file(sightings, folder="sightings", sha256=sha256_of(sightings), suffix=".parquet")
    return Segment.objects.create(
        detector=detector,
        sha256=digest,
        path=keep_file(prepared.segment, folder="segments", sha256=digest, suffix=".parquet"),
        bytes=size,
        rows=prepared.rows,
        sightings_path=sightings_path,
        sightings_rows=sighting_rows,
        refs_path=keep_file(prepared.refs, folder="keys", sha256=sha256_of(prepared.refs), suffix=".keys"),
        first_observed_at=first,
        last_observed_at=last,
    )
