"""References already archived, per segment: sorted 128-bit hashes in a file that is mapped, never loaded.

Layout: all high halves ascending (unsigned 64 bits, little endian), then the low halves in the same order. A look-up is
a binary search over mapped pages: microseconds, where a Parquet look-up takes 13 ms or more.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from pathlib import Path
from uuid import UUID

import numpy as np
import numpy.typing as npt
from django.core.files.storage import default_storage

from enforcement.signals.blobs import local_file
from enforcement.signals.models import Detector, Segment

Words = npt.NDArray[np.uint64]


def write_keys(path: Path, high: Words, low: Words) -> None:
    """Write hashes (halves in step, any order) as a key file."""
    order = np.argsort(high, kind="stable")
    if np.any(np.diff(high[order]) == 0):
        order = np.lexsort((low, high))
    with path.open("wb") as target:
        target.write(high[order].astype("<u8").tobytes())
        target.write(low[order].astype("<u8").tobytes())


def known(keys: Words, high: Words, low: Words) -> npt.NDArray[np.bool_]:
    """Which of the hashes asked for (halves in step) the key file `keys` holds."""
    count = len(keys) // 2
    highs, lows = keys[:count], keys[count:]
    first = np.searchsorted(highs, high, side="left")
    found = np.zeros(len(high), dtype=bool)
    inside = np.flatnonzero(first < count)
    inside = inside[highs[first[inside]] == high[inside]]
    # Equal high halves of different references happen by chance about never: each such run is walked.
    position = first[inside].astype(np.int64)
    while len(inside):
        hit = lows[position] == low[inside]
        found[inside[hit]] = True
        inside, position = inside[~hit], position[~hit] + 1
        live = position < count
        inside, position = inside[live], position[live]
        same = highs[position] == high[inside]
        inside, position = inside[same], position[same]
    return found


def halves(hashes: Iterable[UUID]) -> tuple[Words, Words]:
    """The high and low 64 bits of 128-bit hashes."""
    numbers = [value.int for value in hashes]
    mask = (1 << 64) - 1
    return (
        np.array([n >> 64 for n in numbers], dtype=np.uint64),
        np.array([n & mask for n in numbers], dtype=np.uint64),
    )


def map_keys(name: str) -> Words:
    """A key file of the storage as mapped words."""
    return _mapped(name) if _is_local() else _loaded(name)


def _is_local() -> bool:
    try:
        default_storage.path("x")
    except NotImplementedError:
        return False
    return True


def _mapped(name: str) -> Words:
    with local_file(name) as path:
        size = path.stat().st_size
        return np.memmap(path, dtype="<u8", mode="r") if size else np.empty(0, dtype=np.uint64)


@functools.lru_cache(maxsize=64)
def _loaded(name: str) -> Words:
    with local_file(name) as path:
        return np.fromfile(path, dtype="<u8")


def live_segments(detector: Detector) -> list[Segment]:
    """The detector's segments that count, oldest first."""
    return list(Segment.objects.filter(detector=detector, retired_at=None).order_by("id"))


def segments_holding(segments: Iterable[Segment], wanted: UUID) -> list[Segment]:
    """The segments whose key file holds one hash."""
    high, low = halves([wanted])
    return [s for s in segments if s.refs_path and bool(known(map_keys(s.refs_path), high, low)[0])]
