"""The contour chart: layers, heads, marks, the oracle, sizes, golden pictures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gdtui.charts.cells import CellGrid
from gdtui.charts.contour import ContourChart, ContourSpec, Mark, PathLayer
from gdtui.charts.palette import Ink, faded, head_colour, racer_colour, racer_letter
from gdtui.charts.raster import RasterMode
from gdtui.contracts import Reals, View
from tests.charts.pictures import MODES, SIZES, TINY, check_golden, marks, paths, rosenbrock

CHART = ContourChart(rosenbrock(56, 20))


def layer(index: int, *points: tuple[float, float]) -> PathLayer:
    return PathLayer(np.array(points, dtype=np.float64).reshape(-1, 2), racer_colour(index), racer_letter(index))


def cells_of(grid: CellGrid, colour: int) -> list[tuple[int, int]]:
    rows, columns = np.nonzero((grid.colours == colour) & (grid.glyphs != ord(" ")))
    return list(zip(columns.tolist(), rows.tolist(), strict=True))


@pytest.mark.parametrize("size", SIZES)
def test_golden(size: tuple[int, int]) -> None:
    check_golden(f"contour_{size[0]}x{size[1]}", ContourChart(rosenbrock(*size)).draw(paths(), marks()))


@pytest.mark.parametrize("raster", ["block", "ascii"])
def test_golden_modes(raster: RasterMode) -> None:
    check_golden(f"contour_{raster}", ContourChart(rosenbrock(60, 20, raster)).draw(paths(), marks()))


def test_the_sheet_is_drawn_once_and_left_alone() -> None:
    before = CHART.sheet.copy()
    assert CHART.draw([]).lines() == before.lines()
    CHART.draw(paths(), marks())
    assert np.array_equal(CHART.sheet.glyphs, before.glyphs)
    assert np.array_equal(CHART.sheet.colours, before.colours)


def test_a_head_stands_on_its_last_finite_point() -> None:
    grid = CHART.draw([layer(0, (-1.0, 1.0), (0.5, 2.0), (np.nan, 0.0))])
    assert cells_of(grid, head_colour(0)) == [CHART.point_to_cell(0.5, 2.0)]
    assert not cells_of(CHART.draw([layer(0), layer(1, (np.inf, np.inf))]), head_colour(0))


def test_heads_in_one_cell_stand_side_by_side_and_the_first_stays() -> None:
    grid = CHART.draw([layer(k, (0.0, 1.0)) for k in range(8)])
    places = [cells_of(grid, head_colour(k)) for k in range(8)]
    assert all(len(place) == 1 for place in places)
    column, row = CHART.point_to_cell(0.0, 1.0) or (0, 0)
    assert places[0] == [(column, row)]
    assert sorted(place[0] for place in places) == [(column + k, row) for k in range(-3, 5)]


def test_a_crowd_at_the_edge_stays_on_the_canvas() -> None:
    grid = CHART.draw([layer(k, (2.0, 3.0)) for k in range(8)])
    assert all(len(cells_of(grid, head_colour(k))) == 1 for k in range(8))


@pytest.mark.parametrize(
    ("point", "shown", "column", "row"),
    [
        ((-9.0, 1.0), "←A", 3, None),
        ((9.0, 1.0), "A→", 54, None),
        ((0.0, 99.0), "A↑", None, 1),
        ((0.0, -1e300), "A↓", None, 16),
        ((1e300, 1e299), "A→", 54, 1),
    ],
)
def test_a_head_out_of_view_shows_as_an_arrow(
    point: tuple[float, float], shown: str, column: int | None, row: int | None
) -> None:
    grid = CHART.draw([layer(0, (0.0, 1.0), point)])
    cells = cells_of(grid, head_colour(0))
    assert "".join(grid.lines()[y][x] for x, y in cells) == shown
    assert column in (None, cells[0][0])
    assert row in (None, cells[0][1])


def test_a_path_covers_iso_lines_and_later_racers_cover_earlier_ones() -> None:
    across = [(-2.0, 0.0), (2.0, 0.0)]
    grid = CHART.draw([layer(0, *across), layer(1, *across)])
    row = (CHART.point_to_cell(0.0, 0.0) or (0, 0))[1]
    canvas = CHART.canvas
    seen = grid.colours[row, canvas.column : canvas.column + canvas.width]
    assert set(seen.tolist()) == {racer_colour(1), head_colour(0), head_colour(1)}


def test_a_retired_path_is_dimmed() -> None:
    grid = CHART.draw([replace(layer(0, (-2.0, 0.0), (2.0, 0.0)), retired=True)])
    assert cells_of(grid, faded(racer_colour(0)))
    assert not cells_of(grid, racer_colour(0))


def test_marks_and_the_cursor_over_everything() -> None:
    here = [Mark(0.0, 1.0, "optimum"), Mark(1.0, 1.0, "start"), Mark(9.0, 9.0, "start")]
    grid = CHART.draw([], here)
    column, row = CHART.point_to_cell(0.0, 1.0) or (0, 0)
    assert grid.lines()[row][column] == "★"
    assert len(cells_of(grid, Ink.START)) == 1
    grid = CHART.draw([layer(0, (0.0, 1.0))], [*here, Mark(0.0, 1.0, "cursor")])
    assert cells_of(grid, Ink.WARNING) == [CHART.point_to_cell(0.0, 1.0)]
    assert not cells_of(grid, Ink.OPTIMUM)


@pytest.mark.parametrize("raster", MODES)
def test_plotext_draws_the_same_picture(raster: RasterMode) -> None:
    own = rosenbrock(56, 20, raster)
    ours, theirs = (ContourChart(spec).draw(paths(), marks()) for spec in (own, replace(own, renderer="plotext")))
    # In plotext a path's dots join those of the iso-line beneath; which cells belong to whom is the same.
    different = (ours.colours != theirs.colours) & ((ours.glyphs != ord(" ")) | (theirs.glyphs != ord(" ")))
    assert different.sum() <= 0.02 * (ours.glyphs != ord(" ")).sum()


@pytest.mark.parametrize("raster", MODES)
@pytest.mark.parametrize("size", TINY)
@pytest.mark.parametrize("renderer", ["raster", "plotext"])
def test_no_size_is_too_small(size: tuple[int, int], raster: RasterMode, renderer: str) -> None:
    spec = replace(rosenbrock(*size, raster), renderer=renderer)
    grid = ContourChart(spec).draw(paths(), marks())
    assert grid.shape == (size[1], size[0])
    if raster == "ascii":
        assert "".join(grid.lines()).isascii()


ANY = st.one_of(st.floats(-4, 4), st.floats())


@settings(max_examples=60)
@given(st.lists(st.integers(0, 6).flatmap(lambda m: arrays(np.float64, (m, 2), elements=ANY)), max_size=9), ANY, ANY)
def test_any_paths_and_marks_are_drawn(points: list[Reals], x: float, y: float) -> None:
    layers = [PathLayer(p, racer_colour(k), racer_letter(k)) for k, p in enumerate(points)]
    grid = CHART.draw(layers, [Mark(x, y, "optimum"), Mark(y, x, "cursor")])
    for k, p in enumerate(points):
        # Two cells show an arrow and its letter; a ninth racer shares the first one's colour.
        shown = len(cells_of(grid, head_colour(k)))
        assert shown >= (1 if np.isfinite(p).all(axis=1).any() and not np.isnan(x) and len(points) < 8 else 0) - 1
    frame = np.ones(grid.shape, dtype=bool)
    canvas = CHART.canvas
    frame[canvas.row : canvas.row + canvas.height, canvas.column : canvas.column + canvas.width] = False
    assert np.array_equal(grid.glyphs[frame], CHART.sheet.glyphs[frame])


@settings(max_examples=30)
@given(arrays(np.float64, (4, 5), elements=st.floats()), st.tuples(*[st.floats()] * 4))
def test_any_values_and_view_are_drawn(values: Reals, bounds: tuple[float, float, float, float]) -> None:
    spec = ContourSpec(np.arange(5.0), np.arange(4.0), values, View(*bounds), 30, 10, "any")
    assert ContourChart(spec).draw([layer(0, (1.0, 1.0))]).shape == (10, 30)


def test_a_click_finds_its_point() -> None:
    cell = CHART.point_to_cell(0.5, 2.0)
    assert cell is not None
    point = CHART.cell_to_point(*cell)
    assert point is not None
    assert point == pytest.approx((0.5, 2.0), abs=0.15)
    assert CHART.cell_to_point(0, 0) is None
    assert CHART.point_to_cell(5.0, 5.0) is None
