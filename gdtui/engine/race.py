"""The race: racers in lockstep on one problem. Knows nothing of screens; the app, the command line and tests use it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from gdtui import registry, specs
from gdtui import scenario as scenarios
from gdtui.contracts import LEARNING_RATE, Problem, View, number
from gdtui.engine import state as racer_state
from gdtui.engine.edits import Action, Edit, Listener
from gdtui.engine.events import Origin
from gdtui.engine.fitness import refuse_unfit
from gdtui.engine.history import at_the_start
from gdtui.engine.lanes import PythonObjective, python_problem, start_point
from gdtui.engine.outcome import Limits, Outcome
from gdtui.engine.racer import Racer
from gdtui.engine.snapshot import RacerSnapshot, Snapshot
from gdtui.engine.state import RaceState
from gdtui.engine.tables import Tables
from gdtui.errors import InputError, nearest
from gdtui.scenario import Scenario
from gdtui.specs import RacerSpec

LONGEST_CALL = 2**16  # steps, or samples and normals, that one call of the loop takes tables for


class Race:
    """Racers on a problem, all from the same start, with the same samples in the same order.

    ``scenario`` is a built-in's name, a path, or a :class:`Scenario`; or give ``objective``, a Python function from
    parameters to (loss, gradient), with its ``start``. ``racers`` are specs as on the command line and replace the
    scenario's. ``steps``, ``work`` (in gradient evaluations) and ``seconds`` are the budget of every racer, in place of
    the scenario's. ``every`` fixes the distance of recorded steps, for callers that drain the histories themselves.
    ``threads`` run racers side by side. Nothing is compiled before the first evaluation is asked for.
    """

    racer_type: type[Racer] = Racer
    is_replay = False  # whether it only shows what was raced before

    def __init__(
        self,
        scenario: str | Path | Scenario | None = None,
        *,
        objective: PythonObjective | None = None,
        racers: Sequence[str | RacerSpec] = (),
        seed: int | None = None,
        start: npt.ArrayLike | None = None,
        steps: int | None = None,
        work: float | None = None,
        seconds: float | None = None,
        every: int | None = None,
        threads: int = 1,
    ) -> None:
        given = [_spec(racer) for racer in racers]
        if (scenario is None) == (objective is None):
            raise InputError("give a scenario or an objective, one of the two", where="Race")
        if objective is not None:
            if start is None or not given:
                raise InputError("a Python objective needs start and racers", where="Race")
            problem = python_problem(objective, start)
            self.scenario = Scenario(
                name=problem.objective, title=problem.title, objective="", racers=specs.with_unique_labels(given),
                steps=None, start=tuple(problem.start.tolist()),
            ).changed(seed=seed, steps=steps, work=work, seconds=seconds)  # fmt: skip
        else:
            loaded = scenario if isinstance(scenario, Scenario) else scenarios.load(scenario or "")
            begin = None if start is None else start_point(start).tolist()
            self.scenario = loaded.changed(
                racers=given, seed=seed, start=begin, steps=steps, work=work, seconds=seconds
            )
            problem = self.scenario.build()
        self._every = None if every is None else _whole(every, "[1, 1e12]", "every")
        self._threads = _whole(threads, "[1, 1024]", "threads")
        self._set_up(problem)

    def _set_up(self, problem: Problem) -> None:
        self.problem = problem
        self.step = 0
        self.stop_flag = np.zeros(1, dtype=np.int64)
        self._tables = Tables(problem, self.scenario.seed)
        self._ready: set[str] = set()
        self._tests: Mapping[str, Mapping[str, float]] = {}
        nothing, nowhere = np.zeros(problem.n), np.zeros(1)
        with np.errstate(all="ignore"):
            self.loss_start = float(problem.plane(problem.start, nothing, nothing, nowhere, nowhere)[0])
        if not np.isfinite(self.loss_start):
            reason, remedy = "the objective is not finite there", "start where it is"
            raise InputError(reason, where=self.scenario.where, key="start", remedy=remedy)
        self._racers = {spec.label: self._make(spec) for spec in self.scenario.racers}
        self.listener: Listener | None = None  # hears of every change that is made to this race

    def _make(self, spec: RacerSpec) -> Racer:
        rate = self.scenario.rate_of(spec)
        refuse_unfit(registry.optimizer(spec.optimizer), self.problem, f"racer {spec.label!r}")
        return self.racer_type(spec, rate, self.problem, self._tables, every=self._every, limits=self.limits)

    def prepare(self) -> None:
        """Compile what the racers need and evaluate the start; does nothing the second time."""
        for label, racer in self._racers.items():
            if label not in self._ready:
                racer.start(self.scenario.tolerance)
                self._ready.add(label)

    @property
    def is_prepared(self) -> bool:
        """Whether every racer is compiled and stands at its start."""
        return len(self._ready) == len(self._racers)

    def advance(self, steps: int) -> Race:
        """Take ``steps`` more steps with every racer that can; a budget of steps does not limit it. Returns the race.

        What an objective raises retires the racer that met it, and is raised once the others stand at their step.
        """
        target = self.step + _whole(steps, scenarios.STEPS_INTERVAL, "steps")
        self.prepare()
        racing = [racer for racer in self._racers.values() if not racer.benched and racer.can_go]
        if self._every is not None and any(target - racer.step > racer.history.room for racer in racing):
            room = min(racer.history.room for racer in racing)
            raise InputError(f"the histories have room for {room} steps", where="Race.advance", remedy="take rows")
        if self._threads > 1 and len(racing) > 1:
            with ThreadPoolExecutor(self._threads) as pool:
                failures = list(pool.map(lambda racer: self._run(racer, target), racing))
        else:
            failures = [self._run(racer, target) for racer in racing]
        if self.stop_flag[0]:  # interrupted: the furthest racer leads, the others catch up with it next time
            target = max([self.step, *(racer.step for racer in racing)])
        self.step = target
        for failure in filter(None, failures):
            raise failure
        return self

    def _run(self, racer: Racer, target: int) -> Exception | None:
        try:
            racer.run(target, LONGEST_CALL, self.stop_flag)
        except Exception as failure:
            return failure
        return None

    def interrupt(self) -> None:
        """Make a running :meth:`advance` return soon; callable from any thread. :meth:`resume` undoes it."""
        self.stop_flag[0] = 1

    def resume(self) -> None:
        """Let :meth:`advance` run again after :meth:`interrupt`."""
        self.stop_flag[0] = 0

    def add(self, spec: str | RacerSpec) -> Racer:
        """Enter another racer. It starts at step 0 and catches up with the others at the next :meth:`advance`."""
        named = self._labelled(_spec(spec))
        self._edit(named.label, "joins", lambda race: race._enter(race._make(named)))
        return self._racers[named.label]

    def branch(self, label: str, changes: Mapping[str, object], name: str = "") -> Racer:
        """Enter a racer that is all that racer ``label`` was up to now, and goes its own way by ``changes`` from here.

        They are as for :meth:`set`; ``name`` is its label, by default one made from the optimizer's name.
        """
        parent = self[label]
        if parent.status is not Outcome.RUNNING:
            reason = parent.note or "its budget is used"
            raise InputError(f"{reason}: nothing branches off it", where=f"racer {label!r}", remedy="go back first")
        named = self._labelled(replace(parent.spec, label=name))
        spec = specs.changed(named, changes, f"racer {label!r}")

        def action(race: Race) -> Racer:
            twin = race._make(named)
            past = racer_state.of(race._named(label))
            racer_state.restore(twin, replace(past, spec=named, benched=False, origin=Origin(label, past.step)))
            twin.change(spec, race.scenario.rate_of(spec))
            race._ready.add(named.label)
            return race._enter(twin)

        self._edit(named.label, f"branches off {label}", action)
        return self._racers[named.label]

    def _labelled(self, spec: RacerSpec) -> RacerSpec:
        """The spec of one more racer, with a label that none has; refused where there is no room for another."""
        if len(self._racers) >= specs.MOST_RACERS:
            raise InputError(f"{len(self._racers)} racers are the most there can be", where="racers")
        return specs.with_unique_labels([*(racer.spec for racer in self._racers.values()), spec])[-1]

    def _enter(self, racer: Racer) -> Racer:
        self._racers[racer.label] = racer
        return racer

    def remove(self, label: str) -> None:
        """Take a racer out of the race for good."""
        self._named(label)
        if len(self._racers) == 1:
            raise InputError("the last racer stays", where="racers", remedy="add another one first")
        self._edit(label, "leaves", lambda race: race._leave(label))

    def _leave(self, label: str) -> None:
        del self._racers[label]
        self._ready.discard(label)

    def bench(self, label: str, benched: bool = True) -> None:
        """Let a racer rest, or race again: then it catches up. Racers share nothing, so it loses nothing by it."""
        if self._named(label).benched != benched:
            self._edit(label, "rests" if benched else "races on", lambda race: race._bench(label, benched))

    def _bench(self, label: str, benched: bool) -> None:
        self._racers[label].benched = benched

    def watch(self, label: str | None) -> None:
        """Set aside, from now on, what this racer's last step can be taken again from, however large its state is."""
        for racer in self._racers.values():
            racer.watched = racer.label == label

    def set(self, label: str, changes: Mapping[str, object]) -> None:
        """Give a racer other hyperparameters from its next step on: all of ``changes``, or none if one is refused.

        Keys are those of a spec but the label, values too (a schedule as its text or :class:`ScheduleSpec`); None takes
        a key back to what a racer has that gives none.
        """
        before = self._named(label).spec
        spec = specs.changed(before, changes, f"racer {label!r}")
        if spec != before:
            rate = self.scenario.rate_of(spec)
            self._edit(label, "is edited", lambda race: race._racers[label].change(spec, rate), is_noted=True)

    def _edit(self, label: str, what: str, action: Action, *, is_noted: bool = False) -> None:
        edit = Edit(self.step, label, what, action, self.is_level, is_noted)
        racer = self.repeat(edit)
        if self.listener is not None:
            self.listener.edited(edit, racer)

    def repeat(self, edit: Edit) -> Racer | None:
        """Make a change again, of which nobody need hear. Returns the racer that it enters, if any."""
        racer = edit.action(self)
        self._remember()
        return racer

    def set_lr(self, label: str, lr: float) -> None:
        """Give a racer another learning rate from its next step on."""
        try:
            self.set(label, {LEARNING_RATE.name: LEARNING_RATE.check(lr)})
        except InputError as error:
            raise error.at(f"racer {label!r}", LEARNING_RATE.name) from None

    def _remember(self) -> None:
        self.scenario = self.scenario.changed(racers=[racer.spec for racer in self._racers.values()])

    def state(self) -> RaceState:
        """All that is needed to go on from here: see :meth:`restore`."""
        self.prepare()
        return RaceState(self.step, {label: racer_state.of(racer) for label, racer in self._racers.items()})

    def restore(self, state: RaceState) -> None:
        """Go back, or on, to a state of this race, or of one with the same problem, seed and labels.

        An :class:`InputError`, and nothing changed, where it cannot be one.
        """
        if set(state.racers) != set(self._racers):
            reason = f"the state is one of {', '.join(state.racers)}; here race {', '.join(self._racers)}"
            raise InputError(reason, where="Race.restore", remedy="give one with the same racers")
        self.prepare()
        for label, saved in state.racers.items():
            racer_state.check(self._racers[label], saved)
        for label, saved in state.racers.items():
            racer_state.restore(self._racers[label], saved)
        self.step = state.step
        self._remember()
        if self.listener is not None:
            self.listener.restored()

    def stand(self, step: int, racers: Sequence[Racer]) -> None:
        """Have these racers, of this race and put into a state of theirs, at ``step``."""
        self.step, self._racers = step, {racer.label: racer for racer in racers}
        self._ready = set(self._racers)
        self._remember()

    def restarted(self, start: Sequence[float] | None = None, seed: int | None = None) -> Race:
        """A new race like this one, from step 0: the racers and rates of now, and perhaps another start or seed."""
        if start is not None and len(start) != self.problem.n:
            reason = f"has {len(start)} numbers, the objective has {self.problem.n} parameters"
            raise InputError(reason, key="start", remedy=f"give {self.problem.n} numbers")
        fresh = object.__new__(type(self))
        fresh.scenario = self.scenario.changed(start=start, seed=seed)
        fresh._every, fresh._threads = self._every, self._threads
        if seed is not None and self.scenario.objective:
            fresh._set_up(fresh.scenario.build())
        else:
            fresh._set_up(self.problem if start is None else replace(self.problem, start=np.array(start, dtype=float)))
        for label, racer in self._racers.items():
            fresh._racers[label].benched, fresh._racers[label].watched = racer.benched, racer.watched
        return fresh

    def _named(self, label: str) -> Racer:
        if label not in self._racers:
            raise InputError(f"no racer is called {label!r}", where="racers", remedy=nearest(label, self._racers))
        return self._racers[label]

    def __getitem__(self, label: str) -> Racer:
        racer = self._named(label)
        self.prepare()
        return racer

    def __iter__(self) -> Iterator[Racer]:
        return iter(self._racers.values())

    def __len__(self) -> int:
        return len(self._racers)

    @property
    def budget(self) -> int | None:
        """The most steps of a racer, if they are limited."""
        return self.scenario.steps

    @property
    def limits(self) -> Limits:
        """The most steps, work and seconds of a racer."""
        return Limits(self.scenario.steps, self.scenario.work, self.scenario.seconds)

    @property
    def is_over(self) -> bool:
        """Whether nobody that races can take another step."""
        racing = [racer for racer in self._racers.values() if not racer.benched]
        return all(racer.status is not Outcome.RUNNING for racer in racing)

    @property
    def is_level(self) -> bool:
        """Whether every racer that can go on stands at the race's step; if not, ``advance(0)`` helps."""
        racing = [racer for racer in self._racers.values() if not racer.benched and racer.can_go]
        return all(racer.step >= self.step for racer in racing)

    @property
    def labels(self) -> tuple[str, ...]:
        """The racers' labels, in their order."""
        return tuple(self._racers)

    @property
    def view(self) -> View | None:
        """The rectangle the scenario or the objective shows, for two parameters."""
        return self.problem.view

    def test(self, racer: Racer) -> Mapping[str, float] | None:
        """The held-out measures at the racer's point, or None where the objective has no test data."""
        return None if self.problem.test is None else dict(self.problem.test(racer.theta))

    def examine(self) -> None:
        """Measure every racer on the test data, for the snapshots from now on. May take longer than many steps."""
        if self.problem.test is not None:
            self._tests = {racer.label: self.problem.test(racer.theta) for racer in self}

    def snapshot(self) -> Snapshot:
        """The race as it stands. Cheap: the histories are shared, not copied."""
        racers = tuple(self._picture(i, racer) for i, racer in enumerate(self._racers.values()))
        return Snapshot(self.step, self.limits, self.loss_start, racers)

    def _picture(self, index: int, racer: Racer) -> RacerSnapshot:
        ready = racer.label in self._ready
        theta = racer.theta
        theta.flags.writeable = False
        path = racer.path if ready else theta[np.newaxis]
        path.flags.writeable = False
        return RacerSnapshot(
            index=index,
            label=racer.label,
            spec=racer.spec,
            outcome=racer.status,
            note=racer.note,
            remark=racer.remark,
            benched=racer.benched,
            step=racer.step,
            lr=racer.lr,
            loss=racer.last_seen[0] if ready else None,
            grad_norm=racer.last_seen[1] if ready else None,
            theta=theta,
            recorded=racer.recorded if ready else at_the_start(self.loss_start, racer.rate, racer.clock),
            events=racer.events,
            path=path,
            is_stochastic=racer.is_stochastic,
            test=self._tests.get(racer.label),
            path_stride=racer.path_stride,
            origin=racer.origin,
            replay=racer.replay,
        )


def _spec(racer: str | RacerSpec) -> RacerSpec:
    if isinstance(racer, str):
        return specs.parse(racer)
    return replace(specs.from_table(racer.table(), f"racer {racer.label or racer.optimizer!r}"), label=racer.label)


def _whole(value: int, interval: str, key: str) -> int:
    try:
        return int(number(value, interval, integer=True))
    except InputError as error:
        raise error.at("Race", key) from None
