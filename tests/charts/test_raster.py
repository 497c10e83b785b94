"""The rasteriser against a slow twin that follows each segment in a plain loop."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gdtui.charts.cells import CellGrid
from gdtui.charts.clip import clip_polyline
from gdtui.charts.geometry import Canvas
from gdtui.charts.raster import DOTS, PATTERNS, Raster, RasterMode, Stroke
from gdtui.contracts import Reals, View
from tests.charts.pictures import MODES

CANVAS = Canvas(View(-2.0, 2.0, -1.0, 3.0), column=2, row=1, width=20, height=8)
_BLOCKS = " ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"
_BRAILLE_DOTS = {(0, 0): 1, (0, 1): 2, (0, 2): 4, (1, 0): 8, (1, 1): 16, (1, 2): 32, (0, 3): 64, (1, 3): 128}


def drawn(strokes: list[Stroke], mode: RasterMode, canvas: Canvas = CANVAS) -> CellGrid:
    grid = CellGrid.blank(canvas.width + canvas.column + 1, canvas.height + canvas.row + 1)
    raster = Raster(canvas, mode)
    raster.draw(strokes)
    raster.stamp(grid)
    return grid


def dots_of(grid: CellGrid, mode: RasterMode, canvas: Canvas = CANVAS) -> set[tuple[int, int]]:
    """The dots of a picture, read back from its characters."""
    across, down = DOTS[mode]
    found = set()
    for row, line in enumerate(grid.lines()):
        for column, glyph in enumerate(line):
            for x in range(across):
                for y in range(down):
                    if mode == "braille":
                        on = 0x2800 < ord(glyph) < 0x2900 and (ord(glyph) - 0x2800) & _BRAILLE_DOTS[x, y]
                    else:
                        on = _BLOCKS.find(glyph) & (1 << (2 * y + x)) if mode == "block" else glyph != " "
                    if on:
                        found.add(((column - canvas.column) * across + x, (row - canvas.row) * down + y))
    return found


def naive_dots(points: Reals, mode: RasterMode, canvas: Canvas = CANVAS) -> set[tuple[int, int]]:
    across, down = DOTS[mode]
    found = set()
    for part in clip_polyline(points, canvas.view):
        ends = [(canvas.across(float(x)) * across, canvas.down(float(y)) * down) for x, y in part]
        for (x0, y0), (x1, y1) in zip(ends, [*ends[1:], ends[-1]], strict=True):
            size = max(abs(math.floor(x1) - math.floor(x0)), abs(math.floor(y1) - math.floor(y0)), 1)
            for k in range(size + 1):
                found.add((math.floor(x0 + (x1 - x0) * k / size), math.floor(y0 + (y1 - y0) * k / size)))
    return found


def near(some: set[tuple[int, int]], others: set[tuple[int, int]]) -> bool:
    """Whether each dot of ``some`` is one of ``others`` or beside one."""
    around = {(x + i, y + j) for x, y in others for i in (-1, 0, 1) for j in (-1, 0, 1)}
    return some <= around


ANY = st.one_of(st.floats(-4, 4), st.sampled_from([np.nan, np.inf, 1e300, -1e300, 2.0, -1.0]))


@given(st.integers(0, 15).flatmap(lambda m: arrays(np.float64, (m, 2), elements=ANY)), st.sampled_from(MODES))
def test_dots_are_those_of_the_naive_twin(points: Reals, mode: RasterMode) -> None:
    found, expected = dots_of(drawn([Stroke(points, 1)], mode), mode), naive_dots(points, mode)
    # Equal but for points that share a dot: their segments start elsewhere in it.
    assert near(found, expected)
    assert near(expected, found)


@pytest.mark.parametrize("mode", MODES)
def test_nothing_leaves_the_canvas(mode: RasterMode) -> None:
    rng = np.random.default_rng(7)
    grid = drawn([Stroke(rng.uniform(-9, 9, (400, 2)), 1)], mode)
    outside = np.ones(grid.shape, dtype=bool)
    outside[1:9, 2:22] = False
    assert (grid.glyphs[outside] == ord(" ")).all()
    assert (grid.glyphs[~outside] != ord(" ")).mean() > 0.5


def test_a_shared_cell_merges_dots_and_takes_the_later_colour() -> None:
    falling, rising = np.array([[-2.0, 3.0], [2.0, -1.0]]), np.array([[-2.0, -1.0], [2.0, 3.0]])
    one, two = drawn([Stroke(falling, 1)], "braille"), drawn([Stroke(rising, 2)], "braille")
    both = drawn([Stroke(falling, 1), Stroke(rising, 2)], "braille")
    assert dots_of(both, "braille") == dots_of(one, "braille") | dots_of(two, "braille")
    assert (both.colours[two.colours == 2] == 2).all()
    assert (both.colours[(one.colours == 1) & (two.colours == 0)] == 1).all()


def test_ascii_shows_the_later_letter() -> None:
    points = np.array([[-2.0, 1.0], [2.0, 1.0]])
    [line] = [line for line in drawn([Stroke(points, 1, "a"), Stroke(points, 2, "b")], "ascii").lines() if line.strip()]
    assert line.strip() == "b" * 20


def test_a_stamp_replaces_what_was_there() -> None:
    grid = CellGrid.blank(22, 9)
    for row in range(9):
        grid.write(row, 0, "#" * 22, 5)
    raster = Raster(CANVAS, "braille")
    raster.draw([Stroke(np.array([[-2.0, 3.0]]), 1)])
    raster.stamp(grid)
    assert grid.lines()[1][2] == "⠠"
    assert grid.colours[1, 2] == 1
    assert (grid.colours != 5).sum() == 1


def test_a_dotted_stroke_has_gaps() -> None:
    points = np.array([[-2.0, 1.0], [2.0, 1.0]])
    whole, dotted = (dots_of(drawn([Stroke(points, 1, dotted=d)], "braille"), "braille") for d in (False, True))
    assert dotted < whole
    assert len(whole) / 4 < len(dotted) < len(whole) / 2


LEVEL = np.array([[-2.0, 1.0], [2.0, 1.0]])
STEEP = np.array([[0.0, -1.0], [0.0, 3.0]])


def patterned(points: Reals, pattern: int, mode: RasterMode = "braille") -> set[tuple[int, int]]:
    return dots_of(drawn([Stroke(points, 1, "a", pattern=pattern)], mode), mode)


@pytest.mark.parametrize("points", [LEVEL, STEEP])
@pytest.mark.parametrize("mode", ["braille", "block"])
def test_each_pattern_has_its_own_rhythm_and_most_of_the_dots(points: Reals, mode: RasterMode) -> None:
    large = Canvas(CANVAS.view, 2, 1, 40, 20)
    strokes = [*(Stroke(points, 1, pattern=k) for k in range(len(PATTERNS))), Stroke(points, 1, dotted=True)]
    *pictures, dotted = (dots_of(drawn([stroke], mode, large), mode, large) for stroke in strokes)
    assert all(picture <= pictures[0] and 2 * len(picture) >= len(pictures[0]) - 1 for picture in pictures)
    assert len({frozenset(picture) for picture in [*pictures, dotted]}) == len(PATTERNS) + 1


@pytest.mark.parametrize("pattern", range(len(PATTERNS)))
def test_a_pattern_stands_still_when_a_lines_start_moves(pattern: int) -> None:
    x = np.linspace(-2.0, 2.0, 401)
    line = np.column_stack((x, 1.0 + np.sin(2.0 * x)))
    whole = patterned(line, pattern)
    for start in (40, 131, 222):
        left = max(x for x, _ in patterned(line[:start], 0)) + 4  # the window that gives a short step its direction
        assert {dot for dot in patterned(line[start:], pattern) if dot[0] > left} == {
            dot for dot in whole if dot[0] > left
        }


@pytest.mark.parametrize("pattern", range(len(PATTERNS)))
def test_three_dots_still_show(pattern: int) -> None:
    raster = Raster(CANVAS, "braille")
    for first in range(raster.width - 2):
        ends = [-2.0 + 4.0 * (first + step) / (raster.width - 1) for step in (0.0, 1.0, 2.0)]
        assert len(patterned(np.array([(x, 1.0) for x in ends]), pattern)) >= 1


def test_a_line_of_letters_has_no_pattern() -> None:
    assert {frozenset(patterned(LEVEL, pattern, "ascii")) for pattern in range(len(PATTERNS))} == {
        frozenset(patterned(LEVEL, 0, "ascii"))
    }


def test_the_short_steps_of_a_slope_are_dashed_like_a_straight_line() -> None:
    x = np.linspace(-2.0, 2.0, 2000)
    slope = patterned(np.column_stack((x, -1.0 + (x + 2.0) / 2.0)), 1)
    columns = sorted({x for x, _ in slope})
    assert {x % 8 for x in columns[:-1]} == set(range(6))


@pytest.mark.parametrize("mode", MODES)
def test_bars_are_chequered_and_cut(mode: RasterMode) -> None:
    raster = Raster(CANVAS, mode)
    columns = np.array([-1, 0, 3, 4, 999])
    tops, bottoms = np.array([0, -50, 2, 5, 0]), np.array([9, 500, 6, 4, 9])
    raster.bars(columns, tops, bottoms, np.arange(5, dtype=np.uint8))
    grid = CellGrid.blank(23, 10)
    raster.stamp(grid)
    expected = {(0, y) for y in range(raster.height)} | {(3, y) for y in range(2, 7)}
    if mode != "ascii":
        expected = {(x, y) for x, y in expected if (x + y) % 2 == 0}
    assert dots_of(grid, mode) == expected


def test_the_work_is_bounded_and_every_point_still_a_dot() -> None:
    rng = np.random.default_rng(3)
    points = rng.uniform((-2, -1), (2, 3), (5000, 2))
    calm = np.array([[-2.0, -1.0], [2.0, -1.0]])
    grid = drawn([Stroke(points, 1), Stroke(calm, 2)], "braille")
    assert naive_dots(points[-10:], "braille") <= dots_of(grid, "braille")
    assert set(grid.colours[8, 2:22].tolist()) == {2}


def test_no_strokes_and_no_canvas() -> None:
    assert drawn([], "braille").lines() == drawn([Stroke(np.zeros((0, 2)), 1)], "braille").lines()
    empty = Canvas(CANVAS.view, 0, 0, 0, 0)
    assert drawn([Stroke(np.zeros((3, 2)), 1)], "braille", empty).lines() == [" "]
