"""Arrows on a chart: a direction of the plane as it looks on the screen, and displacements at a scale that is said."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gdtui.charts.cells import one_line
from gdtui.charts.geometry import Canvas
from gdtui.charts.palette import Ink
from gdtui.charts.raster import Stroke
from gdtui.charts.sheet import Text
from gdtui.charts.ticks import short
from gdtui.spelling import spelt_out

LENGTH = 6.0  # cells across, or half as many down: a cell is about twice as high as wide
_SHORTEST = 2.0  # what is left of it at the edge of the canvas, to be worth drawing
_HEADS, _PLAIN_HEADS = "→↗↑↖←↙↓↘", ">^<v"
_PLAIN_SHAFTS = "-/|\\"
_PLAIN_LETTERS = {"Δ": "D"}
_LONGEST_NAME = 16


@dataclass(frozen=True, slots=True)
class Arrow:
    """From the point (``x``, ``y``) of the plane in the direction (``across``, ``up``), of any length."""

    x: float
    y: float
    across: float
    up: float


def drawn(arrow: Arrow, canvas: Canvas, *, ascii_only: bool = False) -> tuple[Stroke, Text] | None:
    """Shaft and head of an arrow, shortened to stay on the canvas.

    None where it has no direction, begins out of view, or has no room.
    """
    begin = canvas.point_to_cell(arrow.x, arrow.y)
    largest = max(abs(arrow.across), abs(arrow.up))
    if begin is None or not 0.0 < largest < math.inf:
        return None
    view = canvas.view
    wide, high = view.x_high - view.x_low, view.y_high - view.y_low
    # In cells, to the right and down.
    right = arrow.across / largest / wide * max(canvas.width - 1, 1)
    down = -arrow.up / largest / high * max(canvas.height - 1, 1)
    length = math.hypot(right, 2.0 * down)
    if not 0.0 < length < math.inf:
        return None
    right, down = right / length, down / length
    reach = min(
        LENGTH,
        _room(float(canvas.across(arrow.x)), right, canvas.width),
        _room(float(canvas.down(arrow.y)), down, canvas.height),
    )
    if reach < _SHORTEST:
        return None
    tip_x = arrow.x + reach * right / max(canvas.width - 1, 1) * wide
    tip_y = arrow.y - reach * down / max(canvas.height - 1, 1) * high
    tip = canvas.point_to_cell(min(max(tip_x, view.x_low), view.x_high), min(max(tip_y, view.y_low), view.y_high))
    if tip is None or tip == begin:
        return None
    turn = math.atan2(-2.0 * down, right) / math.tau  # in turns, counterclockwise from the right
    head = _PLAIN_HEADS[round(4.0 * turn) % 4] if ascii_only else _HEADS[round(8.0 * turn) % 8]
    shaft = Stroke(np.array([(arrow.x, arrow.y), (tip_x, tip_y)]), Ink.WARNING, _PLAIN_SHAFTS[round(8.0 * turn) % 4])
    return shaft, Text(*tip, head, Ink.WARNING)


@dataclass(frozen=True, slots=True)
class Displacement:
    """From (``x``, ``y``) by ``scale`` times (``across``, ``up``), with a letter at its tip; ``name`` is its legend."""

    x: float
    y: float
    across: float
    up: float
    scale: float
    letter: str
    name: str
    colour: int
    pattern: int = 0


def length_in_cells(across: float, up: float, canvas: Canvas) -> float:
    """How long a displacement looks, in cells across: a cell is about twice as high as wide."""
    view = canvas.view
    right = across / (view.x_high - view.x_low) * max(canvas.width - 1, 1)
    down = up / (view.y_high - view.y_low) * max(canvas.height - 1, 1)
    return math.hypot(right, 2.0 * down)


def displaced(arrow: Displacement, canvas: Canvas, *, ascii_only: bool = False) -> tuple[Stroke, Text | None] | None:
    """Shaft and letter of a displacement, no letter where the tip is out of view. None where it begins out of view.

    Nor is there anything to see of one that is shorter than a cell.
    """
    begin = canvas.point_to_cell(arrow.x, arrow.y)
    tip_x, tip_y = arrow.x + arrow.scale * arrow.across, arrow.y + arrow.scale * arrow.up
    if begin is None or not math.isfinite(tip_x) or not math.isfinite(tip_y):
        return None
    tip = canvas.point_to_cell(tip_x, tip_y)
    if tip == begin:
        return None
    turn = math.atan2(2.0 * (begin[1] - tip[1]), tip[0] - begin[0]) / math.tau if tip else 0.0
    glyph = _PLAIN_SHAFTS[round(8.0 * turn) % 4] if tip else "."
    shaft = Stroke(np.array([(arrow.x, arrow.y), (tip_x, tip_y)]), arrow.colour, glyph, pattern=arrow.pattern)
    letter = _PLAIN_LETTERS.get(arrow.letter, arrow.letter) if ascii_only else arrow.letter
    return shaft, None if tip is None else Text(*tip, letter, arrow.colour)


def legend(arrows: Sequence[Displacement], canvas: Canvas, *, ascii_only: bool = False) -> list[Text]:
    """What the arrows are, and how many times as long as in truth: on the canvas's first row, as far as it goes."""
    texts, column, times = [], canvas.column, "x" if ascii_only else "×"
    for arrow in arrows:
        letter = _PLAIN_LETTERS.get(arrow.letter, arrow.letter) if ascii_only else arrow.letter
        name = spelt_out(arrow.name) if ascii_only else one_line(arrow.name, _LONGEST_NAME)
        text = f" {letter} {name} {times}{short(arrow.scale)} "
        if column + len(text) > canvas.column + canvas.width:
            break
        texts.append(Text(column, canvas.row, text, arrow.colour))
        column += len(text)
    return texts


def _room(begin: float, pace: float, cells: int) -> float:
    """How far one can go at ``pace`` cells a unit until the middle of the canvas's last cell."""
    if pace == 0.0:
        return math.inf
    return max(0.0, (cells - 0.5 - begin if pace > 0.0 else begin - 0.5) / abs(pace))
