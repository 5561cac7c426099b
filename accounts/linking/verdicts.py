"""What people said, laid over what the evidence gave."""

from __future__ import annotations

from dataclasses import dataclass

import networkx as nx
import numpy as np

from accounts.linking.model import Conflict, Verdicts
from accounts.linking.store import Floats, Ints, Store


@dataclass(frozen=True, slots=True)
class Overruled:
    """Membership after verdicts. cluster: per dense account, or -1. confirmed: accounts that a person put there."""

    cluster: Ints
    confirmed: frozenset[int]
    conflicts: tuple[Conflict, ...]


def dense_pairs(store: Store, pairs: frozenset[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Pairs of account numbers as dense pairs, ascending; pairs with an account that nobody saw are left out."""
    known: list[tuple[int, int]] = []
    for one, other in sorted({(min(pair), max(pair)) for pair in pairs}):
        place = np.searchsorted(store.accounts, [one, other])
        if (place < len(store.accounts)).all() and (store.accounts[place] == [one, other]).all() and one != other:
            known.append((int(place[0]), int(place[1])))
    return tuple(known)


def overrule(store: Store, verdicts: Verdicts, cluster: Ints, margin: Floats) -> Overruled:
    """Must-links bring their accounts (and the clusters these are in) together; cannot-links part accounts.

    margin: per dense account, bits above its bar: of two accounts to be parted the weaker leaves, ties the later.
    Chains of must-links that join a cannot-link pair are left as the evidence has them and given back as conflicts.
    """
    cluster = cluster.copy()
    must, cannot = dense_pairs(store, verdicts.must_link), dense_pairs(store, verdicts.cannot_link)
    groups = nx.Graph()
    groups.add_edges_from(must)
    confirmed: set[int] = set()
    conflicts: list[Conflict] = []
    following = int(cluster.max(initial=-1)) + 1
    for members in sorted(sorted(component) for component in nx.connected_components(groups)):
        against = [pair for pair in cannot if pair[0] in members and pair[1] in members]
        if against:
            conflicts += [_conflict(store, pair) for pair in against]
            continue
        homes = sorted({int(cluster[a]) for a in members} - {-1})
        target = homes[0] if homes else following
        following += not homes
        confirmed.update(a for a in members if cluster[a] == -1)
        cluster[np.isin(cluster, homes)] = target
        cluster[members] = target
    torn = {pair for conflict in conflicts for pair in [conflict.accounts]}
    for one, other in cannot:
        named = (int(store.accounts[one]), int(store.accounts[other]))
        if cluster[one] >= 0 and cluster[one] == cluster[other] and named not in torn:
            leaves = _weaker(one, other, margin, confirmed)
            cluster[leaves] = -1
            confirmed.discard(leaves)
    return Overruled(cluster, frozenset(confirmed), tuple(conflicts))


def _weaker(one: int, other: int, margin: Floats, confirmed: set[int]) -> int:
    """Which of two leaves; one that a person put there stays."""
    if (one in confirmed) != (other in confirmed):
        return other if one in confirmed else one
    return one if round(float(margin[one]), 6) < round(float(margin[other]), 6) else other


def _conflict(store: Store, pair: tuple[int, int]) -> Conflict:
    one, other = int(store.accounts[pair[0]]), int(store.accounts[pair[1]])
    return Conflict((one, other), "must-links join these accounts and a cannot-link parts them; neither was applied")
