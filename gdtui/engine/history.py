"""What a racer did, in bounded memory: full resolution first, then buckets whose width doubles.

A history holds rows for the steps 0, s, 2s, …; row k covers the steps since row k - 1 with the lowest, highest and last
loss, and the last gradient norm and learning rate. When it is full, neighbouring rows are merged and s doubles. The
moment of merging depends on the step alone, so a history, like a trajectory, does not depend on the tick size.
Arrays once handed out are never written to again in the rows they show: merging makes new ones.
"""

from __future__ import annotations

import numpy as np

from gdtui.contracts import Ints, Reals
from gdtui.engine import lockstep as at

MOST_RECORDS = 8192
PATH_BYTES = 3 * 2**20  # eight racers, and the arrays that a snapshot still shows after a merge, fit into 64 MB
LONGEST_PATH = 4096


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
        self.records[0] = (loss, loss, loss, grad_norm, rate)
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
            new[1:half, at.LOSS_LOW] = np.minimum(old[1:-1:2, at.LOSS_LOW], old[2::2, at.LOSS_LOW])
            new[1:half, at.LOSS_HIGH] = np.maximum(old[1:-1:2, at.LOSS_HIGH], old[2::2, at.LOSS_HIGH])
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

    def take(self) -> tuple[Reals, Reals]:
        """All rows and points since the last call, of a history with ``every``; makes room for as many again."""
        rows, points = self.records[: self._cursor[at.RECORDS]], self.path[: self._cursor[at.PATHS]]
        self.records, self.path = np.empty_like(self.records), np.empty_like(self.path)
        self._taken += len(rows)
        self._cursor[at.RECORDS] = self._cursor[at.PATHS] = 0
        return rows, points

    @property
    def room(self) -> int:
        """How many steps a history with ``every`` can take before it is full."""
        rows = min(self.records.shape[0] - self._cursor[at.RECORDS], self.path.shape[0] - self._cursor[at.PATHS])
        return max(0, int(rows * self._cursor[at.STRIDE] - self._cursor[at.STEP] % self._cursor[at.STRIDE]))
