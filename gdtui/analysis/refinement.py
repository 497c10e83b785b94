"""The objective on a grid: coarse at once, and where points are costly, finer later, a slice at a time.

The grids are nested: of a coarse one with k + 1 points a side, each point is one of the 2k + 1 of the next. So nothing
is evaluated twice, and a pass can be left at any time.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import numpy as np

from gdtui.analysis.planes import Grid, Plane
from gdtui.contracts import Ints, Problem, Reals, View

MOST_WORK = 6_000_000  # points of the coarse grid, times the samples or parameters that each takes
MOST_AT_LEISURE = 50  # times as much, where nobody waits in front of a screen
MOST_SECONDS = 8.0  # of evaluations for one picture
FEWEST = 9  # points a side of the coarse grid
# Where every point is a call of a Python function, which holds up everything else: seconds that the coarse grid and all
# of it may take, and the points a side between which the coarse grid is.
PYTHON_COARSE, PYTHON_SECONDS, PYTHON_SIDES = 0.12, 2.0, (5, 25)
_OVERRUN = 1.5  # times what it may take, and a pass that takes longer than foreseen is left


class Refinement:
    """The objective on a rectangle of a plane, in the end on about ``columns`` x ``rows`` points.

    The coarse grid is evaluated at once; one that is fine enough is all there is. Not ``vectorised`` is an objective in
    Python: it is asked point by point, and a point it fails on is NaN. For one thread at a time.
    """

    def __init__(
        self, problem: Problem, plane: Plane, view: View, columns: int, rows: int, *, vectorised: bool = True
    ) -> None:
        values = partial(problem.plane, plane.origin, plane.first, plane.second)
        self._values_at = values if vectorised else partial(_one_by_one, values)
        self._most_seconds = MOST_SECONDS if vectorised else PYTHON_SECONDS
        affordable, fewest = MOST_WORK / max(1, problem.samples, problem.n), FEWEST
        self._most_points = max(1, int(affordable))
        if not vectorised:
            began = time.perf_counter()
            self._values_at(np.array([view.x_low / 2 + view.x_high / 2]), np.array([view.y_low / 2 + view.y_high / 2]))
            fewest, most = PYTHON_SIDES
            affordable = min(PYTHON_COARSE / max(1e-9, time.perf_counter() - began), most**2)
        self._strides = _strides(columns, rows, affordable, fewest)
        columns, rows = (
            -(-(side - 1) // stride) * stride + 1 for side, stride in zip((columns, rows), self._strides, strict=True)
        )
        self._plane, self._view = plane, view
        self._a, self._b = np.linspace(view.x_low, view.x_high, columns), np.linspace(view.y_low, view.y_high, rows)
        self._values, self._known = np.full((rows, columns), np.nan), np.zeros((rows, columns), dtype=np.bool_)
        self._spent = 0.0
        self._todo = self._unknown(self._strides)
        while self._todo.size:
            self._evaluate(self._most_points)
        self.grid = self._whole()
        """The finest grid that is whole."""
        self._coarse = self._goal = int(self._known.sum())
        self._progress = 0.0
        self._next_pass()

    @property
    def is_done(self) -> bool:
        """Whether it gets no finer: it is fine enough, or more would take too long."""
        return self._todo.size == 0

    @property
    def progress(self) -> float:
        """How much of what is to be evaluated after the coarse grid has been, from 0 to 1. Never falls."""
        if self.is_done:
            return 1.0
        done = (int(self._known.sum()) - self._coarse) / (self._goal - self._coarse)
        self._progress = max(self._progress, done)
        return self._progress

    def advance(self, seconds: float) -> None:
        """Evaluate for about so many seconds, and one point at the least."""
        ends = self._spent + seconds
        while not self.is_done and self._spent < ends:
            self._evaluate(max(1, min(self._most_points, int((ends - self._spent) / self._seconds_a_point))))
            if self.is_done:
                self._strides = _halved(self._strides)
                self.grid = self._whole()
                self._next_pass()
            elif self._spent > _OVERRUN * self._most_seconds:
                self._todo = self._todo[:0]

    def finish(self) -> None:
        """Evaluate what is left, as far as it is affordable in points: the same grid on every machine, at any speed."""
        while max(self._strides) > 1:
            finer = _halved(self._strides)
            if self._known[:: finer[1], :: finer[0]].size > MOST_AT_LEISURE * self._most_points:
                break
            self._todo = self._unknown(finer)
            while self._todo.size:
                self._evaluate(self._most_points)
            self._strides = finer
            self.grid = self._whole()
        self._todo = self._todo[:0]

    @property
    def _seconds_a_point(self) -> float:
        return max(self._spent, 1e-9) / max(1, int(self._known.sum()))

    def _next_pass(self) -> None:
        """Begin the next pass, if there is to be one, and foresee how many points there will be in the end."""
        strides, points = self._strides, int(self._known.sum())
        left = (self._most_seconds - self._spent) / self._seconds_a_point
        self._goal = points
        while max(strides) > 1:
            strides = _halved(strides)
            more = self._known[:: strides[1], :: strides[0]].size - points
            if more > left:
                break
            self._goal = points + more
        if self._goal > points:
            self._todo = self._unknown(_halved(self._strides))

    def _unknown(self, strides: tuple[int, int]) -> Ints:
        """The points of the grid with these strides that have not been evaluated, as places in the whole one."""
        places = np.arange(self._known.size).reshape(self._known.shape)[:: strides[1], :: strides[0]]
        unknown: Ints = places[~self._known[:: strides[1], :: strides[0]]]
        return unknown

    def _evaluate(self, count: int) -> None:
        """Evaluate the first ``count`` of the points to do."""
        some, self._todo = self._todo[:count], self._todo[count:]
        rows, columns = np.divmod(some, self._a.size)
        began = time.perf_counter()
        with np.errstate(all="ignore"):
            self._values.flat[some] = self._values_at(self._a[columns], self._b[rows])
        self._spent += time.perf_counter() - began
        self._known.flat[some] = True

    def _whole(self) -> Grid:
        across, up = self._strides
        return Grid(self._plane, self._view, self._a[::across], self._b[::up], self._values[::up, ::across].copy())


def _strides(columns: int, rows: int, affordable: float, fewest: int) -> tuple[int, int]:
    """By how many points a coarse grid goes across and up: powers of two, so that it has an affordable number."""
    sides, strides = [columns, rows], [1, 1]

    def coarse(k: int) -> int:
        return -(-(sides[k] - 1) // strides[k]) + 1

    while coarse(0) * coarse(1) > affordable:
        wide = [k for k in (0, 1) if -(-(sides[k] - 1) // (2 * strides[k])) + 1 >= fewest]
        if not wide:
            break
        for k in wide:
            strides[k] *= 2
    return strides[0], strides[1]


def _halved(strides: tuple[int, int]) -> tuple[int, int]:
    return max(1, strides[0] // 2), max(1, strides[1] // 2)


def _one_by_one(values: Callable[[Reals, Reals], Reals], a: Reals, b: Reals) -> Reals:
    result = np.full(a.shape, np.nan)
    for k in range(a.size):
        # The user's function can raise anything, and a chart looks where no racer has been.
        with suppress(Exception):
            result[k] = values(a[k : k + 1], b[k : k + 1])[0]
    return result
