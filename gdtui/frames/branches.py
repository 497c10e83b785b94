"""What of a branch's history is its own: it shares the part before with the racer it comes from, who shows it."""

from __future__ import annotations

import numpy as np

from gdtui.contracts import Reals
from gdtui.engine.snapshot import RacerSnapshot


def own_row(racer: RacerSnapshot) -> int:
    """The row of its history that its own begin with: the last one recorded before it went its own way."""
    if racer.origin is None:
        return 0
    return max(0, int(np.searchsorted(racer.recorded.steps, racer.origin.step, side="right")) - 1)


def own_path(racer: RacerSnapshot) -> Reals:
    """Its path from there on, ``(points, n)``."""
    return racer.path if racer.origin is None else racer.path[racer.origin.step // racer.path_stride :]
