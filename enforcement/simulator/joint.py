"""How often two kinds of identifier go together among established customers (see DEFINITIONS in reference.py)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from .days import Day
from .draws import Ints
from .world import World

JOINT_KINDS = ("subnet", "asn", "template", "schedule", "email_domain", "referral")
_BINS = 4_096  # lifts are kept as a histogram of this many steps of 1/16, the last one open


class _Pair:
    """Running sums for one pair of kinds."""

    def __init__(self) -> None:
        self.both = self.first = self.second = self.pairs = 0
        self.observed = 0
        self.expected = 0.0
        self.total = 0.0
        self.highest = 0.0
        self.histogram = np.zeros(_BINS, dtype=np.int64)

    def quantile(self, permille: int) -> float:
        """Upper edge of the step that holds the quantile."""
        edges = np.cumsum(self.histogram)
        step = int(np.searchsorted(edges, -(-int(edges[-1]) * permille // 1000)))
        return self.highest if step >= _BINS - 1 else min((step + 1) / 16, self.highest)


def _same_pairs(codes: Ints) -> int:
    """Ordered pairs of different holders of one value, summed over values."""
    _, counts = np.unique(codes, return_counts=True)
    return int((counts * (counts - 1)).sum())


class JointRates:
    """Adds up days; constant size."""

    def __init__(self, world: World, payment: Ints) -> None:
        self._least = world.settings.joint_minimum_holders
        accounts = world.accounts
        self._base = accounts["created_day"] <= -world.settings.established_days
        declared = accounts["declared"]
        reseller = np.array([organization.kind == "proxy" for organization in world.directory.organizations])
        own = (declared >= 0) & ~reseller[np.maximum(declared, 0)]
        # A party: the declared organization, else whoever holds the payment instrument.
        self._party = np.where(own, declared, len(reseller) + payment)
        self._pairs = {kinds: _Pair() for kinds in combinations(JOINT_KINDS, 2)}
        self._party_pairs = 0  # ordered pairs of different parties, over all days

    def add(self, day: Day, values: dict[str, tuple[Ints, Ints]]) -> None:
        """Adds one day's holders."""
        base, party = self._base[day.rows], self._party[day.rows]
        active = len(np.unique(party[base]))
        if active < 2:
            return
        self._party_pairs += active * (active - 1)
        # Per kind: distinct (party, dense value), and the number of parties of each value.
        held: dict[str, tuple[Ints, Ints]] = {}
        for kind in JOINT_KINDS:
            place, codes = values[kind]
            keep = base[place]
            _, dense = np.unique(codes[keep], return_inverse=True)
            pairs = np.unique(np.stack([party[place[keep]], dense.astype(np.int64)], axis=1), axis=0)
            held[kind] = pairs[:, 0], pairs[:, 1]
        for (first, second), sums in self._pairs.items():
            self._add_pair(sums, held[first], held[second], active)

    def _add_pair(self, sums: _Pair, first: tuple[Ints, Ints], second: tuple[Ints, Ints], active: int) -> None:
        sums.first += _same_pairs(first[1])
        sums.second += _same_pairs(second[1])
        left, right = _joined(first, second)
        if len(left) == 0:
            return
        width = int(second[1].max()) + 1
        cells, observed = np.unique(left * width + right, return_counts=True)
        sums.both += int((observed * (observed - 1)).sum())
        holders_first = np.bincount(first[1])[cells // width]
        holders_second = np.bincount(second[1])[cells % width]
        keep = (holders_first >= self._least) & (holders_second >= self._least)
        expected = holders_first[keep] * holders_second[keep] / active
        lift = observed[keep] / expected
        if len(lift) == 0:
            return
        sums.pairs += len(lift)
        sums.observed += int(observed[keep].sum())
        # Rounded before summing: the order in which a processor adds must not show.
        sums.expected += int(np.rint(expected * 1024).sum()) / 1024
        sums.total += int(np.rint(lift * 1024).sum()) / 1024
        sums.highest = max(sums.highest, float(lift.max()))
        sums.histogram += np.bincount(np.minimum((lift * 16).astype(np.int64), _BINS - 1), minlength=_BINS)

    def rows(self) -> Iterator[dict[str, object]]:
        """One line a pair of kinds; figures to six significant digits."""
        for (first, second), sums in self._pairs.items():
            rates = [count / max(1, self._party_pairs) for count in (sums.both, sums.first, sums.second)]
            figures = {
                "rate": rates[0],
                "rate_first": rates[1],
                "rate_second": rates[2],
                "conditional": sums.both / max(1, sums.first),
                "conditional_reverse": sums.both / max(1, sums.second),
                "lift_mean": sums.total / max(1, sums.pairs),
                "lift_pooled": sums.observed / max(1e-9, sums.expected),
                "lift_p95": sums.quantile(950),
                "lift_p99": sums.quantile(990),
                "lift_max": sums.highest,
            }
            yield {
                "type": "joint",
                "kinds": [first, second],
                "value_pairs": sums.pairs,
                **{name: float(f"{value:.6g}") for name, value in figures.items()},
            }


def _joined(first: tuple[Ints, Ints], second: tuple[Ints, Ints]) -> tuple[Ints, Ints]:
    """Values of both kinds that one party holds, all combinations; inputs are sorted by party."""
    low = np.searchsorted(second[0], first[0], side="left")
    counts = np.searchsorted(second[0], first[0], side="right") - low
    position = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(low, counts)
    return np.repeat(first[1], counts), second[1][position]
