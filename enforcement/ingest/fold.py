"""The fold: rolled-up signals into the database's derived rows, set by set and in key order, in the caller's transaction.

One text of SQL for both ways in. An import hands its inputs over as temporary tables filled by COPY, a post as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection

from enforcement.signals.models import Detector

INPUTS = {
    "in_account": "platform_id text, first_at timestamptz, last_at timestamptz, organization text, exchanges bigint",
    "in_principal": "account text, value text, first_at timestamptz, last_at timestamptz",
    "in_alert": "rule text, account text, signals bigint, exchanges bigint, tokens_in bigint, tokens_out bigint,"
    " severity smallint, score double precision, first_at timestamptz, last_at timestamptz, title text, conduct text",
    "in_day": "rule text, account text, day date, signals bigint, exchanges bigint",
    "in_daily": "account text, day date, product text, exchanges bigint",
    "in_identifier": "kind text, value text, first_day date, last_day date",
}
Rows = Sequence[Mapping[str, Any]]

_ACCOUNTS = """
    INSERT INTO accounts_account AS a (platform_id, declared_organization_id, declared_name, plan, status, content_terms,
                                       first_seen_at, last_seen_at, exchanges)
    SELECT g.platform_id, o.id, g.organization, '', 'active', 'standard', g.first_at, g.last_at, g.exchanges
    FROM in_account g LEFT JOIN LATERAL (
        SELECT min(id) AS id FROM accounts_organization
        WHERE g.organization <> '' AND lower(name) = lower(g.organization) HAVING count(*) = 1) o ON true
    ORDER BY g.platform_id COLLATE "C"
    ON CONFLICT (platform_id) DO UPDATE SET
        first_seen_at = LEAST(a.first_seen_at, EXCLUDED.first_seen_at),
        last_seen_at = GREATEST(a.last_seen_at, EXCLUDED.last_seen_at),
        exchanges = a.exchanges + EXCLUDED.exchanges,
        declared_organization_id = CASE WHEN a.declared_name = '' THEN COALESCE(a.declared_organization_id,
            EXCLUDED.declared_organization_id) ELSE a.declared_organization_id END,
        declared_name = CASE WHEN a.declared_name = '' THEN EXCLUDED.declared_name ELSE a.declared_name END
    RETURNING (xmax = 0) AS created
"""
_PRINCIPALS = """
    INSERT INTO accounts_principal AS p (account_id, value, kind, first_seen_at, last_seen_at)
    SELECT a.id, g.value, '', g.first_at, g.last_at
    FROM in_principal g JOIN accounts_account a ON a.platform_id = g.account ORDER BY a.id, g.value
    ON CONFLICT (account_id, value) DO UPDATE SET
        first_seen_at = LEAST(p.first_seen_at, EXCLUDED.first_seen_at),
        last_seen_at = GREATEST(p.last_seen_at, EXCLUDED.last_seen_at)
    RETURNING (xmax = 0) AS created
"""
_IDENTIFIERS = """
    INSERT INTO accounts_identifier AS i (kind, value, holders, first_day, last_day)
    SELECT kind, value, 0, first_day, last_day FROM in_identifier ORDER BY kind COLLATE "C", value COLLATE "C"
    ON CONFLICT (kind, value) DO UPDATE SET first_day = LEAST(i.first_day, EXCLUDED.first_day),
        last_day = GREATEST(i.last_day, EXCLUDED.last_day)
    RETURNING (xmax = 0) AS created
"""
_ALERTS = """
    INSERT INTO alerts_alert (detector_id, rule, account_id, state, reason_text, signals_when_decided, version, created_at)
    SELECT %(detector)s, g.rule, a.id, 'new', '', 0, 0, now()
    FROM in_alert g JOIN accounts_account a ON a.platform_id = g.account ORDER BY a.id, g.rule COLLATE "C"
    ON CONFLICT (detector_id, rule, account_id) DO NOTHING
    RETURNING true AS created
"""
_TALLIES = """
    INSERT INTO alerts_alerttally AS t (alert_id, title, conduct, signals, exchanges, tokens_in, tokens_out, severity, score,
                                        first_seen_at, last_seen_at)
    SELECT al.id, g.title, g.conduct, g.signals, g.exchanges, g.tokens_in, g.tokens_out, g.severity, g.score, g.first_at,
           g.last_at
    FROM in_alert g JOIN accounts_account a ON a.platform_id = g.account
    JOIN alerts_alert al ON al.detector_id = %(detector)s AND al.rule = g.rule AND al.account_id = a.id ORDER BY al.id
    ON CONFLICT (alert_id) DO UPDATE SET
        signals = t.signals + EXCLUDED.signals, exchanges = t.exchanges + EXCLUDED.exchanges,
        tokens_in = t.tokens_in + EXCLUDED.tokens_in, tokens_out = t.tokens_out + EXCLUDED.tokens_out,
        severity = CASE WHEN CASE EXCLUDED.severity WHEN 99 THEN 0.5 ELSE EXCLUDED.severity END
                           > CASE t.severity WHEN 99 THEN 0.5 ELSE t.severity END
                        THEN EXCLUDED.severity ELSE t.severity END,
        score = GREATEST(t.score, EXCLUDED.score),
        title = CASE WHEN (EXCLUDED.last_seen_at, EXCLUDED.title COLLATE "C") > (t.last_seen_at, t.title COLLATE "C")
                     THEN EXCLUDED.title ELSE t.title END,
        conduct = CASE WHEN EXCLUDED.conduct COLLATE "C" > t.conduct COLLATE "C" THEN EXCLUDED.conduct ELSE t.conduct END,
        first_seen_at = LEAST(t.first_seen_at, EXCLUDED.first_seen_at),
        last_seen_at = GREATEST(t.last_seen_at, EXCLUDED.last_seen_at)
    RETURNING (xmax = 0) AS created
"""
_ALERT_DAYS = """
    INSERT INTO alerts_alertday AS d (alert_id, day, signals, exchanges)
    SELECT al.id, g.day, g.signals, g.exchanges
    FROM in_day g JOIN accounts_account a ON a.platform_id = g.account
    JOIN alerts_alert al ON al.detector_id = %(detector)s AND al.rule = g.rule AND al.account_id = a.id
    ORDER BY al.id, g.day
    ON CONFLICT (alert_id, day) DO UPDATE SET
        signals = d.signals + EXCLUDED.signals, exchanges = d.exchanges + EXCLUDED.exchanges
    RETURNING (xmax = 0) AS created
"""
_DAILY_COUNTS = """
    INSERT INTO accounts_dailycount AS d (account_id, day, product, exchanges)
    SELECT a.id, g.day, g.product, g.exchanges
    FROM in_daily g JOIN accounts_account a ON a.platform_id = g.account ORDER BY a.id, g.day
    ON CONFLICT (account_id, day, product) DO UPDATE SET exchanges = d.exchanges + EXCLUDED.exchanges
    RETURNING (xmax = 0) AS created
"""
# In this order: parents before children, and every transaction the same way round, so that none waits in a circle.
STEPS = (
    ("in_account", _ACCOUNTS),
    ("in_principal", _PRINCIPALS),
    ("in_identifier", _IDENTIFIERS),
    ("in_alert", _ALERTS),
    ("in_alert", _TALLIES),
    ("in_day", _ALERT_DAYS),
    ("in_daily", _DAILY_COUNTS),
)


@dataclass(frozen=True, slots=True)
class Folded:
    """What a fold changed: rows created and rows touched."""

    accounts_created: int
    alerts_created: int
    alerts_touched: int


def fold_files(files: Mapping[str, Path], detector: Detector) -> Folded:
    """Fold inputs written as CSV (see rollup.write_input). The caller holds the transaction and the detector's lock.

    Leaves the temporary tables `in_*` in place until the transaction ends.
    """
    with connection.cursor() as cursor:
        for name, path in files.items():
            cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{name}")
            cursor.execute(f"CREATE TEMP TABLE {name} ({INPUTS[name]}) ON COMMIT DROP")
            copy_in(cursor, name, path)
            cursor.execute(f"ANALYZE {name}")
    return _run(dict.fromkeys(files), detector)


def fold_rows(rows: Mapping[str, Rows], detector: Detector) -> Folded:
    """Fold a few signals given as rows of INPUTS, without temporary tables. The caller holds the transaction."""
    return _run({name: given for name, given in rows.items() if given}, detector)


def copy_in(cursor: Any, table: str, path: Path) -> None:
    """COPY a CSV file of ours into a table."""
    with path.open("rb") as source, cursor.copy(f"COPY {table} FROM STDIN (FORMAT csv, NULL '\\N')") as copy:
        while chunk := source.read(1024**2):
            copy.write(chunk)


def copy_out(cursor: Any, query: str, path: Path) -> None:
    """COPY a query's rows to a CSV file."""
    with path.open("wb") as target, cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT csv)") as copy:
        for chunk in copy:
            target.write(chunk)


def _run(given: Mapping[str, Rows | None], detector: Detector) -> Folded:
    created: dict[str, tuple[int, int]] = {}
    with connection.cursor() as cursor:
        for name, statement in STEPS:
            if name not in given:
                continue
            rows = given[name]
            inputs = ""
            if rows is not None:
                inputs = f"{name} AS (SELECT * FROM jsonb_to_recordset(%(rows)s::jsonb) AS t({INPUTS[name]})), "
            cursor.execute(
                f"WITH {inputs}done AS ({statement}) SELECT count(*), count(*) FILTER (WHERE created) FROM done",
                {"detector": detector.pk, "rows": json.dumps(rows) if rows is not None else None},
            )
            touched, new = cursor.fetchone()
            created[statement] = (touched, new)
    return Folded(
        accounts_created=created.get(_ACCOUNTS, (0, 0))[1],
        alerts_created=created.get(_ALERTS, (0, 0))[1],
        alerts_touched=created.get(_TALLIES, (0, 0))[0],
    )
