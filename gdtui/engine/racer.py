"""One racer: an optimizer at work on the race's problem, with its state, its history and its outcome."""

from __future__ import annotations

import enum
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from gdtui import registry
from gdtui.contracts import LEARNING_RATE, Ints, Optimizer, Problem, Reals
from gdtui.engine import lockstep as at
from gdtui.engine.history import History
from gdtui.engine.tables import Tables
from gdtui.errors import InputError, clean
from gdtui.schedule_specs import KEY, ScheduleSpec
from gdtui.specs import RacerSpec

DIVERGED_BEYOND = 1e6  # times max(1, |f at the start|)
CONSTANT = ScheduleSpec("constant")
CHECK_EVERY = 16  # steps between looks at the full objective, where a step does not see it anyway


class Outcome(enum.StrEnum):
    """How a racer fares; it is the word shown, and ``sentence`` says what it means."""

    RUNNING = "running"
    CONVERGED = "converged"
    DIVERGED = "diverged"
    EXHAUSTED = "exhausted"
    STOPPED = "stopped"

    @property
    def sentence(self) -> str:
        return _SENTENCES[self]


_SENTENCES = {
    Outcome.RUNNING: "is under way",
    Outcome.CONVERGED: "reached a gradient no longer than the tolerance, and stays there",
    Outcome.DIVERGED: "left the numbers or the neighbourhood, and was retired with its last finite point",
    Outcome.EXHAUSTED: "used the whole budget of steps without reaching the tolerance",
    Outcome.STOPPED: "was stopped by its own rule",
}


@dataclass(frozen=True, slots=True)
class Functions:
    """What the loop is called with: the loop itself and its function arguments, compiled or plain."""

    advance: Callable[..., int]
    value_grad: Callable[..., float]
    hessian: Callable[..., None]
    hessian_vector: Callable[..., None]
    rule: Callable[..., int]
    norm: Callable[[Reals], float]


class Racer:
    """A racer of a race. Histories are read-only arrays over the recorded steps."""

    def __init__(
        self, spec: RacerSpec, lr: float, problem: Problem, tables: Tables, *, every: int | None, budget: int | None
    ) -> None:
        self.spec = spec
        self.label = spec.label
        self.optimizer: Optimizer = registry.optimizer(spec.optimizer)
        self.schedule = CONSTANT if spec.schedule is None else spec.schedule
        _refuse_long_warmup(self.schedule, budget, f"racer {spec.label!r}")
        self._scheduled = self.schedule.bound()
        self.batch_size = spec.batch_size if spec.batch_size is not None else self.optimizer.batch_size
        self.batch_width = tables.batch_width(self.batch_size)
        self.benched = False
        self.note = ""
        self.loss_start = np.nan
        self._problem, self._tables, self._every, self._budget = problem, tables, every, budget
        self._rate_changes: list[tuple[int, float]] = [(0, lr)]
        self._ended: Outcome | None = None
        self._functions: Functions | None = None
        self._set_up(problem)

    def _set_up(self, problem: Problem) -> None:
        n, optimizer = problem.n, self.optimizer
        self._blocks = np.array([(b.offset, b.rows, b.cols) for b in problem.blocks], dtype=np.int64).reshape(-1, 3)
        given = self.spec.hyperparameters
        self._hyper = np.array([given.get(h.name, h.default) for h in optimizer.hyperparameters], dtype=np.float64)
        if optimizer.state_shape is not None:
            shape = optimizer.state_shape(n, self._blocks, self._hyper)
        else:
            shape = (len(optimizer.slots) + bool(optimizer.scalars), max(n, len(optimizer.scalars)))
        self._x = problem.start.astype(np.float64)
        self._kept, self._g, self._state = np.zeros(n), np.zeros(n), np.zeros(shape)
        self._counts = np.zeros(4, dtype=np.int64)
        self._cursor = np.zeros(at.CURSOR_WIDTH, dtype=np.int64)
        self._scalars = np.zeros(at.SCALARS_WIDTH)
        self._cursor[at.CHECK_EVERY] = CHECK_EVERY
        self._cursor[at.EVALUATES] = optimizer.evaluates
        self._cursor[at.EXACT] = not (optimizer.evaluates or self.batch_width or problem.noise)
        self._history = History(n, self._cursor, every=self._every)

    def start(self, functions: Functions, tolerance: float) -> None:
        """Evaluate the start (uncharged) and write step 0. The loss there must be finite."""
        self._functions = functions
        loss, norm = self._evaluate(self._g)
        self.loss_start = loss
        self._scalars[:] = (loss, norm, np.inf, -np.inf, DIVERGED_BEYOND * max(1.0, abs(loss)), tolerance)
        self._history.start(self._x, loss, norm, self.rate)
        if norm <= tolerance and tolerance > 0.0:
            self._ended, self.note = Outcome.CONVERGED, "converged at the start"

    def run(self, target: int, longest: int, stop: Ints) -> None:
        """Step until ``target``, the stop flag or the racer's end, at most ``longest`` table entries a call."""
        assert self._functions is not None
        problem, cursor = self._problem, self._cursor
        while self._ended is None and cursor[at.STEP] < target and not stop[0]:
            taken = int(cursor[at.STEP])
            count = min(target - taken, max(1, longest // max(1, self.batch_width, problem.noise)))
            try:
                status = self._functions.advance(
                    self._functions.value_grad, self._functions.hessian, self._functions.hessian_vector,
                    self._functions.rule, problem.reals, problem.ints, self._blocks,
                    self._tables.batches(self.batch_width, taken, count), self._tables.noise(taken, count),
                    self._x, self._kept, self._g, self._state, self._hyper, self._counts, self.rates(taken, count),
                    self._history.records, self._history.path, cursor, self._scalars, stop,
                )  # fmt: skip
            except Exception as error:  # the user's objective can raise anything; the step it broke off is lost
                self._x[:] = self._kept
                self._ended = Outcome.DIVERGED
                self.note = f"the objective failed at step {self.step:,}: {clean(f'{type(error).__name__}: {error}')}"
                raise
            self._history.make_room()
            self._end(status)

    def _end(self, status: int) -> None:
        step = int(self._cursor[at.STEP])
        if status == at.CONVERGED:
            self._ended, self.note = Outcome.CONVERGED, f"converged at step {step:,}"
        elif status == at.DIVERGED:
            self._ended, self.note = Outcome.DIVERGED, f"diverged at step {step:,}"
        elif status > at.RULE_STOPPED:
            sentence = self.optimizer.stops[status - at.RULE_STOPPED - 1]
            self._ended, self.note = Outcome.STOPPED, f"{sentence} at step {step:,}"

    def measure(self) -> tuple[float, float]:
        """The full objective's value and gradient norm at the racer's point, evaluated now and not charged."""
        return self.last_seen if self._cursor[at.EXACT] else self._evaluate(np.zeros_like(self._x))

    def _evaluate(self, gradient: Reals) -> tuple[float, float]:
        assert self._functions is not None
        none, quiet = np.empty(0, dtype=np.int64), np.empty(0)
        with np.errstate(all="ignore"):
            value = self._functions.value_grad(self._x, self._problem.reals, self._problem.ints, none, quiet, gradient)
            return float(value), float(self._functions.norm(gradient))

    def set_lr(self, lr: float) -> None:
        """Use another learning rate from the next step on. The change is part of the history."""
        rate = LEARNING_RATE.check(lr)
        if rate != self.lr:
            self._rate_changes = [change for change in self._rate_changes if change[0] != self.step]
            self._rate_changes.append((self.step, rate))
            self.spec = replace(self.spec, lr=rate)

    def rates(self, taken: int, count: int) -> Reals:
        """The learning rates of the ``count`` steps after ``taken``: the schedule, on the lr in force at each step."""
        k = np.arange(taken, taken + count)
        starts = [start for start, _ in self._rate_changes]
        result = np.empty(count)
        first = 0
        while first < count:
            piece = bisect_right(starts, taken + first) - 1
            last = count if piece + 1 == len(starts) else min(count, starts[piece + 1] - taken)
            result[first:last] = self._scheduled(k[first:last], self._rate_changes[piece][1])
            first = last
        return result

    @property
    def lr(self) -> float:
        """The learning rate that was set last: what the schedule takes as its base."""
        return self._rate_changes[-1][1]

    @property
    def rate(self) -> float:
        """The learning rate of the last step taken, by schedule; at the start that of the first step to come."""
        return float(self.rates(max(self.step - 1, 0), 1)[0])

    @property
    def rate_changes(self) -> tuple[tuple[int, float], ...]:
        """Every learning rate that was set, with the number of steps taken before it."""
        return tuple(self._rate_changes)

    @property
    def remark(self) -> str:
        """What the racer does otherwise than its name says, or nothing."""
        if self.batch_size > 0 and self._problem.samples == 0:
            return "full batch: there are no samples"
        if self.batch_size > 0 and self.batch_width == 0:
            return "full batch: there are no more samples"
        return ""

    @property
    def status(self) -> Outcome:
        """How the racer fares: how it ended, or whether the race's budget is spent."""
        if self._ended is not None:
            return self._ended
        spent = self._budget is not None and self.step >= self._budget
        return Outcome.EXHAUSTED if spent else Outcome.RUNNING

    @property
    def outcome(self) -> Outcome | None:
        """How the racer ended, or None while it can go on."""
        return self._ended

    @property
    def step(self) -> int:
        """The last step the racer took."""
        return int(self._cursor[at.STEP])

    @property
    def theta(self) -> Reals:
        """A copy of the racer's point, float64 ``(n,)``."""
        return self._x.copy()

    @property
    def last_seen(self) -> tuple[float, float]:
        """The full objective's value and gradient norm when they were last evaluated: now, for most racers."""
        return float(self._scalars[at.NOW]), float(self._scalars[at.NORM])

    @property
    def steps(self) -> Ints:
        """The recorded steps, int64; the arrays below are over them."""
        return self._history.steps

    @property
    def loss(self) -> Reals:
        """The full objective at the recorded steps."""
        return self._history.column(at.LOSS)

    @property
    def loss_low(self) -> Reals:
        """The lowest loss seen since the recorded step before."""
        return self._history.column(at.LOSS_LOW)

    @property
    def loss_high(self) -> Reals:
        """The highest loss seen since the recorded step before."""
        return self._history.column(at.LOSS_HIGH)

    @property
    def grad_norm(self) -> Reals:
        """The length of the full gradient at the recorded steps."""
        return self._history.column(at.GRAD_NORM)

    @property
    def learning_rate(self) -> Reals:
        """The learning rate used at the recorded steps."""
        return self._history.column(at.RATE)

    @property
    def path(self) -> Reals:
        """The thinned path, float64 ``(points, n)``."""
        return self._history.points

    @property
    def path_steps(self) -> Ints:
        """The steps of the path's points."""
        return self._history.point_steps

    @property
    def history(self) -> History:
        return self._history

    @property
    def hyperparameters(self) -> dict[str, float]:
        """Every hyperparameter with the value in use."""
        own = dict(zip((h.name for h in self.optimizer.hyperparameters), self._hyper.tolist(), strict=True))
        return {"lr": self.lr, "batch_size": self.batch_size, **own}

    @property
    def evaluations(self) -> dict[str, int]:
        """What the racer was charged: values, gradients, Hessians (instruments are free)."""
        value, gradient, hessian, _ = self._counts.tolist()
        return {"value": value, "gradient": gradient, "hessian": hessian}


def _refuse_long_warmup(schedule: ScheduleSpec, budget: int | None, where: str) -> None:
    """Refuse a warm-up that a run to its budget would never leave."""
    if budget is not None and schedule.warmup > budget:
        reason = f"a warm-up of {schedule.warmup} is longer than the run of {budget} steps"
        raise InputError(reason, where=where, key=KEY, remedy="shorten it, or give more steps")
