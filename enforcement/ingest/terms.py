"""Accounts whose content terms allow nothing of what they wrote to be kept."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from accounts.models import Account


def restricted_accounts() -> frozenset[str]:
    """Platform ids of accounts whose content terms allow no excerpt to be kept."""
    found = Account.objects.exclude(content_terms=Account.ContentTerms.STANDARD)
    return frozenset(found.values_list("platform_id", flat=True))


def drop_excerpts(connection: duckdb.DuckDBPyConnection, restricted: frozenset[str]) -> int:
    """Remove from `staged` what such accounts wrote (excerpt, raw, unmapped fields); the features stay.

    Gives how many staged signals carried an excerpt, now or when this was last asked.
    """
    if not restricted:
        return 0
    connection.register("restricted", pa.table({"account": pa.array(sorted(restricted), pa.string())}))
    connection.execute("CREATE TEMP TABLE IF NOT EXISTS dropped (line BIGINT)")
    hit = "account IN (SELECT account FROM restricted)"
    connection.execute(f"INSERT INTO dropped SELECT line FROM staged WHERE excerpt IS NOT NULL AND {hit}")
    connection.execute(f"UPDATE staged SET excerpt = NULL, raw = NULL, unmapped = NULL WHERE {hit}")
    connection.unregister("restricted")
    found = connection.execute("SELECT count(*) FROM dropped").fetchall()
    return int(found[0][0])
