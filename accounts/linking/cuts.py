"""Articulation: an account or identifier that alone holds two large sides together is cut, and shown."""

from __future__ import annotations

from dataclasses import dataclass

import networkx as nx
import numpy as np
import pyarrow as pa
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from accounts.linking.store import Ints, Store

#: Strongest identifiers of each member that the picture of a cluster is cut by.
_EDGES_PER_MEMBER = 6
#: Cuts in one cluster; more than this and a person should look at it anyway.
_CUTS_PER_CLUSTER = 5


@dataclass(frozen=True, slots=True)
class Severed:
    """One cut in dense numbers. value is -1 for an account and the other way round. sizes: members of each side."""

    cluster: int
    account: int
    value: int
    sizes: tuple[int, ...]


def cut_clusters(store: Store, cluster: Ints) -> tuple[Ints, tuple[Severed, ...]]:
    """Cuts every cluster at its articulation accounts and identifiers with cut_side members on both sides.

    The largest side keeps the cluster; the others become clusters of their own, or dissolve when too small. Clusters
    that two identifiers of different groups span (no single one can be an articulation) are passed over unread.
    """
    side = store.settings.cut_side
    edges = _edges(store, cluster)
    cluster = cluster.copy()
    severed: list[Severed] = []
    following = int(cluster.max(initial=-1)) + 1
    for number in _doubtful(edges, cluster, side):
        pick = edges["c"] == number
        graph = nx.Graph()
        graph.add_edges_from(zip(edges["a"][pick].tolist(), (-1 - edges["v"][pick]).tolist(), strict=True))
        for _ in range(_CUTS_PER_CLUSTER):
            found = _cut_once(graph, side)
            if found is None:
                break
            node, sides = found
            severed.append(Severed(number, max(node, -1), -1 - node if node < 0 else -1, tuple(len(s) for s in sides)))
            for members in sides[1:]:
                cluster[members] = following
                following += 1
            graph = nx.Graph(graph.subgraph(_reach(graph, node, sides[0])))
    return cluster, tuple(severed)


def _edges(store: Store, cluster: Ints) -> dict[str, Ints]:
    """Members and the values that hold them, strongest first."""
    store.connection.register("members_now", pa.table({"a": np.arange(len(cluster)), "c": cluster}))
    found = store.columns(
        f"""
        SELECT a, c, v, max(e.g) AS g FROM evidence e JOIN members_now USING (a, c) WHERE bits > 1 GROUP BY a, c, v
        QUALIFY row_number() OVER (PARTITION BY a ORDER BY max(bits) DESC, v) <= {_EDGES_PER_MEMBER}
        ORDER BY c, a, v
        """
    )
    store.connection.unregister("members_now")
    return {name: column.astype(np.int64) for name, column in found.items()}


def _doubtful(edges: dict[str, Ints], cluster: Ints, side: int) -> list[int]:
    """Clusters large enough for two sides that no two groups of kinds span."""
    sizes = np.bincount(cluster[cluster >= 0], minlength=1)
    if not len(edges["c"]):
        return []
    span = int(edges["v"].max()) + 1
    key, held = np.unique(edges["c"] * span + edges["v"], return_counts=True)
    group_of = np.zeros(span, dtype=np.int64)
    group_of[edges["v"]] = edges["g"]
    owner, group = key // span, group_of[key % span]
    spanning = held > sizes[owner] - side
    spanned = np.unique(np.stack([owner[spanning], group[spanning]], axis=1), axis=0)[:, 0]
    groups = np.bincount(spanned, minlength=len(sizes))
    return [int(c) for c in np.flatnonzero((sizes >= 2 * side) & (groups < 2))]


def _cut_once(graph: nx.Graph, side: int) -> tuple[int, list[list[int]]] | None:
    """The articulation with the largest second side, and the members of its sides, largest first."""
    best: tuple[int, int, list[list[int]]] | None = None
    nodes = np.array(sorted(graph), dtype=np.int64)
    ends = np.searchsorted(nodes, np.array(graph.edges, dtype=np.int64).reshape(-1, 2))
    for node in sorted(nx.articulation_points(graph)):
        sides = _sides(nodes, ends, int(np.searchsorted(nodes, node)), side)
        if len(sides) >= 2 and (best is None or len(sides[1]) > best[0]):
            best = (len(sides[1]), node, sides)
    return None if best is None else (best[1], best[2])


def _sides(nodes: Ints, ends: Ints, without: int, least: int) -> list[list[int]]:
    """Members of the parts that stand when node number `without` is gone, of `least` members or more."""
    kept = ends[(ends != without).all(axis=1)]
    shape = (len(nodes), len(nodes))
    links = sparse.csr_array((np.ones(len(kept), dtype=np.int8), (kept[:, 0], kept[:, 1])), shape=shape)
    part = connected_components(links, directed=False)[1]
    account = (nodes >= 0) & (np.arange(len(nodes)) != without)
    sizes = np.bincount(part[account], minlength=1)
    found = [nodes[account & (part == number)].tolist() for number in np.flatnonzero(sizes >= least)]
    return sorted(found, key=lambda members: (-len(members), members))


def _reach(graph: nx.Graph, node: int, members: list[int]) -> set[int]:
    """The largest side with its identifiers, and the cut account where it is one."""
    kept = set(members)
    for member in members:
        kept.update(n for n in graph[member] if n != node)
    return kept | ({node} if node >= 0 else set())
