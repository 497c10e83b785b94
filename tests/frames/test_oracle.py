"""Whole frames by our raster against the same by plotext: every dot of the one is within a dot of the other."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from gdtui.charts.cells import CellGrid
from gdtui.charts.palette import Ink
from gdtui.charts.sheet import Renderer
from gdtui.engine.race import Race
from gdtui.frames import Choice, CurveAxes, Style, build_contour, build_curves, draw_contour

Dots = npt.NDArray[np.bool_]
RACERS = ["gd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw", "nadam"]
_BITS = np.array([[0, 3], [1, 4], [2, 5], [6, 7]])  # of the eight dots of a braille cell


@pytest.fixture(scope="module")
def race() -> Race:
    return Race("rosenbrock", racers=RACERS, steps=20_000).advance(20_000)


def dots(grid: CellGrid, *, racers: bool) -> Dots:
    """The braille dots of a grid, of the racers' colours or of all others, bands and wakes left out."""
    codes = grid.glyphs.astype(np.int64) - 0x2800
    mine = (grid.colours >= Ink.RACER) == racers
    codes = np.where((codes > 0) & (codes < 256) & mine, codes, 0)
    return ((codes[:, None, :, None] >> _BITS[None, :, None, :]) & 1).astype(bool).reshape(4 * codes.shape[0], -1)


def near(marked: Dots) -> Dots:
    """All dots within one of a marked one."""
    padded = np.pad(marked, 1)
    height, width = marked.shape
    return np.any([padded[i : i + height, j : j + width] for i in range(3) for j in range(3)], axis=0)


def covered(grid: CellGrid) -> Dots:
    """The dots of cells where a letter or a mark stands in place of dots."""
    other = (grid.glyphs != ord(" ")) & ((grid.glyphs < 0x2800) | (grid.glyphs > 0x28FF))
    return np.repeat(np.repeat(other, 4, axis=0), 2, axis=1)


def compare(ours: CellGrid, theirs: CellGrid) -> None:
    mine, its = dots(ours, racers=True), dots(theirs, racers=True)
    still = dots(theirs, racers=False) | dots(ours, racers=False)
    assert mine.sum() > 100
    hidden = near(covered(ours) | covered(theirs))
    assert not (mine & ~near(its) & ~hidden).any()
    # In plotext the dots of an iso-line, or of another line, join those of the line that gives a cell its colour.
    assert not (its & ~near(mine) & ~near(still) & ~hidden & ~_in_cells_of(mine)).any()


def _in_cells_of(marked: Dots) -> Dots:
    cells = marked.reshape(marked.shape[0] // 4, 4, marked.shape[1] // 2, 2).any(axis=(1, 3))
    return np.repeat(np.repeat(cells, 4, axis=0), 2, axis=1)


@pytest.mark.parametrize("size", [(84, 22), (58, 16), (160, 49)])
def test_the_contour(race: Race, size: tuple[int, int]) -> None:
    grids = []
    for renderer in ("raster", "plotext"):
        picture = build_contour(race.problem, race.snapshot(), *size, style=Style(renderer=renderer))  # type: ignore[arg-type]
        grids.append(draw_contour(picture, race.snapshot()))
    compare(*grids)


@pytest.mark.parametrize("size", [(84, 14), (58, 10), (160, 49)])
def test_the_loss_chart(race: Race, size: tuple[int, int]) -> None:
    compare(*(loss_chart(race, size, renderer) for renderer in ("raster", "plotext")))


def loss_chart(race: Race, size: tuple[int, int], renderer: Renderer) -> CellGrid:
    axes = CurveAxes(race.problem, Choice())
    curves = axes.curves(race.snapshot())
    spec = axes.spec(race.snapshot(), curves, size, 0.0, Style(renderer=renderer))
    return build_curves(spec).draw(curves)
