"""The contour chart: iso-lines of an objective on a plane, with the racers' paths and heads over them.

What stands still is built once, by plotext; what moves is drawn over it at each tick, on the same mapping.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from gdtui.charts.arrow import Arrow, Displacement, displaced, drawn, legend
from gdtui.charts.cells import CellGrid
from gdtui.charts.geometry import Canvas, fraction
from gdtui.charts.isolines import Iso, covers_of, iso_lines, level_labels, place_labels, simplify, uncrowded
from gdtui.charts.palette import BANDS, Ink, Weight, band_colour, bright, weighted
from gdtui.charts.raster import Raster, RasterMode, Stroke
from gdtui.charts.sheet import Renderer, SheetSpec, Text, draw_sheet, layout
from gdtui.contracts import Reals, View

__all__ = ["Arrow", "ContourChart", "ContourSpec", "Displacement", "Iso", "Mark", "PathLayer", "iso_lines"]

MarkKind = Literal["optimum", "start", "cursor"]
_MARKS: dict[MarkKind, tuple[str, str, int]] = {
    "optimum": ("★", "*", Ink.OPTIMUM),
    "start": ("×", "+", Ink.START),
    "cursor": ("┼", "#", Ink.WARNING),
}
_ARROWS = {"left": "←<", "right": "→>", "up": "↑^", "down": "↓v"}


@dataclass(frozen=True, slots=True, eq=False)
class ContourSpec:
    """What stands still: ``values`` ``(ny, nx)`` over ``a`` ``(nx,)`` and ``b`` ``(ny,)``, the view, size and style.

    ``a`` and ``b`` increase and should span the view. Sizes are in cells. Values may be anything, NaN included.
    """

    a: Reals
    b: Reals
    values: Reals
    view: View
    width: int
    height: int
    title: str = ""
    x_label: str = ""
    y_label: str = ""
    raster: RasterMode = "braille"
    renderer: Renderer = "raster"
    bands: int = BANDS


@dataclass(frozen=True, slots=True, eq=False)
class PathLayer:
    """One racer's path, ``points`` ``(m, 2)`` in order; its head is the last finite one.

    ``colour`` is the racer's palette index (:func:`racer_colour`), ``pattern`` that of its line (:func:`line_pattern`).
    A ``retired`` racer's path is faint, unless strong.
    """

    points: Reals
    colour: int
    letter: str
    head: bool = True
    retired: bool = False
    pattern: int = 0
    weight: Weight = "plain"


@dataclass(frozen=True, slots=True)
class Mark:
    """A point of interest. The cursor, where a start is being chosen, is drawn over everything."""

    x: float
    y: float
    kind: MarkKind


class ContourChart:
    """A contour chart of one size. Building it costs tens of milliseconds, :meth:`draw` about one."""

    def __init__(self, spec: ContourSpec) -> None:
        self.spec = spec
        self.isos = iso_lines(spec.a, spec.b, spec.values, spec.bands)
        self._sheet_spec = SheetSpec(
            spec.width, spec.height, spec.view, spec.title, spec.x_label, spec.y_label, raster=spec.raster
        )
        self._plan = layout(self._sheet_spec)
        self.canvas: Canvas = self._plan.canvas
        self._lines, self._labels = self._iso_layer()
        self.sheet, _ = draw_sheet(self._sheet_spec, self._lines, self._labels, self._plan)
        """The part that stands still. Shared: copy before writing on it."""

    def _iso_layer(self) -> tuple[list[Stroke], list[Text]]:
        canvas, mode = self.canvas, self.spec.raster
        if canvas.width < 2 or canvas.height < 2:
            return [], []
        covers = covers_of(self.isos, canvas, mode)
        shown = uncrowded(covers, apart=mode == "ascii")
        self.isos, covers = [self.isos[k] for k in shown], [covers[k] for k in shown]
        colours = [band_colour(iso.band, self.spec.bands) for iso in self.isos]
        lines = [
            Stroke(simplify(piece, canvas, mode), colour)
            for iso, colour in zip(self.isos, colours, strict=True)
            for piece in iso.polylines
        ]
        labels = place_labels(covers, level_labels([iso.level for iso in self.isos]), canvas)
        texts = [
            Text(label.column + canvas.column, label.row + canvas.row, label.text, colours[label.iso])
            for label in labels
        ]
        return lines, texts

    def draw(
        self,
        paths: Sequence[PathLayer],
        marks: Sequence[Mark] = (),
        arrow: Arrow | None = None,
        displacements: Sequence[Displacement] = (),
    ) -> CellGrid:
        """The whole chart: paths over iso-lines, later racers over earlier ones, arrows, marks, heads and the cursor.

        A label that a path or a letter touches is taken out whole: half a number would be a wrong one.
        """
        strokes = [
            Stroke(
                path.points,
                weighted(path.colour, path.weight, retired=path.retired),
                path.letter[:1].lower() or ".",
                pattern=path.pattern,
            )
            for path in paths
        ]
        texts = self._marks(marks, cursor=False) + self._heads(paths) + self._marks(marks, cursor=True)
        if arrow is not None and (parts := drawn(arrow, self.canvas, ascii_only=self.spec.raster == "ascii")):
            strokes.append(parts[0])
            texts.insert(0, parts[1])
        plain = self.spec.raster == "ascii"
        order = reversed(displacements)  # the first on top
        shown = [found for one in order if (found := displaced(one, self.canvas, ascii_only=plain))]
        strokes += [stroke for stroke, _ in shown]
        tips = [tip for _, tip in shown if tip is not None]
        texts = [*tips, *texts, *legend(displacements, self.canvas, ascii_only=plain)]
        raster = Raster(self.canvas, self.spec.raster)
        raster.draw(strokes)
        hidden = self._hidden_labels(raster, texts)
        if self.spec.renderer == "plotext":
            labels = [label for label in self._labels if label not in hidden]
            grid, _ = draw_sheet(self._sheet_spec, [*self._lines, *strokes], [*labels, *texts], self._plan)
            return grid
        grid = self.sheet.copy()
        for label in hidden:
            grid.write(label.row, label.column, " " * len(label.text), Ink.BLANK)
        raster.stamp(grid)
        for text in texts:
            grid.write(text.row, text.column, text.text, text.colour)
        return grid

    def point_to_cell(self, x: float, y: float) -> tuple[int, int] | None:
        """Column and row of a point in the chart's grid, None if it is out of view."""
        return self.canvas.point_to_cell(x, y)

    def cell_to_point(self, column: int, row: int) -> tuple[float, float] | None:
        """The point in the middle of a cell of the chart's grid, None beside the canvas."""
        return self.canvas.cell_to_point(column, row)

    def _hidden_labels(self, raster: Raster, texts: Sequence[Text]) -> list[Text]:
        if not self._labels:
            return []
        taken = np.zeros((self.spec.height, self.spec.width), dtype=bool)
        canvas = self.canvas
        taken[canvas.row : canvas.row + canvas.height, canvas.column : canvas.column + canvas.width] = raster.cells()
        for text in texts:
            taken[text.row, text.column : text.column + len(text.text)] = True
        return [label for label in self._labels if taken[label.row, label.column :][: len(label.text)].any()]

    def _marks(self, marks: Sequence[Mark], *, cursor: bool) -> list[Text]:
        texts = []
        for mark in marks:
            cell = self.point_to_cell(mark.x, mark.y)
            if cell is not None and (mark.kind == "cursor") == cursor:
                fancy, plain, colour = _MARKS[mark.kind]
                texts.append(Text(*cell, plain if self.spec.raster == "ascii" else fancy, colour))
        return texts

    def _heads(self, paths: Sequence[PathLayer]) -> list[Text]:
        """A letter per racer, no two in one cell.

        Of racers in one cell the first, or a strong one, keeps it; the others move to the nearest free cells of the
        row, right before left. A head out of view shows as an arrow at the nearest edge, its letter beside it.
        """
        if self.canvas.width < 2 or self.canvas.height < 2:
            return []
        taken: set[tuple[int, int]] = set()
        texts, crowded = [], []
        for path in sorted(paths, key=lambda path: path.weight != "strong"):
            head = _last_finite(path.points) if path.head and path.letter else None
            if head is None:
                continue
            cell, arrow = self._at(*head)
            letter = Text(*cell, path.letter[:1] + arrow, bright(path.colour))
            if arrow or cell in taken:
                crowded.append(letter)
            else:
                taken.add(cell)
                texts.append(letter)
        for letter in crowded:
            moved = self._free(letter, taken)
            if moved is not None:
                texts.append(moved)
        return texts

    def _at(self, x: float, y: float) -> tuple[tuple[int, int], str]:
        """The cell of a head, and for one out of view the arrow that points to it."""
        cell = self.point_to_cell(x, y)
        if cell is not None:
            return cell, ""
        canvas, view = self.canvas, self.canvas.view
        column, row = canvas.point_to_cell(
            min(max(x, view.x_low), view.x_high), min(max(y, view.y_low), view.y_high)
        ) or (canvas.column, canvas.row)
        # The side by which it is further out, measured in views.
        across = abs(fraction(x, view.x_low, view.x_high) - 0.5)
        up = abs(fraction(y, view.y_low, view.y_high) - 0.5)
        side = ("left" if x < view.x_low else "right") if across >= up else ("down" if y < view.y_low else "up")
        return (column, row), _ARROWS[side][self.spec.raster == "ascii"]

    def _free(self, text: Text, taken: set[tuple[int, int]]) -> Text | None:
        """``text`` in the nearest free cells of its row, else of the rows beside it; None if the chart is full."""
        canvas, size = self.canvas, len(text.text)
        for down in (0, 1, -1, 2, -2):
            row = text.row + down
            if not canvas.row <= row < canvas.row + canvas.height:
                continue
            for shift in range(2 * canvas.width):
                column = text.column + ((shift + 1) // 2 if shift % 2 else -(shift // 2))
                cells = {(column + k, row) for k in range(size)}
                if canvas.column <= column and column + size <= canvas.column + canvas.width and not cells & taken:
                    taken |= cells
                    # The arrow stands at the edge, outside the letter.
                    shown = text.text[::-1] if text.text[-1:] in "←<" and size > 1 else text.text
                    return Text(column, row, shown, text.colour)
        return None


def _last_finite(points: Reals) -> tuple[float, float] | None:
    for x, y in points[::-1]:
        if np.isfinite(x) and np.isfinite(y):
            return float(x), float(y)
    return None
