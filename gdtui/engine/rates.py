"""The learning rate of every step of a racer: its schedule, on the lr in force, and what a plateau made of it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gdtui import registry
from gdtui.contracts import Reals, Schedule
from gdtui.schedule_specs import ScheduleSpec

CONSTANT = ScheduleSpec("constant")
_NEVER = 2**62
_LEAST_CHANGE = 1e-8  # of the factor: below it, a reduction is not worth a piece


@dataclass(frozen=True, slots=True)
class Piece:
    """What holds from the step after ``start`` on."""

    start: int
    lr: float
    schedule: ScheduleSpec
    factor: float


def table(pieces: Sequence[Piece], taken: int, count: int) -> Reals:
    """The rates of the ``count`` steps after ``taken``, float64 ``(count,)``."""
    k = np.arange(taken, taken + count)
    starts = [piece.start for piece in pieces]
    result = np.empty(count)
    first = 0
    while first < count:
        place = bisect_right(starts, taken + first) - 1
        last = count if place + 1 == len(starts) else min(count, starts[place + 1] - taken)
        piece = pieces[place]
        result[first:last] = piece.schedule.bound()(k[first:last], piece.lr)
        if piece.factor != 1.0:
            result[first:last] *= piece.factor
        first = last
    return result


class Rates:
    """Learning rates as a function of the step, in pieces: one begins whenever lr, schedule or factor changes.

    A schedule that looks at the loss is shown it at :attr:`look_at`, and so at the same steps whatever the tick size.
    """

    def __init__(self, lr: float, schedule: ScheduleSpec | None) -> None:
        self._memory = np.zeros(0)
        self._pieces = [Piece(0, lr, schedule or CONSTANT, 1.0)]
        self._watch(0)

    def change(self, step: int, lr: float, schedule: ScheduleSpec | None) -> None:
        """Use another lr or schedule from the step after ``step`` on. A new schedule has seen no loss yet."""
        now, other = self._pieces[-1], schedule or CONSTANT
        if other != now.schedule:
            self._add(Piece(step, lr, other, 1.0))
            self._watch(step)
        elif lr != now.lr:
            self._add(Piece(step, lr, other, now.factor))

    def look(self, step: int, loss: float) -> tuple[float, float] | None:
        """Show the schedule the full objective at ``look_at``; the factor before and after, if it changed."""
        react, now = self._schedule.react, self._pieces[-1]
        if react is None:
            return None
        self.look_at += self._period
        factor = float(react(self._memory, loss, now.lr, self._arguments))
        if abs(factor - now.factor) <= _LEAST_CHANGE * now.factor:
            return None
        self._add(Piece(step, now.lr, now.schedule, factor))
        return now.factor, factor

    def table(self, taken: int, count: int) -> Reals:
        """The rates of the ``count`` steps after ``taken``, float64 ``(count,)``."""
        return table(self._pieces, taken, count)

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """What the rates are made of up to now, as :func:`table` takes it."""
        return tuple(self._pieces)

    def state(self) -> tuple[tuple[Piece, ...], int, Reals]:
        """All of it as values: the pieces, when the schedule looks next, and what it remembers."""
        return tuple(self._pieces), self.look_at, self._memory.copy()

    def restore(self, pieces: tuple[Piece, ...], look_at: int, memory: Reals) -> None:
        """Go on from a :meth:`state`."""
        self._pieces = list(pieces)
        self._watch(pieces[-1].start)
        self.look_at, self._memory = look_at, memory.copy()

    @property
    def lr(self) -> float:
        """The lr in force, which the schedule takes as its base."""
        return self._pieces[-1].lr

    @property
    def schedule(self) -> ScheduleSpec:
        """The schedule in force."""
        return self._pieces[-1].schedule

    def _add(self, piece: Piece) -> None:
        # What was set at the same step is forgotten: no step was taken with it.
        self._pieces = [*(p for p in self._pieces if p.start != piece.start), piece]

    def _watch(self, step: int) -> None:
        self._schedule: Schedule = registry.schedule(self.schedule.name)
        self._arguments: dict[str, Any] = self.schedule.filled()
        self._memory = np.zeros(len(self._schedule.memory))
        watches = self._schedule.react is not None
        self._period = int(self._arguments[self._schedule.period]) if watches else _NEVER
        self.look_at = (step // self._period + 1) * self._period
        """The next step after which the schedule has to see the loss."""
