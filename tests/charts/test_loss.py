"""The loss chart: lines, bands, gaps, letters, arrows, limits, the oracle, sizes, golden pictures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gdtui.charts.cells import CellGrid
from gdtui.charts.loss import CurveLayer, LossChart, LossSpec, spread, suggest_limits
from gdtui.charts.palette import faded, head_colour, racer_colour, racer_letter
from gdtui.charts.raster import RasterMode
from gdtui.contracts import Reals
from tests.charts.pictures import MODES, SIZES, TINY, check_golden, curve, curves

SPEC = LossSpec(1000, -3.0, 2.0, 60, 20, title="Loss", x_label="step", y_label="loss")
CHART = LossChart(SPEC)


def cells_of(grid: CellGrid, colour: int) -> list[tuple[int, int]]:
    """Cells of a colour below the header."""
    rows, columns = np.nonzero((grid.colours == colour) & (grid.glyphs != ord(" ")))
    return [(x, y) for x, y in zip(columns.tolist(), rows.tolist(), strict=True) if y > 0]


@pytest.mark.parametrize("size", SIZES)
def test_golden(size: tuple[int, int]) -> None:
    low, high = suggest_limits(curves(), log=True)
    spec = LossSpec(1000, low, high, *size, title="Loss by step", x_label="step", y_label="loss")
    check_golden(f"loss_{size[0]}x{size[1]}", LossChart(spec).draw(curves()))


@pytest.mark.parametrize("raster", ["block", "ascii"])
def test_golden_linear_modes(raster: RasterMode) -> None:
    low, high = suggest_limits(curves(), log=False)
    spec = LossSpec(1000, low, high, 60, 20, log=False, title="Loss κ", x_label="step", raster=raster)
    check_golden(f"loss_linear_{raster}", LossChart(spec).draw(curves()))


def test_a_curve_runs_where_its_values_are() -> None:
    grid = CHART.draw([curve(np.logspace(2, -3, 1001), 0)])
    for step, exponent in ((0, 2), (500, -0.5), (1000, -3)):
        cell = CHART.canvas.point_to_cell(step, exponent)
        assert cell is not None
        assert grid.colours[cell[1], cell[0]] in (racer_colour(0), head_colour(0))


def test_an_oscillation_shows_its_band_behind_the_line() -> None:
    t = np.arange(1000.0)
    grid = CHART.draw([curve(10.0 + 9.9 * np.sin(1.3 * t), 0)])
    band = cells_of(grid, faded(racer_colour(0)))
    low, high = (CHART.canvas.point_to_cell(500, np.log10(value)) for value in (0.1, 19.9))
    assert low is not None
    assert high is not None
    assert max(y for _, y in band) == low[1]
    assert min(y for _, y in cells_of(grid, racer_colour(0)) + band) == high[1]
    assert not cells_of(CHART.draw([curve(10.0 + 9.9 * np.sin(1.3 * t), 0, dotted=True)]), faded(racer_colour(0)))


def test_summarised_steps_show_their_extremes() -> None:
    steps, last = np.arange(0, 1000, 50), np.full(20, 1.0)
    layer = CurveLayer(steps, last / 10, last * 10, last, racer_colour(0), "A")
    band = cells_of(CHART.draw([layer]), faded(racer_colour(0)))
    rows = [(CHART.canvas.point_to_cell(0, e) or (0, 0))[1] for e in (1.0, -1.0)]
    assert (min(y for _, y in band), max(y for _, y in band)) == (rows[0], rows[1])


@pytest.mark.parametrize("hole", [np.nan, np.inf, 0.0, -4.0])
def test_what_has_no_logarithm_leaves_a_gap(hole: float) -> None:
    values = np.full(1000, 1.0)
    values[300:600] = hole
    columns = {x for x, _ in cells_of(CHART.draw([curve(values, 0)]), racer_colour(0))}
    canvas = CHART.canvas
    first, last = (canvas.column + int(canvas.across(float(step))) for step in (300, 600))
    assert {first - 1, last + 1} <= columns
    assert not columns & set(range(first + 1, last))


def test_letters_at_one_end_spread_up_and_down() -> None:
    grid = CHART.draw([curve(np.full(500, 1.0), k) for k in range(5)])
    places = [cells_of(grid, head_colour(k)) for k in range(5)]
    assert all(len(place) == 1 for place in places)
    rows = [place[0][1] for place in places]
    assert rows == list(range(rows[0], rows[0] + 5))
    assert len({place[0][0] for place in places}) == 1


def test_a_curve_out_of_the_chart_is_marked_where_it_leaves() -> None:
    rising = 10.0 ** np.linspace(0, 4, 500)
    grid = CHART.draw([curve(rising, 0), curve(1.0 / rising, 1)])
    canvas = CHART.canvas
    assert "↑" in grid.lines()[canvas.row]
    grid = CHART.draw([curve(1e-3 / rising, 1)])
    assert "↓" in grid.lines()[canvas.row + canvas.height - 1]
    ascii_grid = LossChart(replace(SPEC, raster="ascii")).draw([curve(rising, 0)])
    assert "^" in ascii_grid.lines()[canvas.row]


def test_the_legend_gives_way() -> None:
    named = [curve(np.ones(9), k, label) for k, label in enumerate(["gd", "momentum", "adam"])]
    assert CHART.draw(named).lines()[0].endswith("A gd  B momentum  C adam")
    narrow = LossChart(replace(SPEC, width=30)).draw(named)
    assert narrow.lines()[0].endswith("A B C")
    assert LossChart(replace(SPEC, width=16)).draw(named).lines()[0].rstrip().endswith("Loss")
    without = LossChart(replace(SPEC, legend=False)).draw(named)
    assert "gd" not in without.lines()[0]


@pytest.mark.parametrize("raster", MODES)
def test_plotext_draws_the_same_lines(raster: RasterMode) -> None:
    spec = replace(SPEC, raster=raster)
    smooth = [curve(30.0 * np.exp(-np.arange(900.0) / scale), k) for k, scale in enumerate((200, 150, 90))]
    ours, theirs = (LossChart(s).draw(smooth) for s in (spec, replace(spec, renderer="plotext")))
    # plotext fills the bands where ours are chequered; the lines' cells are the same.
    for k in range(3):
        assert len(set(cells_of(ours, racer_colour(k))) ^ set(cells_of(theirs, racer_colour(k)))) <= 2


@pytest.mark.parametrize("raster", MODES)
@pytest.mark.parametrize("size", TINY)
@pytest.mark.parametrize("log", [True, False])
def test_no_size_is_too_small(size: tuple[int, int], raster: RasterMode, log: bool) -> None:
    for renderer in ("raster", "plotext"):
        spec = replace(SPEC, width=size[0], height=size[1], raster=raster, log=log, renderer=renderer)
        grid = LossChart(spec).draw(curves())
        assert grid.shape == (size[1], size[0])
        assert raster != "ascii" or "".join(grid.lines()).isascii()


ANY = st.one_of(st.floats(), st.floats(1e-6, 1e3))


@settings(max_examples=60)
@given(
    st.lists(st.integers(0, 9).flatmap(lambda m: arrays(np.float64, (m, 3), elements=ANY)), max_size=9), st.booleans()
)
def test_any_curves_are_drawn(values: list[Reals], log: bool) -> None:
    layers = [
        CurveLayer(np.arange(len(v)) * 100, *v.T, racer_colour(k), racer_letter(k), f"r{k}")
        for k, v in enumerate(values)
    ]
    low, high = suggest_limits(layers, log)
    assert np.isfinite([low, high]).all()
    assert low < high
    spec = replace(SPEC, log=log, y_low=low, y_high=high)
    assert LossChart(spec).draw(layers).shape == (20, 60)


def test_limits_hold_everybody_who_does_not_diverge() -> None:
    calm = [curve(np.logspace(1, -6, 500), 0), curve(np.logspace(1, -2, 500), 1)]
    assert suggest_limits(calm, log=True) == pytest.approx((-6.0, 1.0))
    wild = curve(10.0 ** np.linspace(1, 300, 500), 2)
    assert suggest_limits([*calm, wild], log=True) == pytest.approx((-6.0, 3.0))
    low, high = suggest_limits([*calm, wild], log=False)
    assert (low, high) == pytest.approx((0.0, 15.0), abs=0.1)


def test_limits_of_a_saddle_that_falls_for_ever() -> None:
    falling = -(10.0 ** np.linspace(0, 300, 500))
    low, high = suggest_limits(
        [curve(np.linspace(1, -2, 500), 0), curve(np.linspace(1, -3, 500), 1), curve(falling, 2)], log=False
    )
    assert -20 < low <= -3
    assert high == pytest.approx(1.0)


def test_one_lucky_step_does_not_rescale_the_chart() -> None:
    values = np.full(1000, 0.5)
    values[400] = 1e-27
    assert suggest_limits([curve(values, 0)], log=True)[0] > -2


def test_limits_of_nothing() -> None:
    assert suggest_limits([], log=True) == (0.0, 1.0)
    assert suggest_limits([curve(np.full(5, np.nan), 0)], log=False) == (0.0, 1.0)
    low, high = suggest_limits([curve(np.full(5, 2.0), 0)], log=False)
    assert low < 2.0 <= high


@given(st.lists(st.integers(0, 9)), st.integers(1, 10))
def test_spread_keeps_order_and_room(rows: list[int], height: int) -> None:
    rows = [min(row, height - 1) for row in rows]
    placed = spread(rows, height)
    kept = [row for row in placed if row is not None]
    assert len(kept) == len(set(kept)) == min(len(rows), height)
    assert all(0 <= row < height for row in kept)
    if len(set(rows)) == len(rows):
        assert placed == rows
    order = sorted(range(len(kept)), key=lambda k: (rows[k], k))
    assert [kept[k] for k in order] == sorted(kept)
