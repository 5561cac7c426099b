"""The questions that the archive answers, over registered segments that still count. Read-only; no Python per row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from enforcement.signals.blobs import local_file, sha256_of
from enforcement.signals.duck import duck, literal, output
from enforcement.signals.models import Segment

EXTRACT_COLUMNS = (
    "source_ref", "account", "observed_at", "rule", "severity", "score", "title", "principal", "exchanges", "tokens_in",
    "tokens_out", "organization", "product", "model", "conduct", "rule_version", "identifiers", "excerpt",
    "sample_sha256", "tlp",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Window:
    """Which signals are asked about: platform account ids (None: all), times [first, last) in UTC, and narrower still.

    `detectors` are slugs. `context` also takes records without a rule.
    """

    accounts: Sequence[str] | None = None
    first: datetime | None = None
    last: datetime | None = None
    rules: Sequence[str] = ()
    products: Sequence[str] = ()
    detectors: Sequence[str] = ()
    context: bool = False


@dataclass(frozen=True, slots=True)
class Extract:
    """A file made of the archive: how many signals, and the SHA-256 of its bytes."""

    path: Path
    rows: int
    sha256: str


def segments_in(window: Window) -> list[Segment]:
    """Live segments that may hold signals of the window, oldest first."""
    found = Segment.objects.filter(retired_at=None).select_related("detector").order_by("id")
    if window.first:
        found = found.filter(last_observed_at__gte=window.first)
    if window.last:
        found = found.filter(first_observed_at__lt=window.last)
    if window.detectors:
        found = found.filter(detector__slug__in=window.detectors)
    return list(found)


@contextmanager
def segment_files(segments: Sequence[Segment]) -> Iterator[str]:
    """An SQL table of the segments' rows. The files are at hand while the context lasts."""
    with ExitStack() as stack:
        names = [literal(stack.enter_context(local_file(segment.path))) for segment in segments]
        yield f"read_parquet([{', '.join(names)}])"


@contextmanager
def sighting_files(segments: Sequence[Segment]) -> Iterator[str]:
    """An SQL table of the segments' sightings: account_id, kind, identifier_id, day, count."""
    with ExitStack() as stack:
        names = [literal(stack.enter_context(local_file(s.sightings_path))) for s in segments if s.sightings_path]
        if names:
            yield f"read_parquet([{', '.join(names)}])"
        else:
            yield (
                "(SELECT NULL::BIGINT AS account_id, NULL::VARCHAR AS kind, NULL::BIGINT AS identifier_id,"
                " NULL::DATE AS day, NULL::BIGINT AS count WHERE false)"
            )


@contextmanager
def _asked(window: Window) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the view `asked`: the window's signals, with their detector's slug."""
    segments = segments_in(window)
    with duck() as connection, ExitStack() as stack:
        parts = []
        for segment in segments:
            path = stack.enter_context(local_file(segment.path))
            parts.append(f"SELECT '{segment.detector.slug}' AS detector, * FROM read_parquet({literal(path)})")
        if not parts:
            parts.append("SELECT '' AS detector, * FROM empty_archive")
            _make_empty(connection)
        if window.accounts is not None:
            connection.register("accounts_given", pa.table({"account": pa.array(list(window.accounts), pa.string())}))
        union = " UNION ALL ".join(parts)
        connection.execute(f"CREATE TEMP VIEW everything AS {union}")
        connection.execute(f"CREATE TEMP VIEW asked AS SELECT * FROM everything WHERE {_condition(window)}")
        yield connection


def _condition(window: Window) -> str:
    parts = ["true" if window.context else "rule IS NOT NULL"]
    if window.accounts is not None:
        parts.append("account IN (SELECT account FROM accounts_given)")
    if window.first:
        parts.append(f"observed_at >= {_moment(window.first)}")
    if window.last:
        parts.append(f"observed_at < {_moment(window.last)}")
    for column, values in (("rule", window.rules), ("product", window.products)):
        if values:
            parts.append(f"{column} IN ({', '.join(_quoted(value) for value in values)})")
    return " AND ".join(parts)


def _moment(moment: datetime) -> str:
    return f"(TIMESTAMPTZ {_quoted(moment.isoformat())})::TIMESTAMP"


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _make_empty(connection: duckdb.DuckDBPyConnection) -> None:
    columns = ", ".join(f"{name} VARCHAR" for name in EXTRACT_COLUMNS if name not in _TYPED)
    typed = ", ".join(f"{name} {kind}" for name, kind in _TYPED.items())
    connection.execute(f"CREATE TEMP TABLE empty_archive ({columns}, {typed})")


_TYPED = {
    "observed_at": "TIMESTAMP",
    "severity": "SMALLINT",
    "score": "DOUBLE",
    "exchanges": "BIGINT",
    "tokens_in": "BIGINT",
    "tokens_out": "BIGINT",
    "identifiers": "STRUCT(kind VARCHAR, value VARCHAR)[]",
}
_GROUPS = {
    "account": "account",
    "rule": "rule",
    "day": "observed_at::DATE",
    "product": "product",
    "detector": "detector",
    "conduct": "conduct",
}


def count_signals(window: Window, *, by: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Signals and the exchanges they give, grouped by any of account, rule, day, product, detector, conduct; ordered by them.

    Rows: the groups' names, `signals`, `exchanges` (never add those of different detectors).
    """
    columns = [f"{_GROUPS[name]} AS {name}" for name in by]
    numbers = "count(*) AS signals, coalesce(sum(exchanges), 0)::BIGINT AS exchanges"
    grouping = f" GROUP BY {', '.join(by)} ORDER BY {', '.join(by)}" if by else ""
    with _asked(window) as connection:
        answer = connection.sql(f"SELECT {', '.join([*columns, numbers])} FROM asked{grouping}")
        return _rows(answer)


def conduct_by_account(window: Window) -> list[dict[str, Any]]:
    """For each account, detector, rule and conduct: signals, exchanges, first and last time. Ordered by account and rule."""
    with _asked(window) as connection:
        return _rows(
            connection.sql(
                "SELECT account, detector, rule, conduct, count(*) AS signals, coalesce(sum(exchanges), 0)::BIGINT AS exchanges,"
                " min(observed_at)::TIMESTAMPTZ AS first_at, max(observed_at)::TIMESTAMPTZ AS last_at FROM asked"
                " GROUP BY account, detector, rule, conduct ORDER BY account, detector, rule, conduct NULLS FIRST"
            )
        )


def sample_rows(window: Window, *, size: int, seed: str) -> list[dict[str, Any]]:
    """`size` signals drawn by `seed`: those whose SHA-256 of seed and reference is smallest, so anyone can draw them again."""
    columns = ", ".join(EXTRACT_COLUMNS)
    with _asked(window) as connection:
        answer = connection.sql(
            f"SELECT detector, {columns} FROM asked ORDER BY sha256($seed || detector || source_ref), detector, source_ref"
            f" LIMIT {int(size)}",
            params={"seed": f"{seed}:"},
        )
        return _rows(answer)


def extract_rows(window: Window, *, path: Path, form: str = "ndjson") -> Extract:
    """Every signal of the window into `path`, in one order and one spelling: the same archive gives the same bytes.

    `form` is ndjson or csv (identifiers as JSON there). Raises ValueError for another form.
    """
    if form not in {"ndjson", "csv"}:
        raise ValueError(form)
    moment = "strftime(observed_at, '%Y-%m-%dT%H:%M:%S.%fZ') AS observed_at"
    columns = ["detector", *(moment if name == "observed_at" else name for name in EXTRACT_COLUMNS)]
    if form == "csv":
        columns = [
            "to_json(identifiers)::VARCHAR AS identifiers" if name == "identifiers" else name for name in columns
        ]
    options = "FORMAT json" if form == "ndjson" else "FORMAT csv, HEADER true"
    with _asked(window) as connection:
        done = connection.execute(
            f"COPY (SELECT {', '.join(columns)} FROM asked ORDER BY asked.account, asked.observed_at, detector, source_ref)"
            f" TO {output(path)} ({options})"
        ).fetchall()
    return Extract(path, int(done[0][0]), sha256_of(path))


def signal_in(segment: Segment, source_ref: str) -> dict[str, Any] | None:
    """One signal of a segment as stored, by its reference."""
    with duck(threads=1) as connection, segment_files([segment]) as archive:
        found = _rows(connection.sql(f"SELECT * FROM {archive} WHERE source_ref = $ref", params={"ref": source_ref}))
    return found[0] if found else None


def _rows(answer: duckdb.DuckDBPyRelation) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = answer.to_arrow_table().to_pylist()
    return found
