"""One quantity over the steps, small: a line, its highest and lowest value, the first and last step, and where we are.

Nothing but a raster and a few words, so that it can be drawn anew at every keystroke.
"""

from __future__ import annotations

import numpy as np

from gdtui.charts.cells import CellGrid, one_line
from gdtui.charts.geometry import Canvas, proper
from gdtui.charts.palette import Ink, faded
from gdtui.charts.raster import Raster, RasterMode, Stroke
from gdtui.charts.ticks import count, short
from gdtui.contracts import Ints, Reals, View

# The axis is logarithmic where this share of the values lies this far below the highest. One last step to nothing, as
# at the end of a cosine, would otherwise squeeze all that came before it into the top row.
LOW_SHARE, LOW = 0.1, 1e-2
SMALLEST = (24, 3)  # columns and rows
_FIRST = "step "


def sparkline(
    steps: Ints,
    values: Reals,
    width: int,
    height: int,
    *,
    now: int,
    colour: int,
    name: str,
    note: str = "",
    stale: bool = False,
    raster: RasterMode = "braille",
) -> CellGrid:
    """``values`` over increasing ``steps``, both ``(m,)``, in ``width`` x ``height`` cells; blank if it is too small.

    What lies before ``now`` is dimmed, and a dotted line stands there. A ``stale`` picture is dimmed as a whole.
    ``note`` is written over the line; ``name`` says what the values are. Values that are not finite are gaps.
    """
    grid = CellGrid.blank(width, height)
    known = values[np.isfinite(values)]
    if not known.size or width < SMALLEST[0] or height < SMALLEST[1]:
        return grid
    lowest, highest = float(known.min()), float(known.max())
    log = lowest > 0.0 and float(np.quantile(known, LOW_SHARE)) <= LOW * highest
    scale = np.log10 if log else np.asarray
    view = proper(View(float(steps[0]), float(steps[-1]), float(scale(lowest)), float(scale(highest))))
    name = one_line(f"{name} log" if log else name, 12, ascii_only=raster == "ascii")
    gutter = max(len(name), len(short(lowest)), len(short(highest))) + 1
    canvas = Canvas(view, gutter, 0, width - gutter, height - 1)
    _write_values(grid, canvas, {float(scale(value)): short(value) for value in (lowest, highest)}, name)
    _write_steps(grid, canvas, int(steps[0]), int(steps[-1]), now, raster)
    with np.errstate(invalid="ignore"):
        points = np.column_stack((steps.astype(np.float64), scale(values)))
    behind = int(np.searchsorted(steps, now, side="right"))
    lines = Raster(canvas, raster)
    lines.draw(
        [
            Stroke(points[:behind], Ink.DIM if stale else faded(colour), "*"),
            Stroke(points[max(behind - 1, 0) :], Ink.DIM if stale else colour, "*"),
        ]
    )
    lines.stamp(grid)
    note = one_line(note, canvas.width - 2, ascii_only=raster == "ascii")
    grid.write(0, gutter + (canvas.width - len(note)) // 2, note, Ink.TEXT)
    return grid


def _write_values(grid: CellGrid, canvas: Canvas, labels: dict[float, str], name: str) -> None:
    """The values beside their places, and between them what they are."""
    taken = set()
    for position, label in labels.items():
        cell = canvas.point_to_cell(canvas.view.x_low, position)
        row = 0 if cell is None else cell[1]
        grid.write(row, canvas.column - 1 - len(label), label, Ink.TEXT)
        taken.add(row)
    free = [row for row in range(canvas.height) if row not in taken]
    if free:
        grid.write(free[len(free) // 2], canvas.column - 1 - len(name), name, Ink.DIM)


def _write_steps(grid: CellGrid, canvas: Canvas, first: int, last: int, now: int, raster: RasterMode) -> None:
    """The first and last step below, and where ``now`` is if there is room; a dotted line through the canvas there."""
    row, width = canvas.height, grid.shape[1]
    begin, end = _FIRST + count(first), count(last)
    grid.write(row, canvas.column, begin, Ink.TEXT)
    grid.write(row, width - len(end), end, Ink.TEXT)
    cell = canvas.point_to_cell(float(max(now, first)), canvas.view.y_low)
    if cell is None:
        return
    for line in range(canvas.height):
        grid.write(line, cell[0], ":" if raster == "ascii" else "┊", Ink.FRAME)
    label = f"{'^' if raster == 'ascii' else '▲'} {count(now)}"
    if canvas.column + len(begin) < cell[0] and cell[0] + len(label) < width - len(end):
        grid.write(row, cell[0], label, Ink.TEXT)
