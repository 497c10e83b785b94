"""A run of any length in bounded memory: every row first, then the last of ever wider buckets, as a race's history."""

from __future__ import annotations

import math
from collections import deque
from typing import Final

import numpy as np

from gdtui.analysis.log_columns import LOSS, ROLES, STEP
from gdtui.analysis.series import Series
from gdtui.contracts import Reals

MOST_ROWS: Final = 8192
KEPT_BEFORE: Final = 64  # rows in full before the loss stops being a number

Row = list[float]


class Run:
    """The rows of one run, in the order of :data:`ROLES`; NaN is a gap, but for the loss, where it is NaN."""

    def __init__(self) -> None:
        self.count = 0
        self.not_finite = 0
        self.stride = 1
        self.first_step = self.last_step = math.nan
        self._rows: list[Row] = []
        self._table = np.empty((0, len(ROLES)))  # of as many of the rows as will not change any more
        self._settled = 0
        self._first: Row | None = None
        self._recent: deque[Row] = deque(maxlen=KEPT_BEFORE)
        self._broken: Row | None = None

    def add(self, row: Row) -> None:
        """Take the next row. One with the step of the last one takes its place."""
        finite = math.isfinite(row[LOSS])
        if self._first is None:
            self._first, self.first_step = row, row[STEP]
        if self.count and row[STEP] == self.last_step:
            self.count -= 1
        self.not_finite += not finite
        self.last_step = row[STEP]
        if finite:
            self._recent.append(row)
            self._broken = None
        elif self._broken is None:
            self._broken = row
        slot = self.count // self.stride
        if slot == MOST_ROWS:
            self._rows = [_over(*self._rows[i : i + 2]) for i in range(0, MOST_ROWS, 2)]
            self.stride *= 2
            self._settled = 0
            slot //= 2
        if slot == len(self._rows):
            self._rows.append(row)
        else:
            self._rows[slot] = _over(self._rows[slot], row)
        self.count += 1

    def complete(self, row: Row) -> None:
        """Fill gaps of the last row from a row that has no loss."""
        if self._rows:
            self._rows[-1] = [*self._rows[-1][: LOSS + 1], *_filled(row, self._rows[-1])[LOSS + 1 :]]

    def series(self) -> Series:
        """What was kept, with the first row; before a loss that is no number any more, with all of the last rows."""
        parts = [self._kept()]
        if self._first is not None and self._rows and self._rows[0][STEP] > self._first[STEP]:
            parts.insert(0, np.array([self._first]))
        if self._broken is not None:
            recent = [row for row in self._recent if row[STEP] < self._broken[STEP]]
            since = recent[0][STEP] if recent else self._broken[STEP]
            parts = [*(part[part[:, STEP] < since] for part in parts), np.array([*recent, self._broken])]
        table = np.ascontiguousarray(np.concatenate(parts).T)
        others = (column if np.isfinite(column).any() else None for column in table[LOSS + 1 :])
        return Series(table[STEP], table[LOSS], *others)

    def _kept(self) -> Reals:
        """The rows as a table. A run that is looked at again and again has most of it from the look before."""
        count = len(self._rows)
        if len(self._table) < count:
            larger = np.empty((min(MOST_ROWS, 2 * count), len(ROLES)))
            larger[: self._settled] = self._table[: self._settled]
            self._table = larger
        if count:
            self._table[self._settled : count] = self._rows[self._settled :]
            self._settled = count - 1  # the last one may still be completed
        return self._table[:count]


def _over(old: Row, new: Row) -> Row:
    """The new row, with the old one's numbers where it has gaps."""
    return [*new[: LOSS + 1], *_filled(new, old)[LOSS + 1 :]]


def _filled(row: Row, filling: Row) -> Row:
    return [other if math.isnan(value) else value for value, other in zip(row, filling, strict=True)]
