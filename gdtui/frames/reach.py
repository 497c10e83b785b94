"""What the curves are drawn over, and how far: over the budget, or over what the race seems to need of it."""

from __future__ import annotations

import math
from enum import Enum

import numpy as np

from gdtui.charts.limits import Limits
from gdtui.charts.ticks import Scale
from gdtui.contracts import Ints, Reals
from gdtui.engine.history import Recorded
from gdtui.engine.outcome import Limits as Budget
from gdtui.engine.outcome import Outcome
from gdtui.engine.snapshot import RacerSnapshot, Snapshot

LEAP = 4.0  # an axis looks no further ahead than this many times what was used: early costs say little
UNLIMITED_LEAP = 2.0
HEADROOM = 1.05  # beyond what a race seems to need, so that an axis that grew need not grow again at once
SLACK = 1.01  # so far beyond the axis its last cell still shows
BELOW = 0.4  # of what comes first above zero: there a logarithmic axis begins, and zero stands
UNKNOWN = 1e-3  # of its end, where it begins before anything was used
FEWEST = 64.0  # steps, and their worth of work, that an axis without a budget shows at first


class Abscissa(Enum):
    """What a racer uses up as it goes, to draw its curves over."""

    STEPS = "steps"
    WORK = "work"
    SECONDS = "seconds"

    @property
    def scale(self) -> Scale:
        """How its axis is labelled."""
        return "seconds" if self is Abscissa.SECONDS else "steps"

    def of(self, recorded: Recorded) -> Ints | Reals:
        """The abscissas of the recorded steps, ``(m,)``."""
        if self is Abscissa.SECONDS:
            return recorded.seconds
        return recorded.work if self is Abscissa.WORK else recorded.steps

    def used(self, racer: RacerSnapshot) -> float:
        """How much a racer has used up to now."""
        if self is Abscissa.SECONDS:
            return float(racer.recorded.marks[1][-1])
        return float(racer.recorded.work[-1:].sum()) if self is Abscissa.WORK else float(racer.step)

    def used_by_half(self, racer: RacerSnapshot) -> float:
        """How much of that it had used by half of its steps."""
        recorded, half = racer.recorded, racer.step / 2
        if self is Abscissa.SECONDS:
            return float(np.interp(half, *recorded.marks))
        return float(np.interp(half, recorded.steps, recorded.work)) if self is Abscissa.WORK else half

    def limit(self, budget: Budget) -> float | None:
        """How much of it a racer may use."""
        if self is Abscissa.SECONDS:
            return budget.seconds
        return budget.work if self is Abscissa.WORK else budget.steps

    def next(self) -> Abscissa:
        """The one after it, in a circle."""
        every = list(Abscissa)
        return every[(every.index(self) + 1) % len(every)]


class Reach:
    """Where the x axis ends over the life of a race: at the budget, if it is one of ``abscissa``.

    Otherwise that is extrapolated from what the racers under way have used of the budgets there are. The end moves
    outward only, at most once a second, and not before a racer gets there or has used a good part of its budget: one
    whose steps cost much may end after a few of them.
    """

    def __init__(self, abscissa: Abscissa) -> None:
        self.abscissa = abscissa
        self.behind = False
        """Whether the racers have gone, or will go, beyond the end: it moves once a second at the most."""
        self._limits = Limits(margin=0.0)
        self._first = math.inf

    def first(self, snapshot: Snapshot) -> float:
        """Where a logarithmic axis begins, above zero: it moves outward only, and by decades."""
        if self.abscissa is not Abscissa.SECONDS:
            return BELOW
        first_steps = [float(np.interp(1.0, *racer.recorded.marks)) for racer in snapshot.racers if not racer.benched]
        self._first = min([self._first, *(seconds for seconds in first_steps if seconds > 0.0)])
        if not math.isfinite(self._first):
            return self.end * UNKNOWN
        return BELOW * float(f"1e{math.floor(math.log10(self._first))}")

    @property
    def end(self) -> float:
        """Where the axis ends now."""
        return self._limits.current[1] if self._limits.current else 1.0

    def update(self, snapshot: Snapshot, now: float) -> float:
        """The end to draw with at ``now`` seconds, above zero."""
        needs = [self._need(racer, snapshot.limits) for racer in snapshot.racers if not racer.benched]
        sure, likely = (max(column) for column in zip((0.0, 0.0), *needs, strict=True))
        if self._limits.current is None:
            end = self._least(snapshot.limits)
            if sure > end * SLACK:
                end = likely * HEADROOM
            if end > 0.0:
                self._limits.update(0.0, end, now)
        elif sure > self._limits.current[1] * SLACK:
            self._limits.update(0.0, likely * HEADROOM, now)
        self.behind = sure > self.end * SLACK
        return self.end

    def _least(self, budget: Budget) -> float:
        """What the axis spans before anybody has gone far. No step costs less than one gradient."""
        limit = self.abscissa.limit(budget)
        if limit is None and self.abscissa is Abscissa.WORK:
            limit = budget.steps
        return limit or (0.0 if self.abscissa is Abscissa.SECONDS else FEWEST)

    def _need(self, racer: RacerSnapshot, budget: Budget) -> tuple[float, float]:
        """What a racer needs for sure of the axis, and what it is likely to need in the end."""
        used = self.abscissa.used(racer)
        if self.abscissa.limit(budget) is not None or racer.outcome is not Outcome.RUNNING:
            return used, used
        limits = [(every.used(racer), every.limit(budget)) for every in Abscissa]
        share = max((spent / limit for spent, limit in limits if limit is not None), default=0.0)
        if share == 0.0:
            return used, used * UNLIMITED_LEAP
        lately = used - self.abscissa.used_by_half(racer)  # in half the steps; the first ones tend to cost more
        likely = min(used + lately * 2.0 * max(1.0 / share - 1.0, 0.0), used * LEAP)
        return (likely if share >= 1.0 / LEAP else used), likely
