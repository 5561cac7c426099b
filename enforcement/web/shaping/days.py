"""Series of days: the last 45 as pages draw them, with nothing known as 0."""

from collections.abc import Iterable
from datetime import date, timedelta

DAYS = 45


def window(last: date | None, *, days: int = DAYS) -> list[date]:
    """`days` days up to `last` (none: an empty list)."""
    if last is None:
        return []
    return [last - timedelta(days=days - 1 - step) for step in range(days)]


def series(counts: Iterable[tuple[date, int]], days: list[date]) -> list[int]:
    """The counts on `days`, 0 where there is none."""
    known = dict(counts)
    return [known.get(day, 0) for day in days]


def spread(counts: Iterable[tuple[date, int]]) -> tuple[list[date], list[int]]:
    """Every day from the first count to the last, with its count; at least two weeks, so that a bar is not a wall."""
    known = dict(counts)
    if not known:
        return [], []
    first, last = min(known), max(known)
    first = min(first, last - timedelta(days=13))
    days = [first + timedelta(days=step) for step in range((last - first).days + 1)]
    return days, [known.get(day, 0) for day in days]
