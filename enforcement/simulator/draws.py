"""Counter-based random draws: the same (seed, stream, counters) give the same number on every machine.

SplitMix64 (Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators") is applied to the counters
themselves, so a draw depends on nothing drawn before it: days and accounts can be made in any order, in any chunk.
Integer arithmetic only: no logarithm or sum whose last bit could differ between processors or numpy versions.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Bits = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.bool_]

_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


@cache
def _stream_number(stream: str) -> int:
    return int.from_bytes(hashlib.blake2b(stream.encode(), digest_size=8).digest(), "big")


def _scramble(state: Bits) -> Bits:
    state = state + _GAMMA
    state = (state ^ (state >> np.uint64(30))) * _FIRST
    state = (state ^ (state >> np.uint64(27))) * _SECOND
    return state ^ (state >> np.uint64(31))


@dataclass(frozen=True)
class Draws:
    """All draws of one run; `seed` is any integer."""

    seed: int

    def bits(self, stream: str, *counters: Ints | int) -> Bits:
        """64 random bits for each element of the broadcast `counters`."""
        start = (_stream_number(stream) ^ (self.seed * 0xD1342543DE82EF95)) & 0xFFFFFFFFFFFFFFFF
        state = np.array([start], dtype=np.uint64)
        for counter in counters:
            state = _scramble(state ^ np.asarray(counter, dtype=np.int64).astype(np.uint64))
        return _scramble(state)

    def below(self, bound: Ints | int, stream: str, *counters: Ints | int) -> Ints:
        """Integers in 0..bound-1 (bound < 2^31), by multiplication (Lemire 2019, without the rejection step)."""
        high = self.bits(stream, *counters) >> np.uint64(33)
        limit = np.asarray(bound, dtype=np.int64).astype(np.uint64)
        return ((high * limit) >> np.uint64(31)).astype(np.int64)

    def chance(self, permille: Ints | float, stream: str, *counters: Ints | int) -> Flags:
        """True with `permille` in 1,000 (fractions allowed down to a millionth)."""
        bound = np.rint(np.asarray(permille, dtype=np.float64) * 1000).astype(np.int64)
        return self.below(1_000_000, stream, *counters) < bound

    def pick(self, weights: tuple[int, ...], stream: str, *counters: Ints | int) -> Ints:
        """Index into `weights`, each drawn in proportion to its weight."""
        edges = np.cumsum(np.asarray(weights, dtype=np.int64))
        return np.searchsorted(edges, self.below(int(edges[-1]), stream, *counters), side="right").astype(np.int64)

    def order(self, count: int, stream: str) -> Ints:
        """A permutation of 0..count-1."""
        return np.argsort(self.bits(stream, np.arange(count)), kind="stable").astype(np.int64)

    def groups(self, count: int, smallest: int, largest: int, stream: str, *, skewed: bool = False) -> Ints:
        """Group number of each of `count` things in a row, group sizes in smallest..largest (the last may be less).

        `skewed` multiplies two draws, so that small groups are several times as frequent as large ones.
        """
        if count == 0:
            return np.zeros(0, dtype=np.int64)
        spread = largest - smallest + 1
        numbers = np.arange(count // smallest + 1)
        sizes = self.below(spread, stream, numbers, 0)
        if skewed:
            sizes = sizes * self.below(spread, stream, numbers, 1) // max(1, spread - 1)
        edges = np.cumsum(sizes + smallest)
        return np.searchsorted(edges, np.arange(count), side="right").astype(np.int64)
