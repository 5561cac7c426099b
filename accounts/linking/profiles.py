"""What a core holds in common, value by value, and how rare each value is outside it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from accounts.linking.holders import Holders
from accounts.linking.store import Floats, Ints, Rows, Store, day_counts, pack, starts_of

#: A hub value must be this many times commoner in the core than outside to be worth a look (2 bits).
_WORTH = 4.0
#: Only accounts with a value that is this many times commoner in the core (4 bits) are scored against it at all: with
#: less in each group nobody reaches the bar, and values that everybody holds would score everybody everywhere.
_NOMINATES = 16.0
#: Clusters that one value may speak for, those with most holders first: keeps the work linear in sightings.
_CLUSTERS_PER_VALUE = 8


@dataclass(frozen=True, slots=True)
class Profile:
    """One row for each (cluster, value, block) that at least two core accounts share.

    once, twice: masks of days on which at least one or two core accounts held it (for strangers, and for core
    accounts themselves: leave one out). share: of the core that holds it. outside: told holders a day not in the core.
    holders: told holders a day. chance, rarity: outside and holders as shares of the day's active accounts, with half
    an account added to the former. size: accounts of the core.
    """

    cluster: Ints
    value: Ints
    block: Ints
    count: Ints
    once: Ints
    twice: Ints
    share: Floats
    outside: Floats
    holders: Floats
    chance: Floats
    rarity: Floats
    strong: npt.NDArray[np.bool_]
    nominates: npt.NDArray[np.bool_]
    told: npt.NDArray[np.bool_]
    size: Ints

    def table(self) -> pa.Table:
        """As an Arrow table for the join with sightings."""
        names = (
            "cluster",
            "value",
            "block",
            "count",
            "once",
            "twice",
            "share",
            "outside",
            "holders",
            "chance",
            "rarity",
            "strong",
            "told",
            "nominates",
        )
        return pa.table({name: getattr(self, name) for name in (*names, "size")})


def build_profile(store: Store, holders: Holders, linking: npt.NDArray[np.bool_], cluster: Ints) -> Profile:
    """Profiles of all clusters. cluster: per dense account, its core or -1. Linear in the cores' sightings."""
    rows = store.rows
    known = np.zeros(len(store.identifiers), dtype=bool)
    known[holders.values] = True
    owner, value, block, mask = _of_cores(rows, cluster, known)
    starts = starts_of(owner, value, block)
    count = np.diff(np.append(starts, len(owner)))
    several = count >= 2
    inside = np.repeat(several, count)  # values that one account alone holds say nothing of the core
    owner, value, block, mask = owner[inside], value[inside], block[inside], mask[inside]
    starts = starts_of(owner, value, block)
    days = day_counts(mask, starts)
    owner, value, block, count = owner[starts], value[starts], block[starts], count[several]
    sizes = np.bincount(cluster[cluster >= 0], minlength=int(cluster.max(initial=-1)) + 1)
    row = holders.find(value, block)
    told, active = holders.told[row], holders.active[row]
    weight = days / np.maximum(days.sum(axis=1), 1)[:, None]
    outside = np.maximum(told - days, 0.0)
    share = count / np.maximum(sizes[owner], 1)
    chance = ((outside + 0.5) / active * weight).sum(axis=1)
    profile = Profile(
        cluster=owner,
        value=value,
        block=block,
        count=count.astype(np.int64),
        once=pack(days >= 1),
        twice=pack(days >= 2),
        share=share,
        outside=(outside * weight).sum(axis=1),
        holders=(told * weight).sum(axis=1),
        chance=chance,
        rarity=(np.maximum(told, 1.0) / active * weight).sum(axis=1),
        strong=linking[value],
        nominates=linking[value] | (share >= _NOMINATES * chance),
        told=holders.is_told[row],
        size=sizes[owner].astype(np.int64),
    )
    return _worth_a_look(profile)


def _of_cores(rows: Rows, cluster: Ints, known: npt.NDArray[np.bool_]) -> tuple[Ints, Ints, Ints, Ints]:
    """Core, value, block and days of every sighting of a core's account with a known value, sorted in that order."""
    pick = (cluster[rows.account] >= 0) & known[rows.value]
    owner, value, block, mask = cluster[rows.account[pick]], rows.value[pick], rows.block[pick], rows.mask[pick]
    order = np.lexsort((block, value, owner))
    return owner[order], value[order], block[order], mask[order]


def _worth_a_look(profile: Profile) -> Profile:
    """Only told values; hubs only where they tell the core from the others; at most a few clusters for a value."""
    rare = profile.share >= _WORTH * profile.chance
    keep = np.flatnonzero(profile.told & (profile.strong | rare))
    order = keep[np.lexsort((profile.cluster[keep], -profile.count[keep], profile.block[keep], profile.value[keep]))]
    starts = starts_of(profile.value[order], profile.block[order])
    length = np.diff(np.append(starts, len(order)))
    place = np.arange(len(order)) - np.repeat(starts, length)
    order = order[place < _CLUSTERS_PER_VALUE]
    return Profile(**{name: getattr(profile, name)[order] for name in Profile.__slots__})
