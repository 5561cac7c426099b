"""Units of evidence into cores: conjunctions merge by several accounts; a star seeds where nothing stronger stands."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from accounts.linking.settings import Settings
from accounts.linking.stars import Units
from accounts.linking.store import Floats, Ints

#: Units of one account that core building looks at, strongest first: keeps the work linear in accounts.
_UNITS_PER_ACCOUNT = 16
#: Passes of star seeding; each lets stars two steps from a seed start a core of their own.
_STAR_PASSES = 4


def merge_units(units: Units, settings: Settings, accounts: int) -> tuple[Ints, Ints, Ints]:
    """Conjunctions into cores: (core of each unit, then the pairs account, core that its units claim).

    Two units merge when they share merge_accounts accounts and merge_share of the smaller. An account that units of
    several cores claim goes to the one that claims it by more surprise.
    """
    empty: Ints = np.empty(0, dtype=np.int64)
    if not len(units):
        return empty, empty, empty
    unit, account = _strongest(units)
    size = np.bincount(unit, minlength=len(units))
    held = sparse.csr_array((np.ones(len(unit), dtype=np.int32), (unit, account)), shape=(len(units), accounts))
    shared = sparse.coo_array(held @ held.T)
    smaller = np.minimum(size[shared.row], size[shared.col])
    enough = (shared.data >= settings.merge_accounts) & (shared.data >= settings.merge_share * smaller)
    graph = sparse.csr_array(
        (np.ones(int(enough.sum()), dtype=np.int8), (shared.row[enough], shared.col[enough])),
        shape=(len(units), len(units)),
    )
    core = connected_components(graph, directed=False)[1].astype(np.int64)
    claimed, by = best_claim(units.member_account, core[units.member_unit], units.surprise[units.member_unit])
    return core, claimed, by


def best_claim(account: Ints, core: Ints, weight: Floats) -> tuple[Ints, Ints]:
    """Each account once, with the core of the greatest summed weight (ties: the lower core)."""
    if not len(account):
        return account, core
    span = int(core.max()) + 1
    key, where = np.unique(account * span + core, return_inverse=True)
    total = np.bincount(where, weights=weight)
    order = np.lexsort((key % span, -total, key // span))
    sorted_account = key[order] // span
    first = np.ones(len(order), dtype=bool)
    first[1:] = sorted_account[1:] != sorted_account[:-1]
    return sorted_account[first], key[order][first] % span


def _strongest(units: Units) -> tuple[Ints, Ints]:
    """At most _UNITS_PER_ACCOUNT memberships for each account, of its most surprising units."""
    order = np.lexsort((units.member_unit, -units.surprise[units.member_unit], units.member_account))
    unit, account = units.member_unit[order], units.member_account[order]
    new = np.ones(len(account), dtype=bool)
    new[1:] = account[1:] != account[:-1]
    begin = np.maximum.accumulate(np.where(new, np.arange(len(account)), 0))
    keep = np.arange(len(account)) - begin < _UNITS_PER_ACCOUNT
    return unit[keep], account[keep]


def seed_stars(stars: Units, founds: npt.NDArray[np.bool_], cluster: Ints, next_core: int) -> Ints:
    """Cores from stars that touch no cluster yet: for each star its core number, from next_core on, or -1.

    A star seeds where it is, for every one of its holders, the largest they are in; stars beside it then join by their
    own evidence and do not chain on. founds: per star, whether its kind may found a core. Deterministic: ties go to more
    surprise, then to the lower identifier.
    """
    cluster = cluster.copy()
    core = np.full(len(stars), -1, dtype=np.int64)
    if not len(stars):
        return core
    order = np.lexsort((stars.first, -stars.surprise, -stars.observed))
    rank = np.empty(len(stars), dtype=np.int64)
    rank[order] = np.arange(len(stars))
    usable = stars.told.copy()
    for _ in range(_STAR_PASSES):
        touched = _any_by_unit(stars, cluster[stars.member_account] >= 0)
        free = usable & founds & ~touched
        seeds = _local_best(stars, rank, free, len(cluster))
        if not seeds.any():
            break
        numbers = np.flatnonzero(seeds)
        core[numbers] = next_core + np.arange(len(numbers))
        next_core += len(numbers)
        entry = seeds[stars.member_unit]
        cluster[stars.member_account[entry]] = core[stars.member_unit[entry]]
        _absorb(stars, usable, cluster)
    return core


def _absorb(stars: Units, usable: npt.NDArray[np.bool_], cluster: Ints) -> None:
    """One step outward: free holders of a star that touches a cluster go to the (lowest) cluster it touches."""
    large = np.iinfo(np.int64).max
    held = cluster[stars.member_account]
    touched = np.full(len(stars), large, dtype=np.int64)
    np.minimum.at(touched, stars.member_unit, np.where(held >= 0, held, large))
    entry = usable[stars.member_unit] & (held < 0) & (touched[stars.member_unit] < large)
    target = np.full(len(cluster), large, dtype=np.int64)
    np.minimum.at(target, stars.member_account[entry], touched[stars.member_unit[entry]])
    cluster[target < large] = target[target < large]


def _local_best(stars: Units, rank: Ints, free: npt.NDArray[np.bool_], accounts: int) -> npt.NDArray[np.bool_]:
    """Free stars that are the best free star of each of their holders."""
    best = np.full(accounts, len(stars), dtype=np.int64)
    entry = free[stars.member_unit]
    np.minimum.at(best, stars.member_account[entry], rank[stars.member_unit[entry]])
    beaten = best[stars.member_account] != rank[stars.member_unit]
    return free & ~_any_by_unit(stars, beaten)


def _any_by_unit(units: Units, flags: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Per unit: is any of its entries flagged."""
    return np.bincount(units.member_unit, weights=flags, minlength=len(units)) > 0
