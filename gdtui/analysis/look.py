"""What several tests of a verdict need of a history, each computed once and only where somebody asks."""

from __future__ import annotations

import math
from functools import cached_property
from typing import Final

import numpy as np

from gdtui.analysis import measures
from gdtui.analysis.measures import Drift
from gdtui.analysis.series import Series, Setting
from gdtui.contracts import Reals

WINDOW: Final = 100  # recorded steps: long enough for cycles and rates, short enough to be about now
FLAT_WITHIN: Final = 0.5  # of the scatter: what the medians of two windows of noise differ by now and then
COLLAPSED: Final = 100.0  # times below the learning rate, or below its peak: steps that no longer matter
FIRST: Final = 20  # rows whose steps are the first ones
SHORT: Final = 0.1  # of the learning rate: a step that is short itself, whatever the gradient's unit
HALVED: Final = 0.5  # a gradient that fell that much in a window is on its way
TONAL: Final = 0.5  # share of the variance at one period, which noise does not have
FEW_ROWS: Final = 10.0  # over the rows of a window, the square of the share that noise may have there: 1 time in 100
LEAST_ROUNDS: Final = 4  # of a period in a window: slow noise passes for one or two


class Look:
    """A series whose losses are finite, at least two rows of it, and its last window."""

    def __init__(self, series: Series, setting: Setting) -> None:
        self.series, self.setting = series, setting
        self.window = min(WINDOW, len(series) // 2)
        self.loss = series.loss[-self.window :]
        self.steps = series.steps[-self.window :]

    @cached_property
    def drift(self) -> Drift:
        """The drift of the loss from the window before to this one."""
        return measures.drift(self.series.loss, self.window)

    @cached_property
    def fallen(self) -> float:
        """The distance from the highest loss to the lowest."""
        return float(self.series.loss.max() - self.series.loss.min())

    @cached_property
    def left(self) -> float:
        """How far the loss is above its minimum; infinite where nobody knows that."""
        return math.inf if self.setting.optimum is None else max(self.middle - self.setting.optimum, 0.0)

    @cached_property
    def middle(self) -> float:
        """The loss in the window, spikes aside."""
        return measures.median(self.loss)

    @cached_property
    def progress(self) -> float:
        """How far the loss fell within the window."""
        blocks = measures.block_medians(self.loss)
        few = max(1, len(blocks) // 4)
        return float(blocks[:few].mean() - blocks[-few:].mean())

    @cached_property
    def is_flat(self) -> bool:
        """Whether the loss does not move, but for its scatter."""
        return measures.is_flat(self.series.loss, self.window, FLAT_WITHIN)

    @cached_property
    def scatter(self) -> float:
        """The standard deviation of the loss in the last two windows, about the median of each."""
        return measures.scatter(self.series.loss, self.window)

    @cached_property
    def fell_before_last(self) -> bool:
        """Whether the loss fell from the two windows before to the last two, whatever it did in these."""
        if 4 * self.window > len(self.series):
            return False
        wide = measures.drift(self.series.loss, 2 * self.window)
        return wide.fall > max(measures.SIGNIFICANT * wide.error, FLAT_WITHIN * self.scatter)

    @cached_property
    def wide_scatter(self) -> float:
        """The standard deviation of the loss in the last eight windows, trend and all: that of noise with a memory."""
        return max(self.scatter, measures.deviation(self.series.loss[-8 * self.window :]))

    @cached_property
    def gradient(self) -> Reals | None:
        """The gradient norms of the window, if all are known and positive."""
        norms = self.series.grad_norm
        if norms is None:
            return None
        last = norms[-self.window :]
        return last if bool((np.isfinite(last) & (last > 0.0)).all()) else None

    @cached_property
    def period(self) -> float | None:
        """The steps in which the loss goes up and down regularly, at least four times in the window; else None."""
        period, share = measures.tone(self.loss)
        if share < max(TONAL, math.sqrt(FEW_ROWS / self.window)) or period > self.window / LEAST_ROUNDS:
            return None
        return period * self.gap

    @cached_property
    def gap(self) -> float:
        """The usual distance of recorded steps."""
        return measures.median(np.diff(self.steps))

    @cached_property
    def gradient_halves(self) -> bool:
        """Whether the gradient's length fell by half or more from the window before to this one."""
        norms = self.series.grad_norm
        if norms is None or not np.isfinite(norms[-2 * self.window :]).any():
            return False
        before, now = (_middle(rows) for rows in (norms[-2 * self.window : -self.window], norms[-self.window :]))
        return bool(now <= HALVED * before)

    @property
    def span(self) -> float:
        """The steps that the window covers."""
        return float(self.steps[-1] - self.steps[0])

    @cached_property
    def collapse(self) -> tuple[str, float, str] | None:
        """What rate is at least 100 times below what, how many times, or None."""
        found: list[tuple[str, float, str]] = []
        series, window = self.series, self.window
        rate, norms, moves = series.lr, series.grad_norm, series.update_norm
        now = math.nan if rate is None else _middle(rate[-window:])
        if rate is not None and math.isfinite(now):
            found.append(("learning rate", _ratio(float(np.fmax.reduce(rate)), now), "its peak"))
        # Without an optimizer nobody knows what the unit of the gradient means.
        if rate is not None and norms is not None and moves is not None and self.setting.optimizer:
            effective = _ratios(moves[-window:], norms[-window:])
            if self.setting.stochastic is True:
                # A rule that divides by the gradient takes short steps per unit of a noise that is large, from the
                # first one on.
                first = _ratios(moves[1 : 1 + FIRST], norms[1 : 1 + FIRST])
                found.append(("effective step", _ratio(first, effective), "its first ones"))
            # Likewise of a gradient that is large, while the steps themselves are as long as the rate says.
            elif _middle(moves[-window:]) <= SHORT * now:
                found.append(("effective step", _ratio(now, effective), "the learning rate"))
        factor = max((each[1] for each in found), default=0.0)
        return next((each for each in found if each[1] == factor), None) if factor >= COLLAPSED else None


def _middle(values: Reals) -> float:
    """The median of what is a number; NaN if nothing is."""
    known = values[~np.isnan(values)]
    return measures.median(known) if len(known) else math.nan


def _ratios(steps: Reals, slopes: Reals) -> float:
    """The median of steps per unit of the gradient."""
    return _middle(steps[slopes > 0.0] / slopes[slopes > 0.0])


def _ratio(above: float, below: float) -> float:
    """How many times one is above the other; 0 if nobody knows."""
    if math.isnan(above) or math.isnan(below):
        return 0.0
    return float(above / below) if below > 0.0 else math.inf if above > 0.0 else 0.0
