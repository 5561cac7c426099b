"""Signals for tests, and what the database made of them."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

from django.db import connection

from enforcement.audit.actors import SYSTEM
from enforcement.ingest.models import Import
from enforcement.ingest.services import receive_import, run_import
from enforcement.signals.models import Detector

DERIVED = {
    "accounts": "SELECT platform_id, first_seen_at, last_seen_at, exchanges FROM accounts_account ORDER BY 1",
    "principals": "SELECT a.platform_id, p.value, p.first_seen_at, p.last_seen_at FROM accounts_principal p"
    " JOIN accounts_account a ON a.id = p.account_id ORDER BY 1, 2",
    "identifiers": "SELECT kind, value, holders, first_day, last_day FROM accounts_identifier ORDER BY 1, 2",
    "daily": "SELECT a.platform_id, d.day, d.product, d.exchanges FROM accounts_dailycount d"
    " JOIN accounts_account a ON a.id = d.account_id ORDER BY 1, 2, 3",
    "tallies": "SELECT d.slug, al.rule, a.platform_id, t.title, t.conduct, t.signals, t.exchanges, t.tokens_in, t.tokens_out,"
    " t.severity, t.score, t.first_seen_at, t.last_seen_at FROM alerts_alerttally t JOIN alerts_alert al ON al.id = t.alert_id"
    " JOIN accounts_account a ON a.id = al.account_id JOIN signals_detector d ON d.id = al.detector_id ORDER BY 1, 2, 3",
    "days": "SELECT d.slug, al.rule, a.platform_id, x.day, x.signals, x.exchanges FROM alerts_alertday x"
    " JOIN alerts_alert al ON al.id = x.alert_id JOIN accounts_account a ON a.id = al.account_id"
    " JOIN signals_detector d ON d.id = al.detector_id ORDER BY 1, 2, 3, 4",
}


def derived() -> dict[str, list[tuple[Any, ...]]]:
    """Every derived row, without ids."""
    found = {}
    with connection.cursor() as cursor:
        for name, query in DERIVED.items():
            cursor.execute(query)
            found[name] = cursor.fetchall()
    return found


def signal(ref: str, **fields: Any) -> dict[str, Any]:
    """A signal with what is required, and `fields`; a field of None is left out."""
    found = {"source_ref": ref, "account": "ac-1", "observed_at": "2026-10-01T10:00:00Z", "rule": "W-1", **fields}
    return {name: value for name, value in found.items() if value is not None}


def ndjson(rows: list[Any]) -> bytes:
    """One line a row; text stands for itself."""
    return b"".join((row if isinstance(row, bytes) else json.dumps(row).encode()) + b"\n" for row in rows)


def imported(detector: Detector, data: bytes | list[Any], *, name: str = "signals.ndjson") -> Import:
    """The import of these bytes or rows, run to its end."""
    data = data if isinstance(data, bytes) else ndjson(data)
    job = receive_import(SYSTEM, detector=detector, stream=BytesIO(data), filename=name)
    return run_import(job.pk)
