"""Two cores become one only by several accounts and several groups of kinds; less is a suggestion for a person."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from accounts.linking.scores import Scores
from accounts.linking.store import Floats, Ints, Store


@dataclass(frozen=True, slots=True)
class Bridges:
    """What holds pairs of clusters together: accounts of one that would also pass as members of the other.

    low, high: the clusters, low < high. accounts, groups: how many of each. smaller: accounts of the smaller one.
    bits: of the strongest crossing.
    """

    low: Ints
    high: Ints
    accounts: Ints
    groups: Ints
    smaller: Ints
    bits: Floats


def find_bridges(store: Store, cluster: Ints, scores: Scores) -> Bridges:
    """All pairs of clusters with a crossing account, ascending. cluster: per dense account, or -1."""
    home = cluster[scores.account]
    sizes = np.bincount(cluster[cluster >= 0], minlength=int(scores.cluster.max(initial=0)) + 1)
    cross = scores.passes & (home >= 0) & (home != scores.cluster) & (sizes[scores.cluster] > 0)
    account, other, home, bits = scores.account[cross], scores.cluster[cross], home[cross], scores.bits[cross]
    low, high = np.minimum(home, other), np.maximum(home, other)
    store.connection.register("crossing", pa.table({"a": account, "c": other, "low": low, "high": high, "bits": bits}))
    found = store.columns(
        """
        SELECT low, high, count(DISTINCT x.a) AS accounts, count(DISTINCT e.g) AS groups, max(x.bits) AS bits
        FROM crossing x JOIN evidence e ON e.a = x.a AND e.c = x.c AND e.bits >= 2 GROUP BY low, high ORDER BY low, high
        """
    )
    store.connection.unregister("crossing")
    low, high = found["low"].astype(np.int64), found["high"].astype(np.int64)
    return Bridges(
        low,
        high,
        found["accounts"].astype(np.int64),
        found["groups"].astype(np.int64),
        np.minimum(sizes[low], sizes[high]).astype(np.int64),
        found["bits"].astype(np.float64),
    )


def merge_clusters(
    store: Store, core: Ints, cluster: Ints, scores: Scores, apart: tuple[tuple[int, int], ...]
) -> tuple[Ints, Ints]:
    """(core of each account after merging, new core number by old; the last entry answers -1 with -1).

    A pair that a person keeps apart never merges, whatever else speaks for it.
    """
    settings = store.settings
    count = int(max(core.max(initial=-1), scores.cluster.max(initial=-1))) + 1
    bridges = find_bridges(store, cluster, scores)
    enough = (
        (bridges.accounts >= settings.merge_accounts)
        & (bridges.groups >= settings.merge_groups)
        & (bridges.accounts >= settings.merge_share * bridges.smaller)
    )
    low, high = bridges.low[enough], bridges.high[enough]
    label = _components(count, low, high)
    for one, other in apart:
        first, second = int(cluster[one]), int(cluster[other])
        if first >= 0 and second >= 0 and first != second and label[first] == label[second]:
            keep = label[low] != label[first]
            low, high = low[keep], high[keep]
            label = _components(count, low, high)
    relabel = np.append(label, -1)
    return relabel[core], relabel


def _components(count: int, low: Ints, high: Ints) -> Ints:
    """Each number's component, named by its lowest member."""
    if not count:
        return np.empty(0, dtype=np.int64)
    graph = sparse.csr_array((np.ones(len(low), dtype=np.int8), (low, high)), shape=(count, count))
    found = connected_components(graph, directed=False)[1]
    lowest = np.full(int(found.max()) + 1, count, dtype=np.int64)
    np.minimum.at(lowest, found, np.arange(count))
    named: Ints = lowest[found]
    return named
