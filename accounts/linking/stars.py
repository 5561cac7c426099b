"""Stars: a strong identifier and its few holders on common days."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from accounts.linking.holders import Holders
from accounts.linking.store import Floats, Ints, Store, pack, starts_of

#: Holders within a block of days, in caps of one day: a number that goes from hand to hand daily links nobody.
_HANDED_ON = 2


@dataclass(frozen=True, slots=True)
class Units:
    """Evidence that may form cores: each unit holds accounts by one identifier (star) or two (conjunction).

    first, second: dense identifiers; second is -1 for a star. observed, expected, surprise, bar: per unit, accounts
    and bits. told: per unit. member_unit, member_account: one entry for each holder, sorted by unit, then account.
    """

    first: Ints
    second: Ints
    observed: Ints
    expected: Floats
    surprise: Floats
    bar: Floats
    told: npt.NDArray[np.bool_]
    member_unit: Ints
    member_account: Ints

    def __len__(self) -> int:
        return len(self.first)


def strong_values(store: Store, holders: Holders) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Per dense identifier: does it link as a star (strong kind, under its cap on every day), and is it told.

    A value above its cap on any day, or through more hands than two caps within a block of days, is a prepaid card, an
    emulator or a viral code: it is a hub from then on.
    """
    size = len(store.identifiers)
    caps = np.array([store.settings.kinds[kind].holder_cap or 0 for kind in store.kinds], dtype=np.float64)
    most, told = np.zeros(size), np.ones(size, dtype=bool)
    np.maximum.at(most, holders.values, holders.told.max(axis=1, initial=0.0))
    np.logical_and.at(told, holders.values, holders.is_told)
    covered = np.zeros(size, dtype=bool)
    covered[holders.values] = True
    at = store.rows.value * max(store.blocks, 1) + store.rows.block
    passing = (
        np.bincount(at, minlength=size * max(store.blocks, 1))
        .reshape(size, max(store.blocks, 1))
        .max(axis=1, initial=0)
    )
    handed_on = passing > _HANDED_ON * caps[store.value_kind]
    linking = covered & store.kind_strong[store.value_kind] & (most <= caps[store.value_kind]) & ~handed_on
    return linking, told & covered


def find_stars(
    store: Store, holders: Holders, linking: npt.NDArray[np.bool_], told: npt.NDArray[np.bool_], population: int
) -> Units:
    """Holders of each strong value, apart where no common day joins them: a reassigned number links nobody.

    Bits are log2(m/u) with u the value's own share of the population (term-frequency adjustment).
    """
    rows = store.rows
    pick = linking[rows.value]
    value, block, account, mask = rows.value[pick], rows.block[pick], rows.account[pick], rows.mask[pick]
    part = _parts(value, block, mask)
    order = np.lexsort((account, part, block, value))
    value, block, part, account = value[order], block[order], part[order], account[order]
    starts = starts_of(value, block, part)
    size = np.diff(np.append(starts, len(value)))
    keep = size >= 2
    unit_of = np.repeat(np.where(keep, np.cumsum(keep) - 1, -1), size)
    first = value[starts][keep]
    row = holders.find(first, block[starts][keep])
    u = _mean_share(holders, row)
    m = np.array([store.settings.kinds[kind].m for kind in store.kinds])[store.value_kind[first]]
    count = len(first)
    return Units(
        first=first,
        second=np.full(count, -1, dtype=np.int64),
        observed=size[keep].astype(np.int64),
        expected=u * population,
        surprise=np.log2(m / np.minimum(u, 1.0)) if count else np.empty(0),
        bar=np.zeros(count),
        told=told[first],
        member_unit=unit_of[unit_of >= 0],
        member_account=account[unit_of >= 0],
    )


def _mean_share(holders: Holders, row: Ints) -> Floats:
    """Mean share of the active accounts that holds a value, over the days on which anybody was seen with it."""
    seen = holders.seen[row] > 0
    share = np.maximum(holders.told[row], 1.0) / holders.active[row] * seen
    mean: Floats = share.sum(axis=1) / np.maximum(seen.sum(axis=1), 1)
    return mean


def _parts(value: Ints, block: Ints, mask: Ints) -> Ints:
    """Numbers the parts of each (value, block) that common days hold together (rows sorted by value, block).

    Labels spread by whole masks, all values at once; a pass per part and per step of its chain, so a handful.
    """
    starts = starts_of(value, block)
    size = np.diff(np.append(starts, len(value)))
    group = np.repeat(np.arange(len(starts)), size)
    part = np.full(len(value), -1, dtype=np.int64)
    number = 0
    while len(value) and (part < 0).any():
        free = np.where(part < 0, np.arange(len(value)), len(value))
        seed = np.minimum.reduceat(free, starts)
        days = np.where(seed < len(value), mask[np.minimum(seed, len(value) - 1)], 0)
        while True:
            taken = (part < 0) & ((mask & days[group]) != 0)
            grown = np.bitwise_or.reduceat(np.where(taken, mask, 0), starts)
            if (grown == days).all():
                break
            days = grown
        part[taken] = number
        number += 1
    return part


def common_days(counts: Ints, least: int) -> Ints:
    """Masks of the days on which at least `least` were counted; `counts` as given by day_counts."""
    return pack(counts >= least)
