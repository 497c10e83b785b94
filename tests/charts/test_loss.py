"""The loss chart: lines, bands, gaps, letters, arrows, limits, the oracle, sizes, golden pictures."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gdtui.charts.loss import CurveLayer, LossChart, LossSpec, spread, suggest_limits, suggest_range
from gdtui.charts.palette import faded, head_colour, racer_colour, racer_letter
from gdtui.charts.raster import RasterMode
from gdtui.charts.sheet import Renderer
from gdtui.contracts import Reals
from tests.charts.pictures import MODES, SIZES, TINY, cells_of, check_golden, curve, curves

SPEC = LossSpec(1000, -3.0, 2.0, 60, 20, title="Loss", x_label="step", y_label="loss")
CHART = LossChart(SPEC)


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


def test_a_gap_within_a_column_does_not_hide_what_was_there() -> None:
    values = np.full(4000, np.nan)  # nine of them to a column of dots
    values[[0, 1, 2, 2000]] = 1.0
    grid = LossChart(replace(SPEC, x_high=4000)).draw([curve(values, 0)])
    assert len(cells_of(grid, racer_colour(0))) == 2
    assert len(cells_of(grid, head_colour(0))) == 1  # the letter, at the end of what is known


def test_letters_that_share_a_row_stand_in_the_order_of_their_values() -> None:
    ends = [curve(np.full(500, value), k) for k, value in enumerate((1.0, 1.01, 1.02))]
    rows = [cells_of(CHART.draw(ends), head_colour(k))[0][1] for k in range(3)]
    assert rows == sorted(rows, reverse=True)


@pytest.mark.parametrize("raster", MODES)
@pytest.mark.parametrize("renderer", ["raster", "plotext"])
def test_changes_are_marked_on_the_line(raster: RasterMode, renderer: Renderer) -> None:
    values = np.logspace(1, -2, 900)
    spec = replace(SPEC, raster=raster, renderer=renderer)
    grid = LossChart(spec).draw([curve(values, 0, changes=(100, 500)), curve(values * 3, 1)])
    marks = np.argwhere(grid.glyphs == ord("#" if raster == "ascii" else "◆"))
    expected = [CHART.canvas.point_to_cell(place, np.log10(values[place])) for place in (100, 500)]
    assert [(column, row) for row, column in sorted(marks.tolist(), key=lambda at: at[1])] == expected
    assert all(grid.colours[row, column] == head_colour(0) for row, column in marks.tolist())


@pytest.mark.parametrize(("hole", "place"), [((0, 200), 200), ((300, 420), 420), ((700, 900), 699)])
def test_a_change_in_a_gap_is_marked_beside_it(hole: tuple[int, int], place: int) -> None:
    values = np.full(900, 2.0)
    values[slice(*hole)] = 0.0
    grid = CHART.draw([curve(values, 0, changes=(hole[0] + 100,))])
    assert chr(grid.glyphs[(CHART.canvas.point_to_cell(place, np.log10(2.0)) or (0, 0))[::-1]]) == "◆"


def test_a_change_out_of_view_is_marked_on_the_edge() -> None:
    grid = CHART.draw([curve(np.full(900, 1e5), 0, changes=(300,)), curve(np.full(900, 1e-9), 1, changes=(300,))])
    assert "◆" in grid.lines()[CHART.canvas.row]
    assert "◆" in grid.lines()[CHART.canvas.row + CHART.canvas.height - 1]
    assert "◆" not in "".join(CHART.draw([curve(np.full(9, np.nan), 0, changes=(3,))]).lines())


def banded(index: int, half_width: float, *, spread: bool = True) -> CurveLayer:
    x, last = np.arange(1000.0), np.full(1000, 1.0)
    return CurveLayer(
        x, last / half_width, last * half_width, last, racer_colour(index), racer_letter(index), spread=spread
    )


@pytest.mark.parametrize("renderer", ["raster", "plotext"])
def test_a_narrow_spread_is_drawn_over_a_wide_one(renderer: Renderer) -> None:
    chart = LossChart(replace(SPEC, renderer=renderer))
    for layers in ([banded(0, 3.0), banded(1, 90.0)], [banded(1, 90.0), banded(0, 3.0)]):
        grid = chart.draw(layers)
        rows = {k: {y for _, y in cells_of(grid, faded(racer_colour(k)))} for k in (0, 1)}
        assert rows[0]
        assert max(rows[1]) > max(rows[0])
        assert min(rows[1]) < min(rows[0])


def test_a_spread_leaves_the_chart_without_an_arrow() -> None:
    for spread_, arrows in ((True, 0), (False, 1)):
        text = "".join(CHART.draw([banded(0, 1e9, spread=spread_)]).lines())
        assert (text.count("↑"), text.count("↓")) == (arrows, arrows)
    assert "↑" in "".join(CHART.draw([replace(banded(0, 2.0), last=np.full(1000, 1e9))]).lines())


@pytest.mark.parametrize("raster", MODES)
def test_dots_of_a_prediction_stand_still_as_it_shrinks(raster: RasterMode) -> None:
    chart, values = LossChart(replace(SPEC, raster=raster)), np.logspace(1.5, -2, 1001)
    layer = curve(values, 0, dotted=True)
    whole = chart.draw([layer])
    for first in range(200, 260):
        part = replace(layer, x=layer.x[first:], **dict.fromkeys(("low", "high", "last"), values[first:]))
        grid = chart.draw([part])
        column = chart.canvas.column + int(chart.canvas.across(float(first))) + 1
        np.testing.assert_array_equal(grid.glyphs[1:-2, column:], whole.glyphs[1:-2, column:])


def test_plotext_draws_the_same_prediction() -> None:
    layer = curve(30.0 * np.exp(-np.arange(900.0) / 200), 0, dotted=True)
    ours, theirs = (LossChart(s).draw([layer]) for s in (SPEC, replace(SPEC, renderer="plotext")))
    mine, its = (set(cells_of(grid, racer_colour(0))) for grid in (ours, theirs))
    assert all(any(abs(x - a) <= 1 and abs(y - b) <= 1 for a, b in mine) for x, y in its)
    assert len(its) > 0.6 * len(mine)


def test_letters_at_one_end_spread_up_and_down() -> None:
    grid = CHART.draw([curve(np.full(500, 1.0), k) for k in range(5)])
    places = [cells_of(grid, head_colour(k)) for k in range(5)]
    assert all(len(place) == 1 for place in places)
    rows = [place[0][1] for place in places]
    middle = (CHART.canvas.point_to_cell(499, 0.0) or (0, 0))[1]
    assert rows == list(range(middle - 2, middle + 3))
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


def test_limits_of_curves_near_the_largest_number() -> None:
    """The mean of two such numbers is one, though their sum is not."""
    low, high = suggest_limits([curve(np.full(5, -1.7e308), 0), curve(np.full(5, -9.8e306), 1)], log=False)
    assert np.isfinite([low, high]).all()
    assert low < high


def test_limits_of_nothing() -> None:
    assert suggest_limits([], log=True) == (0.0, 1.0)
    assert suggest_limits([curve(np.full(5, np.nan), 0)], log=False) == (0.0, 1.0)
    low, high = suggest_limits([curve(np.full(5, 2.0), 0)], log=False)
    assert low < 2.0 <= high


@pytest.mark.parametrize("log", [True, False])
def test_a_range_of_nothing(log: bool) -> None:
    assert suggest_range([], log) == (0.0, 1.0)
    assert suggest_range([curve(np.full(5, np.nan), 0)], log) == (0.0, 1.0)
    assert suggest_range([curve(np.full(5, -2.0), 0)], log)[0] == 0.0


def test_a_range_holds_every_line_that_is_not_a_spike() -> None:
    steady, rising = curve(np.full(1000, 1e-3), 0), curve(np.logspace(-3, 0, 1000), 1)
    assert suggest_range([steady], log=True) == pytest.approx((-3.5, -2.5))
    assert suggest_range([steady, rising], log=True) == pytest.approx((-3.0, 0.0))
    assert suggest_range([steady, rising], log=False) == pytest.approx((0.0, 1.0))
    spiky = np.full(1000, 1e-3)
    spiky[[300, 301]] = 1e6, 1e-9
    assert suggest_range([curve(spiky, 0)], log=True) == pytest.approx((-4.0, -2.0))
    assert suggest_range([curve(spiky, 0)], log=False) == pytest.approx((0.0, 2e-3))


def test_a_range_holds_little_of_what_is_beyond_the_lines() -> None:
    line = curve(np.full(900, 1.0), 0)
    assert suggest_range([line, banded(1, 1e6)], log=True) == pytest.approx((-1.0, 1.0))
    assert suggest_range([line, banded(1, 1.5)], log=False) == pytest.approx((0.0, 1.5))
    gone = replace(curve(np.full(900, 1e9), 1), retired=True)
    assert suggest_range([line, gone], log=True) == pytest.approx((0.0, 1.0))
    assert suggest_range([gone], log=True) == pytest.approx((8.5, 9.5))  # nobody else is there
    wild = curve(np.full(900, 1e9), 1)
    assert suggest_range([line, wild], log=True)[1] == pytest.approx(9.0)
    assert suggest_range([line, wild], log=True, most=100.0)[1] == pytest.approx(2.0)


@pytest.mark.parametrize("value", [1e-3, 5.0, -40.0, 0.0, 1e300])
def test_one_value_gets_an_interval_as_large_as_it_is(value: float) -> None:
    low, high = suggest_limits([curve(np.full(5, value), 0)], log=False)
    assert low < value < high
    assert high - low == pytest.approx(abs(value) or 1.0)


@settings(max_examples=60)
@given(
    st.lists(st.integers(0, 9).flatmap(lambda m: arrays(np.float64, (m, 3), elements=ANY)), max_size=9),
    st.booleans(), st.sampled_from([None, 4.0]),
)  # fmt: skip
def test_a_range_of_anything(values: list[Reals], log: bool, most: float | None) -> None:
    layers = [
        CurveLayer(np.arange(len(v)), *v.T, racer_colour(k), racer_letter(k), spread=True, retired=k % 3 == 1)
        for k, v in enumerate(values)
    ]
    low, high = suggest_range(layers, log, most=most)
    assert np.isfinite([low, high]).all()
    assert low < high
    spec = replace(SPEC, log=log, y_low=low, y_high=high)
    assert LossChart(spec).draw(layers).shape == (20, 60)


@given(st.lists(st.integers(0, 9)), st.integers(1, 10))
def test_labels_keep_near_to_where_they_are_wanted(rows: list[int], height: int) -> None:
    rows = sorted(min(row, height - 1) for row in rows)[:height]
    placed = [row for row in spread(rows, height) if row is not None]
    best = min(
        (
            sum(abs(a - b) ** 2 for a, b in zip(rows, tried, strict=True))
            for tried in combinations(range(height), len(rows))
        ),
    )
    assert sum(abs(a - b) ** 2 for a, b in zip(rows, placed, strict=True)) <= best + len(rows)


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
