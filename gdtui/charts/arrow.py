"""An arrow on a chart: a direction of the plane, as it looks on the screen."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from gdtui.charts.geometry import Canvas
from gdtui.charts.palette import Ink
from gdtui.charts.raster import Stroke
from gdtui.charts.sheet import Text

LENGTH = 6.0  # cells across, or half as many down: a cell is about twice as high as wide
_SHORTEST = 2.0  # what is left of it at the edge of the canvas, to be worth drawing
_HEADS, _PLAIN_HEADS = "→↗↑↖←↙↓↘", ">^<v"
_PLAIN_SHAFTS = "-/|\\"


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


def _room(begin: float, pace: float, cells: int) -> float:
    """How far one can go at ``pace`` cells a unit until the middle of the canvas's last cell."""
    if pace == 0.0:
        return math.inf
    return max(0.0, (cells - 0.5 - begin if pace > 0.0 else begin - 0.5) / abs(pace))
