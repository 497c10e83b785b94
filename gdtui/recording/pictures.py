"""A recorded race as it stood at a recorded step: everything later is left out, and nothing is computed anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from gdtui import registry
from gdtui.contracts import CLIP, Ints, Reals
from gdtui.engine import lockstep as at
from gdtui.engine.events import remark
from gdtui.engine.history import Clock, Recorded, as_recorded
from gdtui.engine.outcome import Limits, Outcome
from gdtui.engine.snapshot import RacerSnapshot, Snapshot
from gdtui.engine.state import RacerState, RaceState
from gdtui.recording.manifest import ProblemRecord
from gdtui.recording.states import rolled_back

Tests = Mapping[str, Mapping[str, float] | None]


def picture(state: RaceState, step: int | None, problem: ProblemRecord, limits: Limits, tests: Tests) -> Snapshot:
    """The race at ``step``, or as it stands in ``state``. ``tests`` are the held-out measures there, by label.

    A racer's point is that of its thinned path, its loss and gradient norm those of the last recorded step.
    """
    now = state.step if step is None else min(max(step, 0), state.step)
    racers = tuple(
        _picture(i, racer, now, now == state.step, problem, limits, tests.get(label))
        for i, (label, racer) in enumerate(state.racers.items())
        if racer.origin is None or racer.origin.step <= now
    )
    return Snapshot(now, limits, problem.loss_start, racers)


def _picture(
    index: int,
    racer: RacerState,
    step: int,
    is_last: bool,
    problem: ProblemRecord,
    limits: Limits,
    test: Mapping[str, float] | None,
) -> RacerSnapshot:
    is_last = is_last or step >= racer.step
    recorded, path = _history(racer)
    if not is_last:
        rows = int(np.searchsorted(recorded.steps, step, side="right"))
        stride = int(racer.cursor[at.PATH_STRIDE])
        recorded, path = _first(recorded, rows, step), path[: step // stride + 1]
    spec = racer.spec if is_last else rolled_back(racer.spec, racer.events, step)
    optimizer = registry.optimizer(spec.optimizer)
    batch_size = optimizer.batch_size if spec.batch_size is None else spec.batch_size
    width = 1 if problem.time_dependent else batch_size if 0 < batch_size < problem.samples else 0
    pieces = [piece for piece in racer.rates if piece.start <= step] or [racer.rates[0]]
    taken = racer.step if is_last else step
    at_budget = limits.steps is not None and taken >= limits.steps
    outcome = Outcome.EXHAUSTED if at_budget or (is_last and racer.spent) else Outcome.RUNNING
    return RacerSnapshot(
        index=index,
        label=racer.spec.label,
        spec=spec,
        outcome=racer.ended if is_last and racer.ended is not None else outcome,
        note=racer.note if is_last else "",
        remark=remark(
            batch_size, width, problem.samples, spec.hyperparameters.get(CLIP.name, CLIP.default), racer.origin
        ),
        benched=racer.benched,
        step=taken,
        lr=pieces[-1].lr,
        loss=float(racer.scalars[at.NOW] if is_last else recorded.loss[-1]),
        grad_norm=float(racer.scalars[at.NORM] if is_last else recorded.grad_norm[-1]),
        theta=racer.x if is_last else path[-1],
        recorded=recorded,
        events=tuple(event for event in racer.events if event.step <= step),
        path=path,
        is_stochastic=bool(width or problem.noise),
        test=test if is_last else None,
        path_stride=int(racer.cursor[at.PATH_STRIDE]),
        origin=racer.origin,
    )


def _history(racer: RacerState) -> tuple[Recorded, Reals]:
    """The whole history as a race shows it."""
    clock = Clock()
    clock.restore(*racer.clock)
    return as_recorded(racer.records, record_steps(racer), clock), racer.path


def _first(recorded: Recorded, rows: int, step: int) -> Recorded:
    """The first rows alone, and the marks of the clock up to there."""
    columns = {name: getattr(recorded, name)[:rows] for name in Recorded.__dataclass_fields__ if name != "marks"}
    seconds = float(np.interp(step, *recorded.marks))
    before = recorded.marks[0] < step
    steps_of_marks, seconds_of_marks = recorded.marks
    marks = np.append(steps_of_marks[before], step), np.append(seconds_of_marks[before], seconds)
    return replace(recorded, **columns, marks=marks)


def path_steps(racer: RacerState) -> Ints:
    """The steps of the path's points."""
    steps: Ints = np.arange(len(racer.path), dtype=np.int64) * racer.cursor[at.PATH_STRIDE]
    return steps


def record_steps(racer: RacerState) -> Ints:
    """The recorded steps."""
    steps: Ints = np.arange(len(racer.records), dtype=np.int64) * racer.cursor[at.STRIDE]
    return steps
