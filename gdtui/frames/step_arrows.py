"""A step as arrows on a contour: Δ, what momentum carried on, and −ηg, each at a scale that the legend gives.

Parts of Δ share its scale, so that they add up to it by eye; −ηg, which may be a thousand times as long, shares it
where that can be seen. A scale stays as long as it serves, so that arrows grow and shrink with the steps, and no more.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import count, takewhile

import numpy as np

from gdtui.analysis.why import Explanation
from gdtui.anatomy import Vector
from gdtui.charts.arrow import length_in_cells
from gdtui.charts.contour import Displacement
from gdtui.charts.geometry import Canvas
from gdtui.charts.palette import Ink, head_colour
from gdtui.contracts import Problem
from gdtui.frames.contour import ContourPicture

AIM = 12.0  # cells that the longest arrow of a scale has at the most when the scale is chosen
SHORTEST, LONGEST = 3.0, 18.0  # cells between which a scale stays
SAME = 1e-6  # of their length, by which two arrows differ that are the same
DASHED, DOTTED = 2, 5  # patterns of lines


class StepArrows:
    """The arrows of the step that is explained, on whichever picture there is."""

    def __init__(self) -> None:
        self._explanation: Explanation | None = None
        self._index = 0
        self._picture: ContourPicture | None = None
        self._arrows: tuple[Displacement, ...] = ()
        self._scales: dict[str, float] = {}

    def explain(self, explanation: Explanation | None, index: int = 0) -> None:
        """Show the step of the racer at this place of the race, or none."""
        if index != self._index or explanation is None:
            self._scales = {}
        self._explanation, self._index, self._picture = explanation, index, None

    def on(self, picture: ContourPicture, problem: Problem) -> tuple[Displacement, ...]:
        """The arrows on a picture of this problem; the same ones until the step or the picture is another."""
        if self._explanation is None or self._explanation.last.problem is not problem:
            return ()
        if picture is not self._picture:
            self._picture, self._arrows = picture, self._made(self._explanation, picture)
        return self._arrows

    def _made(self, explanation: Explanation, picture: ContourPicture) -> tuple[Displacement, ...]:
        step, plane = explanation.last.step, picture.plane
        begin = plane.project(step.before[np.newaxis])[0]
        colour = head_colour(self._index)
        slope = -step.lr * step.gradient
        alike = _alike(slope, step.change)
        found = [("Δ", "= −ηg" if alike else "step", step.change, colour, 0)]
        carried = explanation.part("carried")
        if carried is not None:
            letter = next((c for c in reversed(carried.symbol) if c.isalpha()), "m")
            found.append((letter, carried.symbol, np.asarray(carried.value), Ink.OPTIMUM, DASHED))
        if not alike:
            found.append(("g", "−ηg", slope, Ink.WARNING, DOTTED))
        flat = [np.array([vector @ plane.first, vector @ plane.second]) for _, _, vector, _, _ in found]
        canvas, alone = picture.chart.canvas, found[-1][0] == "g"
        common = self._scale("Δ", begin, flat[:-1] if alone else flat, canvas)
        scales = [common] * len(found)
        if alone and not 1.0 <= length_in_cells(float(flat[-1][0]), float(flat[-1][1]), canvas) * common <= LONGEST:
            scales[-1] = self._scale("g", begin, flat[-1:], canvas)
        return tuple(
            Displacement(float(begin[0]), float(begin[1]), float(a), float(b), scale, letter, name, ink, pattern)
            for (letter, name, _, ink, pattern), (a, b), scale in zip(found, flat, scales, strict=True)
            if scale > 0.0
        )

    def _scale(self, key: str, begin: Vector, vectors: Sequence[Vector], canvas: Canvas) -> float:
        """How many times as long the vectors are drawn, all of them in view if that can be; 0 if none can be drawn."""
        lengths = [length_in_cells(float(a), float(b), canvas) for a, b in vectors]
        longest = max((length for length in lengths if length < math.inf), default=0.0)
        if longest == 0.0:
            return 0.0

        def fits(scale: float) -> bool:
            tips = [canvas.point_to_cell(*(begin + scale * vector).tolist()) for vector in vectors]
            return all(tip is not None and tip[1] > canvas.row for tip in tips)  # the first row has the legend

        before = self._scales.get(key, 0.0)
        if not (SHORTEST <= before * longest <= LONGEST and fits(before)):
            least = SHORTEST / longest
            rungs = takewhile(lambda scale: scale >= least, _downwards(AIM / longest))
            self._scales[key] = next((scale for scale in rungs if fits(scale)), next(_downwards(AIM / longest)))
        return self._scales[key]


def _downwards(scale: float) -> Iterator[float]:
    """Scales of 1, 2 or 5 times a power of ten, from the largest that is not above ``scale`` on."""
    for power in count(math.floor(math.log10(scale)), -1):
        yield from (rung for unit in (5, 2, 1) if (rung := float(f"{unit}e{power}")) <= scale)


def _alike(a: Vector, b: Vector) -> bool:
    with np.errstate(all="ignore"):
        return bool(np.abs(a - b).max(initial=0.0) <= SAME * np.abs(b).max(initial=0.0))
