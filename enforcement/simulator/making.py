"""What every builder of accounts works with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .accounts import Codes, Directory
from .draws import Draws, Ints
from .networks import Networks
from .settings import Settings


@dataclass(frozen=True)
class Making:
    """One world in the making."""

    draws: Draws
    settings: Settings
    networks: Networks
    directory: Directory
    codes: Codes

    def shared(self, kind: str, count: int, sizes: tuple[int, int], *, alone: int, stream: str) -> Ints:
        """A code of `kind` for each of `count` neighbours: `alone` per mille have theirs to themselves.

        The others share one with the next few, group sizes within `sizes`.
        """
        single = self.draws.chance(alone, stream + "-alone", np.arange(count))
        result = np.empty(count, dtype=np.int64)
        result[single] = self.codes.each(kind, int(single.sum()))
        groups = self.draws.groups(int((~single).sum()), sizes[0], sizes[1], stream + "-size")
        result[~single] = self.codes.grouped(kind, groups)
        return result
