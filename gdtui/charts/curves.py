"""Curves made ready for a chart: in axis units, one entry per column of dots, and the limits that suit them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from gdtui.charts.clip import Mask
from gdtui.charts.palette import Weight
from gdtui.charts.raster import Raster
from gdtui.contracts import Ints, Reals

# How far above the usual start a loss is still part of the picture: beyond it is divergence, and is cut off with an
# arrow instead of flattening everybody else. On a log axis in decades, on a linear one in heights of the picture.
_DECADES_ABOVE = 2.0
_HEIGHTS_ABOVE = 0.5
_HEIGHTS_BELOW = 3.0
_DECADES_SHOWN = 40.0
_LARGEST = 1e308
_MOST_DECADES = 308.0


@dataclass(frozen=True, slots=True, eq=False)
class CurveLayer:
    """One racer's values over ``x`` ``(m,)``: lowest, highest, last since the one before, ``(m,)`` each.

    ``x`` is finite and never falls. Where nothing is summarised, the three are the same array. With ``spread`` the band
    is not what the line has swept but one of its own, and may leave the chart without the line. Where there is a
    ``smooth`` ``(m,)`` it is the line, and the last values are a faint one behind it. ``changes`` are the places in
    these arrays at which a hyperparameter changed. A prediction is ``dotted``: a line without a band. A curve without a
    ``label`` is not in the legend, one without a ``letter`` has neither one at its end nor arrows. ``colour`` is an
    index into the palette (:func:`racer_colour`), ``pattern`` that of the line (:func:`line_pattern`); the line of a
    ``retired`` racer is faint, unless it is strong.
    """

    x: Ints | Reals
    low: Reals
    high: Reals
    last: Reals
    colour: int
    letter: str
    label: str = ""
    dotted: bool = False
    retired: bool = False
    changes: tuple[int, ...] = ()
    spread: bool = False
    pattern: int = 0
    smooth: Reals | None = None
    weight: Weight = "plain"

    @property
    def line(self) -> Reals:
        """The values of the line."""
        return self.last if self.smooth is None else self.smooth


@dataclass(frozen=True, slots=True, eq=False)
class Swept:
    """Curves reduced to one entry per curve and column of dots, in order: all arrays have the same length.

    ``owner`` is the curve's index; ``x`` and ``y`` are the line's last point in its ``column`` that has a place on the
    axes, ``low`` and ``high`` what the curve swept there and ``last`` where it stood before it was made smooth, all in
    axis units. NaN where no value was finite, or on a log axis above zero.
    """

    owner: Ints
    column: Ints
    x: Reals
    y: Reals
    low: Reals
    high: Reals
    last: Reals

    def of(self, owner: int) -> slice:
        """The entries of one curve."""
        first, last = np.searchsorted(self.owner, (owner, owner + 1)).tolist()
        return slice(first, last)


def sweep(curves: Sequence[CurveLayer], raster: Raster, log: bool, *, log_x: bool = False) -> Swept:
    """Minimum, maximum and last value of every curve in every column of dots."""
    none, empty = np.zeros(0, dtype=np.int64), np.zeros(0)
    # One curve after the other: arrays of all of them together are large enough to cost page faults at every frame.
    parts = [Swept(none, none, *[empty] * 5)]
    edges = _edges(raster, log_x)
    parts += [_swept(k, curve, raster, edges, log, log_x) for k, curve in enumerate(curves) if len(curve.x)]
    return Swept(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Swept)))


def _edges(raster: Raster, log_x: bool) -> Reals:
    """Where on the x axis each column of dots begins, not in axis units but in those of the curves."""
    edges = raster.canvas.edges(raster.across)
    if not log_x:
        return edges
    # Zero stands at the low end, and with it everything below.
    return np.where(edges <= raster.canvas.view.x_low, 0.0, 10.0 ** np.minimum(edges, _MOST_DECADES))


def _swept(owner: int, curve: CurveLayer, raster: Raster, edges: Reals, log: bool, log_x: bool) -> Swept:
    # Since x never falls, the columns can be looked up: there are fewer of them than rows. What lies beyond the chart's
    # own ends all falls into the column beside it.
    bounds = np.concatenate(([0], np.searchsorted(curve.x, edges), [len(curve.x)]))
    column = np.flatnonzero(np.diff(bounds))
    firsts, lasts = bounds[column], bounds[column + 1] - 1
    last = _gapped(curve.last, log)
    line = last if curve.smooth is None else curve.smooth
    low = last if curve.low is curve.last else _gapped(curve.low, log)
    high = last if curve.high is curve.last else _gapped(curve.high, log)
    shown = lasts
    if np.isnan(line[lasts]).any():
        known = np.maximum.accumulate(np.where(np.isnan(line), -1, np.arange(line.size)))[lasts]
        shown = np.where(known >= firsts, known, lasts)
    # The logarithm keeps the order, so it can wait until few values are left.
    return Swept(
        np.full(firsts.size, owner),
        column - 1,
        places(curve.x[shown], raster.canvas.view.x_low, log_x),
        axis_values(line[shown], log),
        _scaled(np.fmin.reduceat(low, firsts), log),
        _scaled(np.fmax.reduceat(high, firsts), log),
        _scaled(last[shown], log),
    )


def places(x: Ints | Reals, low: float, log: bool) -> Reals:
    """Abscissas in axis units. On a log axis zero, and what is below its ``low`` end, stands there."""
    x = np.asarray(x, dtype=np.float64)
    if not log:
        return x
    with np.errstate(divide="ignore"):
        return np.maximum(np.log10(x), low)


def axis_values(values: Reals, log: bool) -> Reals:
    """Values in axis units; NaN, a gap, for what is not finite and on a log axis for what is not above zero."""
    return _scaled(_gapped(np.asarray(values, dtype=np.float64), log), log)


def _shown(values: Reals, log: bool) -> Mask:
    """Which values have a place on the axis."""
    return np.isfinite(values) & (values > 0.0) if log else np.isfinite(values)


def _gapped(values: Reals, log: bool) -> Reals:
    shown = _shown(values, log)
    return values if shown.all() else np.where(shown, values, np.nan)


def _scaled(values: Reals, log: bool) -> Reals:
    return np.log10(values) if log else values


def suggest_limits(curves: Sequence[CurveLayer], log: bool) -> tuple[float, float]:
    """Limits for what should fall: every curve but a diverging one, in the units of the axis (log10 if ``log``).

    The top is the highest value, but no more than two decades (linear: half the picture's height) above the usual
    start. The bottom is the lowest value a curve stands at or spends a hundredth of its time below (one lucky step must
    not rescale the chart), but linear no further below the usual bottom than three such pictures, and in log at most 40
    decades down. What lies beyond is cut off with an arrow. (0, 1) without any finite value.
    """
    starts, lows, highs = [], [], []
    for curve in curves:
        low, high, last = _kept(curve, log)
        if low.size and high.size:
            starts.append(low[0])
            lows.append(min([_hundredth(low), *last[-1:]]))
            highs.append(high.max())
    if not lows:
        return 0.0, 1.0
    starts, lows, highs = (_scaled(np.array(values), log).tolist() for values in (starts, lows, highs))
    # Halved, since the sum and the difference of two finite numbers may not be finite.
    start, bottom = (2.0 * float(np.median(np.array(values) / 2)) for values in (starts, lows))
    top = max(highs)
    if log:
        top = min(top, max(start, bottom) + _DECADES_ABOVE)
        return _ordered(max(min(lows), top - _DECADES_SHOWN), top, log)
    height = 2.0 * min(max(start / 2 - bottom / 2, 0.0), 4e307) or max(abs(bottom), 1e-12)
    top = min(top, start + _HEIGHTS_ABOVE * height)
    return _ordered(max(min(lows), bottom - _HEIGHTS_BELOW * min(height, 1e307)), top, log)


def suggest_range(curves: Sequence[CurveLayer], log: bool, *, most: float | None = None) -> tuple[float, float]:
    """Limits for what may rise as well as fall and is never below zero, in the units of the axis (log10 if ``log``).

    They hold every line, up to ``most`` times the usual height, if given, and except for what it passes in less than a
    hundredth of its time by more than a decade (linear: twice); and of the bands, and of racers that have retired, no
    more than that much beyond the lines. What lies beyond is cut off with an arrow. A linear axis begins at zero, a
    logarithmic one spans a decade at the least. (0, 1) without any finite value.
    """
    stray = 10.0 if log else 2.0
    lines: list[tuple[float, float]] = []
    others: list[tuple[float, float]] = []
    for curve in curves:
        low, high, last = _kept(curve, log)
        if last.size:
            span = (
                max(float(last.min()), _hundredth(last) / stray),
                min(float(last.max()), _hundredth(last, top=True) * stray),
            )
            (others if curve.retired else lines).append(span)
        if curve.spread and low.size and high.size:
            others.append((_hundredth(low), _hundredth(high, top=True)))
    lines = lines or others
    if not lines:
        return 0.0, 1.0
    bottom, tops = min(low for low, _ in lines), sorted(high for _, high in lines)
    top = tops[-1] if most is None else min(tops[-1], most * tops[(len(tops) - 1) // 2])
    bottom = min([bottom, *(max(low, bottom / stray) for low, _ in others)])
    top = max([top, *(min(high, top * stray) for _, high in others)])
    if not log:
        return 0.0, top if top > 0.0 else 1.0
    missing = max(0.0, 1.0 - (math.log10(top) - math.log10(bottom))) / 2
    return math.log10(bottom) - missing, math.log10(top) + missing


def _kept(curve: CurveLayer, log: bool) -> tuple[Reals, Reals, Reals]:
    """The lowest, highest and last values of a curve that have a place on the axis, not scaled."""
    last = curve.last[_shown(curve.last, log)]
    low = last if curve.low is curve.last else curve.low[_shown(curve.low, log)]
    high = last if curve.high is curve.last else curve.high[_shown(curve.high, log)]
    return low, high, last


def _hundredth(values: Reals, *, top: bool = False) -> float:
    """The value a hundredth of all lie below, or above; an order statistic, since interpolating huge ones overflows."""
    k = values.size // 100
    k = values.size - 1 - k if top else k
    return float(np.partition(values, k)[k])


def _ordered(low: float, high: float, log: bool) -> tuple[float, float]:
    """The limits; where they are one value a decade around it, linear as much as it is large."""
    if low < high:
        return low, high
    low, high = max(min(low, high), -_LARGEST), min(max(low, high), _LARGEST)
    half = 0.5 if log else 0.5 * max(abs(low), abs(high)) or 0.5
    return low - half, high + half
