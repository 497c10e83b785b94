"""The rows of one run in a training log, as they come: what they hold, and what was wrong with them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gdtui.analysis.log_columns import LOSS, ROLES, STEP, VAL_LOSS
from gdtui.analysis.log_lines import Cells
from gdtui.analysis.series import Series
from gdtui.analysis.thinning import Row, Run
from gdtui.errors import clean

_GAPS = frozenset({"", "null", "none", "na", "n/a"})


@dataclass(frozen=True, slots=True, eq=False)
class LoggedRun:
    """One run of a log: its last one, where the step count started again, of so many ``rows``.

    ``label`` is what the column that tells runs apart has of it, empty where there is none.
    """

    label: str
    rows: int
    steps: tuple[float, float]
    """The first and the last."""
    notes: tuple[str, ...]
    series: Series


class Track:
    """Takes the rows of one run after the other. ``numbered``: they are counted, as they have no steps."""

    def __init__(self, label: str, *, numbered: bool) -> None:
        self.label = label
        self.run = Run()
        self.starts = 1
        """How often the step count has begun."""
        self._numbered = numbered
        self._first_odd = ""
        self._odd = self._stepless = 0
        self._waiting: Row | None = None

    def take(self, cells: Cells, places: Sequence[tuple[int, str]]) -> None:
        """Take a row. ``places`` are the names of the columns, with their places among the roles."""
        row = [math.nan] * len(ROLES)
        has_loss = False
        for place, name in places:
            cell = cells.get(name)
            if cell is None or cell == "":
                continue
            try:
                number = _number(cell)
            except ValueError:
                self._odd += 1
                self._first_odd = self._first_odd or f"{clean(str(cell), 30)!r} in column {clean(name)!r}"
                continue
            if number is not None:
                row[place] = number
                has_loss = has_loss or place == LOSS
        if self._numbered:
            row[STEP] = self.run.count + 1.0
        # Tables that were joined have NaN for a gap: nobody validates a model whose loss is none.
        if math.isnan(row[LOSS]) and math.isfinite(row[VAL_LOSS]):
            has_loss = False
        if not has_loss:
            self._complete(row)
        elif not math.isfinite(row[STEP]):
            self._stepless += 1
        else:
            if row[STEP] < self.run.last_step:
                self.run, self.starts = Run(), self.starts + 1
            self.run.add(row)
            if self._waiting is not None:
                self.run.complete(self._waiting)
                self._waiting = None

    def _complete(self, row: Row) -> None:
        """A row without a loss belongs to the one before, or, where the run only begins, to the one after."""
        begins = not self.run.count or row[STEP] < self.run.last_step
        if begins:
            self._waiting = row
        else:
            self.run.complete(row)

    def logged(self) -> LoggedRun:
        """The run as it stands. It has a row."""
        run = self.run
        return LoggedRun(self.label, run.count, (run.first_step, run.last_step), tuple(self._notes()), run.series())

    def _notes(self) -> Iterator[str]:
        run = self.run
        if self.starts > 1:
            again = "once" if self.starts == 2 else f"{self.starts - 1:,} times"
            yield f"the step count starts again {again}: the last of {self.starts} runs is diagnosed"
        if self._odd:
            cells = "cell is not a number" if self._odd == 1 else "cells are not numbers"
            yield f"{self._odd:,} {cells}, as {self._first_odd}"
        if self._stepless:
            rows = (
                "1 row has no step, and is" if self._stepless == 1 else f"{self._stepless:,} rows have no step, and are"
            )
            yield f"{rows} left out"
        if run.not_finite:
            yield f"the loss is NaN or infinite in {run.not_finite:,} of {run.count:,} rows"
        if run.stride > 1:
            yield f"one row in {run.stride:,} is kept"


def _number(cell: object) -> float | None:
    """The number of a cell, None for a gap. Raises ValueError for what is neither."""
    if isinstance(cell, str):
        return None if cell.lower() in _GAPS else float(cell)
    if cell is None:
        return None
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        raise ValueError
    try:
        return float(cell)
    except OverflowError:
        return math.inf if cell > 0 else -math.inf
