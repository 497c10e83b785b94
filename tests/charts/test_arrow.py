"""Arrows: where they point on the screen, how long they are, and where there is none."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdtui.charts.arrow import LENGTH, Arrow, Displacement, displaced, drawn, legend, length_in_cells
from gdtui.charts.contour import ContourChart
from gdtui.charts.geometry import Canvas
from gdtui.charts.palette import Ink
from gdtui.charts.raster import RasterMode
from gdtui.contracts import View
from tests.charts.pictures import rosenbrock

CANVAS = Canvas(View(-30.0, 30.0, -10.0, 10.0), 3, 1, 61, 21)  # a cell is one by one


@pytest.mark.parametrize(
    ("across", "up", "head", "plain", "cells"),
    [
        (1.0, 0.0, "→", ">", (6, 0)),
        (-1e300, 0.0, "←", "<", (-6, 0)),
        (0.0, 1e-300, "↑", "^", (0, -3)),
        (0.0, -1.0, "↓", "v", (0, 3)),
        (2.0, 1.0, "↗", ">", (4, -2)),
        (-2.0, -1.0, "↙", "<", (-4, 2)),
        (1.0, -2.0, "↓", "v", (1, 3)),
        (-1.0, 0.6, "↖", "^", (-4, -2)),
    ],
)
def test_an_arrow_points_where_a_step_would_go_on_the_screen(
    across: float, up: float, head: str, plain: str, cells: tuple[int, int]
) -> None:
    arrow = Arrow(0.0, 0.0, across, up)
    parts, simple = drawn(arrow, CANVAS), drawn(arrow, CANVAS, ascii_only=True)
    assert parts is not None
    assert simple is not None
    assert parts[1].text == head
    assert simple[1].text == plain
    assert (parts[1].column - 33, parts[1].row - 11) == cells
    assert parts[1].colour == parts[0].colour == Ink.WARNING


def test_its_direction_is_that_of_the_view_and_not_of_the_numbers() -> None:
    narrow = Canvas(View(-3e-5, 3e-5, -1e7, 1e7), 3, 1, 61, 21)
    parts = drawn(Arrow(0.0, 0.0, 2e-6, 1e6), narrow)
    assert parts is not None
    assert parts[1].text == "↗"


@pytest.mark.parametrize(
    "arrow",
    [
        Arrow(0.0, 0.0, 0.0, 0.0),
        Arrow(0.0, 0.0, math.nan, 1.0),
        Arrow(0.0, 0.0, math.inf, 1.0),
        Arrow(31.0, 0.0, -1.0, 0.0),
        Arrow(math.nan, 0.0, 1.0, 0.0),
        Arrow(30.0, 0.0, 1.0, 0.0),
    ],
    ids=["no length", "no number", "infinite", "out of view", "nowhere", "out of the canvas"],
)
def test_no_arrow(arrow: Arrow) -> None:
    assert drawn(arrow, CANVAS) is None


numbers = st.floats(-1e3, 1e3)


@given(st.floats(-30.0, 30.0), st.floats(-10.0, 10.0), numbers, numbers)
def test_an_arrow_stays_on_the_canvas_and_is_no_longer_than_it_should_be(
    x: float, y: float, across: float, up: float
) -> None:
    parts = drawn(Arrow(x, y, across, up), CANVAS)
    if parts is None:
        return
    shaft, head = parts
    assert 3 <= head.column < 64
    assert 1 <= head.row < 22
    (begin_x, begin_y), (end_x, end_y) = shaft.points
    assert math.hypot(end_x - begin_x, 2.0 * (end_y - begin_y)) <= LENGTH * (1 + 1e-9)
    assert across * (end_x - begin_x) + up * (end_y - begin_y) > 0.0


@pytest.mark.parametrize("raster", ["braille", "block", "ascii"])
def test_a_chart_draws_it_over_its_lines(raster: str) -> None:
    chart = ContourChart(rosenbrock(56, 20, raster))  # type: ignore[arg-type]
    plain, grid = chart.draw([]), chart.draw([], (), Arrow(0.0, 1.5, 1.0, 0.0))
    rows, columns = np.nonzero((grid.glyphs != plain.glyphs) | (grid.colours != plain.colours))
    column, row = chart.point_to_cell(0.0, 1.5) or (0, 0)
    assert set(rows.tolist()) == {row}
    assert set(range(column, column + 7)) <= set(columns.tolist())
    assert chr(int(grid.glyphs[row, column + 6])) == (">" if raster == "ascii" else "→")
    assert set(grid.colours[row, column : column + 7].tolist()) == {int(Ink.WARNING)}
    assert raster != "ascii" or grid.lines()[row][column : column + 7] == "------>"


def displacement(across: float, up: float, scale: float = 1.0, letter: str = "Δ", name: str = "step") -> Displacement:
    return Displacement(0.0, 0.0, across, up, scale, letter, name, Ink.TEXT)


@pytest.mark.parametrize(("across", "up", "scale", "cells"), [(5.0, 3.0, 1.0, (5, -3)), (-0.05, -0.02, 100.0, (-5, 2))])
def test_a_displacement_is_as_long_as_it_is_at_its_scale(
    across: float, up: float, scale: float, cells: tuple[int, int]
) -> None:
    parts = displaced(displacement(across, up, scale), CANVAS)
    assert parts is not None
    shaft, tip = parts
    assert tip is not None
    assert (tip.column - 33, tip.row - 11) == cells
    np.testing.assert_allclose(shaft.points, [(0.0, 0.0), (scale * across, scale * up)])
    assert length_in_cells(across, up, CANVAS) * scale == pytest.approx(math.hypot(cells[0], 2 * cells[1]))


def test_a_displacement_out_of_view_has_a_shaft_and_no_tip() -> None:
    parts = displaced(displacement(100.0, 0.0), CANVAS)
    assert parts is not None
    assert parts[1] is None
    assert displaced(Displacement(99.0, 0.0, 1.0, 0.0, 1.0, "Δ", "", Ink.TEXT), CANVAS) is None


@pytest.mark.parametrize("across", [0.0, 0.1, math.nan, math.inf])
def test_what_cannot_be_seen_of_a_displacement_is_not_drawn(across: float) -> None:
    assert displaced(displacement(across, 0.0), CANVAS) is None


def test_a_legend_says_names_and_scales_as_far_as_there_is_room() -> None:
    arrows = [displacement(1.0, 0.0, 50.0), displacement(1.0, 0.0, 0.02, "g", "−ηg")]
    texts = [text.text for text in legend(arrows, CANVAS)]
    assert texts == [" Δ step ×50 ", " g −ηg ×0.02 "]
    assert [text.text for text in legend(arrows, CANVAS, ascii_only=True)] == [" D step x50 ", " g -eta g x0.02 "]
    assert [text.text for text in legend(arrows, Canvas(CANVAS.view, 3, 1, 20, 21))] == [" Δ step ×50 "]


@pytest.mark.parametrize("raster", ["braille", "block", "ascii"])
def test_a_chart_draws_displacements_with_their_legend(raster: RasterMode) -> None:
    chart = ContourChart(replace(rosenbrock(40, 16), raster=raster))
    arrow = Displacement(0.0, 0.5, 1.0, 0.0, 1.0, "Δ", "step", Ink.WARNING)
    grid = chart.draw([], displacements=[arrow])
    lines = grid.lines()
    assert ("D step x1" if raster == "ascii" else "Δ step ×1") in "\n".join(lines)
    column, row = chart.point_to_cell(1.0, 0.5) or (0, 0)
    assert lines[row][column] == ("D" if raster == "ascii" else "Δ")
    assert (grid.colours[row, column - 3 : column] == Ink.WARNING).all()
    assert chart.draw([]).lines() != lines
