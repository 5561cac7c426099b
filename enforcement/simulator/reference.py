"""Reference counts: how many accounts, among everybody, had a value on a day; and how often kinds go together.

A value leaves the warehouse only as its key, hex HMAC-SHA256(key, "kind:value"), first 32 digits.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import date, timedelta
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa

from .days import Day
from .draws import Ints
from .joint import JointRates
from .texts import Texts, address_text, subnet_of, subnet_text
from .world import World

KINDS = (
    "payment",
    "phone",
    "email_domain",
    "device",
    "ip",
    "subnet",
    "asn",
    "template",
    "schedule",
    "referral",
)
DEFINITIONS = {
    "holders": "accounts that were seen with the value on that day, among all active accounts; fewer than "
    "minimum_holders are left out",
    "active": "accounts active on each of the days, in order: the denominator of that day's holders",
    "population": "accounts active on at least one of the days",
    "base": "established customers: accounts created at least established_days before the first day. Accounts of one "
    "declared organization (resellers aside) or one payment instrument are one party; joint figures count "
    "parties, so that colleagues do not pass for coincidence",
    "rate": "probability that two different random parties, active on one day, share a value of both kinds",
    "rate_first, rate_second": "the same for each kind alone",
    "conditional": "rate / rate_first: probability to share the second kind, given that the first is shared; "
    "conditional_reverse is rate / rate_second",
    "lift": "for a value a of the first and b of the second kind, each with at least joint_minimum_holders parties on "
    "the day: parties with both / (parties with a * parties with b / parties active). lift_mean, lift_p95, "
    "lift_p99, lift_max over the pairs of values that occur together (value_pairs of them, all days); "
    "lift_pooled is the sum of the first over the sum of the second. Expected holders of (a and b) by "
    "coincidence: lift * holders(a) * holders(b) / holders active",
}


class ReferenceCounts:
    """Writes reference.ndjson day by day; `close` adds the joint rates."""

    def __init__(self, world: World, texts: Texts, key: bytes, first: date, active: list[int], path: Path) -> None:
        self._world, self._key = world, key
        last = first + timedelta(days=len(active) - 1)
        self.rows, self._file = 0, path.open("wb")
        self._encode = msgspec.json.Encoder().encode
        self._texts = texts
        # Kinds that stay with an account: dense codes once, and the text of each code.
        self._static: dict[str, tuple[Ints, list[str]]] = {}
        for kind, column in (
            ("payment", texts.payment),
            ("phone", texts.phone),
            ("email_domain", texts.email),
            ("device", texts.device),
            ("referral", texts.referral),
        ):
            encoded = column.dictionary_encode()
            codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
            self._static[kind] = codes, encoded.dictionary.to_pylist()
        self._joint = JointRates(world, self._static["payment"][0])
        self._keys: dict[tuple[str, int], str] = {}
        self._write(
            {
                "type": "reference",
                "version": 1,
                "as_of": last.isoformat(),
                "days": [first.isoformat(), last.isoformat()],
                "population": len(world.accounts),
                "minimum_holders": world.settings.minimum_holders,
                "keying": "hmac-sha256",
                "active": active,
                "established_days": world.settings.established_days,
                "joint_minimum_holders": world.settings.joint_minimum_holders,
                "definitions": DEFINITIONS,
            }
        )

    def _write(self, row: dict[str, object]) -> None:
        self._file.write(self._encode(row) + b"\n")
        self.rows += 1

    def key_of(self, kind: str, value: str) -> str:
        """32 hexadecimal digits that stand for a value."""
        return hmac.digest(self._key, f"{kind}:{value}".encode(), hashlib.sha256).hex()[:32]

    def add(self, day: Day) -> None:
        """Counts of one day."""
        when, least = day.date.isoformat(), self._world.settings.minimum_holders
        values = self.values_of(day)
        for kind in KINDS:
            codes = values[kind][1]
            found, counts = np.unique(codes, return_counts=True)
            keep = counts >= least
            found, counts = found[keep], counts[keep]
            for code, text, count in zip(found.tolist(), self._names(kind, found), counts.tolist(), strict=True):
                key = self._remembered(kind, code, text)
                self._write({"type": "count", "kind": kind, "key": key, "day": when, "holders": count})
        self._joint.add(day, values)

    def _remembered(self, kind: str, code: int, text: str) -> str:
        # Few kinds have values that return every day; addresses are many and soon over.
        if kind in ("ip", "subnet"):
            return self.key_of(kind, text)
        known = self._keys.get((kind, code))
        if known is None:
            known = self._keys[kind, code] = self.key_of(kind, text)
        return known

    def _names(self, kind: str, codes: Ints) -> list[str]:
        if kind in self._static:
            texts = self._static[kind][1]
            return [texts[code] for code in codes.tolist()]
        if kind == "ip":
            return [str(text) for text in address_text(codes).to_pylist()] if len(codes) else []
        if kind == "subnet":
            return [subnet_text(code) for code in codes.tolist()]
        if kind == "asn":
            return [f"AS{code}" for code in codes.tolist()]
        column = self._texts.template if kind == "template" else self._texts.schedule
        return [str(text) for text in column.take(pa.array(codes)).to_pylist()]

    def values_of(self, day: Day) -> dict[str, tuple[Ints, Ints]]:
        """For each kind: (position in the day's arrays, code), each holder of a value once."""
        place = np.arange(len(day.rows))
        result: dict[str, tuple[Ints, Ints]] = {}
        for kind, (codes, _) in self._static.items():
            own = codes[day.rows]
            result[kind] = place[own >= 0], own[own >= 0]
        result["asn"] = place, self._world.networks.asn[day.first_network]
        for kind, one in (("template", day.template), ("schedule", day.schedule)):
            result[kind] = place[one >= 0], one[one >= 0]
        for kind, first, second in (
            ("ip", day.first_address, day.second_address),
            ("subnet", subnet_of(day.first_address), subnet_of(day.second_address)),
        ):
            moved = first != second
            result[kind] = np.concatenate([place, place[moved]]), np.concatenate([first, second[moved]])
        return result

    def close(self) -> None:
        """Adds one line for each pair of kinds."""
        for row in self._joint.rows():
            self._write(row)
        self._file.close()
