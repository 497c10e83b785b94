"""The curves of training logs: a logged quantity of every run over its steps, on axes that fit it and hold still."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import product

import numpy as np

from gdtui.analysis.series import Series
from gdtui.charts.limits import Limits
from gdtui.charts.loss import CurveLayer, LossSpec, suggest_limits, suggest_range
from gdtui.charts.palette import Weight, line_pattern, racer_colour, racer_letter
from gdtui.charts.smoothing import LONGEST, exponential_average
from gdtui.contracts import Reals
from gdtui.frames.smooth import Smoothing
from gdtui.frames.style import Style

HEADROOM = 1.2  # of what there is, when the axis has to grow: a fifth of it is free, and seldom has to be moved
FROM_ZERO = 0.1  # of the last step: a first one below it may as well be shown from zero
BELOW = 0.4  # where a logarithmic axis begins, and with it step 0
HELD_OUT = "held-out"


class LogQuantity(Enum):
    """What can be plotted of a log."""

    LOSS = "loss"
    GRAD_NORM = "gradient norm"
    RATE = "learning rate"
    UPDATE_NORM = "update norm"

    @property
    def columns(self) -> tuple[str, ...]:
        """Where a series has it."""
        return _COLUMNS[self]

    @property
    def is_noisy(self) -> bool:
        """Whether mini-batches make it noisy; a learning rate is as it was set."""
        return self is not LogQuantity.RATE


_COLUMNS = {
    LogQuantity.LOSS: ("loss", "val_loss"),
    LogQuantity.GRAD_NORM: ("grad_norm",),
    LogQuantity.RATE: ("lr",),
    LogQuantity.UPDATE_NORM: ("update_norm",),
}
_HOW = {
    Smoothing.OFF: ("",),
    Smoothing.LIGHT: (", lightly smoothed", ", smoothed"),
    Smoothing.STRONG: (", strongly smoothed", ", smoothed"),
}
_SCALES = {(True, False): "log", (False, False): "linear", (True, True): "log–log", (False, True): "lin–log"}


@dataclass(frozen=True, slots=True)
class LogChoice:
    """What the user wants to see of logs: a quantity, which of them on linear axes, how smooth, how the steps."""

    quantity: LogQuantity = LogQuantity.LOSS
    linear: frozenset[LogQuantity] = frozenset()
    log_x: bool = False
    smoothing: Smoothing = Smoothing.OFF

    @property
    def log(self) -> bool:
        """Whether the quantity is wanted on a logarithmic axis."""
        return self.quantity not in self.linear

    def with_log(self, log: bool) -> LogChoice:
        """The same with the quantity on a logarithmic or a linear axis."""
        return replace(self, linear=self.linear - {self.quantity} if log else self.linear | {self.quantity})

    @property
    def drawn_smoothing(self) -> Smoothing:
        """How smooth the quantity is drawn."""
        return self.smoothing if self.quantity.is_noisy else Smoothing.OFF


LogKind = tuple[LogQuantity, bool, bool]
"""What a chart shows, and whether on a logarithmic y axis and a logarithmic x axis."""


def logged(every: Sequence[Series]) -> tuple[LogQuantity, ...]:
    """The quantities that at least one of the runs has."""
    return tuple(
        quantity
        for quantity in LogQuantity
        if any(getattr(series, name) is not None for series in every for name in quantity.columns)
    )


class LogAxes:
    """The axes of a chart of logs: y grows at most once a second, x by a fifth when the runs come to its end."""

    def __init__(self, choice: LogChoice = LogChoice()) -> None:
        self.choice = choice
        self.log = choice.log
        """Whether the axis is logarithmic: as chosen, unless there is no logarithm."""
        self.behind = False
        """Whether what was last seen is not all within the limits: they grow once a second at the most."""
        self._limits = Limits(margin=0.05)
        self._span: tuple[float, float] | None = None

    @property
    def kind(self) -> LogKind:
        """What the axes are for. Curves must not be drawn on those of another kind."""
        return self.choice.quantity, self.log, self.choice.log_x

    def choose(self, choice: LogChoice) -> None:
        """Show this from now on. An axis that shows something else is measured afresh."""
        before, self.choice = self.choice, choice
        if (choice.quantity, choice.log) != (before.quantity, before.log):
            self.log = choice.log
            self._limits.reset()

    def curves(
        self,
        runs: Sequence[tuple[str, Series]],
        style: Style = Style(),  # noqa: B008 - frozen
        strong: int | None = None,
    ) -> list[CurveLayer]:
        """A curve of every run, and after them those of the held-out losses, which are racers of their own to the eye.

        ``runs`` are labels and series. The run at the place ``strong`` stands out.
        """
        found: list[tuple[int, str, Weight, Reals, Reals]] = []
        for place, column in enumerate(self.choice.quantity.columns):
            for index, (label, series) in enumerate(runs):
                values = getattr(series, column)
                if values is None:
                    continue
                weight: Weight = "plain" if strong is None else "strong" if index == strong else "faint"
                # A loss that is no number is a gap; what was not logged at a step is none.
                kept = np.isfinite(values) if column != "loss" else np.ones(len(values), dtype=np.bool_)
                name = label or self.choice.quantity.value
                if place:
                    name = f"{label} {HELD_OUT}" if label else f"{HELD_OUT} loss"
                found.append((place * len(runs) + index, name, weight, series.steps[kept], values[kept]))
        self.log = self.choice.log and all(self._has_logarithm(values) for *_, values in found)
        return [self._curve(*each, style) for each in found]

    def _has_logarithm(self, values: Reals) -> bool:
        """Whether a loss is above zero wherever it is a number. The other quantities are never below it."""
        lowest = float(np.fmin.reduce(values, initial=np.inf))
        return lowest > 0.0 or self.choice.quantity is not LogQuantity.LOSS

    def _curve(self, index: int, label: str, weight: Weight, steps: Reals, values: Reals, style: Style) -> CurveLayer:
        smoothed = None
        if self.choice.drawn_smoothing is not Smoothing.OFF and len(steps) > 1:
            smoothed = smooth(values, steps, self.choice.drawn_smoothing, log=self.log)
        pattern = line_pattern(index, style.patterns)
        colour, letter = racer_colour(index), racer_letter(index)
        return CurveLayer(
            steps, values, values, values, colour, letter, label, pattern=pattern, smooth=smoothed, weight=weight
        )

    def spec(self, curves: Sequence[CurveLayer], size: tuple[int, int], now: float, style: Style) -> LossSpec:
        """The chart to draw at ``now`` seconds. Equal specs can share one chart."""
        is_loss = self.choice.quantity is LogQuantity.LOSS
        lowest, highest = suggest_limits(curves, self.log) if is_loss else suggest_range(curves, self.log)
        low, high = self._limits.update(lowest, highest, now)
        self.behind = (lowest < low or highest > high) and math.isfinite(highest - lowest)
        start, end = self._reach(curves)
        if self.choice.log_x:
            start = math.log10(max(start, BELOW))
            end = max(math.log10(max(end, BELOW)), start + 1.0)
        return LossSpec(
            x_low=start, x_high=end, y_low=low, y_high=high, width=size[0], height=size[1], log=self.log,
            log_x=self.choice.log_x, raster=style.raster, renderer=style.renderer,
        )  # fmt: skip

    def _reach(self, curves: Sequence[CurveLayer]) -> tuple[float, float]:
        """From which step to which: both ends move outward only, until the runs are others."""
        ends = [(float(curve.x[0]), float(curve.x[-1])) for curve in curves if len(curve.x)]
        if not ends:
            return self._span or (0.0, 1.0)
        first, last = min(first for first, _ in ends), max(last for _, last in ends)
        if 0.0 <= first <= FROM_ZERO * last:
            first = 0.0
        low, high = self._span or (first, first)
        if self._span is None or first < low or last > high:
            low = min(low, first)
            self._span = low, low + HEADROOM * max(last - low, 1e-9 * abs(last), 1e-9)
        return self._span

    def begin_again(self) -> None:
        """Measure everything afresh: what is shown from now on is something else."""
        self._span = None
        self._limits.reset()

    def title(self, width: int = 200) -> str:
        """What the chart shows, in at most ``width`` characters if it can be said in so few."""
        what, how = self.choice.quantity.value.capitalize(), _HOW[self.choice.drawn_smoothing]
        scale = f" ({_SCALES[self.log, self.choice.log_x]})"
        titles = [f"{what}{smoothed}{scale}{over}" for smoothed, over in product(how, (" by step", ""))]
        return next((title for title in titles if len(title) <= width), titles[-1])


def smooth(values: Reals, steps: Reals, smoothing: Smoothing, *, log: bool) -> Reals:
    """``values`` ``(m,)`` at ``steps`` averaged over a share of them: their logarithms if ``log``.

    The share is of a power of two of steps, so that it seldom changes while a log grows.
    """
    span = float(steps[-1] - steps[0])
    if not (span > 0.0 and math.isfinite(span)):
        return values
    window = smoothing.value * 2.0 ** math.ceil(math.log2(span))
    weights = np.exp(np.minimum((steps - steps[0]) / window, LONGEST))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        averaged = exponential_average(np.log(values) if log else values, weights, np.cumsum(weights))
        return np.exp(averaged) if log else averaged
