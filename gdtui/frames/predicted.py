"""The slope that theory predicts, as a dotted curve along what a racer did last and on to where it may go."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from gdtui.analysis.look import WINDOW
from gdtui.charts.curves import CurveLayer
from gdtui.charts.palette import racer_colour
from gdtui.contracts import Reals
from gdtui.engine.outcome import Outcome
from gdtui.engine.snapshot import RacerSnapshot

if TYPE_CHECKING:
    from gdtui.analysis.theory import Theory

POINTS = 512  # of a line: more than a chart has columns of dots
SHARE = 4  # of what is recorded, a quarter is compared: along a window of verdicts alone nothing could be seen
_LEAST, _MOST = math.log(1e-300), math.log(1e300)


def predicted_curve(
    racer: RacerSnapshot, above: Reals, theory: Theory, end: float, *, log_x: bool = False
) -> CurveLayer | None:
    """The predicted slope of the loss above its minimum, over the steps, or None where there is none to draw.

    ``above`` are the recorded losses above the minimum. The line goes through the last of them; where the loss swings,
    through the middle of its last swing, on a logarithmic axis. It begins where the last quarter of the history does,
    or the last window of a verdict if that is longer, but not before a hyperparameter changed last, and leads on to
    ``end`` while the racer is under way.
    """
    slope, steps = theory.predicted_slope, racer.recorded.steps
    if slope is None or theory.racer != racer.label or steps.size == 0:
        return None
    last = float(steps[-1])
    changed = racer.events[-1].step if racer.events else 0
    first = max(steps.size - max(WINDOW, steps.size // SHARE), int(np.searchsorted(steps, changed)), 0)
    first = min(first, steps.size - 1)
    swung = first if theory.swing is None else int(np.searchsorted(steps, last - theory.swing, side="right"))
    rows = slice(steps.size - 1 if theory.swing is None else max(first, min(swung, steps.size - 1)), None)
    with np.errstate(divide="ignore", invalid="ignore"):
        levels = np.log(above[rows]) - slope * (steps[rows] - last)
    levels = levels[np.isfinite(levels)]
    if levels.size == 0:
        return None
    level = float(levels.mean())
    begin = max(float(steps[first]), last + (_MOST - level) / slope)
    ends = min(max(end, last), last + (_LEAST - level) / slope) if racer.outcome is Outcome.RUNNING else last
    if not begin <= ends:
        return None
    x = np.geomspace(max(begin, 1.0), max(ends, 1.0), POINTS) if log_x else np.linspace(begin, ends, POINTS)
    values = np.exp(level + slope * (x - last))
    label = "predicted, local" if theory.is_local else "predicted"
    return CurveLayer(x, values, values, values, racer_colour(racer.index), "", label, dotted=True, weight="faint")
