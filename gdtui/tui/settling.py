"""When to lay the screen out for a new size: a window is dragged through many, and each layout repaints everything."""

from __future__ import annotations

import math

SETTLED = 0.15  # seconds that a size has to last
LONGEST = 2.0  # seconds without a layout, while sizes keep coming


class Settling:
    """Decides for each size whether it is laid out now. Seconds are those of one clock that never goes back."""

    def __init__(self) -> None:
        self._seen_at = self._laid_out_at = -math.inf

    def rest(self, came_at: float, now: float) -> float:
        """How long to wait before a size that came at ``came_at`` is laid out, unless another comes; 0 for not at all.

        What counts is when a size came: laying out takes long enough for the next ones to queue up.
        """
        calm = came_at - self._seen_at >= SETTLED
        self._seen_at = came_at
        rest = 0.0 if calm else max(0.0, min(SETTLED, self._laid_out_at + LONGEST - now))
        if rest == 0.0:
            self._laid_out_at = now
        return rest

    def laid_out(self, now: float) -> None:
        """Note that a size that had to wait is laid out."""
        self._laid_out_at = now
