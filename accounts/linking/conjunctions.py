"""Hubs in conjunction: two values of different groups, held together on the same days by more accounts than chance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from accounts.linking.holders import Holders, daily_holders
from accounts.linking.model import Reference
from accounts.linking.stars import Units
from accounts.linking.store import Floats, Ints, Store

#: Conjunctions scored at a time: bounds memory at about a hundred megabytes.
_CHUNK = 50_000
#: A value that more than this share of the population holds tells nobody apart.
_EVERYBODY = 0.5


def find_conjunctions(
    store: Store, reference: Reference, linking: npt.NDArray[np.bool_], population: int
) -> tuple[Units, int]:
    """Conjunctions whose holders are in excess over honest coincidence, and how many were looked at.

    linking: values that already link as stars; they are left out here.
    """
    _hub_rows(store, linking, population)
    examined = _pair_table(store)
    pairs = store.columns(
        "SELECT x, y, block, holders, days FROM pairs WHERE holders >= ? ORDER BY ALL", [store.settings.minimum_core]
    )
    x, y, block = (pairs[name].astype(np.int64) for name in ("x", "y", "block"))
    observed, days = pairs["holders"].astype(np.float64), pairs["days"].astype(np.float64)
    holders = daily_holders(store, reference, np.unique(np.concatenate([x, y])))
    row_x, row_y = holders.find(x, block), holders.find(y, block)
    lift = (
        _lifts(store, reference, reference.pooled or reference.joint)[store.value_kind[x], store.value_kind[y]]
        if len(x)
        else np.empty(0)
    )
    expected = np.empty(len(x))
    for at in range(0, len(x), _CHUNK):
        part = slice(at, at + _CHUNK)
        expected[part] = _expected(holders, row_x[part], row_y[part], days[part]) * lift[part]
    expected = expected / np.maximum(days / np.maximum(observed, 1.0), 1.0)
    surprise = poisson_surprise_bits(observed, expected)
    bar = np.log2(max(examined, 1)) + np.log2(population) + store.settings.conjunction_margin_bits
    keep = (surprise >= bar) & (observed >= store.settings.conjunction_excess * expected)
    told = holders.is_told[row_x] & holders.is_told[row_y]
    unit, account = _holders_of(store, x[keep], y[keep], block[keep])
    units = Units(
        first=x[keep],
        second=y[keep],
        observed=observed[keep].astype(np.int64),
        expected=expected[keep],
        surprise=surprise[keep],
        bar=np.full(int(keep.sum()), bar),
        told=told[keep],
        member_unit=unit,
        member_account=account,
    )
    return units, examined


def poisson_surprise_bits(observed: Floats, expected: Floats) -> Floats:
    """-log2 of an upper bound on P(X >= observed) for X ~ Poisson(expected): Chernoff, k ln(k/E) - k + E nats.

    A bound instead of the tail itself: closed form, never underflows, errs towards chance. 0 where observed <= expected.
    Source: Mitzenmacher and Upfal, Probability and Computing (2005), theorem 5.4.
    """
    k, e = np.maximum(observed, 1e-9), np.maximum(expected, 1e-9)
    bits: Floats = np.where(k > e, (k * np.log(k / e) - k + e) / np.log(2.0), 0.0)
    return bits


def _expected(holders: Holders, row_x: Ints, row_y: Ints, days: Floats) -> Floats:
    """Account-days that coincidence would give, by the holders outside the conjunction itself.

    The conjunction's own account-days are spread over the days on which both values were seen and taken out of both
    shares, with one added back: the group's own share never explains the group.
    """
    both = np.minimum(holders.seen[row_x], holders.seen[row_y]).astype(np.float64)
    own = both * np.minimum(days / np.maximum(both.sum(axis=1), 1.0), 1.0)[:, None]
    outside_x = np.maximum(holders.told[row_x] - own, 0.0) + 1.0
    outside_y = np.maximum(holders.told[row_y] - own, 0.0) + 1.0
    chance: Floats = np.where(both > 0, outside_x * outside_y / holders.active[row_x], 0.0).sum(axis=1)
    return chance


def _lifts(store: Store, reference: Reference, joint: Mapping[tuple[str, str], float]) -> Floats:
    """Lift by (kind number, kind number)."""
    told = replace(reference, joint=joint)
    return np.array([[reference_lift(store, told, a, b) for b in store.kinds] for a in store.kinds])


def reference_lift(store: Store, reference: Reference, one: str, other: str) -> float:
    """Told lift of two kinds; where it is not told, the highest that is told of their groups; else the default."""
    settings = store.settings
    pair = frozenset((settings.group(one), settings.group(other)))
    alike = [
        lift
        for (a, b), lift in sorted(reference.joint.items())
        if a in settings.kinds and b in settings.kinds and frozenset((settings.group(a), settings.group(b))) == pair
    ]
    return reference.lift(one, other, max(alike, default=settings.default_lift))


def _hub_rows(store: Store, linking: npt.NDArray[np.bool_], population: int) -> None:
    """`hub_rows`: rows whose value may be half of a conjunction, at most values_per_account of a kind and account."""
    number = np.arange(len(store.identifiers))
    holders = np.bincount(store.rows.value, minlength=len(number)) / store.blocks
    fit = (
        ~linking
        & store.kind_founds[store.value_kind]
        & (holders >= store.settings.minimum_core / store.blocks)
        & (holders <= _EVERYBODY * population)
    )
    chosen = pa.table({"v": number[fit], "g": store.kind_group[store.value_kind[fit]]})
    store.connection.register("hub_values", chosen)
    limit = store.settings.values_per_account
    store.connection.execute(
        f"""
        CREATE TEMP TABLE hub_all AS SELECT a, v, g, kid, block, mask FROM rows JOIN hub_values USING (v);
        CREATE TEMP TABLE hub_busy AS
        SELECT a, block, kid FROM hub_all GROUP BY a, block, kid HAVING count(*) > {limit};
        CREATE TEMP TABLE hub_rows AS
        SELECT a, v, g, block, mask FROM hub_all ANTI JOIN hub_busy USING (a, block, kid)
        UNION ALL
        SELECT a, v, g, block, mask FROM hub_all SEMI JOIN hub_busy USING (a, block, kid)
        QUALIFY row_number() OVER (PARTITION BY a, block, kid ORDER BY bit_count(mask) DESC, v) <= {limit};
        DROP TABLE hub_all;
        """
    )
    store.connection.unregister("hub_values")


def _pair_table(store: Store) -> int:
    """`pairs`: every two values of different groups that an account held on one day. How many there are."""
    apart = "".join(f" AND NOT (x.g = {one} AND y.g = {other})" for one, other in store.kin)
    store.connection.execute(
        f"""
        CREATE TEMP TABLE pairs AS
        SELECT x.v AS x, y.v AS y, x.block AS block, count(*) AS holders, sum(bit_count(x.mask & y.mask))::BIGINT AS days
        FROM hub_rows x JOIN hub_rows y ON x.a = y.a AND x.block = y.block AND x.g < y.g
        WHERE x.mask & y.mask <> 0{apart}
        GROUP BY x.v, y.v, x.block
        """
    )
    return int(store.connection.execute("SELECT count(*) FROM pairs").fetchall()[0][0])


def _holders_of(store: Store, x: Ints, y: Ints, block: Ints) -> tuple[Ints, Ints]:
    """Holders of the kept conjunctions: unit numbers and dense accounts, sorted."""
    store.connection.register("kept", pa.table({"unit": np.arange(len(x)), "x": x, "y": y, "block": block}))
    found = store.columns(
        """
        SELECT unit, p.a AS account
        FROM kept k JOIN hub_rows p ON p.v = k.x AND p.block = k.block
        JOIN hub_rows q ON q.a = p.a AND q.v = k.y AND q.block = k.block
        WHERE p.mask & q.mask <> 0 ORDER BY unit, account
        """
    )
    store.connection.unregister("kept")
    return found["unit"].astype(np.int64), found["account"].astype(np.int64)
