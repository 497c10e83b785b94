"""From values to cells and back."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdtui.charts.geometry import Canvas, proper
from gdtui.contracts import View

CANVAS = Canvas(View(-2.0, 2.0, -1.0, 3.0), column=3, row=1, width=53, height=16)


def test_limits_are_the_middles_of_the_outer_cells() -> None:
    assert CANVAS.point_to_cell(-2.0, 3.0) == (3, 1)
    assert CANVAS.point_to_cell(2.0, -1.0) == (3 + 52, 1 + 15)
    assert CANVAS.cell_to_point(3, 1) == (-2.0, 3.0)
    assert CANVAS.cell_to_point(55, 16) == (2.0, -1.0)


@pytest.mark.parametrize("mode", [(2, 4), (2, 2), (1, 1)])
def test_mapping_to_dots_is_the_measured_one(mode: tuple[int, int]) -> None:
    """The dot of a fraction u is the one that 2 (w - 1) u + 1/2 and 4 (h - 1) (1 - v) + 3/2 round to, in braille."""
    u = np.linspace(0.01, 0.99, 37)
    across, down = mode
    x = CANVAS.across(-2.0 + 4.0 * u) * across
    y = CANVAS.down(-1.0 + 4.0 * u) * down
    assert np.abs(x - (across * (CANVAS.width - 1) * u + across / 2)).max() < 0.01
    assert np.abs(y - (down * (CANVAS.height - 1) * (1 - u) + down / 2)).max() < 0.01


@given(st.integers(0, 60), st.integers(0, 20))
def test_a_cell_and_back(column: int, row: int) -> None:
    point = CANVAS.cell_to_point(column, row)
    on_canvas = 3 <= column < 56 and 1 <= row < 17
    assert (point is not None) == on_canvas
    if point is not None:
        assert CANVAS.point_to_cell(*point) == (column, row)


@pytest.mark.parametrize("point", [(-2.1, 0.0), (0.0, 3.1), (math.nan, 0.0), (0.0, math.inf)])
def test_no_cell_for_what_is_out_of_view(point: tuple[float, float]) -> None:
    assert CANVAS.point_to_cell(*point) is None


def test_one_cell_holds_the_middle() -> None:
    canvas = Canvas(View(0.0, 1.0, 0.0, 1.0), 0, 0, 1, 1)
    assert canvas.cell_to_point(0, 0) == (0.5, 0.5)
    assert canvas.point_to_cell(0.0, 1.0) == (0, 0)


@given(*[st.floats()] * 4)
def test_every_view_becomes_a_proper_one(x_low: float, x_high: float, y_low: float, y_high: float) -> None:
    view = proper(View(x_low, x_high, y_low, y_high))
    for low, high in ((view.x_low, view.x_high), (view.y_low, view.y_high)):
        assert math.isfinite(low)
        assert math.isfinite(high)
        assert low < high
    canvas = Canvas(view, 0, 0, 40, 10)
    assert canvas.point_to_cell(view.x_low, view.y_low) == (0, 9)
    assert canvas.point_to_cell(view.x_high, view.y_high) == (39, 0)
    assert proper(view) == view


def test_a_proper_view_is_left_alone() -> None:
    assert proper(CANVAS.view) is not None
    assert proper(CANVAS.view) == CANVAS.view
    assert proper(View(3.0, 1.0, 0.0, 0.0)) == View(1.0, 3.0, -1.0, 1.0)
