"""The curves of a race: one quantity of every racer over another, on axes that fit it and hold still."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from gdtui.charts.limits import Limits
from gdtui.charts.loss import CurveLayer, LossChart, LossSpec, suggest_limits, suggest_range
from gdtui.charts.palette import Weight, line_pattern, racer_colour, racer_letter
from gdtui.contracts import Problem, Reals
from gdtui.engine.outcome import Outcome
from gdtui.engine.snapshot import RacerSnapshot, Snapshot
from gdtui.frames.branches import own_row
from gdtui.frames.columns import Columns
from gdtui.frames.plans import Plans
from gdtui.frames.reach import Abscissa, Reach
from gdtui.frames.smooth import Smoothing, race_length, smooth
from gdtui.frames.style import Style
from gdtui.frames.weights import weights

if TYPE_CHECKING:
    from gdtui.analysis.theory import Theory

LOOK_INTERVAL = 0.2  # seconds between two looks at whether the axes still fit; they grow once a second at the most


class Quantity(Enum):
    """What can be plotted. ``MOVE`` is how far a step went per unit of gradient: as a whole, within its coordinates."""

    LOSS = "loss"
    GRAD_NORM = "gradient norm"
    RATE = "learning rate"
    MOVE = "effective step"

    @property
    def columns(self) -> tuple[str, str, str]:
        """Where a history has its lowest, highest and last values; one name where there is but one value."""
        return _COLUMNS[self]

    def next(self) -> Quantity:
        """The one after it, in a circle."""
        every = list(Quantity)
        return every[(every.index(self) + 1) % len(every)]


_COLUMNS = {
    Quantity.LOSS: ("loss_low", "loss_high", "loss"),
    Quantity.GRAD_NORM: ("grad_norm",) * 3,
    Quantity.RATE: ("rate",) * 3,
    Quantity.MOVE: ("move_low", "move_high", "move"),
}
# Titles from long to short, for panes from wide to narrow.
_WHAT = {
    Quantity.LOSS: ("Loss",),
    Quantity.GRAD_NORM: ("Gradient norm",),
    Quantity.RATE: ("Learning rate",),
    Quantity.MOVE: ("Effective step per unit of gradient", "Effective step"),
}
_ABOVE_MINIMUM = ("Loss above the minimum", "Loss − minimum")
_PLANNED = ("Learning rate, dotted as planned", "Learning rate")
# A gradient many times as long as is usual is that of a racer about to diverge.
_MOST = {(Quantity.GRAD_NORM, True): 100.0, (Quantity.GRAD_NORM, False): 4.0}
_HOW = {
    Smoothing.OFF: ("",),
    Smoothing.LIGHT: (", lightly smoothed", ", smoothed"),
    Smoothing.STRONG: (", strongly smoothed", ", smoothed"),
}
_SCALES = {(True, False): "log", (False, False): "linear", (True, True): "log–log", (False, True): "lin–log"}
_OVER = {
    Abscissa.STEPS: ("by step",),
    Abscissa.WORK: ("by work, in gradient evaluations", "by work"),
    Abscissa.SECONDS: ("by computing time", "by time"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """What the user wants to see: a quantity, what it is drawn over, how smooth, and which have which axes."""

    quantity: Quantity = Quantity.LOSS
    abscissa: Abscissa = Abscissa.STEPS
    linear: frozenset[Quantity] = frozenset()
    log_x: frozenset[Abscissa] = frozenset()
    smoothing: Smoothing = Smoothing.OFF

    @property
    def log(self) -> bool:
        """Whether the quantity is wanted on a logarithmic axis."""
        return self.quantity not in self.linear

    def with_log(self, log: bool) -> Choice:
        """The same with the quantity on a logarithmic or a linear axis."""
        return replace(self, linear=self.linear - {self.quantity} if log else self.linear | {self.quantity})

    def with_log_x(self, log: bool) -> Choice:
        """The same over a logarithmic or a linear axis."""
        return replace(self, log_x=self.log_x | {self.abscissa} if log else self.log_x - {self.abscissa})

    @property
    def has_log_x(self) -> bool:
        """Whether it is wanted over a logarithmic axis."""
        return self.abscissa in self.log_x

    @property
    def drawn_smoothing(self) -> Smoothing:
        """How smooth the quantity is drawn: only what may be noisy is smoothed."""
        return self.smoothing if self.is_noisy else Smoothing.OFF

    @property
    def is_noisy(self) -> bool:
        """Whether the quantity is one that mini-batches make noisy; the others are as they were set."""
        return self.quantity in {Quantity.LOSS, Quantity.GRAD_NORM}


Kind = tuple[Quantity, Abscissa, bool, bool]
"""What a chart shows, over what, and whether on a logarithmic y axis and a logarithmic x axis."""


class CurveAxes:
    """The axes of a chart of curves over the life of a race, which only grow, and what its values are measured from."""

    def __init__(self, problem: Problem, choice: Choice = Choice()) -> None:
        self.offset = problem.optimal_value or 0.0
        self.known = problem.optimal_value is not None
        self.choice = choice
        self.log = choice.log
        """Whether the axis is logarithmic: as chosen, unless there is no logarithm."""
        self.behind = False
        """Whether what was last seen is not all within the limits: they grow once a second at the most."""
        self._recorded = Columns()
        self._plans, self._planned = Plans(), False
        self._reach = Reach(choice.abscissa)
        self._limits = Limits(margin=0.05)
        self._extent: tuple[float, float] | None = None
        self._looked_at = 0.0
        self._looked_for: Snapshot | None = None

    @property
    def kind(self) -> Kind:
        """What the axes are for. Curves must not be drawn on those of another kind."""
        return self.choice.quantity, self.choice.abscissa, self.log, self.choice.has_log_x

    def choose(self, choice: Choice) -> None:
        """Show this from now on. An axis that shows something else is measured afresh."""
        before, self.choice = self.choice, choice
        if choice.abscissa is not before.abscissa:
            self._reach = Reach(choice.abscissa)
        if (choice.quantity, choice.log) != (before.quantity, before.log):
            self._measure(log=choice.log)

    def _measure(self, *, log: bool) -> None:
        self.log, self._extent = log, None
        self._limits.reset()

    def curves(
        self,
        snapshot: Snapshot,
        style: Style = Style(),  # noqa: B008 - frozen
        pinned: str | None = None,
        theory: Theory | None = None,
    ) -> list[CurveLayer]:
        """The racers' curves, in the chart's terms; losses, on a log axis, above the known minimum.

        The racer labelled ``pinned`` stands out. Of the one that ``theory`` is about the predicted slope is there, too,
        where the chart shows losses above a known minimum, on a log axis, by step.
        """
        racers = [racer for racer in snapshot.racers if not racer.benched]
        weighed, length = weights(snapshot, pinned), race_length(snapshot)
        columns = self._columns(racers)
        if self.log and not self._has_logarithm(columns):
            self._measure(log=False)
            columns = self._columns(racers)
        curves = [
            replace(
                self._curve(racer, column, length),
                weight=weighed[racer.label],
                pattern=line_pattern(racer.index, style.patterns),
            )
            for racer, column in zip(racers, columns, strict=True)
        ]
        plans = self._to_come(racers, snapshot.budget, weighed)
        self._planned = bool(plans)
        return [*self._predicted(racers, columns, theory, snapshot.budget), *plans, *curves]

    def _predicted(
        self,
        racers: Sequence[RacerSnapshot],
        columns: Sequence[tuple[Reals, Reals, Reals]],
        theory: Theory | None,
        budget: int | None,
    ) -> list[CurveLayer]:
        """The predicted slope of a racer, where there is one and the chart is one of what it is the slope of."""
        choice = self.choice
        if theory is None or not (self.log and self.known):
            return []
        if choice.quantity is not Quantity.LOSS or choice.abscissa is not Abscissa.STEPS:
            return []
        from gdtui.frames.predicted import predicted_curve  # no frame needs theory before somebody asks for it

        end = float(budget or self._reach.end)
        found = [
            predicted_curve(racer, last, theory, end, log_x=choice.has_log_x)
            for racer, (_, _, last) in zip(racers, columns, strict=True)
            if racer.label == theory.racer
        ]
        return [curve for curve in found if curve is not None]

    def _columns(self, racers: Sequence[RacerSnapshot]) -> list[tuple[Reals, Reals, Reals]]:
        base = self.offset if self.choice.quantity is Quantity.LOSS and self.log else 0.0
        names = self.choice.quantity.columns
        found = []
        for racer in racers:
            columns = {
                name: self._recorded.of(racer.label, racer.recorded, name, base) for name in dict.fromkeys(names)
            }
            low, high, last = (columns[name] for name in names)
            found.append((low, high, last))
        return found

    def _curve(self, racer: RacerSnapshot, column: tuple[Reals, Reals, Reals], length: int) -> CurveLayer:
        recorded, smoothing, smoothed = racer.recorded, self.choice.drawn_smoothing, None
        own = own_row(racer)
        if smoothing is not Smoothing.OFF:
            log_x = self.choice.has_log_x
            smoothed = smooth(column[2], recorded.steps, smoothing, length, log=self.log, log_x=log_x)[own:]
        changes: tuple[int, ...] = ()
        if racer.events:
            places = np.searchsorted(recorded.steps, [event.step for event in racer.events], side="right") - 1
            changes = tuple((np.unique(places[places >= own]) - own).tolist())
        parts = {id(values): values[own:] for values in column}  # which may be one and the same array
        low, high, last = (parts[id(values)] for values in column)
        return CurveLayer(
            self.choice.abscissa.of(recorded)[own:], low, high, last, racer_colour(racer.index),
            racer_letter(racer.index), racer.label, retired=racer.outcome is Outcome.DIVERGED, changes=changes,
            spread=self.choice.quantity is Quantity.MOVE, smooth=smoothed,
        )  # fmt: skip

    def _to_come(
        self, racers: Sequence[RacerSnapshot], budget: int | None, weighed: dict[str, Weight]
    ) -> list[CurveLayer]:
        if self.choice.quantity is not Quantity.RATE or self.choice.abscissa is not Abscissa.STEPS:
            return []
        plans = [(self._plans.curve(racer, budget), weighed[racer.label]) for racer in racers]
        return [replace(plan, weight=weight) for plan, weight in plans if plan is not None]

    def _has_logarithm(self, columns: Sequence[tuple[Reals, Reals, Reals]]) -> bool:
        """Whether values are there for a logarithmic axis; a loss that nobody knows the minimum of must be above zero.

        Values that are not finite say nothing.
        """
        if self.choice.quantity is Quantity.LOSS and not self.known:
            return all(float(np.fmin.reduce(low, initial=np.inf)) > 0.0 for low, _, _ in columns)
        highest = max((float(np.fmax.reduce(high, initial=-np.inf)) for _, high, _ in columns), default=-np.inf)
        return highest > 0.0 or highest == -np.inf

    def spec(
        self, snapshot: Snapshot, curves: Sequence[CurveLayer], size: tuple[int, int], now: float, style: Style
    ) -> LossSpec:
        """The chart to draw at ``now`` seconds. Equal specs can share one chart."""
        looked = self._look(snapshot, curves, now)
        lowest, highest = self._extent or (0.0, 1.0)
        low, high = self._limits.update(lowest, highest, now)
        start, end = 0.0, self._reach.update(snapshot, now)
        if log_x := self.choice.has_log_x:
            first = self._reach.first(snapshot)
            start, end = math.log10(first), math.log10(max(end, 2.0 * first))
        beyond = (lowest < low or highest > high) and bool(np.isfinite(highest - lowest))
        self.behind = beyond or self._reach.behind or not looked
        return LossSpec(
            x_low=start, x_high=end, y_low=low, y_high=high, width=size[0], height=size[1], log=self.log, log_x=log_x,
            raster=style.raster, renderer=style.renderer, x_scale=self.choice.abscissa.scale,
        )  # fmt: skip

    def _look(self, snapshot: Snapshot, curves: Sequence[CurveLayer], now: float) -> bool:
        """Find the limits that would suit; False if that has to wait, since it takes looking at every value."""
        since, before = now - self._looked_at, self._looked_for
        if self._extent is not None and before is not None and len(before.racers) == len(snapshot.racers):
            if before is snapshot:
                return True
            if 0.0 <= since < LOOK_INTERVAL:
                return False
        self._looked_at, self._looked_for = now, snapshot
        if self.choice.quantity is Quantity.LOSS:
            # What is predicted moves no axis.
            self._extent = suggest_limits([curve for curve in curves if not curve.dotted], self.log)
        else:
            self._extent = suggest_range(curves, self.log, most=_MOST.get((self.choice.quantity, self.log)))
        return True

    def title(self, width: int = 200) -> str:
        """What the chart shows, in at most ``width`` characters if it can be said in so few."""
        what = _WHAT[self.choice.quantity]
        if self.choice.quantity is Quantity.LOSS and self.log and self.known and self.offset != 0.0:
            what = _ABOVE_MINIMUM
        elif self._planned:
            what = _PLANNED
        over, how = _OVER[self.choice.abscissa], _HOW[self.choice.drawn_smoothing]
        scale = f" ({_SCALES[self.log, self.choice.has_log_x]})"
        titles = [f"{name}{smoothed}{scale} {by}" for name, smoothed, by in product(what, how, over)]
        fitting = [title for title in titles if len(title) <= width]
        return fitting[0] if fitting else f"{what[-1]}{how[-1]}{',' if how[-1] else ''} {over[-1]}"


def build_curves(spec: LossSpec) -> LossChart:
    """The still part of a chart of curves."""
    return LossChart(spec)
