"""Iso-lines: levels that fit the function, lines on their level, labels out of each other's way."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gdtui.charts.cells import CellGrid
from gdtui.charts.geometry import Canvas
from gdtui.charts.isolines import choose_levels, covers_of, iso_lines, level_labels, place_labels, simplify, uncrowded
from gdtui.charts.raster import Raster, Stroke
from gdtui.contracts import Reals, View

A = np.linspace(-2.0, 2.0, 81)
X, Y = np.meshgrid(A, A)
ROSENBROCK = 100.0 * (Y + 1.0 - X * X) ** 2 + (1.0 - X) ** 2
FIELDS = {
    "rosenbrock": ROSENBROCK,
    "bowl": X * X + Y * Y,
    "narrow bowl": 50.0 * X * X + 0.5 * Y * Y,
    "saddle": X * X - Y * Y,
    "slope": 3.0 * X + Y,
    "shifted": 5.0 + 1e-3 * (X * X + Y * Y),
    "decades": np.exp(60.0 * X * X),
    "half missing": np.where(X > 0.0, np.nan, X * X + Y * Y),
    "plateau": np.maximum(X, 0.0),
}


@pytest.mark.parametrize("name", FIELDS)
def test_levels_spread_over_the_picture(name: str) -> None:
    levels = choose_levels(FIELDS[name], 12)
    assert 5 <= len(levels) <= 12
    assert all(a < b for a, b in pairwise(levels))
    finite = FIELDS[name][np.isfinite(FIELDS[name])]
    # No gap between neighbours holds much more than half of the picture.
    shares = [(finite < level).mean() for level in levels]
    assert max(b - a for a, b in pairwise([0.0, *shares, 1.0])) <= 0.55


def test_a_valley_gets_powers_and_a_saddle_its_separatrix() -> None:
    assert choose_levels(ROSENBROCK, 12) == [0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0]
    assert choose_levels(FIELDS["saddle"], 12) == [-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0]


def test_a_bowl_gets_evenly_spaced_rings() -> None:
    radii = np.sqrt(choose_levels(FIELDS["bowl"], 12))
    assert np.ptp(np.diff(radii)) < 0.1 * np.diff(radii).mean()


RADII = np.hypot(X - 0.3, Y - 0.2)
HARD = {
    "rosenbrock": ROSENBROCK,
    "steep quadratic": 0.5 * (1e4 * X * X + Y * Y),
    "turned quadratic": 0.25 * (1e4 * (X - Y) ** 2 + (X + Y) ** 2),
    "needle": 1.0 - np.exp(-200.0 * RADII**2),
    "spike": 1.0 + 1e6 * np.exp(-200.0 * RADII**2),
    "many decades, both signs": np.sinh(300.0 * X) + Y,
    "infinities": np.where(X < -1.9, -np.inf, np.where(X > 1.5, 1e300 * Y, X * X + Y)),
    "well": np.log(X * X + Y * Y + 1e-9),
    "waves": np.sin(5.0 * X) * np.sin(5.0 * Y) + 10.0,
}


@pytest.mark.parametrize("size", [(34, 12), (54, 16), (100, 34)])
@pytest.mark.parametrize("name", HARD)
def test_at_least_five_lines_show_and_none_is_a_blob(name: str, size: tuple[int, int]) -> None:
    canvas = Canvas(View(-2.0, 2.0, -2.0, 2.0), 0, 0, *size)
    isos = iso_lines(A, A, HARD[name])
    covers = covers_of(isos, canvas, "braille")
    shown = uncrowded(covers)
    assert 5 <= len(shown) <= 12
    assert all(covers[k].any() for k in shown)
    raster = Raster(canvas, "braille")
    raster.draw([Stroke(piece, 0) for k in shown for piece in isos[k].polylines])
    grid = CellGrid.blank(*size)
    raster.stamp(grid)
    dots = np.bitwise_count(np.where(grid.glyphs >= 0x2800, grid.glyphs - 0x2800, 0))
    if name != "waves":  # which has as many hills as there is room for
        assert (dots >= 6).mean() < 0.03


def test_lines_that_crowd_go_lowest_first_but_some_stay() -> None:
    row = np.zeros((3, 8), dtype=np.bool_)
    row[1, :6] = True
    other = np.zeros_like(row)
    other[2] = True
    assert uncrowded([row, row, other]) == [0, 1, 2]
    assert uncrowded([row, other] * 6) == [7, 8, 9, 10, 11]
    below = np.roll(row, 1, axis=0)
    assert uncrowded([row, below] * 4) == [3, 4, 5, 6, 7]
    assert uncrowded([row, below], apart=True) == [0, 1]
    assert uncrowded([below] + [np.zeros_like(row)] * 3 + [row] * 6, apart=True) == [5, 6, 7, 8, 9]
    assert uncrowded([np.zeros_like(row)]) == []
    assert uncrowded([]) == []


def test_levels_part_a_picture_that_differences_do_not() -> None:
    levels = choose_levels(HARD["many decades, both signs"], 12)
    signs = np.sign(levels)
    assert (signs < 0).sum() >= 4
    assert (signs > 0).sum() >= 4
    assert all(float(f"{level:.1e}") == level for level in levels)
    assert len(set(level_labels(levels))) == len(levels)


@pytest.mark.parametrize("values", [np.zeros((9, 9)), np.full((9, 9), np.nan), np.full((9, 9), 7.0), np.zeros((1, 5))])
def test_nothing_to_show(values: Reals) -> None:
    assert iso_lines(np.arange(float(values.shape[1])), np.arange(float(values.shape[0])), values) == []


@pytest.mark.parametrize("name", FIELDS)
def test_lines_lie_on_their_level(name: str) -> None:
    isos = iso_lines(A, A, FIELDS[name], 12)
    assert isos
    assert isos[0].band >= 0
    assert isos[-1].band <= 11
    for iso in isos:
        for piece in iso.polylines:
            assert piece.shape[1] == 2
            assert np.isfinite(piece).all()
            column, row = (np.clip(np.rint((piece[:, k] + 2.0) / 0.05).astype(int), 1, 79) for k in (0, 1))
            corners = np.array([FIELDS[name][row + i, column + j] for i in (-1, 0, 1) for j in (-1, 0, 1)])
            assert (np.nanmin(corners, axis=0) <= iso.level * (1 + 1e-9) + 1e-9).all()
            assert (np.nanmax(corners, axis=0) >= iso.level * (1 - 1e-9) - 1e-9).all()


@settings(max_examples=150)
@given(arrays(np.float64, (5, 6), elements=st.one_of(st.floats(), st.floats(-3, 3))), st.integers(0, 12))
def test_any_values_are_taken(values: Reals, bands: int) -> None:
    isos = iso_lines(np.arange(6.0), np.arange(5.0), values, bands)
    assert len(isos) <= bands
    levels = [iso.level for iso in isos]
    assert levels == sorted(set(levels))
    assert all(0 <= iso.band < bands for iso in isos)


def test_labels_tell_levels_apart() -> None:
    assert level_labels([0.3, 1.0, 1000.0]) == ["0.3", "1", "1000"]
    assert level_labels([5.0002, 5.0004]) == ["5.0002", "5.0004"]
    assert level_labels([1.0, 1.0 + 1e-12]) == ["", ""]
    assert level_labels([]) == []


@pytest.mark.parametrize("size", [(50, 16), (100, 30), (12, 4)])
def test_labels_keep_their_distance_and_stand_on_their_line(size: tuple[int, int]) -> None:
    canvas = Canvas(View(-2.0, 2.0, -2.0, 2.0), 0, 0, *size)
    isos = iso_lines(A, A, FIELDS["bowl"])
    texts = level_labels([iso.level for iso in isos])
    labels = place_labels(covers_of(isos, canvas, "braille"), texts, canvas)
    assert labels or size == (12, 4)
    assert len({label.iso for label in labels}) == len(labels)
    for label in labels:
        assert 0 < label.row < size[1] - 1
        assert 0 < label.column < label.column + len(label.text) < size[0]
        point = canvas.cell_to_point(label.column + len(label.text) // 2, label.row)
        assert point is not None
        cell = max(4.0 / size[0], 4.0 / size[1])
        assert abs(np.hypot(*point) - isos[label.iso].level ** 0.5) < 1.5 * cell
    for a, b in combinations(labels, 2):
        assert a.row != b.row or a.column + len(a.text) < b.column or b.column + len(b.text) < a.column


def test_simplify_keeps_the_ends_and_the_shape() -> None:
    canvas = Canvas(View(-2.0, 2.0, -2.0, 2.0), 0, 0, 50, 16)
    t = np.linspace(0.0, 6.0, 2000)
    circle = np.column_stack((np.cos(t), np.sin(t)))
    kept = simplify(circle, canvas, "braille")
    assert len(kept) < 120
    assert np.array_equal(kept[[0, -1]], circle[[0, -1]])
    assert np.abs(np.hypot(*((kept[1:] + kept[:-1]) / 2).T) - 1.0).max() < 0.02
