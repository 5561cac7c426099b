"""Small worlds written by hand: sightings row by row, numbers that speak (payment 1_000_003 is payment 3)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import pyarrow as pa

from accounts.linking import LinkResult

FIRST_DAY = date(2026, 10, 1)
_KINDS = ("payment", "device", "phone", "template", "schedule", "subnet", "ip", "asn", "email_domain", "referral")
Row = tuple[int, str, int, int]  # account, kind, number within the kind, day


def identifier(kind: str, number: int) -> int:
    """The number of an identifier over all kinds."""
    return (_KINDS.index(kind) + 1) * 1_000_000 + number


def sightings(rows: Iterable[Row]) -> pa.Table:
    """Rows as the table that linking reads."""
    given = list(rows)
    return pa.table(
        {
            "account": pa.array([row[0] for row in given], pa.int64()),
            "kind": pa.array([row[1] for row in given], pa.string()),
            "identifier": pa.array([identifier(row[1], row[2]) for row in given], pa.int64()),
            "day": pa.array([FIRST_DAY + timedelta(days=row[3]) for row in given], pa.date32()),
            "count": pa.array([1] * len(given), pa.int32()),
        }
    )


def star(kind: str, number: int, accounts: Iterable[int], days: Iterable[int]) -> list[Row]:
    """Accounts that hold one value on the same days."""
    return [(account, kind, number, day) for account in accounts for day in days]


def crowd(accounts: range, days: range) -> list[Row]:
    """Honest strangers: everybody pays for themselves; ranges, hours and templates go round at coprime paces."""
    rows: list[Row] = []
    for account in accounts:
        for day in days:
            rows.append((account, "payment", 900_000 + account, day))
            rows.append((account, "subnet", 500 + (account * 7 + day) % 29, day))
            rows.append((account, "schedule", 500 + account % 7, day))
            rows.append((account, "template", 500 + (account * 3 + day) % 31, day))
    return rows


def ring(accounts: range, days: range, *, subnet: int, template: int, schedule: int) -> list[Row]:
    """Accounts that share a range, a template and hours, and no strong identifier."""
    rows: list[Row] = []
    for account in accounts:
        for day in days:
            rows += [(account, "payment", 900_000 + account, day), (account, "subnet", subnet, day)]
            rows += [(account, "schedule", schedule, day), (account, "template", template, day)]
    return rows


def groups(result: LinkResult) -> set[frozenset[int]]:
    """The clusters as sets of accounts."""
    found: dict[int, set[int]] = {}
    for account, cluster in result.membership().items():
        found.setdefault(cluster, set()).add(account)
    return {frozenset(members) for members in found.values()}
