"""Denominators: how many accounts, among everybody, hold a value on a day."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from accounts.linking.model import COUNTS_SCHEMA, LinkingError, Reference
from accounts.linking.store import BLOCK_DAYS, Floats, Ints, Store, day_counts, starts_of


@dataclass(frozen=True, slots=True)
class Holders:
    """Daily holders of some values.

    values: dense identifiers, ascending. block: the same length; one row for each (value, block) that was seen.
    seen: accounts known here, told: accounts among everybody, both (rows, BLOCK_DAYS); told >= seen.
    active: per row, accounts active on each day among everybody, shape as seen.
    is_told: per row; False where nobody told the denominators: `told` is then what is known here.
    """

    values: Ints
    block: Ints
    seen: Ints
    told: Floats
    active: Floats
    is_told: npt.NDArray[np.bool_]

    def find(self, value: Ints, block: Ints) -> Ints:
        """Row numbers of (value, block) pairs; each must be present."""
        span = int(self.block.max(initial=0)) + 1
        found: Ints = np.searchsorted(self.values * span + self.block, value * span + block).astype(np.int64)
        return found


def daily_holders(store: Store, reference: Reference | None, values: Ints) -> Holders:
    """Holders a day of the given dense identifiers (ascending). Raises LinkingError for unreadable counts.

    What the reference leaves out means fewer than its minimum; never fewer than were seen here with their own eyes.
    """
    rows = store.rows
    chosen = np.zeros(len(store.identifiers), dtype=bool)
    chosen[values] = True
    pick = chosen[rows.value]
    value, block, mask = rows.value[pick], rows.block[pick], rows.mask[pick]
    starts = starts_of(value, block)
    seen = day_counts(mask, starts)
    value, block = value[starts], block[starts]
    told = seen.astype(np.float64)
    is_told = np.zeros(len(value), dtype=bool)
    if reference is not None and len(value):
        if reference.census:
            is_told[:] = True
        if reference.counts is not None:
            _tell(store, reference, value, block, told, is_told)
    return Holders(value, block, seen, told, _active(store, reference)[block], is_told)


def _active(store: Store, reference: Reference | None) -> Floats:
    """Active accounts among everybody by (block, day).

    Where nobody told a day: the population times the share of the accounts seen here that were seen on it. Divided by
    the whole population instead, everything would look rarer than it is on a quiet day.
    """
    known = max(len(store.accounts), 1)
    size = max(known if reference is None or reference.census else reference.population, 1)
    active = np.full((store.blocks, BLOCK_DAYS), float(size))
    seen = store.connection.execute("SELECT block, bit, accounts FROM active_days_seen").fetchall()
    for block, bit, accounts in seen:
        active[block, bit] = max(size * min(accounts / known, 1.0), 1.0)
    for day, accounts in ({} if reference is None else reference.active).items():
        number = (day - store.first_day).days
        if 0 <= number < store.blocks * BLOCK_DAYS and accounts > 0:
            active[number // BLOCK_DAYS, number % BLOCK_DAYS] = accounts
    return active


def _tell(
    store: Store, reference: Reference, value: Ints, block: Ints, told: Floats, is_told: npt.NDArray[np.bool_]
) -> None:
    """Overwrites `told` and `is_told` by what the reference says of these rows."""
    kinds = _told_kinds(store, reference)
    is_told |= kinds[store.value_kind[value]] & _told_blocks(store, reference)[block]
    floor = float(max(reference.minimum_holders - 1, 1))
    told[is_told] = np.where(told[is_told] > 0, np.maximum(told[is_told], floor), told[is_told])
    wanted = pa.table(
        {"v": value, "identifier": store.identifiers[value], "block": block, "row": np.arange(len(value))}
    )
    store.connection.register("wanted_holders", wanted)
    counts = store.columns(
        f"""
        SELECT w.row AS row, ((c.day - DATE '{store.first_day}') % {BLOCK_DAYS})::BIGINT AS bit,
               max(c.holders)::DOUBLE AS holders
        FROM reference_counts c JOIN wanted_holders w
          ON c.identifier = w.identifier AND (c.day - DATE '{store.first_day}') // {BLOCK_DAYS} = w.block
        WHERE c.day >= DATE '{store.first_day}'
        GROUP BY ALL ORDER BY ALL
        """
    )
    store.connection.unregister("wanted_holders")
    row, bit = counts["row"].astype(np.int64), counts["bit"].astype(np.int64)
    told[row, bit] = np.maximum(told[row, bit], counts["holders"])


def attach(store: Store, reference: Reference | None) -> None:
    """Makes the reference's counts readable as `reference_counts`. Raises LinkingError where they are not."""
    if reference is None or reference.counts is None:
        return
    try:
        if isinstance(reference.counts, pa.Table):
            store.connection.register("reference_counts", reference.counts)
        else:
            store.connection.read_parquet([str(path) for path in reference.counts]).create_view("reference_counts")
        found = {str(row[0]) for row in store.connection.execute("DESCRIBE reference_counts").fetchall()}
    except duckdb.Error as error:
        raise LinkingError(f"the reference counts cannot be read: {error}") from error
    missing = set(COUNTS_SCHEMA.names) - found
    if missing:
        raise LinkingError(f"the reference counts lack the columns {', '.join(sorted(missing))}")


def _told_kinds(store: Store, reference: Reference) -> npt.NDArray[np.bool_]:
    names = reference.kinds
    if names is None:
        found = store.connection.execute("SELECT DISTINCT kind FROM reference_counts").fetchall()
        names = frozenset(str(row[0]) for row in found)
    return np.array([kind in names for kind in store.kinds], dtype=bool)


def _told_blocks(store: Store, reference: Reference) -> npt.NDArray[np.bool_]:
    """Blocks of days that the reference covers: at least half of their days that were read."""
    covered = np.zeros(store.blocks, dtype=bool)
    for block in range(store.blocks):
        days = [store.day(block * BLOCK_DAYS + bit) for bit in range(BLOCK_DAYS)]
        read = [day for day in days if day <= store.last_day]
        inside = [
            day
            for day in read
            if (reference.first_day is None or day >= reference.first_day)
            and (reference.last_day is None or day <= reference.last_day)
        ]
        covered[block] = 2 * len(inside) >= len(read) > 0
    return covered
