"""One day of the world: who is active, how much each draws, from which addresses, with which template."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from .accounts import CAMPAIGN, HONEST
from .draws import Flags, Ints
from .names import POPULAR_TEMPLATES
from .networks import addresses
from .world import World

_RAMP = (45, 52, 58, 64, 70, 75, 80, 84, 88, 91, 94, 96, 98, 100)  # percent of full volume on the first days
_WEEKEND_PERCENT = 82


@dataclass(frozen=True)
class Day:
    """Active accounts of one day; all arrays are as long as `rows`. Times of a day are halves: 0 and 1."""

    number: int
    date: date
    rows: Ints  # account row numbers, ascending
    exchanges: Ints
    first_address: Ints
    second_address: Ints
    first_network: Ints
    template: Ints  # -1: none recognized
    schedule: Ints  # -1: none recognized


def anchor_days(world: World) -> Ints:
    """A day on which each account is active whatever the draws say: nobody is without a day."""
    accounts, draws = world.accounts, world.draws
    born = np.maximum(accounts["created_day"], 0)
    room = np.where(accounts["group"] == HONEST, 31 - born, np.where(born == 0, 6, 1))
    return born + draws.below(room, "anchor", np.arange(len(accounts)))


class Calendar:
    """Days in order. The campaign's total is laid out over days and accounts by cumulative shares, hence exact."""

    def __init__(self, world: World, start: date) -> None:
        self.world, self.start = world, start
        self.anchors = anchor_days(world)
        self._campaign = int((world.accounts["group"] == CAMPAIGN).sum())  # the first rows
        weights = [int(self._campaign_weights(day).sum()) for day in range(world.settings.days)]
        edges, total, goal = [0], sum(weights), world.campaign_exchanges
        for weight in weights:
            edges.append(edges[-1] + weight)
        self._totals = [goal * edges[i + 1] // total - goal * edges[i] // total for i in range(len(weights))]

    def date_of(self, number: int) -> date:
        """Calendar date of day `number`."""
        return self.start + timedelta(days=number)

    def _weekend(self, day: int) -> bool:
        return self.date_of(day).weekday() >= 5

    def _active(self, day: int) -> Flags:
        accounts = self.world.accounts
        permille = accounts["weekend" if self._weekend(day) else "weekday"]
        number = np.arange(len(accounts))
        alive = (accounts["created_day"] <= day) & (day < accounts["ended_day"])
        drawn = self.world.draws.below(1000, "active", number, day) < permille
        active: Flags = alive & (drawn | (self.anchors == day))
        return active

    def active_by_day(self) -> list[int]:
        """Active accounts of each day."""
        return [int(self._active(day).sum()) for day in range(self.world.settings.days)]

    def _noise(self, rows: Ints, day: int) -> Ints:
        """Percent by which a day differs from the account's usual volume."""
        return 60 + self.world.draws.below(81, "noise", rows, day)

    def _campaign_weights(self, day: int) -> Ints:
        rows = np.flatnonzero(self._active(day)[: self._campaign])
        percent = _RAMP[min(day, len(_RAMP) - 1)] * (_WEEKEND_PERCENT if self._weekend(day) else 100)
        return self.world.accounts["weight"][rows] * self._noise(rows, day) * percent

    def _campaign_exchanges(self, day: int) -> Ints:
        weights = self._campaign_weights(day)
        edges = np.concatenate([[0], np.cumsum(weights)])
        # At scale 1: 7e5 a day times 25,000 * 42 * 140 * 100 * 100 stays below 2^63 after dropping the common 100.
        shares: Ints = self._totals[day] * (edges // 100) // max(1, int(edges[-1]) // 100)
        return np.diff(shares)

    def day(self, number: int) -> Day:
        """Everything about day `number`, in memory proportional to the accounts active on it."""
        world, accounts, draws = self.world, self.world.accounts, self.world.draws
        rows = np.flatnonzero(self._active(number)).astype(np.int64)
        own = accounts["weight"][rows] * self._noise(rows, number) // 100
        exchanges = np.maximum(own, 1)
        campaign = self._campaign_exchanges(number)
        exchanges[: len(campaign)] = campaign
        networks = [self._networks(rows, number, half) for half in (0, 1)]
        found = [
            addresses(world.networks, draws, networks[half], rows, accounts["slot"][rows], day=number, half=half)
            for half in (0, 1)
        ]
        seen = draws.chance(900, "schedule-seen", rows, number)
        return Day(
            number=number,
            date=self.date_of(number),
            rows=rows,
            exchanges=exchanges,
            first_address=found[0],
            second_address=found[1],
            first_network=networks[0],
            template=self._templates(rows, number),
            schedule=np.where(seen, accounts["schedule"][rows], -1),
        )

    def _networks(self, rows: Ints, day: int, half: int) -> Ints:
        accounts, draws = self.world.accounts, self.world.draws
        away = draws.below(1000, "away", rows, day, half) < accounts["alternate_permille"][rows]
        turn = day // self.world.settings.range_turn_days
        span = accounts["network_span"][rows]
        main = accounts["network_first"][rows] + (accounts["network_offset"][rows] + turn) % span
        return np.where(away, accounts["network_alternate"][rows], main)

    def _templates(self, rows: Ints, day: int) -> Ints:
        """Of an account's two or three templates each serves three days in turn; some days a popular one."""
        accounts, draws = self.world.accounts, self.world.draws
        choice = draws.below(3, "template", rows, day // 3)
        own = np.choose(choice, [accounts[f"template_{name}"][rows] for name in ("first", "second", "third")])
        own = np.where(own < 0, accounts["template_first"][rows], own)
        own = np.where(own < 0, accounts["template_second"][rows], own)
        popular = draws.below(1000, "popular-day", rows, day) < accounts["popular_permille"][rows]
        return np.where(popular, draws.below(POPULAR_TEMPLATES, "popular", rows, day), own)
