"""What the curves of a chart are at one place, in a line: the step, then each racer's letter and value."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from gdtui.charts.curves import CurveLayer
from gdtui.charts.palette import Ink, bright
from gdtui.charts.ticks import duration
from gdtui.frames import Abscissa
from gdtui.frames.standings import count, number

Parts = tuple[tuple[str, int], ...]
"""Texts with their palette colours."""


def read_out(curves: Sequence[CurveLayer], abscissa: Abscissa, span: tuple[float, float], width: int) -> Parts:
    """As much of it as fits into ``width`` characters. ``span`` is where a column of the chart begins, and its middle.

    The values are those recorded last, up to the middle: as they were recorded, whatever is drawn. Racers that have not
    come to the column are left out; a strong one is first.
    """
    begin, x = span[0], span[1] * (1.0 + 1e-12)  # the end of a logarithmic axis may miss the last step by a rounding
    shown = [curve for curve in curves if curve.letter and len(curve.x) and curve.x[-1] >= begin]
    shown.sort(key=lambda curve: curve.weight != "strong")
    places = [max(int(np.searchsorted(curve.x, x, side="right")) - 1, 0) for curve in shown]
    if abscissa is Abscissa.STEPS:  # a step that was recorded, if there is one
        steps = [float(curve.x[place]) for curve, place in zip(shown, places, strict=True)]
        step = max(steps, default=float(math.floor(x)))
        where = f"step {count(int(step)) if step.is_integer() else number(step)}"  # a log may count in epochs
    elif abscissa is Abscissa.WORK:
        where = f"work {count(round(x))}"
    else:
        where = f"time {duration(span[1], 3)}"
    parts, used = [(where, int(Ink.TEXT))], len(where)
    for curve, place in zip(shown, places, strict=True):
        value = float(curve.last[place])
        text = "–" if math.isnan(value) else number(value)
        more = 2 * (curve is not shown[-1])  # room for an ellipsis
        if used + len(text) + 4 + more > width:
            return (*parts, (" …", int(Ink.DIM)))
        parts += [(f"  {curve.letter} ", bright(curve.colour)), (text, int(Ink.TEXT))]
        used += len(text) + 4
    return tuple(parts)
