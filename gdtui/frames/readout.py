"""What is known of the objective at the point of a contour that the user points at, and how it is said in a line."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from gdtui.analysis.planes import Plane
from gdtui.charts.cells import one_line
from gdtui.charts.contour import Arrow
from gdtui.charts.geometry import Canvas
from gdtui.charts.ticks import scientific, short
from gdtui.contracts import Problem, is_kernel
from gdtui.engine.compile import compiled

LONGEST_NAME = 12
MOSTLY = 0.5  # of a gradient's length: with less of it in the plane, the read-out says how much


@dataclass(frozen=True, slots=True)
class Reading:
    """The full objective at the point (``a``, ``b``) of a plane.

    ``value`` is None where the objective is not defined, ``norm``, the length of the whole gradient, where it is not
    known. (``across``, ``up``) is what of the gradient lies in the plane.
    """

    a: float
    b: float
    value: float | None = None
    norm: float | None = None
    across: float = 0.0
    up: float = 0.0

    @property
    def descent(self) -> Arrow | None:
        """Downhill on the plane; None where no direction is, or none is known."""
        if self.norm is None or not math.isfinite(self.norm) or self.across == self.up == 0.0:
            return None
        return Arrow(self.a, self.b, -self.across, -self.up)


def measure(problem: Problem, plane: Plane, a: float, b: float, *, gradient: bool) -> Reading:
    """The reading at (a, b); without the ``gradient``, which needs a compiled kernel, only the value."""
    try:
        with np.errstate(all="ignore"):
            return _measure(problem, plane, a, b, gradient=gradient)
    except Exception:
        return Reading(a, b)  # the user's function can raise anything


def _measure(problem: Problem, plane: Plane, a: float, b: float, *, gradient: bool) -> Reading:
    kernel = is_kernel(problem.value_grad)
    if kernel and not gradient:
        value = problem.plane(plane.origin, plane.first, plane.second, np.array([a]), np.array([b]))[0]
        return Reading(a, b, _defined(float(value)))
    function = compiled(problem.value_grad, "value_grad") if kernel else problem.value_grad
    g = np.zeros(problem.n)
    value = function(plane.point(a, b), problem.reals, problem.ints, np.empty(0, dtype=np.int64), np.empty(0), g)
    largest = float(np.abs(g).max())
    if not math.isfinite(largest):
        return Reading(a, b, _defined(float(value)))
    # Scaled, since the squares of large numbers overflow.
    scale = largest or 1.0
    norm = scale * float(np.linalg.norm(g / scale))
    return Reading(a, b, _defined(float(value)), norm, float(g @ plane.first), float(g @ plane.second))


def _defined(value: float) -> float | None:
    return None if math.isnan(value) else value


def readout(
    reading: Reading, plane: Plane, canvas: Canvas, width: int, *, known: bool = True, ascii_only: bool = False
) -> str:
    """A reading in at most ``width`` characters; one that is not ``known`` yet gives its position alone."""
    names = [_name(label, plane, ascii_only=ascii_only) for label in (plane.x_label, plane.y_label)]
    view = canvas.view
    cells = [
        (view.x_high - view.x_low) / max(canvas.width - 1, 1),
        (view.y_high - view.y_low) / max(canvas.height - 1, 1),
    ]
    numbers = [_coordinate(value, cell) for value, cell in zip((reading.a, reading.b), cells, strict=True)]
    place = [f"{name} {number}" for name, number in zip(names, numbers, strict=True)]
    if not known:
        facts = ["f ..." if ascii_only else "f …"]
    elif reading.value is None:
        facts = ["f: not defined there"]
    else:
        facts = [f"f {_number(reading.value)}"]
        if reading.norm is not None:
            facts.append(f"{'||g||' if ascii_only else '‖g‖'} {_number(reading.norm)}")
            share = math.hypot(reading.across, reading.up) / reading.norm if reading.norm > 0.0 else 1.0
            if share < MOSTLY:
                facts.append(f"({share:.0%} in plane)")
    short_place = [", ".join(numbers)]
    choices = [place + facts, place + facts[:2], short_place + facts[:2], short_place + facts[:1], short_place]
    for parts, gap in ((parts, gap) for parts in choices for gap in ("  ", " ")):
        text = gap.join(parts).replace(f"{gap}(", " (")
        if len(text) <= width:
            return text
    return ""


def _name(label: str, plane: Plane, *, ascii_only: bool) -> str:
    if plane.explained is not None:
        label = label.split(" (")[0]  # without the share of the variance, which the axis shows
    return one_line(label, LONGEST_NAME, ascii_only=ascii_only)


def _coordinate(value: float, cell: float) -> str:
    """A coordinate with as many digits as tell neighbouring cells apart."""
    place = math.floor(math.log10(cell)) if cell > 0.0 else 0
    value = 0.0 if abs(value) < 0.5 * 10.0**place else value
    size = math.floor(math.log10(abs(value))) if value else place
    power = scientific(value, min(max(size - place, 1), 15))
    if place < -15 or size > 15:
        return power
    decimal = f"{value:.{max(0, -place)}f}"
    return decimal if len(decimal) <= max(len(power), 5) else power


def _number(value: float) -> str:
    return short(value, 3) if math.isfinite(value) else str(value)
