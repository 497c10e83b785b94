"""What a racer did, in bounded memory: full resolution first, then buckets whose width doubles.

A history holds rows for the steps 0, s, 2s, …; row k covers the steps since row k - 1 with the lowest, highest and last
loss, and the last gradient norm, learning rate and work. How far steps went per unit of gradient is known of the
recorded steps alone. When it is full, neighbouring rows are merged and s doubles. The moment of merging depends on the
step alone, so a history, like a trajectory, does not depend on the tick size. Arrays once handed out are never written
to again in the rows they show: merging makes new ones.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

import numpy as np

from gdtui.contracts import Ints, Reals
from gdtui.engine import lockstep as at

MOST_RECORDS = 8192
PATH_BYTES = 3 * 2**20  # eight racers, and the arrays that a snapshot still shows after a merge, fit into 64 MB
LONGEST_PATH = 4096
MOST_MARKS = 4096  # of a clock
_UNMEASURED = 2**62  # steps
_RECORDED = ("LOSS", "LOSS_LOW", "LOSS_HIGH", "GRAD_NORM", "RATE", "WORK", "MOVE", "MOVE_LOW", "MOVE_HIGH")


def path_capacity(n: int) -> int:
    """How many points of ``n`` numbers a path keeps: an even number, within ``PATH_BYTES`` (at least two points)."""
    return max(2, min(LONGEST_PATH, PATH_BYTES // (8 * n)) // 2 * 2)


class History:
    """The bounded history of one racer. ``every`` fixes the stride and drains in place of merging (see ``take``)."""

    def __init__(self, n: int, cursor: Ints, *, every: int | None = None) -> None:
        self.every = every
        self.records = np.empty((MOST_RECORDS + 1, at.RECORD_WIDTH))
        self.path = np.empty((path_capacity(n) + 1, n))
        self._taken = 0
        self._cursor = cursor
        cursor[at.STRIDE] = cursor[at.PATH_STRIDE] = every or 1

    def start(self, x: Reals, loss: float, grad_norm: float, rate: float) -> None:
        """Write the rows of step 0."""
        self.records[0] = np.nan  # no move yet
        self.records[0, : at.WORK + 1] = (loss, loss, loss, grad_norm, rate, 0.0)
        self.path[0] = x
        self._cursor[at.RECORDS] = self._cursor[at.PATHS] = 1

    def make_room(self) -> None:
        """Merge what is full. Nothing happens while there is room."""
        if self.every is not None:
            return
        if self._cursor[at.RECORDS] == self.records.shape[0]:
            old, new = self.records, np.empty_like(self.records)
            half = (old.shape[0] + 1) // 2
            new[:half] = old[::2]
            for lowest, highest in ((at.LOSS_LOW, at.LOSS_HIGH), (at.MOVE_LOW, at.MOVE_HIGH)):
                new[1:half, lowest] = np.fmin(old[1:-1:2, lowest], old[2::2, lowest])
                new[1:half, highest] = np.fmax(old[1:-1:2, highest], old[2::2, highest])
            self.records = new
            self._cursor[at.RECORDS] = half
            self._cursor[at.STRIDE] *= 2
        if self._cursor[at.PATHS] == self.path.shape[0]:
            half = (self.path.shape[0] + 1) // 2
            new = np.empty_like(self.path)
            new[:half] = self.path[::2]
            self.path = new
            self._cursor[at.PATHS] = half
            self._cursor[at.PATH_STRIDE] *= 2

    def column(self, which: int) -> Reals:
        """One quantity of all rows, read-only."""
        view: Reals = self.records[: self._cursor[at.RECORDS], which]
        view.flags.writeable = False
        return view

    @property
    def steps(self) -> Ints:
        """The steps of the rows."""
        steps: Ints = (self._taken + np.arange(self._cursor[at.RECORDS])) * self._cursor[at.STRIDE]
        return steps

    @property
    def points(self) -> Reals:
        """The thinned path, float64 ``(points, n)``, read-only."""
        view: Reals = self.path[: self._cursor[at.PATHS]]
        view.flags.writeable = False
        return view

    @property
    def point_steps(self) -> Ints:
        """The steps of the path's points."""
        steps: Ints = (self._taken + np.arange(self._cursor[at.PATHS])) * self._cursor[at.PATH_STRIDE]
        return steps

    def recorded(self, clock: Clock) -> Recorded:
        """The history as it stands."""
        return as_recorded(self.records[: self._cursor[at.RECORDS]], self.steps, clock)

    def take(self) -> tuple[Reals, Reals]:
        """All rows and points since the last call, of a history with ``every``; makes room for as many again."""
        rows, points = self.records[: self._cursor[at.RECORDS]], self.path[: self._cursor[at.PATHS]]
        self.records, self.path = np.empty_like(self.records), np.empty_like(self.path)
        self._taken += len(rows)
        self._cursor[at.RECORDS] = self._cursor[at.PATHS] = 0
        return rows, points

    @property
    def taken(self) -> int:
        """How many rows have been taken out of it."""
        return self._taken

    def restore(self, records: Reals, path: Reals, taken: int) -> None:
        """Go on from these rows and points, in new arrays; the cursor says how many they are."""
        self.records, self.path = _copied(records, self.records), _copied(path, self.path)
        self._taken = taken

    def resume(self, records: Reals, path: Reals, taken: int) -> None:
        """Go on from these rows and points of an earlier state of this history, in the arrays they are part of.

        That writes what stands there once more, bit for bit, as long as the racer goes the way it went before. When it
        leaves it: :meth:`part`.
        """
        self.records, self.path = _whole(records, self.records), _whole(path, self.path)
        self._taken = taken

    def part(self) -> None:
        """Go on in arrays of its own: what is written from now on differs from what others may still show."""
        rows, points = self._cursor[at.RECORDS], self._cursor[at.PATHS]
        self.restore(self.records[:rows], self.path[:points], self._taken)

    @property
    def room(self) -> int:
        """How many steps a history with ``every`` can take before it is full."""
        rows = min(self.records.shape[0] - self._cursor[at.RECORDS], self.path.shape[0] - self._cursor[at.PATHS])
        return max(0, int(rows * self._cursor[at.STRIDE] - self._cursor[at.STEP] % self._cursor[at.STRIDE]))


def _copied(front: Reals, like: Reals) -> Reals:
    """An array like another one that begins with these rows."""
    made: Reals = np.empty_like(like)
    made[: len(front)] = front
    return made


def _whole(front: Reals, like: Reals) -> Reals:
    """The array that these rows are the front of, if it is one like the other; else such a one, made of them."""
    base = front.base
    return base if isinstance(base, np.ndarray) and base.shape == like.shape else _copied(front, like)


class Clock:
    """The seconds a racer has spent in its own steps: marks of (step, seconds), thinned when there are many.

    A racer that was put back to an earlier step goes through the marks it has made before, and not by what the same
    steps take this time: so its seconds, and what a budget of seconds makes of them, are those of the first time.
    """

    def __init__(self) -> None:
        self._steps, self._seconds = [0], [0.0]
        self._at = 0

    def add(self, step: int, spent: float) -> None:
        """``spent`` more seconds have led to ``step``."""
        total = self.total + spent
        if self._at < self._steps[-1]:
            self._at = step
            return
        self._at = step
        if step == self._steps[-1]:
            self._seconds[-1] = total
            return
        if len(self._steps) >= MOST_MARKS:  # the last mark stays
            self._steps, self._seconds = self._steps[-1::-2][::-1], self._seconds[-1::-2][::-1]
        self._steps.append(step)
        self._seconds.append(total)

    def rewind(self, step: int) -> None:
        """Stand at ``step``, which is no further than the last mark."""
        self._at = step

    def forget(self) -> None:
        """Let go of what comes after the step it stands at."""
        if self._at < self._steps[-1]:
            self.restore(*self.state())

    def known(self, step: int) -> int:
        """How many steps after ``step`` were measured before; where none were, more than anybody takes."""
        return self._steps[-1] - step if step < self._steps[-1] else _UNMEASURED

    def state(self) -> tuple[tuple[int, ...], tuple[float, ...]]:
        """The marks' steps and seconds as values."""
        count = bisect_right(self._steps, self._at)
        steps, seconds = tuple(self._steps[:count]), tuple(self._seconds[:count])
        return (steps, seconds) if steps[-1:] == (self._at,) else ((*steps, self._at), (*seconds, self._now()))

    def restore(self, steps: tuple[int, ...], seconds: tuple[float, ...]) -> None:
        """Go on from a :meth:`state`."""
        self._steps, self._seconds = list(steps), list(seconds)
        self._at = self._steps[-1]

    @property
    def total(self) -> float:
        """All seconds up to the last mark: between two of them nobody has looked at the clock."""
        count = bisect_right(self._steps, self._at)
        return self._seconds[count - 1] if count else 0.0

    def marks(self) -> tuple[Reals, Reals]:
        """Steps and seconds, float64 ``(marks,)`` each, to interpolate between."""
        steps, seconds = self.state()
        return np.array([0.0, *steps]), np.array([0.0, *seconds])

    def _now(self) -> float:
        return float(np.interp(self._at, [0, *self._steps], [0.0, *self._seconds]))


@dataclass(frozen=True, slots=True, eq=False)
class Recorded:
    """A history as it stood at one moment: read-only arrays ``(m,)`` over the recorded steps.

    ``loss_low`` and ``loss_high`` are the extremes since the recorded step before. ``work`` is in gradient evaluations.
    ``move`` is how far the step went per unit of gradient, ``move_low`` and ``move_high`` the least and the most over
    the coordinates; NaN where nothing can be said. ``marks`` are those of the racer's :class:`Clock`.
    """

    steps: Ints
    loss: Reals
    loss_low: Reals
    loss_high: Reals
    grad_norm: Reals
    rate: Reals
    work: Reals
    move: Reals
    move_low: Reals
    move_high: Reals
    marks: tuple[Reals, Reals]

    def first(self, rows: int) -> Recorded:
        """The history when it had that many rows, at least one: the same arrays, cut off."""
        columns = {name: getattr(self, name)[:rows] for name in ("steps", *(name.lower() for name in _RECORDED))}
        steps, seconds = self.marks
        last = float(columns["steps"][-1])
        count = int(np.searchsorted(steps, last, side="left"))
        marks = (np.append(steps[:count], last), np.append(seconds[:count], np.interp(last, steps, seconds)))
        return Recorded(**columns, marks=marks)

    @property
    def seconds(self) -> Reals:
        """The seconds spent up to each recorded step, interpolated between looks at the clock."""
        return np.interp(self.steps, *self.marks)


def as_recorded(rows: Reals, steps: Ints, clock: Clock) -> Recorded:
    """The rows of a history, float64 ``(m, RECORD_WIDTH)``, by quantity; ``steps`` are theirs."""
    columns = {name.lower(): rows[:, getattr(at, name)] for name in _RECORDED}
    for array in (steps, *columns.values()):
        array.flags.writeable = False
    return Recorded(steps=steps, **columns, marks=clock.marks())


def at_the_start(loss: float, rate: float, clock: Clock) -> Recorded:
    """What is known of a racer before anything is compiled."""
    losses, unknown = np.array([loss]), np.array([np.nan])
    return Recorded(
        steps=np.zeros(1, dtype=np.int64), loss=losses, loss_low=losses, loss_high=losses, grad_norm=unknown,
        rate=np.array([rate]), work=np.zeros(1), move=unknown, move_low=unknown, move_high=unknown,
        marks=clock.marks(),
    )  # fmt: skip
