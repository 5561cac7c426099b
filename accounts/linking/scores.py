"""Every account against every core that it touches: bits for each group of kinds, itself left out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from accounts.linking.conjunctions import reference_lift
from accounts.linking.model import Reference
from accounts.linking.profiles import Profile
from accounts.linking.store import Floats, Ints, Store

#: A group of kinds counts as evidence of its own from here.
_GROUP_BITS = 2.0


@dataclass(frozen=True, slots=True)
class Scores:
    """One row for each (account, cluster) with evidence, sorted by account, then cluster. Bits are log2.

    groups: how many groups of kinds speak. strong: a strong identifier on common days. matched: days on which two
    groups, or a strong identifier, matched. steady: on day_share of the active ones. passes: enough to be a member.
    """

    account: Ints
    cluster: Ints
    bits: Floats
    bar: Floats
    groups: Ints
    strong: npt.NDArray[np.bool_]
    matched: Ints
    steady: npt.NDArray[np.bool_]
    passes: npt.NDArray[np.bool_]


def score(store: Store, reference: Reference, profile: Profile, cluster: Ints) -> Scores:
    """Scores of all accounts against all profiles; leaves the table `evidence` (per account, cluster, value).

    A value's bits are log2(m/u): m its share in the core without the account itself, u the share of strangers who hold
    it on a day, times the account's active days over its matched days. By Markov's inequality that bounds the chance
    that a stranger matches on as many days, however its days hang together, and it makes one day in forty weak. The
    values of one kind count once: by the best of them, or all together (union bound, less a bit for looking twice).
    """
    population = reference.population
    _evidence(store, profile, cluster)
    _by_kind(store, profile)
    columns = ", ".join(f"coalesce(max(bits) FILTER (g = {g}), 0) AS b{g}" for g in range(len(store.groups)))
    rows = store.columns(
        f"""
        SELECT a, c, any_value(size)::DOUBLE AS size, any_value(core) AS core, bool_or(strong) AS strong, {columns}
        FROM by_kind GROUP BY a, c ORDER BY a, c
        """
    )
    account, owner = rows["a"].astype(np.int64), rows["c"].astype(np.int64)
    bits = np.stack([rows[f"b{g}"].astype(np.float64) for g in range(len(store.groups))], axis=1)
    total, groups = _sum_groups(store, reference, np.maximum(bits, 0.0))
    total = total + _missing(store, bits, owner, rows["core"].astype(bool))
    matched = _matched_days(store, account, owner)
    strong = rows["strong"].astype(bool)
    size = np.maximum(rows["size"] - rows["core"], 1.0)
    bar = np.log2(np.maximum(population / size, 1.0)) + store.settings.join_margin_bits
    steady = matched >= store.settings.day_share * store.active_days[account]
    by_groups = (groups >= 2) & (total >= bar) & steady
    return Scores(account, owner, total, bar, groups, strong, matched, steady, strong | by_groups)


def _evidence(store: Store, profile: Profile, cluster: Ints) -> None:
    """`evidence`: account, cluster, value, common days, bits. An account meets its own core without itself."""
    kinds = [store.settings.kinds[kind] for kind in store.kinds]
    store.connection.register("profile_given", profile.table())
    store.connection.register(
        "cluster_given", pa.table({"a": np.arange(len(cluster)), "owner": cluster, "active": store.active_days})
    )
    store.connection.register(
        "weights_given",
        pa.table({"kid": np.arange(len(kinds)), "g": store.kind_group, "m": np.array([kind.m for kind in kinds])}),
    )
    store.connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE evidence AS
        WITH nominated AS (
            SELECT r.a AS a, p.cluster AS c FROM rows r JOIN weights_given w ON w.kid = r.kid
            JOIN profile_given p ON p.value = r.v AND p.block = r.block WHERE r.mask & p.once <> 0
            GROUP BY r.a, p.cluster HAVING bool_or(p.strong) OR (bool_or(p.nominates) AND min(w.g) < max(w.g))),
        met AS (
            SELECT r.a AS a, p.cluster AS c, r.v AS v, r.kid AS kid, r.block AS block, p.strong AS strong, p.size AS size,
                   o.active AS active, (o.owner = p.cluster)::INTEGER AS core, p.holders AS holders,
                   p.outside AS outside, p.chance AS chance, p.rarity AS rarity, p.count AS count,
                   r.mask & CASE WHEN o.owner = p.cluster THEN p.twice ELSE p.once END AS common
            FROM rows r JOIN profile_given p ON p.value = r.v AND p.block = r.block JOIN cluster_given o ON o.a = r.a
            SEMI JOIN nominated n ON n.a = r.a AND n.c = p.cluster)
        SELECT a, c, v, w.kid AS kid, w.g AS g, block, strong, size, core, active, common, count, holders, outside,
               CASE WHEN strong THEN log2(w.m / rarity)
                    ELSE log2((count - core) / greatest(size - core, 1)
                              / least(1.0, chance * active / bit_count(common))) END AS bits
        FROM met JOIN weights_given w ON w.kid = met.kid WHERE common <> 0 AND count > core
        """
    )


def _by_kind(store: Store, profile: Profile) -> None:
    """`by_kind`: per account, cluster and kind, the better of its best value and all its values together."""
    hub = ~profile.strong
    owner, kid, block = profile.cluster[hub], store.value_kind[profile.value[hub]], profile.block[hub]
    key, where = np.unique((owner * len(store.kinds) + kid) * store.blocks + block, return_inverse=True)
    # Summed here, in a fixed order: a parallel sum of floats would depend on the threads.
    chance = np.bincount(where, weights=profile.chance[hub], minlength=len(key))
    store.connection.register(
        "chance_given",
        pa.table(
            {"c": key // store.blocks // len(store.kinds), "kid": key // store.blocks % len(store.kinds), "u": chance}
        ),
    )
    store.connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE by_kind AS
        WITH chance AS (SELECT c, kid, max(u) AS u FROM chance_given GROUP BY c, kid),
        days AS (SELECT a, c, kid, g, any_value(size) AS size, any_value(core) AS core, any_value(active) AS active,
                        max(best) AS best, bool_or(strong) AS strong, sum(bit_count(common)) AS days
                 FROM (SELECT a, c, kid, g, block, any_value(size) AS size, any_value(core) AS core,
                              any_value(active) AS active, max(bits) AS best, bool_or(strong) AS strong,
                              bit_or(common) AS common FROM evidence GROUP BY a, c, kid, g, block)
                 GROUP BY a, c, kid, g),
        held AS (SELECT c, kid, sum(core) / any_value(size) AS m FROM days GROUP BY c, kid)
        SELECT a, c, kid, g, size, core, strong,
               CASE WHEN strong OR u IS NULL OR m = 0 THEN best
                    ELSE greatest(best, log2(m / least(1.0, u * active / days)) - 1) END AS bits
        FROM days JOIN held USING (c, kid) LEFT JOIN chance USING (c, kid)
        """
    )


def _sum_groups(store: Store, reference: Reference, bits: Floats) -> tuple[Floats, Ints]:
    """Total bits and the number of groups that speak.

    Groups are not independent among honest accounts: each one after the first gives up log2 of its highest lift with
    the groups before it.
    """
    lifts = np.ones((len(store.groups), len(store.groups)))
    for i, one in enumerate(store.kinds):
        for j, other in enumerate(store.kinds):
            pair = store.kind_group[i], store.kind_group[j]
            if pair[0] != pair[1]:
                lifts[pair] = max(lifts[pair], reference_lift(store, reference, one, other))
    penalty = np.log2(lifts)
    order = np.argsort(-bits, axis=1, kind="stable")
    total = np.zeros(len(bits))
    spoken = np.zeros(bits.shape, dtype=bool)
    line = np.arange(len(bits))
    for place in range(bits.shape[1]):
        group = order[:, place]
        given_up = np.zeros(len(bits))
        for before in range(place):
            given_up = np.maximum(given_up, penalty[group, order[:, before]])
        net = np.maximum(bits[line, group] - given_up, 0.0)
        total += net
        spoken[line, group] = net >= _GROUP_BITS
    count = spoken.sum(axis=1)
    for low, high in store.kin:
        count = count - (spoken[:, low] & spoken[:, high])
    return total, count.astype(np.int64)


def _missing(store: Store, bits: Floats, owner: Ints, core: npt.NDArray[np.bool_]) -> Floats:
    """What speaks against: bits, zero or less, for the groups of hubs that a core shares and the account does not.

    log2((1 - m) / (1 - u)) of Fellegi and Sunter with u near 0 and m the share of the core that the group speaks for, by
    Laplace's rule ((missing + 1) / (size + 2)), so that a small core proves little. A group with a strong kind is left
    out: one instrument for one account is common among those who hide.
    """
    span = int(owner.max(initial=0)) + 1
    size = np.bincount(owner[core], minlength=span)
    against: Floats = np.zeros(len(bits))
    for group in range(bits.shape[1]):
        if store.kind_strong[store.kind_group == group].any():
            continue
        without = np.bincount(owner[core & (bits[:, group] <= 0.0)], minlength=span)
        weight = np.maximum(np.log2((without + 1) / (size + 2)), -store.settings.missing_limit_bits)
        against += np.where(bits[:, group] <= 0.0, weight[owner], 0.0)
    return against


def _matched_days(store: Store, account: Ints, owner: Ints) -> Ints:
    """Days on which two groups, or a strong identifier, matched; one number for each (account, cluster)."""
    columns = ", ".join(f"coalesce(bit_or(common) FILTER (g = {g}), 0) AS m{g}" for g in range(len(store.groups)))
    rows = store.columns(
        f"""
        SELECT a, c, coalesce(bit_or(common) FILTER (strong), 0) AS decisive, {columns}
        FROM evidence GROUP BY a, c, block ORDER BY a, c
        """
    )
    once = np.zeros(len(rows["a"]), dtype=np.int64)
    twice = rows["decisive"].astype(np.int64)
    for g in range(len(store.groups)):
        mask = rows[f"m{g}"].astype(np.int64)
        twice |= once & mask
        once |= mask
    span = int(owner.max(initial=0)) + 1
    place = np.searchsorted(account * span + owner, rows["a"].astype(np.int64) * span + rows["c"].astype(np.int64))
    days = np.bincount(place, weights=np.bitwise_count(twice), minlength=len(account))
    return days.astype(np.int64)
