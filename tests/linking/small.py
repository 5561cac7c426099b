"""Small worlds for linking tests: rows of sightings by hand, and a reference that tells everything."""

from __future__ import annotations

from datetime import date, timedelta

import pyarrow as pa

from accounts.linking import COUNTS_SCHEMA, Reference

DAY = date(2026, 9, 1)
Row = tuple[int, str, int, int]  # account, kind, identifier, day number


def sightings(rows: list[Row]) -> pa.Table:
    """Sightings in the order given."""
    return pa.table(
        {
            "account": pa.array([row[0] for row in rows], pa.int64()),
            "kind": pa.array([row[1] for row in rows], pa.string()),
            "identifier": pa.array([row[2] for row in rows], pa.int64()),
            "day": pa.array([DAY + timedelta(days=row[3]) for row in rows], pa.date32()),
            "count": pa.array([1] * len(rows), pa.int32()),
        }
    )


def told(rows: list[Row], population: int = 10_000, more: dict[int, int] | None = None) -> Reference:
    """A reference whose counts are the holders in `rows`, plus `more` holders a day by identifier."""
    held: dict[tuple[str, int, int], set[int]] = {}
    for account, kind, identifier, day in rows:
        held.setdefault((kind, identifier, day), set()).add(account)
    extra = more or {}
    columns = [
        [key[0] for key in held],
        [key[1] for key in held],
        [DAY + timedelta(days=key[2]) for key in held],
        [len(accounts) + extra.get(key[1], 0) for key, accounts in held.items()],
    ]
    days = {row[3] for row in rows}
    counts = pa.table(
        [pa.array(column, field.type) for column, field in zip(columns, COUNTS_SCHEMA, strict=True)],
        schema=COUNTS_SCHEMA,
    )
    kinds = frozenset(row[1] for row in rows)
    active = {DAY + timedelta(days=day): population for day in days}
    return Reference(
        population=population,
        counts=counts,
        first_day=DAY,
        last_day=DAY + timedelta(days=max(days)),
        kinds=kinds,
        active=active,
        version=7,
    )


def hold(accounts: list[int], kind: str, identifier: int, days: range) -> list[Row]:
    """All these accounts with this identifier on all these days."""
    return [(account, kind, identifier, day) for account in accounts for day in days]


def ring(accounts: list[int], days: range = range(10)) -> list[Row]:
    """Accounts that share a template, a schedule and a range on the same days."""
    return (
        hold(accounts, "template", 101, days)
        + hold(accounts, "schedule", 102, days)
        + hold(accounts, "subnet", 103, days)
    )


def crowd(first: int, count: int, days: range = range(10)) -> list[Row]:
    """Strangers: each alone, but for one crowded mail domain."""
    return [row for a in range(first, first + count) for row in hold([a], "email_domain", 900, days)]
