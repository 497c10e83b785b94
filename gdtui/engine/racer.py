"""One racer: an optimizer at work on the race's problem, with its state, its history and its outcome."""

from __future__ import annotations

import math
from time import perf_counter

import numpy as np

from gdtui import registry, specs
from gdtui.contracts import BATCH_SIZE, CLIP, L2, LEARNING_RATE, Ints, Optimizer, Problem, Reals
from gdtui.engine import lockstep as at
from gdtui.engine.events import Event as Event
from gdtui.engine.events import Origin, remark
from gdtui.engine.history import Clock, History, Recorded
from gdtui.engine.lanes import Functions, functions_for
from gdtui.engine.last_step import KEPT_BYTES, LastStep, Moving, Replay, last_step
from gdtui.engine.outcome import Limits, Outcome
from gdtui.engine.rates import Rates
from gdtui.engine.seen import seen
from gdtui.engine.tables import Tables
from gdtui.errors import InputError, clean
from gdtui.schedule_specs import KEY, ScheduleSpec
from gdtui.specs import RacerSpec

DIVERGED_BEYOND = 1e6  # times max(1, |f at the start|)
CHECK_EVERY = 16  # steps between looks at the full objective, where a step does not see it anyway
CALL_SECONDS = 0.01  # that one call of the loop may take where seconds are the budget


class Racer:
    """A racer of a race. Histories are read-only arrays over the recorded steps."""

    def __init__(
        self, spec: RacerSpec, lr: float, problem: Problem, tables: Tables, *, every: int | None, limits: Limits
    ) -> None:
        self.spec = spec
        self.label = spec.label
        self.optimizer: Optimizer = registry.optimizer(spec.optimizer)
        self.benched = False
        self.origin: Origin | None = None
        self.watched = False
        self.note = ""
        self.loss_start = np.nan
        self.clock = Clock()
        self._problem, self._tables, self._limits = problem, tables, limits
        self._events: list[Event] = []
        self._ended: Outcome | None = None
        self._spent = False
        self._functions: Functions | None = None
        self._replay: Replay | None = None
        self._check(spec)
        self._rates = Rates(lr, spec.schedule)
        self._set_up(problem, every)

    def _set_up(self, problem: Problem, every: int | None) -> None:
        n, optimizer = problem.n, self.optimizer
        self._blocks = np.array([(b.offset, b.rows, b.cols) for b in problem.blocks], dtype=np.int64).reshape(-1, 3)
        self._x = problem.start.astype(np.float64)
        self._kept, self._g = np.zeros(n), np.zeros(n)
        self._counts = np.zeros(4, dtype=np.int64)
        self._cursor = np.zeros(at.CURSOR_WIDTH, dtype=np.int64)
        self._scalars = np.zeros(at.SCALARS_WIDTH)
        self._cursor[at.CHECK_EVERY] = CHECK_EVERY
        self._cursor[at.EVALUATES] = optimizer.evaluates
        self._history = History(n, self._cursor, every=every)
        self._apply(self.spec)
        self._state = np.zeros(self._state_shape(self._hyper))

    def _apply(self, spec: RacerSpec) -> None:
        """Take over what a spec says of the rule, the samples and the objective that the rule sees."""
        given = spec.hyperparameters
        self.spec = spec
        self._hyper = self._own(spec)
        self.l2, self.clip = given.get(L2.name, L2.default), given.get(CLIP.name, CLIP.default)
        self._sees = seen(self._problem, self.l2, self.clip)
        self.batch_size = spec.batch_size if spec.batch_size is not None else self.optimizer.batch_size
        self.batch_width = self._tables.batch_width(self.batch_size)
        sampled = self.batch_width or self._problem.noise
        self._cursor[at.EXACT] = not (self.optimizer.evaluates or sampled or self._sees is not self._problem)

    def _own(self, spec: RacerSpec) -> Reals:
        """The values of the rule's own hyperparameters, in their order."""
        given = spec.hyperparameters
        return np.array([given.get(h.name, h.default) for h in self.optimizer.hyperparameters], dtype=np.float64)

    def _state_shape(self, hyper: Reals) -> tuple[int, int]:
        optimizer, n = self.optimizer, self._problem.n
        if optimizer.state_shape is not None:
            return optimizer.state_shape(n, self._blocks, hyper)
        return len(optimizer.slots) + bool(optimizer.scalars), max(n, len(optimizer.scalars))

    def _check(self, spec: RacerSpec) -> None:
        """Refuse what the problem or the budget makes senseless."""
        where, samples = f"racer {self.label!r}", self._problem.samples
        if spec.batch_size is not None and 0 < samples < spec.batch_size:
            remedy = f"give at most {samples}, or 0 for all of them"
            reason = f"{spec.batch_size} is more than the {samples} samples"
            raise InputError(reason, where=where, key=BATCH_SIZE.name, remedy=remedy)
        steps = self._limits.steps
        if spec.schedule is not None and steps is not None and spec.schedule.warmup > steps:
            reason = f"a warm-up of {spec.schedule.warmup} is longer than the run of {steps} steps"
            raise InputError(reason, where=where, key=KEY, remedy="shorten it, or give more steps")

    def start(self, tolerance: float) -> None:
        """Compile, evaluate the start (uncharged) and write step 0. The loss there must be finite."""
        self._functions = functions_for(self._problem, self.optimizer, self._sees)
        loss, norm = self._evaluate(self._g)
        self.loss_start = loss
        limit, most_work = DIVERGED_BEYOND * max(1.0, abs(loss)), self._limits.work
        most_work = math.inf if most_work is None else most_work
        bounds = self._problem.bounds or (-math.inf, math.inf)
        self._scalars[:] = (loss, norm, np.inf, -np.inf, limit, tolerance, most_work, *bounds)
        self._history.start(self._x, loss, norm, self.rate)
        if norm <= tolerance and tolerance > 0.0:
            self._ended, self.note = Outcome.CONVERGED, "converged at the start"

    def run(self, target: int, longest: int, stop: Ints) -> None:
        """Step until ``target``, the stop flag or the racer's end, at most ``longest`` table entries a call."""
        assert self._functions is not None
        problem, cursor = self._problem, self._cursor
        while self.can_go and cursor[at.STEP] < target and not stop[0]:
            taken = int(cursor[at.STEP])
            count = min(target - taken, max(1, longest // max(1, self.batch_width, problem.noise)), self._affordable())
            count = min(count, self._rates.look_at - taken, self.clock.known(taken))
            replay = self._set_aside()
            began = perf_counter()
            try:
                status = self._functions.advance(
                    self._functions.measure, self._functions.value_grad, self._functions.hessian,
                    self._functions.hessian_vector, self._functions.rule,
                    problem.reals, self._sees.reals, problem.ints, self._blocks,
                    self._tables.batches(self.batch_width, taken, count), self._tables.noise(taken, count),
                    self._x, self._kept, self._g, self._state, self._hyper, self._counts, self.rates(taken, count),
                    self._history.records, self._history.path, cursor, self._scalars, stop,
                )  # fmt: skip
            except Exception as error:  # the user's objective can raise anything; the step it broke off is lost
                self._x[:] = self._kept
                self._ended = Outcome.DIVERGED
                self.note = f"the objective failed at step {self.step:,}: {clean(f'{type(error).__name__}: {error}')}"
                raise
            finally:
                self.clock.add(self.step, perf_counter() - began)
                if self.step > taken:
                    self._replay = replay
            self._history.make_room()
            self._end(status)
            if self.can_go and self.step == self._rates.look_at:
                self._look()

    def _set_aside(self) -> Replay | None:
        """What the steps of a call can be taken again from; None where the state is large and nobody watches."""
        if self._functions is None or (self._state.nbytes > KEPT_BYTES and not self.watched):
            return None
        moving = Moving(self._x, self._g, self._state, self._counts, self._cursor, self._scalars).copy()
        return Replay(
            self.optimizer, self._functions, self._problem, self._sees, self.l2, self.clip, self._tables,
            self._rates.pieces, self._blocks, self.batch_width, self._hyper, moving,
        )  # fmt: skip

    @property
    def replay(self) -> Replay | None:
        """What the last step can be taken again from, if there was one and it was set aside. It is never changed."""
        return self._replay

    @property
    def last_step(self) -> LastStep | None:
        """The last step, taken again on copies and not charged; see :func:`gdtui.engine.last_step.last_step`."""
        return None if self._replay is None else last_step(self._replay, self.step, self.theta)

    def _affordable(self) -> int:
        """How many steps one call may take so that a budget of seconds is not overrun by much."""
        if self._limits.seconds is None or self.step == 0:
            return 1 if self._limits.seconds is not None else 2**62
        left = self._limits.seconds - self.clock.total
        return max(1, int(min(left, CALL_SECONDS) * self.step / max(self.clock.total, 1e-9)))

    def _look(self) -> None:
        """Show the loss to a schedule that looks at it. Where no step evaluates it anyway, that is charged."""
        if not self._cursor[at.EXACT]:
            self._counts[0] += 1
        change = self._rates.look(self.step, self.measure()[0])
        if change is not None:
            before, after = (factor * self.lr for factor in change)
            self._note(Event(self.step, f"{KEY} {self.schedule.name}", before, after))

    def _end(self, status: int) -> None:
        step = int(self._cursor[at.STEP])
        if status == at.CONVERGED:
            self._ended, self.note = Outcome.CONVERGED, f"converged at step {step:,}"
        elif status == at.DIVERGED:
            self._ended, self.note = Outcome.DIVERGED, f"diverged at step {step:,}"
        elif status == at.SPENT:
            self._spent = True
        elif status > at.RULE_STOPPED:
            sentence = self.optimizer.stops[status - at.RULE_STOPPED - 1]
            self._ended, self.note = Outcome.STOPPED, f"{sentence} at step {step:,}"
        if self._limits.seconds is not None and self.clock.total >= self._limits.seconds:
            self._spent = True

    def measure(self) -> tuple[float, float]:
        """The full objective's value and gradient norm at the racer's point, evaluated now and not charged."""
        return self.last_seen if self._cursor[at.EXACT] else self._evaluate(np.zeros_like(self._x))

    def _evaluate(self, gradient: Reals) -> tuple[float, float]:
        assert self._functions is not None
        none, quiet = np.empty(0, dtype=np.int64), np.empty(0)
        with np.errstate(all="ignore"):
            value = self._functions.measure(self._x, self._problem.reals, self._problem.ints, none, quiet, gradient)
            return float(value), float(self._functions.norm(gradient))

    def change(self, spec: RacerSpec, lr: float) -> None:
        """Race by another spec of the same optimizer from the next step on. The changes are part of the history.

        Refused with an :class:`InputError`, and nothing changed, where the rule's state would have another shape.
        """
        self._check(spec)
        before, own = self.spec, self._own(spec)
        for h, now, value in zip(self.optimizer.hyperparameters, self._hyper, own, strict=True):
            if now != value and self._state_shape(own) != self._state.shape:
                reason = "cannot change in mid-race: the state has its shape from it"
                raise InputError(reason, where=f"racer {self.label!r}", key=h.name, remedy="add a second racer")
        old = self._in_force()
        was_exact, saw = self._cursor[at.EXACT], self._sees
        self._apply(spec)
        self._rates.change(self.step, lr, spec.schedule)
        for name, value in self._in_force().items():
            if value != old[name]:
                self._note(Event(self.step, name, old[name], value))
        if self._functions is None or self.spec == before:
            return
        if (saw is self._problem) != (self._sees is self._problem):
            self._functions = functions_for(self._problem, self.optimizer, self._sees)
        if self._cursor[at.EXACT] and not was_exact:  # the next step takes over the full gradient at x
            self._scalars[[at.NOW, at.NORM]] = self._evaluate(self._g)

    def _in_force(self) -> dict[str, float | str]:
        return {**self.hyperparameters, KEY: self.schedule.text()}

    def _note(self, event: Event) -> None:
        # Changed twice before the next step, it changed once; changed back, not at all.
        same = [e for e in self._events if (e.step, e.name) == (event.step, event.name)]
        before = same[0].before if same else event.before
        self._events = [e for e in self._events if e not in same]
        if before != event.after:
            self._events.append(Event(event.step, event.name, before, event.after))

    def rates(self, taken: int, count: int) -> Reals:
        """The learning rates of the ``count`` steps after ``taken``, float64 ``(count,)``."""
        return self._rates.table(taken, count)

    @property
    def lr(self) -> float:
        """The learning rate that was set last: what the schedule takes as its base."""
        return self._rates.lr

    @property
    def schedule(self) -> ScheduleSpec:
        """The schedule in force."""
        return self._rates.schedule

    @property
    def rate(self) -> float:
        """The learning rate of the last step taken, by schedule; at the start that of the first step to come."""
        return float(self.rates(max(self.step - 1, 0), 1)[0])

    @property
    def events(self) -> tuple[Event, ...]:
        """Every hyperparameter that changed in mid-race, in the order of the steps."""
        return tuple(self._events)

    @property
    def is_stochastic(self) -> bool:
        """Whether its gradients are noisy: from mini-batches, or by the objective's own noise."""
        return bool(self.batch_width or self._problem.noise)

    @property
    def remark(self) -> str:
        """What the racer does otherwise than its name says, or where it comes from, or nothing."""
        return remark(self.batch_size, self.batch_width, self._problem.samples, self.clip, self.origin)

    @property
    def status(self) -> Outcome:
        """How the racer fares: how it ended, or whether its budget is spent."""
        if self._ended is not None:
            return self._ended
        spent = self._spent or (self._limits.steps is not None and self.step >= self._limits.steps)
        return Outcome.EXHAUSTED if spent else Outcome.RUNNING

    @property
    def can_go(self) -> bool:
        """Whether it can take another step, beyond the budget of steps too: not ended, nor out of work or seconds."""
        return self._ended is None and not self._spent

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
    def path_stride(self) -> int:
        """How many steps lie between two points of the path."""
        return int(self._cursor[at.PATH_STRIDE])

    @property
    def history(self) -> History:
        return self._history

    @property
    def recorded(self) -> Recorded:
        """Everything that is recorded, as it stands."""
        return self._history.recorded(self.clock)

    @property
    def hyperparameters(self) -> dict[str, float]:
        """Every hyperparameter with the value in use."""
        own = dict(zip((h.name for h in self.optimizer.hyperparameters), self._hyper.tolist(), strict=True))
        engines = {LEARNING_RATE.name: self.lr, BATCH_SIZE.name: self.batch_size}
        engines |= {L2.name: self.l2, CLIP.name: self.clip}
        known = specs.hyperparameters(self.optimizer)
        return {name: value for name, value in engines.items() if name in known} | own

    @property
    def evaluations(self) -> dict[str, int]:
        """What the racer was charged (instruments are free)."""
        return dict(zip(("value", "gradient", "hessian", "hessian_vector"), self._counts.tolist(), strict=True))

    @property
    def work(self) -> float:
        """What the racer was charged, in gradient evaluations: a value is half of one, a Hessian n, a product two."""
        return float(at.work(self._counts, self._problem.n))
