"""Where a value falls on a chart: from the coordinates of a view to cells and back, exactly as plotext places them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from gdtui.contracts import Reals, View

# plotext puts the low limit into the middle of the first cell and the high one into the middle of the last, both a
# hair further in so that rounding never lands on a cell's edge. An overlay on other numbers misses its sheet.
_FIRST = 0.5016585662
_LAST = 0.501516152
# Near the largest double, with room for a margin.
_LARGE = 1.7e308
_Number = TypeVar("_Number", float, Reals)


def proper(view: View) -> View:
    """The view with finite bounds and a width and height above zero; a view that has them is returned unchanged."""
    x_low, x_high = _interval(view.x_low, view.x_high)
    y_low, y_high = _interval(view.y_low, view.y_high)
    return View(x_low, x_high, y_low, y_high)


def _interval(low: float, high: float) -> tuple[float, float]:
    if not math.isfinite(low) or not math.isfinite(high):
        low, high = (low, low) if math.isfinite(low) else (high, high) if math.isfinite(high) else (0.0, 0.0)
    if low > high:
        low, high = high, low
    # Halves, since the difference of two finite numbers may not be finite.
    if high / 2 - low / 2 > 1e-13 * max(abs(low), abs(high)) and high / 2 - low / 2 > 1e-300:
        return low, high
    low = min(max(low, -_LARGE), _LARGE)
    margin = max(abs(low) * 1e-6, 1e-9) if low else 1.0
    return low - margin, max(low, min(high, _LARGE)) + margin


@dataclass(frozen=True, slots=True)
class Canvas:
    """The plotting area of a chart: ``width`` x ``height`` cells, the first at ``column``, ``row`` of its grid."""

    view: View
    column: int
    row: int
    width: int
    height: int

    def across(self, x: _Number) -> _Number:
        """Where values of the x axis fall, in cells from the canvas's left edge; cell k spans k to k + 1."""
        return _cells(x, self.view.x_low, self.view.x_high, self.width)

    def edges(self, dots: int) -> Reals:
        """Where on the x axis each column of dots begins, ``dots`` to a cell, and where the last one ends."""
        share = (np.arange(self.width * dots + 1) / dots - _FIRST) / max(self.width - _FIRST - _LAST, 1e-9)
        edges: Reals = self.view.x_low + share * (self.view.x_high - self.view.x_low)
        return edges

    def down(self, y: _Number) -> _Number:
        """Where values of the y axis fall, in cells from the canvas's upper edge."""
        return _cells(y, self.view.y_high, self.view.y_low, self.height)

    def point_to_cell(self, x: float, y: float) -> tuple[int, int] | None:
        """Column and row in the chart's grid of a point, or None if it is not finite or not in view."""
        view = self.view
        if not (view.x_low <= x <= view.x_high and view.y_low <= y <= view.y_high):
            return None
        column, row = math.floor(self.across(x)), math.floor(self.down(y))
        return self.column + min(max(column, 0), self.width - 1), self.row + min(max(row, 0), self.height - 1)

    def cell_to_point(self, column: int, row: int) -> tuple[float, float] | None:
        """The point in the middle of a cell of the chart's grid, or None if the cell is not on the canvas."""
        column, row = column - self.column, row - self.row
        if not (0 <= column < self.width and 0 <= row < self.height):
            return None
        across = column / (self.width - 1) if self.width > 1 else 0.5
        down = row / (self.height - 1) if self.height > 1 else 0.5
        view = self.view
        return _between(view.x_low, view.x_high, across), _between(view.y_low, view.y_high, 1.0 - down)


def fraction(value: _Number, low: float, high: float) -> _Number:
    """How far ``value`` is from ``low`` (0) to ``high`` (1); halved first, so that no finite interval overflows."""
    if isinstance(value, float):  # most are single values, for which NumPy takes ten times as long
        return (float(value) / 2 - low / 2) / (high / 2 - low / 2)
    with np.errstate(over="ignore", invalid="ignore"):
        return (value / 2 - low / 2) / (high / 2 - low / 2)


def _cells(value: _Number, first: float, last: float, cells: int) -> _Number:
    if isinstance(value, float):
        return fraction(value, first, last) * (cells - _FIRST - _LAST) + _FIRST
    with np.errstate(over="ignore", invalid="ignore"):
        return fraction(value, first, last) * (cells - _FIRST - _LAST) + _FIRST


def _between(low: float, high: float, share: float) -> float:
    return min(max(low * (1.0 - share) + high * share, low), high)
