"""What the three detectors write of one day: metered exchanges, flagged conduct, and context records."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .accounts import HONEST
from .blocks import BLOCK_ROWS, Block
from .days import Day
from .draws import Bits, Flags, Ints
from .names import CONDUCTS, DETECTORS, FILLS, PROXIES, Detector, excerpts, slug
from .schedules import hour_table
from .texts import Texts, address_text, masked, named, times_text
from .world import World

METER, HARVEST, EGRESS = DETECTORS
_MODELS = ("meridian-2-large", "meridian-2-small")
_MOMENT_STREAMS = {HARVEST.slug: "harvest-at", EGRESS.slug: "egress-at"}
_NOON_SECONDS = 43_200


def _below(bits: Bits, shift: int, bound: int) -> Ints:
    """Numbers below a small `bound` from the bits above `shift`; the bias of the remainder does not matter here."""
    return ((bits >> np.uint64(shift)) % np.uint64(bound)).astype(np.int64)


class Observers:
    """The detectors of one world; asked day by day, they give blocks of at most BLOCK_ROWS rows."""

    def __init__(self, world: World, texts: Texts, anchors: Ints) -> None:
        self.world, self.texts, self._anchors = world, texts, anchors
        self._hours = hour_table(int(world.accounts["hours"].max()) + 1)
        self._organizations = pa.array([slug(organization.name) for organization in world.directory.organizations])
        self._excerpts = [pa.array(column) for column in excerpts()]
        number, honest = np.arange(len(world.accounts)), world.accounts["group"] == HONEST
        self.false_positive: dict[str, Flags] = {
            detector.slug: honest
            & world.draws.chance(
                1000 * float(getattr(world.settings, detector.rate_setting)), "false-" + detector.slug, number
            )
            for detector in DETECTORS
        }
        self._watched = ~honest | self.false_positive[METER.slug]

    # -- exchanges ---------------------------------------------------------------------------------------------

    def metered(self, day: Day) -> Iterator[Block]:
        """One signal for each exchange of the accounts in the watch, in time order."""
        place, seconds, bits = self._exchanges(day)
        # The day's strings once; rows take from them.
        accounts = self.texts.account.take(pa.array(day.rows))
        halves = pa.concat_arrays([address_text(day.first_address), address_text(day.second_address)])
        models, rule = pa.array(_MODELS), METER.rules[0]
        for start in range(0, len(place), BLOCK_ROWS):
            part = slice(start, start + BLOCK_ROWS)
            at, when, noise = place[part], seconds[part], bits[part]
            second_half = (when >= _NOON_SECONDS).astype(np.int64) * len(day.rows)
            fields = {
                "source_ref": self._references("um", day, start, len(at)),
                "account": accounts.take(pa.array(at)),
                "observed_at": times_text(day.date.isoformat(), when),
                "rule": rule.rule,
                "severity": rule.severity,
                "exchanges": 1,
                "tokens_in": pa.array(120 + _below(noise, 24, 900)),
                "tokens_out": pa.array(300 + _below(noise, 36, 2700)),
                "product": METER.meters or "",
                "model": models.take(pa.array(((noise >> np.uint64(60)) == 0).astype(np.int64))),
            }
            yield Block(len(at), fields, [("ip", halves.take(pa.array(at + second_half)))])

    def _exchanges(self, day: Day) -> tuple[Ints, Ints, Bits]:
        """Of each metered exchange, by time: position in the day's arrays, second of the day, random bits."""
        watched = np.flatnonzero(self._watched[day.rows])
        counts = day.exchanges[watched]
        place = np.repeat(watched, counts)
        each = np.arange(len(place)) - np.repeat(np.cumsum(counts) - counts, counts)
        bits = self.world.draws.bits("exchange", day.rows[place], day.number, each)
        choice = (bits & np.uint64(1023)).astype(np.int64)
        hours = self._hours[self.world.accounts["hours"][day.rows[place]], choice].astype(np.int64)
        seconds = hours * 3600 + _below(bits, 10, 3600)
        order = np.argsort(seconds, kind="stable")
        return place[order], seconds[order], bits[order]

    @staticmethod
    def _references(prefix: str, day: Day, start: int, count: int) -> pa.StringArray:
        numbers = pc.utf8_lpad(pa.array(np.arange(start, start + count)).cast(pa.string()), 7, "0")
        return pc.binary_join_element_wise(f"{prefix}-{day.date:%y%m%d}", numbers, "-")

    # -- conduct -----------------------------------------------------------------------------------------------

    def _flagged(self, detector: str, day: Day, hit_permille: int, usable: Flags) -> Ints:
        """Positions that a detector flags: the guilty by chance, false positives on their anchor day and at times."""
        draws, settings, rows = self.world.draws, self.world.settings, day.rows
        guilty = (self.world.accounts["group"][rows] != HONEST) & usable
        hit = guilty & draws.chance(hit_permille, "hit-" + detector, rows, day.number)
        again = draws.chance(settings.signals_again, "again-" + detector, rows, day.number)
        wrong = self.false_positive[detector][rows] & ((self._anchors[rows] == day.number) | again)
        return np.flatnonzero(hit | wrong)

    def _moment(self, day: Day, at: Ints, stream: str) -> pa.StringArray:
        """A time within the account's hours, as text."""
        rows = day.rows[at]
        hour = self._hours[self.world.accounts["hours"][rows], self.world.draws.below(1024, stream, rows, day.number)]
        second = self.world.draws.below(3600, stream + "-second", rows, day.number)
        return times_text(day.date.isoformat(), hour.astype(np.int64) * 3600 + second)

    def _declared(self, at: Ints, day: Day) -> pa.StringArray:
        return named(self._organizations, self.world.accounts["declared"][day.rows[at]])

    def harvest(self, day: Day) -> Iterator[Block]:
        """Prompt harvest: one signal an account and day, with an excerpt unless the account's terms forbid it."""
        draws = self.world.draws
        at = self._flagged(HARVEST.slug, day, self.world.settings.harvest_hit, day.template >= 0)
        if len(at) == 0:
            return
        rows = day.rows[at]
        # A false positive without a known template is one on wording alone.
        template = day.template[at]
        code = np.where(template >= 0, template, draws.below(12, "wording", rows))
        conduct = code % len(CONDUCTS)
        rule = np.array([1, 2, 0, 0])[conduct]
        fill = (conduct * 2 + code // len(CONDUCTS) % 2) * FILLS + draws.below(FILLS, "fill", rows, day.number)
        open_terms = self.world.accounts["terms"][rows] == 0
        excerpt, digest = (masked(column.take(pa.array(fill)), open_terms) for column in self._excerpts)
        part = np.maximum(1, day.exchanges[at] * (20 + draws.below(50, "flagged-part", rows, day.number)) // 100)
        yield Block(
            len(at),
            {
                **self._flag_fields(HARVEST, "ph", day, at, rule),
                "score": pa.array(55 + draws.below(44, "harvest-score", rows, day.number)),
                "exchanges": pa.array(part),
                "model": _MODELS[0],
                "conduct": pa.array(CONDUCTS).take(pa.array(conduct)),
                "tlp": "amber",
            },
            [
                ("email_domain", self.texts.email.take(pa.array(rows))),
                ("template", named(self.texts.template, template)),
            ],
            (excerpt, digest),
        )

    def _flag_fields(
        self, detector: Detector, prefix: str, day: Day, at: Ints, rule: Ints
    ) -> dict[str, pa.Array | str | int]:
        """What the two conduct detectors say alike; `rule` is the index of the rule of each row."""
        which, rules = pa.array(rule), detector.rules
        return {
            "source_ref": self._references(prefix, day, 0, len(at)),
            "account": self.texts.account.take(pa.array(day.rows[at])),
            "observed_at": self._moment(day, at, _MOMENT_STREAMS[detector.slug]),
            "rule": pa.array([one.rule for one in rules]).take(which),
            "severity": pa.array([one.severity for one in rules]).take(which),
            "title": pa.array([one.title for one in rules]).take(which),
            "organization": self._declared(at, day),
            "product": "api",
            "rule_version": pa.array([one.version for one in rules]).take(which),
        }

    def egress(self, day: Day) -> Iterator[Block]:
        """Egress watch: one signal an account and day; the rule follows from where and when it was seen."""
        draws = self.world.draws
        at = self._flagged(EGRESS.slug, day, self.world.settings.egress_hit, np.ones(len(day.rows), dtype=bool))
        if len(at) == 0:
            return
        rows = day.rows[at]
        at_proxy = day.first_network[at] < self.world.networks.proxy_first[len(PROXIES)]
        rule = np.where(
            at_proxy & draws.chance(600, "egress-rule", rows, day.number),
            2,
            np.where(day.schedule[at] >= 0, 1, 0),
        )
        yield Block(
            len(at),
            {
                **self._flag_fields(EGRESS, "ew", day, at, rule),
                "score": pa.array(45 + draws.below(50, "egress-score", rows, day.number)),
                "tlp": "green",
            },
            [
                ("ip", address_text(day.first_address[at])),
                ("asn", self.texts.asn.take(pa.array(day.first_network[at]))),
                ("schedule", named(self.texts.schedule, day.schedule[at])),
            ],
        )

    # -- context -----------------------------------------------------------------------------------------------

    def context(self, detector: str, day: Day) -> Iterator[Block]:
        """Context records of one detector: what it sees of every active account, guilty or not."""
        usable = {
            METER.slug: np.ones(len(day.rows), dtype=bool),
            HARVEST.slug: day.template >= 0,
            EGRESS.slug: day.schedule >= 0,
        }[detector]
        found = np.flatnonzero(usable)
        prefix = {METER.slug: "umc", HARVEST.slug: "phc", EGRESS.slug: "ewc"}[detector]
        for start in range(0, len(found), BLOCK_ROWS):
            at = found[start : start + BLOCK_ROWS]
            yield Block(
                len(at),
                {
                    "source_ref": self._references(prefix, day, start, len(at)),
                    "account": self.texts.account.take(pa.array(day.rows[at])),
                    "observed_at": self._moment(day, at, "context-" + detector),
                },
                self._context_identifiers(detector, day, at),
            )

    def _context_identifiers(self, detector: str, day: Day, at: Ints) -> list[tuple[str, pa.StringArray]]:
        texts, rows = self.texts, pa.array(day.rows[at])
        if detector == HARVEST.slug:
            return [("template", named(texts.template, day.template[at]))]
        if detector == EGRESS.slug:
            return [("schedule", named(texts.schedule, day.schedule[at]))]
        moved = day.first_address[at] != day.second_address[at]
        return [
            ("ip", address_text(day.first_address[at])),
            ("ip", masked(address_text(day.second_address[at]), moved)),
            ("asn", texts.asn.take(pa.array(day.first_network[at]))),
            ("payment", texts.payment.take(rows)),
            ("email_domain", texts.email.take(rows)),
            ("device", texts.device.take(rows)),
            ("phone", texts.phone.take(rows)),
            ("referral", texts.referral.take(rows)),
        ]
