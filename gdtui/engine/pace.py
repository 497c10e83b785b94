"""How fast a race is played: a target step for every moment of running time. No clock in here."""

from __future__ import annotations

import math

SHOW_SECONDS = 20.0  # how long the automatic pace takes for the whole budget
FIRST_RATE = 3.0  # steps a second at its beginning, so that single steps show
UNBOUNDED_SPAN = 20_000  # steps that the automatic pace plans for where there is no budget
LADDER = tuple(m * 10**e for e in range(8) for m in (1, 3))


class Pace:
    """Steps as a function of the seconds run. ``speed`` is None (automatic), steps a second, or infinity (max)."""

    def __init__(self, budget: int | None, speed: float | None = None) -> None:
        self._span = UNBOUNDED_SPAN if budget is None else budget
        self._growth = _growth(self._span / SHOW_SECONDS / FIRST_RATE)
        self._speed = speed
        self._base_step, self._base_seconds = 0.0, 0.0

    def target(self, seconds: float) -> float:
        """The step the race should stand at after ``seconds`` of running; infinity at full speed."""
        since = max(0.0, seconds - self._base_seconds)
        if self._speed is not None:
            return self._base_step + self._speed * since if since > 0 or math.isfinite(self._speed) else math.inf
        return self._base_step + self._automatic(since)

    def _automatic(self, since: float) -> float:
        if self._growth == 0.0:
            return since * FIRST_RATE
        curved = min(since, SHOW_SECONDS)
        share = math.expm1(self._growth * curved / SHOW_SECONDS) / math.expm1(self._growth)
        return self._span * share + (since - curved) * self._automatic_rate(since)

    def _automatic_rate(self, since: float) -> float:
        return FIRST_RATE * math.exp(self._growth * min(since / SHOW_SECONDS, 1.0))

    def rate(self, seconds: float) -> float:
        """Steps a second at that moment."""
        if self._speed is not None:
            return self._speed
        return self._automatic_rate(max(0.0, seconds - self._base_seconds))

    @property
    def speed(self) -> float | None:
        """What was set: None (automatic), steps a second, or infinity."""
        return self._speed

    def set_speed(self, speed: float | None, seconds: float, step: int) -> None:
        """Go on from ``step`` at another speed. Automatic pace, set in mid-race, begins slowly again."""
        self._speed = speed
        self._base_step, self._base_seconds = float(step), seconds

    def shift(self, seconds: float, step: int) -> None:
        """Forget a debt of steps: the race could not keep up, and stands at ``step``."""
        debt = self.target(seconds) - step
        if math.isfinite(debt):
            self._base_step -= debt

    def faster(self, seconds: float) -> float:
        """The next speed up the ladder from the present rate; infinity beyond its end."""
        rate = self.rate(seconds)
        return next((float(step) for step in LADDER if step > rate * 1.01), math.inf)

    def slower(self, seconds: float) -> float:
        """The next speed down the ladder from the present rate."""
        rate = self.rate(seconds)
        return next((float(step) for step in reversed(LADDER) if step < rate * 0.99), float(LADDER[0]))


def _growth(ratio: float) -> float:
    """The k with expm1(k) / k = ratio, by bisection: how much faster the exponential pace ends than it began."""
    if ratio <= 1.0:
        return 0.0
    low, high = 0.0, 1.0
    while math.expm1(high) / high < ratio:
        high *= 2.0
    for _ in range(60):
        middle = (low + high) / 2.0
        low, high = (middle, high) if math.expm1(middle) / middle < ratio else (low, middle)
    return high
