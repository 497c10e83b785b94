"""The still part of a chart, drawn by plotext: axes, ticks, title and iso-lines. The only module that imports it.

plotext ends the whole process, past any ``except``, when a line runs through a NaN, an infinity or a finite point far
outside the limits. So every stroke is clipped here first, and everything reaches plotext as fractions of the view, on
rulers from 0 to 1: no value, however large, small or close to another, gets that far. Its log scale is not used; a
logarithmic axis is a linear one of log10 with labels of its own.

Colours go in as red = palette index and come back out of the ANSI text the same way.
"""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from gdtui.charts.cells import CellGrid, one_line
from gdtui.charts.clip import clip_polyline
from gdtui.charts.geometry import Canvas, fraction, proper
from gdtui.charts.palette import Ink
from gdtui.charts.raster import RasterMode, Stroke
from gdtui.charts.remembered import keep, key_of, recall
from gdtui.charts.ticks import Scale, Tick, ticks, upwards
from gdtui.contracts import Reals, View

# Who draws what moves: our raster, or plotext too, which is slower and the oracle the raster is held against.
Renderer = Literal["raster", "plotext"]

_LOCK = threading.Lock()
_TOKEN = re.compile(r"\x1b\[([0-9;]*)m|([^\x1b\n]+)|\n")
_MARKER: dict[RasterMode, str] = {"braille": "braille", "block": "hd"}
_BOX_ASCII = dict(zip(map(ord, "│─┌┐└┘├┤┬┴┼"), map(ord, "|-+++++++++"), strict=True))


@dataclass(frozen=True, slots=True)
class SheetSpec:
    """What a sheet shows. On a log axis the view's bounds are log10 of the values. Texts may come from users.

    ``header`` keeps the first row free even without a title, for a legend.
    """

    width: int
    height: int
    view: View
    title: str = ""
    x_label: str = ""
    y_label: str = ""
    x_scale: Scale = "linear"
    y_scale: Scale = "linear"
    raster: RasterMode = "braille"
    header: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """Text at a cell of the chart's grid, to be written over everything else."""

    column: int
    row: int
    text: str
    colour: int


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the parts of a sheet are, for plotext and for what is drawn over it. ``header`` is the first row's text."""

    canvas: Canvas
    header: str
    title_end: int
    x_label: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    has_x_axis: bool
    has_y_axis: bool


def layout(spec: SheetSpec) -> Layout:
    """Divide the grid: what does not fit is left out, labels first, then ticks, then axes, then the title."""
    width, height, view = max(spec.width, 0), max(spec.height, 0), proper(spec.view)
    plain = spec.raster == "ascii"
    title = one_line(spec.title, width, ascii_only=plain)
    has_header = height >= 5 and (spec.header or bool(title) or bool(spec.y_label))
    has_x_axis, has_y_axis = height >= 5 and width >= 8, width >= 16 and height >= 3
    x_label = one_line(spec.x_label, width, ascii_only=plain) if has_x_axis and height >= 14 else ""
    rows = height - has_header - 2 * has_x_axis - bool(x_label)
    y_ticks = ticks(view.y_low, view.y_high, rows, spec.y_scale, upwards(rows)) if has_y_axis else []
    left = max((len(tick.label) for tick in y_ticks), default=0) + has_y_axis
    columns = width - left
    x_ticks = ticks(view.x_low, view.x_high, columns, spec.x_scale, ascii_only=plain) if has_x_axis else []
    header, title_end = _header(spec, title, left, width) if has_header else ("", 0)
    canvas = Canvas(view, left, int(has_header), max(columns, 0), max(rows, 0))
    return Layout(canvas, header, title_end, x_label, tuple(x_ticks), tuple(y_ticks), has_x_axis, has_y_axis)


def _header(spec: SheetSpec, title: str, left: int, width: int) -> tuple[str, int]:
    """The first row, padded to the full width, and where its text ends: the y label over its axis, then the title."""
    label = one_line(spec.y_label, width // 4, ascii_only=spec.raster == "ascii")
    start = max(left - len(label), 0) if len(label) <= left else 0
    row = " " * start + label
    room = width - len(row) - 2
    if title and room >= 4:
        title = one_line(title, room, ascii_only=spec.raster == "ascii")
        centre = (width - len(title)) // 2
        begin = len(row) + 2 if spec.header else max(centre, len(row) + 2)
        row = row.ljust(begin) + title
    return row.ljust(width), len(row)


def draw_sheet(
    spec: SheetSpec, strokes: Sequence[Stroke] = (), texts: Sequence[Text] = (), plan: Layout | None = None
) -> tuple[CellGrid, Layout]:
    """The sheet with strokes (any points, they are clipped) and texts on it, and its layout; ``plan`` if already known.

    Sizes too small for a chart give a blank grid with the title if that fits.
    """
    plan = plan or layout(spec)
    canvas = plan.canvas
    if canvas.width < 2 or canvas.height < 2:
        grid = CellGrid.blank(spec.width, spec.height)
        grid.write(0, 0, one_line(spec.title, spec.width, ascii_only=spec.raster == "ascii"), Ink.HEADING)
        return grid, plan
    key = "" if "plotext" in sys.modules else key_of(_content(spec, strokes, texts))
    if key and (kept := recall(key, spec.width, spec.height)) is not None:
        return kept, plan
    with _LOCK:
        text = _plotext(spec, plan, strokes, texts)
    grid = _parse(text, spec.width, spec.height)
    if spec.raster == "ascii":
        for box, plain in _BOX_ASCII.items():
            grid.glyphs[grid.glyphs == box] = plain
    if key:
        keep(key, grid)
    return grid, plan


def _content(spec: SheetSpec, strokes: Sequence[Stroke], texts: Sequence[Text]) -> Iterator[bytes]:
    """All that a sheet is drawn of."""
    yield repr(spec).encode()
    yield repr(texts).encode()
    for stroke in strokes:
        yield repr((int(stroke.colour), stroke.glyph, stroke.dotted, stroke.points.shape)).encode()
        yield stroke.points.tobytes()


def _plotext(spec: SheetSpec, plan: Layout, strokes: Sequence[Stroke], texts: Sequence[Text]) -> str:
    """Everything in plotext's hands, as its ANSI text. Its one public figure is borrowed and given back empty."""
    import plotext  # a quarter of a second, and only charts need it

    def pixel(colour: int) -> Any:
        return plotext.pixel((int(colour), 0, 0))

    def fractions(points: Reals) -> tuple[list[float], list[float]]:
        x, y = fraction(points[:, 0], view.x_low, view.x_high), fraction(points[:, 1], view.y_low, view.y_high)
        return x.tolist(), y.tolist()

    master, canvas, view = plotext.figure, plan.canvas, plan.canvas.view
    size = master.size()
    plotext.terminal.limit(False, False)
    try:
        master.plot_size(2 * spec.width, spec.height)
        figure = master.subplots(1, 2).subplot(1, 1)
        figure.clear()
        figure.plot_size(spec.width, spec.height)
        figure.theme("colorless").canvas("default")
        figure.axes(False, axis="x", side="upper").axes(False, axis="y", side="right")
        figure.axes(plan.has_x_axis, pixel=pixel(Ink.FRAME), axis="x", side="lower")
        figure.axes(plan.has_y_axis, pixel=pixel(Ink.FRAME), axis="y", side="left")
        for name, low, high, marks in (
            ("x", view.x_low, view.x_high, plan.x_ticks),
            ("y", view.y_low, view.y_high, plan.y_ticks),
        ):
            ruler = figure.ruler(name)
            ruler.lim(0.0, 1.0)
            places = fraction(np.array([tick.position for tick in marks]), low, high)
            ruler.ticks(places.tolist(), [tick.label for tick in marks])
            ruler.pixel(pixel(Ink.TEXT))
        if plan.canvas.row:
            figure.title(plotext.colorize(plan.header, pixel(Ink.HEADING)))
        if plan.x_label:
            figure.label(plotext.colorize(plan.x_label, pixel(Ink.TEXT)), axis="x", side="lower")
        for stroke in strokes:
            glyph = _MARKER.get(spec.raster, stroke.glyph)
            for part in clip_polyline(stroke.points, view):
                marker = plotext.marker(glyph, pixel(stroke.colour))
                figure.draw(figure.signal(*fractions(part), marker=marker).lines(len(part) > 1))
        for text in texts:
            point = canvas.cell_to_point(text.column, text.row)
            if point is not None:
                label = plotext.colorize(text.text, pixel(text.colour))
                x, y = fractions(np.array([point]))
                figure.draw(figure.text(x[0], y[0], label, alignment="left"))
        return str(figure.build().string())
    finally:
        master.clear.subplots()
        plotext.terminal.limit()
        master.plot_size(*size)


def _parse(text: str, width: int, height: int) -> CellGrid:
    """plotext's ANSI text as a grid, in one pass."""
    grid = CellGrid.blank(width, height)
    row = column = colour = 0
    for token in _TOKEN.finditer(text):
        code, glyphs = token.groups()
        if glyphs is not None:
            grid.write(row, column, glyphs, colour)
            column += len(glyphs)
        elif code is not None:
            # Backgrounds are plotext's own filling and ignored: the terminal's stays.
            if code.startswith("38;2;"):
                colour = int(code.split(";")[2])
            elif code == "0":
                colour = Ink.BLANK
        else:
            row, column = row + 1, 0
    return grid
