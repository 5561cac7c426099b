"""When accounts work: hour tables, and the codes that the egress watch gives to hours it recognizes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .draws import Ints

REGIONAL = (0, 1, 2, 3)  # honest office hours of three regions, and evenings: S-01 .. S-04
CAMPAIGN_SHIFTS = (6, 10, 13)  # S-07, S-11, S-14
FIRST_RING = 20
ROUND_THE_CLOCK = 5  # batch jobs of honest customers, S-06
_LUT = 1024


def _row(*spans: tuple[int, int, int], floor: int) -> list[int]:
    """24 weights: `floor`, plus (first hour, hours, weight) for each span, wrapping at midnight."""
    weights = [floor] * 24
    for first, length, weight in spans:
        for hour in range(first, first + length):
            weights[hour % 24] += weight
    return weights


def _weights(code: int) -> list[int]:
    regional = {
        0: _row((7, 4, 90), (11, 1, 50), (12, 5, 85), (17, 3, 25), floor=3),
        1: _row((14, 4, 85), (18, 1, 55), (19, 5, 85), (0, 2, 30), floor=3),
        2: _row((0, 4, 85), (4, 1, 50), (5, 5, 90), (10, 2, 30), floor=3),
        3: _row((17, 3, 60), (20, 3, 95), (23, 2, 40), floor=4),
        4: _row((6, 16, 30), floor=8),
        5: _row(floor=10),
        6: _row((1, 3, 120), (4, 1, 15), (5, 4, 120), floor=0),
        10: _row((9, 4, 120), (13, 1, 12), (14, 3, 110), floor=0),
        13: _row((17, 3, 110), (20, 1, 12), (21, 4, 120), floor=0),
    }
    # Rings work one block of six hours, at an hour of their own.
    return regional.get(code) or _row((code * 5 % 24, 6, 100), floor=1)


def hour_table(rows: int) -> npt.NDArray[np.uint8]:
    """(rows, 1024) hours: a uniform draw below 1024 gives an hour by the weights of that row."""
    table = np.zeros((rows, _LUT), dtype=np.uint8)
    for code in range(rows):
        edges: Ints = np.cumsum(np.asarray(_weights(code), dtype=np.int64))
        table[code] = np.searchsorted(edges, np.arange(_LUT) * int(edges[-1]) // _LUT, side="right")
    return table


def schedule_name(code: int) -> str:
    """The name the detector gives, such as S-07."""
    return f"S-{code + 1:02d}"
