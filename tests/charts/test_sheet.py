"""plotext behind its guard: geometry, calibration of the raster against it, and input that would end the process."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gdtui.charts.cells import CellGrid
from gdtui.charts.raster import Raster, RasterMode, Stroke
from gdtui.charts.sheet import Layout, SheetSpec, Text, draw_sheet, layout
from gdtui.contracts import Reals, View
from tests.charts.pictures import MODES, TINY
from tests.charts.test_raster import dots_of, near

VIEW = View(-2.0, 2.0, -1.0, 3.0)
ANY = st.one_of(st.floats(-4, 4), st.sampled_from([np.nan, np.inf, -np.inf, 1e7, 1e300, -1.7e308, 0.0]), st.floats())


def spec(raster: RasterMode = "braille", width: int = 44, height: int = 16, view: View = VIEW) -> SheetSpec:
    return SheetSpec(width, height, view, "A title", "across", "up", raster=raster)


def drawn(points: Reals, raster: RasterMode) -> tuple[CellGrid, CellGrid, Layout]:
    """The same line by plotext and by the raster on plotext's empty sheet."""
    theirs, plan = draw_sheet(spec(raster), [Stroke(points, 21, "x")])
    ours, _ = draw_sheet(spec(raster))
    overlay = Raster(plan.canvas, raster)
    overlay.draw([Stroke(points, 21, "x")])
    overlay.stamp(ours)
    return theirs, ours, plan


@pytest.mark.parametrize("raster", MODES)
def test_the_raster_meets_plotext_dot_for_dot(raster: RasterMode) -> None:
    t = np.linspace(0.0, 7.0, 160)
    for points in (
        np.column_stack((1.9 * np.sin(3 * t), 1.0 + 1.9 * np.cos(2 * t))),
        np.column_stack((2.6 * np.sin(3 * t), 1.0 + 2.6 * np.cos(2 * t))),
        np.array([[-2.0, -1.0], [2.0, 3.0], [-2.0, 3.0], [2.0, -1.0]]),
    ):
        theirs, ours, _ = drawn(points, raster)
        different = (theirs.glyphs != ours.glyphs).sum()
        assert different <= 0.02 * (ours.colours == 21).sum()


@settings(max_examples=40)
@given(st.integers(0, 10).flatmap(lambda m: arrays(np.float64, (m, 2), elements=ANY)), st.sampled_from(MODES))
def test_whatever_goes_in_the_process_lives_and_every_dot_is_within_one(points: Reals, raster: RasterMode) -> None:
    theirs, ours, plan = drawn(points, raster)
    blank, _ = draw_sheet(spec(raster))
    for grid in (theirs, ours):
        untouched = grid.glyphs == blank.glyphs
        grid.glyphs[untouched] = ord(" ")
    assert near(dots_of(theirs, raster, plan.canvas), dots_of(ours, raster, plan.canvas))
    assert near(dots_of(ours, raster, plan.canvas), dots_of(theirs, raster, plan.canvas))


@pytest.mark.parametrize("size", [(56, 20), (20, 5), (33, 9), (160, 50)])
def test_the_canvas_is_where_the_layout_says(size: tuple[int, int]) -> None:
    """A line around the view's border runs through the outermost cells of the canvas, and only there."""
    border = np.array([[-2.0, -1.0], [-2.0, 3.0], [2.0, 3.0], [2.0, -1.0], [-2.0, -1.0]])
    grid, plan = draw_sheet(spec("braille", *size), [Stroke(border, 21)])
    canvas = plan.canvas
    rows, columns = np.nonzero(grid.colours == 21)
    assert (rows.min(), rows.max()) == (canvas.row, canvas.row + canvas.height - 1)
    assert (columns.min(), columns.max()) == (canvas.column, canvas.column + canvas.width - 1)
    inner = np.s_[canvas.row + 1 : canvas.row + canvas.height - 1, canvas.column + 1 : canvas.column + canvas.width - 1]
    assert (grid.glyphs[inner] == ord(" ")).all()


def test_every_tick_is_drawn_and_nothing_else() -> None:
    grid, plan = draw_sheet(spec())
    lines = grid.lines()
    assert lines[-2].split() == [tick.label for tick in plan.x_ticks] == ["-2", "-1", "0", "1", "2"]
    assert [line.split("┤")[0].strip() for line in lines if "┤" in line] == [t.label for t in reversed(plan.y_ticks)]
    assert lines[0].split() == ["up", "A", "title"]
    assert lines[-1].split() == ["across"]
    assert set(np.unique(grid.colours)) <= {0, 1, 2, 4}


@pytest.mark.parametrize(
    "view", [View(1e6, 1e6 + 1e-3, -1e-9, 1e-9), View(-1e300, 1e300, 0, 1.7e308), View(0, 0, 5, 5)]
)
def test_views_far_from_one(view: View) -> None:
    grid, plan = draw_sheet(
        spec(view=view), [Stroke(np.array([[view.x_low, view.y_low], [view.x_high, view.y_high]]), 21)]
    )
    assert (grid.colours == 21).any()
    assert plan.canvas.view.x_low < plan.canvas.view.x_high


def test_texts_are_written_at_their_cells() -> None:
    plan = layout(spec())
    canvas = plan.canvas
    texts = [Text(canvas.column + k, canvas.row + k, "Ab", 29) for k in range(0, canvas.height, 3)]
    grid, _ = draw_sheet(spec(), texts=texts)
    for text in texts:
        assert grid.lines()[text.row][text.column : text.column + 2] == "Ab"
        assert grid.colours[text.row, text.column] == 29


@pytest.mark.parametrize("raster", MODES)
@pytest.mark.parametrize("size", TINY)
def test_every_size_gives_a_grid_of_that_size(size: tuple[int, int], raster: RasterMode) -> None:
    grid, _ = draw_sheet(spec(raster, *size), [Stroke(np.array([[-2.0, -1.0], [2.0, 3.0]]), 21, "x")])
    assert grid.shape == (size[1], size[0])
    if raster == "ascii":
        assert "".join(grid.lines()).isascii()


def test_titles_are_cleaned_and_cut() -> None:
    hostile = SheetSpec(30, 10, VIEW, "\x1b[2Jé漢\n" + "long " * 30, "\x07x", "y\u202e")
    grid, _ = draw_sheet(hostile)
    text = "".join(grid.lines())
    assert "…" in grid.lines()[0]
    assert not any(character in text for character in "\x1b\n\x07\u202e漢")


def test_plotext_is_given_back_as_it_was() -> None:
    import plotext

    before = plotext.figure.build().string()
    draw_sheet(spec(), [Stroke(np.array([[-2.0, -1.0], [2.0, 3.0]]), 21)])
    assert plotext.figure.build().string() == before


def test_threads_take_turns() -> None:
    expected = draw_sheet(spec())[0].lines()
    found: list[list[str]] = []
    workers = [threading.Thread(target=lambda: found.append(draw_sheet(spec())[0].lines())) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert found == [expected] * 4


def test_plotext_is_imported_when_a_sheet_is_drawn_and_not_before(run_python: Callable[..., str]) -> None:
    found = run_python("import sys, gdtui.charts.contour, gdtui.charts.loss; print('plotext' in sys.modules)")
    assert found == "False"
