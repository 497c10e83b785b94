"""Loss curves made ready for a chart: in axis units, one entry per column of dots, and the limits that suit them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gdtui.charts.raster import Raster
from gdtui.contracts import Ints, Reals

# How far above the usual start a loss is still part of the picture: beyond it is divergence, and is cut off with an
# arrow instead of flattening everybody else. On a log axis in decades, on a linear one in heights of the picture.
_DECADES_ABOVE = 2.0
_HEIGHTS_ABOVE = 0.5
_HEIGHTS_BELOW = 3.0
_DECADES_SHOWN = 40.0


@dataclass(frozen=True, slots=True, eq=False)
class CurveLayer:
    """One racer's losses at increasing ``steps`` ``(m,)``: lowest, highest, last since the one before, ``(m,)`` each.

    ``steps`` may be any increasing abscissa. Where nothing is summarised, the three are the same array. A prediction is
    ``dotted``: a line without a band. A curve without a ``label`` is not in the legend, one without a ``letter`` has
    none at its end. ``colour`` is a palette index (:func:`racer_colour`).
    """

    steps: Ints | Reals
    low: Reals
    high: Reals
    last: Reals
    colour: int
    letter: str
    label: str = ""
    dotted: bool = False
    retired: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Swept:
    """Curves reduced to one entry per curve and column of dots, in order: all arrays have the same length.

    ``owner`` is the curve's index; ``x`` and ``y`` are the last point in its ``column``, ``low`` and ``high`` what it
    swept there, in axis units. NaN where the loss was not finite, or on a log axis not above zero.
    """

    owner: Ints
    column: Ints
    x: Reals
    y: Reals
    low: Reals
    high: Reals

    def of(self, owner: int) -> slice:
        """The entries of one curve."""
        first, last = np.searchsorted(self.owner, (owner, owner + 1)).tolist()
        return slice(first, last)


def sweep(curves: Sequence[CurveLayer], raster: Raster, log: bool) -> Swept:
    """Minimum, maximum and last value of every curve in every column of dots, all curves in one pass."""
    none = np.zeros(0, dtype=np.int64)
    owner = np.concatenate([none, *(np.full(len(curve.steps), k) for k, curve in enumerate(curves))])
    if owner.size == 0:
        empty = np.zeros(0)
        return Swept(none, none, empty, empty, empty, empty)
    steps = np.concatenate([curve.steps for curve in curves]).astype(np.float64)
    low, high, last = (
        axis_values(np.concatenate([getattr(curve, name) for curve in curves]), log) for name in ("low", "high", "last")
    )
    at = raster.canvas.across(steps) * raster.across
    # Steps beyond the chart's own all fall into the column beside it.
    column = np.floor(np.clip(np.where(np.isnan(at), -1.0, at), -1.0, raster.width)).astype(np.int64)
    breaks = np.flatnonzero((np.diff(column) != 0) | (np.diff(owner) != 0)) + 1
    firsts, lasts = np.concatenate(([0], breaks)), np.concatenate((breaks, [owner.size])) - 1
    return Swept(
        owner[firsts],
        column[firsts],
        steps[lasts],
        last[lasts],
        np.fmin.reduceat(low, firsts),
        np.fmax.reduceat(high, firsts),
    )


def axis_values(values: Reals, log: bool) -> Reals:
    """Values in axis units; NaN, a gap, for what is not finite and on a log axis for what is not above zero."""
    values = np.asarray(values, dtype=np.float64)
    shown = np.isfinite(values) & (values > 0.0) if log else np.isfinite(values)
    result = np.where(shown, values, np.nan)
    return np.log10(result, out=result) if log else result


def suggest_limits(curves: Sequence[CurveLayer], log: bool) -> tuple[float, float]:
    """Limits that show every curve but a diverging one, in the units of the axis (log10 if ``log``).

    The top is the highest value, but no more than two decades (linear: half the picture's height) above the usual
    start. The bottom is the lowest loss a curve stands at or spends a hundredth of its time below (one lucky step must
    not rescale the chart), but linear no further below the usual bottom than three such pictures, and in log at most 40
    decades down. What lies beyond is cut off with an arrow. (0, 1) without any finite value.
    """
    starts, lows, highs = [], [], []
    for curve in curves:
        low, high, last = (axis_values(values, log) for values in (curve.low, curve.high, curve.last))
        low, high, last = low[np.isfinite(low)], high[np.isfinite(high)], last[np.isfinite(last)]
        if low.size and high.size:
            starts.append(float(low[0]))
            lows.append(min([_low_hundredth(low), *last[-1:].tolist()]))
            highs.append(float(high.max()))
    if not lows:
        return 0.0, 1.0
    start, bottom, top = float(np.median(starts)), float(np.median(lows)), max(highs)
    if log:
        top = min(top, max(start, bottom) + _DECADES_ABOVE)
        return _ordered(max(min(lows), top - _DECADES_SHOWN), top)
    # Halved, since the difference of two finite numbers may not be finite.
    height = 2.0 * min(max(start / 2 - bottom / 2, 0.0), 4e307) or max(abs(bottom), 1e-12)
    top = min(top, start + _HEIGHTS_ABOVE * height)
    return _ordered(max(min(lows), bottom - _HEIGHTS_BELOW * min(height, 1e307)), top)


def _low_hundredth(values: Reals) -> float:
    """The value a hundredth of all lie below; an order statistic, since interpolating between huge ones overflows."""
    k = values.size // 100
    return float(np.partition(values, k)[k])


def _ordered(low: float, high: float) -> tuple[float, float]:
    if low < high:
        return low, high
    low, high = max(min(low, high), -1.7e308), min(max(low, high), 1.7e308)
    return low - max(0.5, 1e-6 * abs(low)), high + max(0.5, 1e-6 * abs(high))
