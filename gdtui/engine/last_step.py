"""A racer's last step, taken again on copies: what the rule saw, from where, and where it went, to the bit.

The loop keeps nothing of a step but the point before it. So before each call of the loop a racer sets aside what it is
made of (a copy a call, not a step), and the step is found by doing that call's steps once more, with the same functions
and the same rows of the tables. Nothing of the racer itself is touched, so any thread may ask.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from gdtui.anatomy import Anatomy, Step, Vector
from gdtui.contracts import Ints, Optimizer, Problem, Reals
from gdtui.engine import lockstep as at
from gdtui.engine.lanes import Functions
from gdtui.engine.rates import Piece, table
from gdtui.engine.tables import Tables
from gdtui.errors import InputError

# Bytes of a state that is set aside at every call: 0.2 ms of copying. A larger one is while the racer is watched.
KEPT_BYTES = 2**21
_NEVER: Final = np.zeros(1, dtype=np.int64)  # a stop flag
_OTHERWISE = "its last step came out otherwise when it was taken again, so it cannot be taken apart"
_PURE = "have the objective answer the same at the same point"


@dataclass(frozen=True, slots=True, eq=False)
class LastStep:
    """A racer's last step. ``step`` is what the rule did; the rest is what stands around it.

    ``arrived`` is where the racer came to: ``step.after``, moved into the bounds; or where it had been, if the step was
    ``taken_back`` because it left the numbers. ``status`` is the rule's: not 0 where it stopped. ``losses`` are the
    full objective before the step and at ``step.after``, ``slope`` its gradient before. ``objective_gradient`` is the
    objective's own on the step's sample, as it was before ``l2`` and ``clip``, where the rule took its gradient;
    ``batch`` and ``noise`` are that sample, as in a rule.
    """

    optimizer: Optimizer
    problem: Problem
    step: Step
    anatomy: Anatomy | None
    status: int
    arrived: Vector
    taken_back: bool
    losses: tuple[float, float]
    slope: Vector
    objective_gradient: Vector
    l2: float
    clip: float
    batch: Ints
    noise: Reals

    @property
    def moved(self) -> Vector:
        """By how much the racer moved in all."""
        difference: Vector = self.arrived - self.step.before
        return difference


@dataclass(frozen=True, slots=True, eq=False)
class Moving:
    """The arrays of a racer that the loop writes to, as it calls them."""

    x: Reals
    g: Reals
    state: Reals
    counts: Ints
    cursor: Ints
    scalars: Reals

    def copy(self) -> Moving:
        """The same in arrays of its own."""
        return Moving(
            self.x.copy(), self.g.copy(), self.state.copy(), self.counts.copy(), self.cursor.copy(), self.scalars.copy()
        )


@dataclass(frozen=True, slots=True, eq=False)
class Replay:
    """A racer as it was before a call of the loop. ``moving`` is a copy, the rest is never written to again."""

    optimizer: Optimizer
    functions: Functions
    problem: Problem
    sees: Problem
    l2: float
    clip: float
    tables: Tables
    rates: tuple[Piece, ...]
    blocks: Ints
    width: int
    hyper: Reals
    moving: Moving


def last_step(replay: Replay, t: int, arrived: Reals) -> LastStep:
    """The ``t``-th step, one of the call that ``replay`` was set aside for, of a racer that came to ``arrived``.

    Costs that call once more at most. Raises an :class:`InputError` where the objective answers otherwise than it did,
    and whatever a Python objective raises.
    """
    moving = replay.moving.copy()
    with np.errstate(all="ignore"):
        _advance(replay, moving, t - 1)
        return _taken(replay, moving, t, arrived)


def _advance(replay: Replay, moving: Moving, target: int) -> None:
    """Take the steps up to ``target`` as the racer took them."""
    functions, problem, cursor = replay.functions, replay.problem, moving.cursor
    taken = int(cursor[at.STEP])
    count = target - taken
    if count == 0:
        return
    cursor[at.RECORDS] = cursor[at.PATHS] = 0
    records = np.empty((count // int(cursor[at.STRIDE]) + 2, at.RECORD_WIDTH))
    path = np.empty((count // int(cursor[at.PATH_STRIDE]) + 2, problem.n))
    functions.advance(
        functions.measure, functions.value_grad, functions.hessian, functions.hessian_vector, functions.rule,
        problem.reals, replay.sees.reals, problem.ints, replay.blocks,
        replay.tables.batches(replay.width, taken, count), replay.tables.noise(taken, count),
        moving.x, np.empty(problem.n), moving.g, moving.state, replay.hyper, moving.counts,
        table(replay.rates, taken, count), records, path, cursor, moving.scalars, _NEVER,
    )  # fmt: skip
    if cursor[at.STEP] != target:
        raise InputError(_OTHERWISE, remedy=_PURE)


def _taken(replay: Replay, moving: Moving, t: int, arrived: Reals) -> LastStep:
    """Take one more step, as the loop does, and look at it from all sides."""
    functions, problem, optimizer = replay.functions, replay.problem, replay.optimizer
    x, g, state, scalars = moving.x, moving.g, moving.state, moving.scalars
    batch, noise = replay.tables.batches(replay.width, t - 1, 1)[0], replay.tables.noise(t - 1, 1)[0]
    lr = float(table(replay.rates, t - 1, 1)[0])
    before, state_before, f = x.copy(), state.copy(), float(scalars[at.NOW])
    if not (moving.cursor[at.EXACT] or optimizer.evaluates):
        f = functions.value_grad(x, replay.sees.reals, problem.ints, batch, noise, g)
    status = functions.rule(
        functions.value_grad, functions.hessian, functions.hessian_vector, replay.sees.reals, problem.ints,
        replay.blocks, batch, noise, x, f, g, state, replay.hyper, t, lr, moving.counts,
    )  # fmt: skip
    after = x.copy()
    at.project(x, scalars[at.LEAST], scalars[at.MOST])
    taken_back = x.tobytes() != arrived.tobytes()
    if taken_back and before.tobytes() != arrived.tobytes():
        raise InputError(_OTHERWISE, remedy=_PURE)
    hyper = dict(zip((h.name for h in optimizer.hyperparameters), replay.hyper.tolist(), strict=True))
    step = Step(t, lr, before, after, g.copy(), state_before, state, hyper, replay.blocks)
    anatomy = None
    if optimizer.anatomy is not None and status == 0 and np.isfinite(after).all():
        anatomy = optimizer.anatomy(step)
    where = before if anatomy is None or anatomy.at is None else anatomy.at
    own, slope, full, quiet = np.zeros_like(x), np.zeros_like(x), batch[:0], noise[:0]
    functions.measure(where, problem.reals, problem.ints, batch, noise, own)
    losses = (
        float(functions.measure(before, problem.reals, problem.ints, full, quiet, slope)),
        float(functions.measure(after, problem.reals, problem.ints, full, quiet, np.zeros_like(x))),
    )
    return LastStep(
        optimizer, problem, step, anatomy, status, arrived, taken_back, losses, slope, own, replay.l2, replay.clip,
        batch, noise,
    )  # fmt: skip
