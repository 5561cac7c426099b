"""From fresh staged rows to what the database keeps: small tables, and the files of the archive."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from enforcement.ingest.columns import NAMES_SQL
from enforcement.ingest.dedupe import hashed
from enforcement.signals.duck import output
from enforcement.signals.identifiers import subnet_of
from enforcement.signals.keys import write_keys
from enforcement.signals.models import Detector, RuleVersion

ROW_GROUP_ROWS = 122_880

# "Other" (99) says less than any known severity, and more than "unknown" (0).
_RANK = "(CASE severity WHEN 99 THEN 0.5 ELSE severity END)"

_CUBE = """
CREATE OR REPLACE TEMP TABLE cube AS
SELECT f.rule, f.account, f.observed_at::DATE AS day, f.product, f.organization,
       coalesce(f.title, r.title, '') AS title, coalesce(f.conduct, r.conduct, '') AS conduct,
       coalesce(f.severity, r.severity, 0) AS severity,
       count(*) AS signals, coalesce(sum(f.exchanges), 0) AS exchanges, coalesce(sum(f.tokens_in), 0) AS tokens_in,
       coalesce(sum(f.tokens_out), 0) AS tokens_out, coalesce(max(f.score), 0) AS score,
       min(f.observed_at) AS first_at, max(f.observed_at) AS last_at
FROM fresh f LEFT JOIN rules r ON r.rule = f.rule GROUP BY ALL
"""

# Name of the fold's input -> the query that gives its columns in order (see fold.INPUTS). `$meters::VARCHAR`: product or null.
_INPUTS = {
    "in_account": """
        SELECT account, min(first_at)::TIMESTAMPTZ, max(last_at)::TIMESTAMPTZ,
               coalesce((min({t: first_at, o: organization}) FILTER (WHERE organization IS NOT NULL)).o, ''),
               coalesce(sum(exchanges) FILTER (WHERE rule IS NOT NULL
                   AND coalesce(product, $meters::VARCHAR) = $meters::VARCHAR), 0)::BIGINT
        FROM cube GROUP BY account ORDER BY account""",
    "in_principal": """
        SELECT account, principal, min(observed_at)::TIMESTAMPTZ, max(observed_at)::TIMESTAMPTZ
        FROM fresh WHERE principal IS NOT NULL AND $meters::VARCHAR IS NOT DISTINCT FROM $meters::VARCHAR
        GROUP BY account, principal ORDER BY account, principal""",
    "in_alert": f"""
        SELECT rule, account, sum(signals)::BIGINT, sum(exchanges)::BIGINT, sum(tokens_in)::BIGINT, sum(tokens_out)::BIGINT,
               arg_max(severity, {_RANK}), max(score), min(first_at)::TIMESTAMPTZ, max(last_at)::TIMESTAMPTZ,
               (max({{t: last_at, x: title}})).x, max(conduct)
        FROM cube WHERE rule IS NOT NULL AND $meters::VARCHAR IS NOT DISTINCT FROM $meters::VARCHAR
        GROUP BY rule, account ORDER BY rule, account""",
    "in_day": """
        SELECT rule, account, day, sum(signals)::BIGINT, sum(exchanges)::BIGINT
        FROM cube WHERE rule IS NOT NULL AND $meters::VARCHAR IS NOT DISTINCT FROM $meters::VARCHAR
        GROUP BY rule, account, day ORDER BY rule, account, day""",
    "in_daily": """
        SELECT account, day, $meters::VARCHAR, sum(exchanges)::BIGINT
        FROM cube WHERE rule IS NOT NULL AND coalesce(product, $meters::VARCHAR) = $meters::VARCHAR
        GROUP BY account, day HAVING sum(exchanges) > 0 ORDER BY account, day""",
    "in_identifier": """
        SELECT kind, value, min(day), max(day) FROM sight WHERE $meters::VARCHAR IS NOT DISTINCT FROM $meters::VARCHAR
        GROUP BY kind, value ORDER BY kind, value""",
}


def roll_up(connection: duckdb.DuckDBPyConnection, detector: Detector) -> None:
    """Make `cube` (tallies by account, rule and day) and `sight` (account, kind, value, day, times) from `fresh`."""
    _register_rules(connection, RuleVersion.objects.filter(detector=detector).order_by("registered_at", "id"))
    connection.execute(_CUBE)
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE sight AS
        SELECT account, i.kind AS kind, i.value AS value, day, count(*) AS times
        FROM (SELECT account, observed_at::DATE AS day, unnest(identifiers) AS i FROM fresh) GROUP BY ALL
        """
    )
    _derive_subnets(connection)


def _register_rules(connection: duckdb.DuckDBPyConnection, versions: Iterable[RuleVersion]) -> None:
    latest = {version.rule: version for version in versions}
    table = pa.table(
        {
            "rule": pa.array(list(latest), pa.string()),
            "title": pa.array([v.title or None for v in latest.values()], pa.string()),
            "conduct": pa.array([v.conduct or None for v in latest.values()], pa.string()),
            "severity": pa.array([v.severity for v in latest.values()], pa.int16()),
        }
    )
    connection.register("rules_given", table)
    connection.execute("CREATE OR REPLACE TEMP TABLE rules AS SELECT * FROM rules_given")
    connection.unregister("rules_given")


def _derive_subnets(connection: duckdb.DuckDBPyConnection) -> None:
    """Each address also counts as its /24 or /48, where the detector did not name that range itself."""
    addresses = [row[0] for row in connection.execute("SELECT DISTINCT value FROM sight WHERE kind = 'ip'").fetchall()]
    table = pa.table(
        {"ip": pa.array(addresses, pa.string()), "subnet": pa.array([subnet_of(a) for a in addresses], pa.string())}
    )
    connection.register("subnets", table)
    connection.execute(
        """
        INSERT INTO sight
        SELECT account, 'subnet', subnet, day, sum(times)::BIGINT FROM sight JOIN subnets ON value = ip AND kind = 'ip'
        WHERE (account, subnet, day) NOT IN (SELECT (account, value, day) FROM sight WHERE kind = 'subnet')
        GROUP BY account, subnet, day
        """
    )
    connection.unregister("subnets")


def write_input(connection: duckdb.DuckDBPyConnection, name: str, detector: Detector, path: Path) -> None:
    """One input of the fold as CSV, sorted by its key; NULL is a backslash and N."""
    connection.execute(
        f"COPY ({_INPUTS[name]}) TO {output(path)} (FORMAT csv, HEADER false, NULLSTR '\\N')",
        {"meters": detector.meters},
    )


def write_segment(connection: duckdb.DuckDBPyConnection, path: Path, *, detector: Detector, source: str) -> None:
    """The accepted signals as Parquet, sorted by account and time. `source` names the import, in the file's metadata."""
    connection.execute(
        f"COPY (SELECT {NAMES_SQL} FROM fresh ORDER BY account, observed_at, source_ref) TO {output(path)}"
        f" (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP_ROWS},"
        f" KV_METADATA {{format: 'dossier-segment/1', detector: '{detector.slug}', source: '{source}'}})"
    )


def write_refs(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """The sorted reference hashes of `fresh`."""
    parts = list(hashed(connection, "fresh"))
    write_keys(path, np.concatenate([p[1] for p in parts]), np.concatenate([p[2] for p in parts]))


def write_sightings(connection: duckdb.DuckDBPyConnection, path: Path) -> int:
    """The sightings with the database's ids (tables `account_ids`, `identifier_ids`), sorted by account. Gives the rows."""
    connection.execute(
        f"""
        COPY (SELECT a.id AS account_id, s.kind, i.id AS identifier_id, s.day, s.times AS count
              FROM sight s JOIN account_ids a ON a.platform_id = s.account
              JOIN identifier_ids i ON i.kind = s.kind AND i.value = s.value
              ORDER BY account_id, identifier_id, day)
        TO {output(path)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP_ROWS})
        """
    )
    found = connection.execute("SELECT count(*) FROM sight").fetchall()
    return int(found[0][0])


def figure(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[int, ...]:
    """One row of counts."""
    found = connection.execute(sql).fetchall()
    return tuple(int(value or 0) for value in found[0])
