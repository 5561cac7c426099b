"""What a run does not decide: merges short of the mark, accounts near the bar, links that nobody told denominators of."""

from __future__ import annotations

import numpy as np

from accounts.linking.merges import Bridges
from accounts.linking.model import Suggestion
from accounts.linking.scores import Scores
from accounts.linking.stars import Units
from accounts.linking.store import Ints, Store

_ACCOUNTS_SHOWN = 50
#: Bits below the bar from which an account is worth a look.
_NEAR_BITS = 3.0


def merge_suggestions(store: Store, bridges: Bridges, number: Ints, limit: int) -> list[Suggestion]:
    """Pairs of clusters with something, but not enough, in common."""
    order = np.lexsort((bridges.high, bridges.low, -np.round(bridges.bits, 6), -bridges.accounts))[:limit]
    found: list[Suggestion] = []
    for at in order.tolist():
        pair = sorted((int(number[bridges.low[at]]), int(number[bridges.high[at]])))
        if pair[0] == 0 or pair[0] == pair[1]:
            continue
        accounts, groups = int(bridges.accounts[at]), int(bridges.groups[at])
        found.append(
            Suggestion(
                "merge",
                tuple(pair),
                (),
                accounts,
                (),
                (),
                round(float(bridges.bits[at]), 6),
                f"{accounts} accounts of one would also pass as members of the other, by {groups} groups of kinds; "
                f"a merge needs {store.settings.merge_accounts} accounts, {store.settings.merge_groups} groups and "
                f"{store.settings.merge_share:.0%} of the smaller cluster",
            )
        )
    return found


def join_suggestions(store: Store, cluster: Ints, scores: Scores, number: Ints, limit: int) -> list[Suggestion]:
    """Accounts in no cluster that come near the bar of one."""
    short = scores.bar - scores.bits
    near = (~scores.passes) & (cluster[scores.account] < 0) & (short <= _NEAR_BITS) & (scores.groups >= 2)
    rows = np.flatnonzero(near & (number[scores.cluster] > 0))
    order = rows[np.lexsort((scores.cluster[rows], scores.account[rows], np.round(short[rows], 6)))][:limit]
    return [
        Suggestion(
            "join",
            (int(number[scores.cluster[row]]),),
            (int(store.accounts[scores.account[row]]),),
            1,
            (),
            (),
            round(float(scores.bits[row]), 6),
            f"{scores.bits[row]:.1f} bits of {scores.bar[row]:.1f} wanted, matched on {int(scores.matched[row])} of "
            f"{int(store.active_days[scores.account[row]])} active days",
        )
        for row in order.tolist()
    ]


def untold_suggestions(store: Store, units: Units, limit: int) -> list[Suggestion]:
    """Stars and conjunctions whose denominators nobody told: holders among accounts known here, nothing more."""
    rows = np.flatnonzero(~units.told)
    order = rows[np.lexsort((units.first[rows], -units.observed[rows], -np.round(units.surprise[rows], 6)))][:limit]
    begin = np.searchsorted(units.member_unit, order)
    end = np.searchsorted(units.member_unit, order, side="right")
    found: list[Suggestion] = []
    for unit, low, high in zip(order.tolist(), begin.tolist(), end.tolist(), strict=True):
        values = [int(v) for v in (units.first[unit], units.second[unit]) if v >= 0]
        shown = store.accounts[units.member_account[low:high][:_ACCOUNTS_SHOWN]]
        found.append(
            Suggestion(
                "untold",
                (),
                tuple(int(a) for a in shown),
                int(units.observed[unit]),
                tuple(int(store.identifiers[v]) for v in values),
                tuple(store.kinds[store.value_kind[v]] for v in values),
                round(float(units.surprise[unit]), 6),
                f"{int(units.observed[unit])} holders among accounts known here; how many there are among everybody "
                "was not told",
            )
        )
    return found
