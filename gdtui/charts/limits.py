"""Axis limits that do not jitter: they grow, with a margin, at most once a second, and never shrink by themselves."""

from __future__ import annotations

import math


class Limits:
    """The limits of one axis. Time, in seconds, is the caller's: any clock that does not run backwards.

    ``margin`` is the share of the new span left free on a side that grows, ``interval`` the least time between changes.
    """

    def __init__(self, *, margin: float = 0.1, interval: float = 1.0) -> None:
        self.margin, self.interval = margin, interval
        self.reset()

    def reset(self) -> None:
        """Forget the limits: the next update sets them afresh."""
        self._limits: tuple[float, float] | None = None
        self._changed = -math.inf

    @property
    def current(self) -> tuple[float, float] | None:
        """The limits, or None before the first finite update."""
        return self._limits

    def update(self, low: float, high: float, now: float) -> tuple[float, float]:
        """The limits to draw with when the data span ``low`` to ``high``; without any finite data yet, (0, 1)."""
        if not (math.isfinite(low) and math.isfinite(high) and math.isfinite(high - low)):
            return self._limits or (0.0, 1.0)
        low, high = min(low, high), max(low, high)
        if self._limits is None:
            span = (high - low) or 2 * max(abs(high), 1.0)
            self._limits = low - self.margin * span, high + self.margin * span
            self._changed = now
        elif now - self._changed >= self.interval:
            old_low, old_high = self._limits
            if low < old_low or high > old_high:
                span = max(high, old_high) - min(low, old_low)
                self._limits = (
                    low - self.margin * span if low < old_low else old_low,
                    high + self.margin * span if high > old_high else old_high,
                )
                self._changed = now
        return self._limits
