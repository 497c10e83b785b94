"""The loss chart on a logarithmic x axis, with smooth lines, with one racer that stands out, with a column marked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdtui.charts.curves import places, sweep
from gdtui.charts.geometry import Canvas
from gdtui.charts.loss import CurveLayer, LossChart, LossSpec
from gdtui.charts.palette import faded, head_colour, racer_colour
from gdtui.charts.raster import Raster, RasterMode
from gdtui.charts.sheet import Renderer
from gdtui.contracts import View
from tests.charts.pictures import MODES, TINY, cells_of, check_golden, curve, curves

SPEC = LossSpec(1000, -3.0, 2.0, 60, 20, title="Loss", x_label="step", y_label="loss")
CHART = LossChart(SPEC)
LOG_X = replace(SPEC, x_low=np.log10(0.4), x_high=3.0, log_x=True)


def noisy(index: int, **fields: Any) -> CurveLayer:
    """A noisy fall, and what is left of it when it is made smooth."""
    steps = np.arange(900.0)
    falling = 30.0 * np.exp(-steps / 200)
    noise = np.random.default_rng(index).normal(0.0, 0.5, steps.size)
    return replace(curve(falling * np.exp(noise), index, "noisy"), smooth=falling, **fields)


def test_golden_log_x() -> None:
    check_golden("loss_log_x", LossChart(replace(LOG_X, title="Loss")).draw(curves()))


@pytest.mark.parametrize("raster", ["braille", "ascii"])
def test_golden_smoothed_and_strong(raster: RasterMode) -> None:
    grid = LossChart(replace(SPEC, raster=raster)).draw(
        [noisy(0, weight="faint"), noisy(1, weight="strong"), curve(np.full(900, 0.1), 2, "still")]
    )
    check_golden(f"loss_smoothed_{raster}", grid)


@pytest.mark.parametrize("raster", MODES)
@pytest.mark.parametrize("log_x", [False, True])
def test_plotext_draws_the_same_smooth_lines_on_every_x_axis(raster: RasterMode, log_x: bool) -> None:
    spec = replace(LOG_X if log_x else SPEC, raster=raster)
    layers = [curve(30.0 * np.exp(-np.arange(900.0) / 90), 0), noisy(1)]
    ours, theirs = (LossChart(s).draw(layers) for s in (spec, replace(spec, renderer="plotext")))
    for k in range(2):
        mine, its = (cells_of(grid, racer_colour(k)) for grid in (ours, theirs))
        assert len(mine) > 20
        for some, others in ((mine, its), (its, mine)):
            assert all(any(abs(x - a) <= 1 and abs(y - b) <= 1 for a, b in others) for x, y in some)


def test_a_power_of_the_steps_is_straight_on_two_log_axes() -> None:
    chart = LossChart(LOG_X)
    grid = chart.draw([curve(100.0 / np.maximum(np.arange(1000.0), 1.0), 0)])
    for step in (1, 10, 100, 999):
        cell = chart.canvas.point_to_cell(np.log10(step), 2.0 - np.log10(step))
        assert cell is not None
        assert grid.colours[cell[1], cell[0]] in (racer_colour(0), head_colour(0))
        assert chart.column(step) == cell[0]
    assert chart.column(0) == chart.canvas.column
    assert chart.span(chart.canvas.column) == (0.0, 0.0)
    begin, middle = chart.span(chart.column(100)) or (0.0, 0.0)
    assert begin <= 100 < middle**2 / begin
    assert chart.span(0) is None


@settings(max_examples=60)
@given(
    st.lists(st.floats(0.0, 2e3) | st.integers(0, 1200).map(float), min_size=1, max_size=80).map(sorted),
    st.sampled_from(MODES), st.booleans(), st.integers(3, 90),
)  # fmt: skip
def test_columns_are_where_the_raster_draws(x: list[float], mode: RasterMode, log_x: bool, width: int) -> None:
    view = View(np.log10(0.4) if log_x else 0.0, 3.0 if log_x else 1000.0, 0.0, 1.0)
    raster, at = Raster(Canvas(view, 0, 0, width, 5), mode), np.array(x)
    values = np.arange(at.size) / at.size
    swept = sweep([CurveLayer(at, values, values, values, racer_colour(0), "A")], raster, False, log_x=log_x)
    dots, _ = raster.dots(places(at, view.x_low, log_x), values)
    for column, low, high, last in zip(swept.column, swept.low, swept.high, swept.last, strict=True):
        # A hair beyond an edge may count as before it.
        surely, maybe = (values[(dots >= column + hair) & (dots < column + 1 - hair)] for hair in (1e-6, -1e-6))
        if 0 <= column < raster.width:
            assert low >= maybe.min()
            assert high == last <= maybe.max()
            assert low <= min(surely, default=np.inf)
            assert high >= max(surely, default=-np.inf)
    assert (np.diff(swept.column) > 0).all()


def test_a_strong_line_is_on_top_and_the_others_are_faint() -> None:
    same = np.logspace(1, -2, 900)
    grid = CHART.draw([curve(same, 0, "a", weight="strong"), curve(same, 1, "b", weight="faint")])
    assert cells_of(grid, head_colour(0))
    assert not cells_of(grid, racer_colour(0)) + cells_of(grid, racer_colour(1))
    assert len(cells_of(grid, faded(racer_colour(1)))) < 5
    assert len(cells_of(grid, head_colour(1))) == 1  # its letter
    assert grid.lines()[0].endswith("A a  B b")
    gone = CHART.draw([curve(same, 0, retired=True, weight="strong"), curve(same * 2, 1, retired=True)])
    assert len(cells_of(gone, head_colour(0))) > 9
    assert len(cells_of(gone, faded(racer_colour(1)))) > 9


@pytest.mark.parametrize("renderer", ["raster", "plotext"])
@pytest.mark.parametrize("raster", MODES)
def test_a_marked_column_shows_where_there_is_nothing_else(raster: RasterMode, renderer: Renderer) -> None:
    chart = LossChart(replace(SPEC, raster=raster, renderer=renderer))
    plain, marked = (chart.draw([noisy(0)], column) for column in (None, 30))
    canvas = chart.canvas
    different = np.argwhere(plain.glyphs != marked.glyphs)
    assert set(different[:, 1]) == {30}
    assert len(different) == (plain.glyphs[canvas.row : canvas.row + canvas.height, 30] == ord(" ")).sum() > 5
    for beside in (-1, 0, canvas.column - 1, canvas.column + canvas.width, 999):
        np.testing.assert_array_equal(chart.draw([noisy(0)], beside).glyphs, plain.glyphs)


@pytest.mark.parametrize("raster", MODES)
@pytest.mark.parametrize("size", TINY)
@pytest.mark.parametrize("spec", [SPEC, LOG_X])
def test_no_size_is_too_small(size: tuple[int, int], raster: RasterMode, spec: LossSpec) -> None:
    for renderer in ("raster", "plotext"):
        small = replace(spec, width=size[0], height=size[1], raster=raster, renderer=renderer)
        grid = LossChart(small).draw([*curves(), noisy(5)], cursor=size[0] // 2)
        assert grid.shape == (size[1], size[0])
        assert raster != "ascii" or "".join(grid.lines()).isascii()
