"""What the chart tests draw, and the golden texts they are held against."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from gdtui.charts.cells import CellGrid
from gdtui.charts.contour import ContourSpec, Mark, PathLayer
from gdtui.charts.loss import CurveLayer
from gdtui.charts.palette import racer_colour, racer_letter
from gdtui.charts.raster import RasterMode
from gdtui.contracts import Reals, View

GOLDEN = Path(__file__).parent / "golden"
SIZES = [(56, 20), (70, 24), (110, 36)]
TINY = [(0, 0), (1, 1), (2, 2), (5, 2), (8, 5), (3, 30), (30, 3), (20, 5), (12, 12), (16, 4)]
MODES: list[RasterMode] = ["braille", "block", "ascii"]
# A colour index as one character, so that a picture's colours are a picture too.
_COLOUR_KEYS = ".ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def rosenbrock(
    width: int, height: int, raster: RasterMode = "braille", title: str = "Rosenbrock, κ ≈ 2508"
) -> ContourSpec:
    a, b = np.linspace(-2.0, 2.0, 121), np.linspace(-1.0, 3.0, 121)
    x, y = np.meshgrid(a, b)
    values = 100.0 * (y - x * x) ** 2 + (1.0 - x) ** 2
    return ContourSpec(a, b, values, View(-2.0, 2.0, -1.0, 3.0), width, height, title, "x₁", "x₂", raster)


def descent(rate: float, beta: float, steps: int) -> Reals:
    """Heavy-ball descent on Rosenbrock from its classic start, ``(steps + 1, 2)``."""
    point, velocity, path = np.array([-1.2, 1.0]), np.zeros(2), []
    for _ in range(steps + 1):
        path.append(point)
        x, y = point
        velocity = beta * velocity + np.array([-400.0 * x * (y - x * x) - 2.0 * (1.0 - x), 200.0 * (y - x * x)])
        point = point - rate * velocity
    return np.array(path)


def paths() -> list[PathLayer]:
    """Two that arrive, and one that leaves the view."""
    points = [descent(1e-3, 0.0, 1500), descent(1e-3, 0.9, 600), descent(5e-3, 0.9, 8)]
    return [PathLayer(p, racer_colour(k), racer_letter(k), retired=k == 2) for k, p in enumerate(points)]


def marks() -> list[Mark]:
    return [Mark(1.0, 1.0, "optimum"), Mark(-1.2, 1.0, "start"), Mark(0.0, 2.0, "cursor")]


def curve(values: Reals, index: int, label: str = "", **fields: Any) -> CurveLayer:
    steps, colour, letter = np.arange(values.size), racer_colour(index), racer_letter(index)
    return CurveLayer(steps, values, values, values, colour, letter, label, **fields)


def curves() -> list[CurveLayer]:
    """A slope, an oscillation, a divergence, a gap and a prediction."""
    t = np.arange(800.0)
    gap = np.where((t > 300) & (t < 420), np.nan, 3.0 * np.exp(-t / 200))
    return [
        curve(20.0 * np.exp(-t / 120), 0, "gd"),
        curve(20.0 * np.exp(-t / 90) * (1.0 + 0.9 * np.sin(1.3 * t)) + 1e-3, 1, "momentum"),
        curve(20.0 * np.exp(t[:300] ** 2 / 200), 2, "diverges"),
        curve(gap, 3, "gap"),
        curve(24.0 * np.exp(-t / 250), 4, "predicted", dotted=True),
    ]


def cells_of(grid: CellGrid, colour: int) -> list[tuple[int, int]]:
    """Cells of a colour below the header."""
    rows, columns = np.nonzero((grid.colours == colour) & (grid.glyphs != ord(" ")))
    return [(x, y) for x, y in zip(columns.tolist(), rows.tolist(), strict=True) if y > 0]


def as_text(grid: CellGrid) -> str:
    """The glyphs, then the colours of all glyphs but spaces."""
    colours = [
        "".join(" " if g == 32 else _COLOUR_KEYS[c] for g, c in zip(*row, strict=True))
        for row in zip(grid.glyphs, grid.colours, strict=True)
    ]
    return "\n".join(line.rstrip() for line in [*grid.lines(), "-" * grid.shape[1], *colours]) + "\n"


def check_golden(name: str, grid: CellGrid) -> None:
    """Compare with ``golden/name.txt``; GDTUI_UPDATE_GOLDEN=1 writes it instead, to be looked at before it is kept."""
    path, text = GOLDEN / f"{name}.txt", as_text(grid)
    if os.environ.get("GDTUI_UPDATE_GOLDEN") == "1":
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text
