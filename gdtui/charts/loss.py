"""The loss chart: each racer's loss by step, or another quantity, as a line of its last values within what it swept.

What stands still is built once, by plotext; the curves are drawn over it at each tick, on the same mapping. On a
logarithmic chart every bound in the spec is log10 of a value, while curves always hold the values themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from gdtui.charts.cells import SPACE, CellGrid, one_line
from gdtui.charts.curves import CurveLayer, Swept, axis_values, places, suggest_limits, suggest_range, sweep
from gdtui.charts.geometry import fraction
from gdtui.charts.palette import Ink, bright, faded, weighted
from gdtui.charts.raster import Raster, RasterMode, Stroke
from gdtui.charts.sheet import Renderer, SheetSpec, Text, draw_sheet
from gdtui.charts.ticks import Scale
from gdtui.contracts import Reals, View

__all__ = ["CurveLayer", "LossChart", "LossSpec", "suggest_limits", "suggest_range"]


_LOG_SCALES: dict[Scale, Scale] = {"steps": "log steps", "seconds": "log seconds"}


@dataclass(frozen=True, slots=True)
class LossSpec:
    """What stands still: x from ``x_low`` to ``x_high``, y from ``y_low`` to ``y_high``, and size.

    With ``log`` the bounds of y are log10 of the values, with ``log_x`` those of x; then zero stands at ``x_low``.
    ``legend`` keeps the right of the first row for the curves' letters and labels. ``x_scale`` says how x is labelled.
    """

    x_high: float
    y_low: float
    y_high: float
    width: int
    height: int
    log: bool = True
    title: str = ""
    x_label: str = ""
    y_label: str = ""
    legend: bool = True
    raster: RasterMode = "braille"
    renderer: Renderer = "raster"
    x_scale: Scale = "steps"
    x_low: float = 0.0
    log_x: bool = False


class LossChart:
    """A loss chart of one size and one pair of limits. Building it costs milliseconds, :meth:`draw` about one."""

    def __init__(self, spec: LossSpec) -> None:
        self.spec = spec
        self._sheet_spec = SheetSpec(
            spec.width,
            spec.height,
            View(spec.x_low, spec.x_high, spec.y_low, spec.y_high),
            spec.title,
            spec.x_label,
            spec.y_label,
            x_scale=_LOG_SCALES[spec.x_scale] if spec.log_x else spec.x_scale,
            y_scale="log" if spec.log else "linear",
            raster=spec.raster,
            header=spec.legend,
        )
        self.sheet, self._plan = draw_sheet(self._sheet_spec)
        """The part that stands still. Shared: copy before writing on it."""
        self.canvas = self._plan.canvas

    def draw(self, curves: Sequence[CurveLayer], cursor: int | None = None) -> CellGrid:
        """The whole chart: bands, dimmed, under all lines; later racers over earlier ones; then marks and legend.

        Of the bands and of the lines what is strong comes last.

        ``cursor`` is a column of the grid that is marked by a line, wherever there is nothing else.
        """
        if self.canvas.width < 2 or self.canvas.height < 2:
            return self.sheet.copy()
        bands, lines = (Raster(self.canvas, self.spec.raster) for _ in range(2))
        swept = sweep(curves, lines, self.spec.log, log_x=self.spec.log_x)
        order = sorted(range(len(curves)), key=lambda k: curves[k].weight == "strong")
        behind = [_behind(k, curves[k], swept) for k in order if curves[k].smooth is not None]
        strokes = [self._line(k, curves[k], swept) for k in order]
        texts = self._arrows(curves, swept) + self._changes(curves) + self._letters(curves, swept)
        if self.spec.renderer == "plotext":
            swaths = [_band(k, curves[k], swept) for k in self._banded(curves, swept)]
            grid, _ = draw_sheet(self._sheet_spec, [*swaths, *behind, *strokes], texts, self._plan)
        else:
            grid = self.sheet.copy()
            self._draw_bands(bands, curves, swept)
            bands.draw(behind)
            lines.draw(strokes)
            # Stamped apart, so that a line's cells show the line alone and not the dots of what is behind it.
            bands.stamp(grid)
            lines.stamp(grid)
            for text in texts:
                grid.write(text.row, text.column, text.text, text.colour)
        if self.spec.legend:
            self._write_legend(grid, curves)
        if cursor is not None:
            self._mark_column(grid, cursor)
        return grid

    def span(self, column: int) -> tuple[float, float] | None:
        """Where on the x axis a column of the grid begins and its middle is, as values; None beside the canvas."""
        point = self.canvas.cell_to_point(column, self.canvas.row)
        if point is None:
            return None
        begin, middle = float(self.canvas.edges(1)[column - self.canvas.column]), point[0]
        if not self.spec.log_x:
            return max(begin, 0.0), middle
        low = self.canvas.view.x_low
        return (10.0**begin if begin > low else 0.0), (10.0**middle if middle > low else 0.0)

    def column(self, x: float) -> int:
        """The column of the grid that shows this value of the x axis, or is next to it."""
        place = float(places(np.array([x]), self.canvas.view.x_low, self.spec.log_x)[0])
        return self.canvas.column + min(max(int(self.canvas.across(place)), 0), max(self.canvas.width - 1, 0))

    def _line(self, k: int, curve: CurveLayer, swept: Swept) -> Stroke:
        part = swept.of(k)
        points = np.column_stack((swept.x[part], swept.y[part]))
        if curve.dotted and self.spec.renderer == "plotext":  # which knows lines alone: points apart are dots
            points = np.insert(points[::3], slice(None), np.nan, axis=0)
        colour = weighted(curve.colour, curve.weight, retired=curve.retired)
        return Stroke(points, colour, curve.letter[:1].lower() or ".", curve.dotted, curve.pattern)

    def _draw_bands(self, raster: Raster, curves: Sequence[CurveLayer], swept: Swept) -> None:
        view = self.canvas.view
        colours = np.array([faded(curve.colour) for curve in curves], dtype=np.uint8)
        inside = (swept.high > swept.low) & (swept.high >= view.y_low) & (swept.low <= view.y_high)
        entries = [np.arange(swept.owner.size)[swept.of(k)] for k in self._banded(curves, swept)]
        shown = np.concatenate([np.zeros(0, dtype=np.int64), *entries])
        shown = shown[inside[shown]]
        tops, bottoms = (
            np.floor(self.canvas.down(np.clip(values[shown], view.y_low, view.y_high)) * raster.down).astype(np.int64)
            for values in (swept.high, swept.low)
        )
        raster.bars(swept.column[shown], tops, bottoms, colours[swept.owner[shown]])

    def _banded(self, curves: Sequence[CurveLayer], swept: Swept) -> list[int]:
        """The curves with a band, in the order of drawing: spreads from wide to narrow, or the last would hide all."""
        view = self.canvas.view

        def narrowness(k: int) -> tuple[bool, int]:
            part = swept.of(k if curves[k].spread else -1)
            low, high = (
                np.clip(fraction(values[part], view.y_low, view.y_high), 0.0, 1.0) for values in (swept.low, swept.high)
            )
            widths = (high - low)[np.isfinite(high - low)]
            # In few levels, so that the order does not change with every step.
            return curves[k].weight == "strong", -round(8 * float(np.median(widths))) if widths.size else 0

        return sorted((k for k, curve in enumerate(curves) if not curve.dotted), key=narrowness)

    def _letters(self, curves: Sequence[CurveLayer], swept: Swept) -> list[Text]:
        """A letter beside each curve's end; where several would share a cell they spread up and down."""
        canvas, view = self.canvas, self.canvas.view
        columns: dict[int, list[tuple[float, Text]]] = {}
        for k, curve in enumerate(curves):
            part = swept.of(k)
            known = np.flatnonzero(np.isfinite(swept.x[part]) & np.isfinite(swept.y[part]))
            if not known.size or not curve.letter:
                continue
            x, y = float(swept.x[part][known[-1]]), float(swept.y[part][known[-1]])
            cell = canvas.point_to_cell(min(max(x, view.x_low), view.x_high), min(max(y, view.y_low), view.y_high))
            if cell is not None:
                column = min(cell[0] + 1, canvas.column + canvas.width - 1)
                letter = Text(column, cell[1], curve.letter[:1], bright(curve.colour))
                columns.setdefault(column, []).append((y, letter))
        texts = []
        for placed in columns.values():
            letters = [letter for _, letter in sorted(placed, key=lambda end: -end[0])]
            rows = spread([letter.row - canvas.row for letter in letters], canvas.height)
            texts += [
                replace(letter, row=row + canvas.row)
                for letter, row in zip(letters, rows, strict=True)
                if row is not None
            ]
        return texts

    def _changes(self, curves: Sequence[CurveLayer]) -> list[Text]:
        """A mark on each curve wherever one of its hyperparameters changed, or next to there if it has a gap."""
        canvas, view = self.canvas, self.canvas.view
        glyph = "#" if self.spec.raster == "ascii" else "◆"
        texts = []
        for curve in curves:
            values = axis_values(curve.line if curve.changes else curve.line[:0], self.spec.log)
            known = np.flatnonzero(np.isfinite(values))
            if not known.size:
                continue
            changed = known[np.minimum(np.searchsorted(known, curve.changes), known.size - 1)]
            at = places(curve.x[changed], view.x_low, self.spec.log_x)
            for x, y in zip(at.tolist(), values[changed].tolist(), strict=True):
                cell = canvas.point_to_cell(min(x, view.x_high), min(max(y, view.y_low), view.y_high))
                if cell is not None:
                    texts.append(Text(*cell, glyph, bright(curve.colour)))
        return texts

    def _arrows(self, curves: Sequence[CurveLayer], swept: Swept) -> list[Text]:
        """An arrow on the edge wherever a curve, with what it swept, leaves the chart over its top or bottom."""
        canvas, plain = self.canvas, self.spec.raster == "ascii"
        dots = Raster(canvas, self.spec.raster).across
        alone = np.array([curve.spread for curve in curves], dtype=np.bool_)[swept.owner]
        racing = np.array([bool(curve.letter) for curve in curves], dtype=np.bool_)[swept.owner]
        texts = []
        for beyond, row, glyph in (
            (np.where(alone, swept.y, swept.high) > canvas.view.y_high, canvas.row, "^" if plain else "↑"),
            (
                np.where(alone, swept.y, swept.low) < canvas.view.y_low,
                canvas.row + canvas.height - 1,
                "v" if plain else "↓",
            ),
        ):
            leaves = beyond & racing  # what is only predicted has not been there
            leaves[1:] &= ~(beyond[:-1] & (swept.owner[1:] == swept.owner[:-1]))
            leaves &= (swept.column >= 0) & (swept.column < canvas.width * dots)
            for k in np.flatnonzero(leaves).tolist():
                column = canvas.column + int(swept.column[k]) // dots
                texts.append(Text(column, row, glyph, bright(curves[int(swept.owner[k])].colour)))
        return texts

    def _mark_column(self, grid: CellGrid, column: int) -> None:
        canvas = self.canvas
        if canvas.column <= column < canvas.column + canvas.width:
            rows = slice(canvas.row, canvas.row + canvas.height)
            free = grid.glyphs[rows, column] == SPACE
            grid.glyphs[rows, column][free] = ord("|" if self.spec.raster == "ascii" else "│")
            grid.colours[rows, column][free] = Ink.FRAME

    def _write_legend(self, grid: CellGrid, curves: Sequence[CurveLayer]) -> None:
        """Letters and labels at the right of the first row; if that is too long letters alone.

        What has no letter, a prediction, comes last, and always with its label.
        """
        if self.canvas.row == 0:
            return
        plain = self.spec.raster == "ascii"
        room = grid.shape[1] - self._plan.title_end - 2
        named = [
            (_sign(curve, plain), f" {one_line(curve.label, 24, ascii_only=plain)}  ", curve)
            for curve in sorted(curves, key=lambda curve: not curve.letter)
            if curve.label
        ]
        short = [(letter, " " if curve.letter else label, curve) for letter, label, curve in named]
        for entries in (named, short):
            text = "".join(letter + label for letter, label, _ in entries).rstrip()
            if entries and len(text) <= room:
                column = grid.shape[1] - len(text)
                for letter, label, curve in entries:
                    grid.write(0, column, letter, bright(curve.colour))
                    grid.write(0, column + len(letter), label, weighted(curve.colour, curve.weight))
                    column += len(letter) + len(label)
                return


def spread(rows: Sequence[int], height: int) -> list[int | None]:
    """Rows for labels wanted at ``rows``: each its own, as near as can be, in the same order from top to bottom.

    Labels that want the same row stand around it, the first given highest. With more labels than rows the last given
    get None.
    """
    result: list[int | None] = [None] * len(rows)
    order = sorted(range(min(len(rows), height)), key=lambda k: (rows[k], k))
    # Blocks of neighbours: the sum of the first rows that their labels wish for the block, and their number.
    blocks: list[tuple[int, int]] = []
    for k in order:
        wish, size = rows[k], 1
        while blocks and _first(*blocks[-1], height) + blocks[-1][1] > _first(wish, size, height):
            before, count = blocks.pop()
            wish, size = before + wish - size * count, count + size
        blocks.append((wish, size))
    placed = [_first(wish, size, height) + place for wish, size in blocks for place in range(size)]
    for k, row in zip(order, placed, strict=True):
        result[k] = row
    return result


def _first(wish: int, size: int, height: int) -> int:
    """The first row of a block of labels on a chart of ``height`` rows."""
    return min(max(wish // size, 0), height - size)


def _sign(curve: CurveLayer, plain: bool) -> str:
    """What stands for a curve in the legend: its letter, or how it is drawn where it has none."""
    return curve.letter[:1] or ("." if plain else "┈")


def _behind(k: int, curve: CurveLayer, swept: Swept) -> Stroke:
    """The line of what was made smooth."""
    part = swept.of(k)
    return Stroke(np.column_stack((swept.x[part], swept.last[part])), faded(curve.colour))


def _band(k: int, curve: CurveLayer, swept: Swept) -> Stroke:
    """A band as a stroke of vertical lines, for plotext."""
    part = swept.of(k)
    low, high = swept.low[part], swept.high[part]
    points: Reals = np.column_stack(
        (np.repeat(swept.x[part], 3), np.column_stack((low, high, np.full(low.shape, np.nan))).ravel())
    )
    return Stroke(points, faded(curve.colour), ":")
