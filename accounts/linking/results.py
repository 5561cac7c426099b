"""From dense numbers to what the caller reads: members, basis, cores, suggestions, cuts."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from accounts.linking.cuts import Severed
from accounts.linking.growth import Membership
from accounts.linking.model import BASIS_SCHEMA, MEMBERS_SCHEMA, Core, Cut
from accounts.linking.stars import Units
from accounts.linking.store import BLOCK_DAYS, Ints, Store

#: Basis rows for one member and kind, strongest first.
_BASIS_PER_KIND = 3
#: Cores kept for one cluster, most surprising first.
_CORES_PER_CLUSTER = 50


def number_clusters(cluster: Ints) -> Ints:
    """Final numbers by old number: from 1, larger first, ties by lowest account. The last entry answers -1 with 0."""
    size = int(cluster.max(initial=-1)) + 1
    sizes = np.bincount(cluster[cluster >= 0], minlength=size)
    lowest = np.full(size, len(cluster), dtype=np.int64)
    held = np.flatnonzero(cluster >= 0)
    np.minimum.at(lowest, cluster[held], held)
    number = np.zeros(size + 1, dtype=np.int64)
    order = np.lexsort((lowest, -sizes))
    order = order[sizes[order] > 0]
    number[order] = np.arange(1, len(order) + 1)
    return number


def final_numbers(grown: Membership, after: Ints, number: Ints) -> Ints:
    """Final numbers by the cluster numbers that scoring used; 0 for those that dissolved. The last entry answers -1.

    Cuts and verdicts rename clusters after they were scored: a cluster goes where most of its accounts went.
    """
    before = grown.cluster
    used = (before, grown.scores.cluster, grown.unit_core, grown.star_core)
    final = np.zeros(max(int(numbers.max(initial=-1)) for numbers in used) + 2, dtype=np.int64)
    held = (before >= 0) & (after >= 0)
    pair, count = np.unique(np.stack([before[held], number[after[held]]], axis=1), axis=0, return_counts=True)
    order = np.lexsort((-pair[:, 1], count))  # the last one written wins: most accounts, then the lower number
    final[pair[order, 0]] = pair[order, 1]
    return final


def member_table(
    store: Store, grown: Membership, cluster: Ints, number: Ints, confirmed: frozenset[int], population: int
) -> pa.Table:
    """MEMBERS_SCHEMA, sorted by cluster, account. Who a person put there without evidence has 0 bits."""
    account = np.flatnonzero(cluster >= 0)
    account = account[np.lexsort((account, number[cluster[account]]))]
    row = grown.row[account]
    scored = (row >= 0) & ~np.isin(account, sorted(confirmed))
    safe = np.where(scored, row, 0)
    role = np.where(grown.core[account] >= 0, "core", "joined")
    role = np.where(scored, role, "confirmed")

    def pick(column: np.ndarray) -> np.ndarray:
        return np.where(scored, column[safe], 0) if len(column) else np.zeros(len(account))

    bits = np.round(pick(grown.scores.bits), 6)
    data = {
        "cluster": number[cluster[account]],
        "account": store.accounts[account],
        "role": role,
        "bits": bits,
        "bar_bits": np.round(pick(grown.scores.bar), 6),
        "expected_strangers": np.where(scored, population * np.exp2(-bits), 0.0),
        "days_matched": pick(grown.scores.matched),
        "days_active": store.active_days[account],
    }
    return pa.table({field.name: pa.array(data[field.name]).cast(field.type) for field in MEMBERS_SCHEMA})


def basis_table(store: Store, grown: Membership, cluster: Ints, number: Ints) -> pa.Table:
    """BASIS_SCHEMA, sorted by cluster, account, then bits downwards. A member keeps the evidence of its own cluster.

    Evidence was scored against the core that the account joined; a later cut or verdict renames the cluster only.
    """
    held = np.flatnonzero((cluster >= 0) & (grown.row >= 0))
    store.connection.register(
        "scored_members",
        pa.table({"a": held, "c": grown.scores.cluster[grown.row[held]], "number": number[cluster[held]]}),
    )
    found = store.columns(
        f"""
        SELECT number, a, kid, v, min(block * {BLOCK_DAYS} + bit_count((common & -common) - 1)) AS first_day,
               arg_max(block, block) AS last_block, arg_max(common, block) AS last_mask,
               sum(bit_count(common))::BIGINT AS days, round(max(bits), 6) AS bits, max(count - core) AS members,
               max(holders) AS holders, max(outside) AS expected
        FROM evidence JOIN scored_members USING (a, c) WHERE bits > 0 GROUP BY number, a, kid, v
        QUALIFY row_number() OVER (PARTITION BY a, kid ORDER BY round(max(bits), 6) DESC, v) <= {_BASIS_PER_KIND}
        ORDER BY number, a, bits DESC, v
        """
    )
    store.connection.unregister("scored_members")
    kinds, value = np.array(store.kinds), found["v"].astype(np.int64)
    start = np.datetime64(store.first_day)
    last = found["last_block"].astype(np.int64) * BLOCK_DAYS + _highest_bit(found["last_mask"].astype(np.int64))
    data = {
        "cluster": found["number"],
        "account": store.accounts[found["a"].astype(np.int64)],
        "kind": kinds[found["kid"].astype(np.int64)],
        "identifier": store.identifiers[value],
        "first_day": start + found["first_day"].astype(np.int64),
        "last_day": start + last,
        "days": found["days"],
        "bits": found["bits"],
        "members": found["members"],
        "holders": found["holders"],
        "expected": found["expected"],
        "told": np.ones(len(value), dtype=bool),
    }
    return pa.table({field.name: pa.array(data[field.name]).cast(field.type) for field in BASIS_SCHEMA})


def _highest_bit(mask: Ints) -> Ints:
    """Position of the highest set bit."""
    for shift in (1, 2, 4, 8, 16, 32):
        mask = mask | (mask >> shift)
    return np.bitwise_count(mask).astype(np.int64) - 1


def core_list(store: Store, units: Units, owner: Ints, number: Ints) -> Iterator[Core]:
    """What formed the cores of clusters that stand, most surprising first, at most _CORES_PER_CLUSTER each."""
    final = number[owner]
    order = np.lexsort((np.arange(len(units)), -np.round(units.surprise, 6), final))
    order = order[final[order] > 0]
    begin = np.searchsorted(final[order], final[order])
    for unit in order[np.arange(len(order)) - begin < _CORES_PER_CLUSTER].tolist():
        values = [int(v) for v in (units.first[unit], units.second[unit]) if v >= 0]
        yield Core(
            cluster=int(final[unit]),
            kinds=tuple(store.kinds[store.value_kind[v]] for v in values),
            identifiers=tuple(int(store.identifiers[v]) for v in values),
            observed=int(units.observed[unit]),
            expected=round(float(units.expected[unit]), 6),
            surprise_bits=round(float(units.surprise[unit]), 6),
            bar_bits=round(float(units.bar[unit]), 6),
            told=bool(units.told[unit]),
        )


def cut_list(store: Store, severed: tuple[Severed, ...], number: Ints) -> Iterator[Cut]:
    """Cuts by platform numbers."""
    for cut in severed:
        if cut.account >= 0:
            yield Cut("account", int(store.accounts[cut.account]), None, int(number[cut.cluster]), cut.sizes)
        else:
            kind = store.kinds[store.value_kind[cut.value]]
            yield Cut("identifier", int(store.identifiers[cut.value]), kind, int(number[cut.cluster]), cut.sizes)
