"""In what two recordings differ: their settings, and where the runs part, by racer and quantity."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from gdtui import registry, specs
from gdtui.contracts import BATCH_SIZE, LEARNING_RATE, Ints, Reals
from gdtui.engine import lockstep as at
from gdtui.engine.state import RacerState
from gdtui.notation import written
from gdtui.recording.pictures import path_steps, record_steps
from gdtui.recording.reading import Recording
from gdtui.recording.states import rolled_back
from gdtui.schedule_specs import KEY
from gdtui.specs import RacerSpec

_COLUMNS: Final = {"loss": at.LOSS, "grad_norm": at.GRAD_NORM, "lr": at.RATE, "work": at.WORK, "move": at.MOVE}


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting that differs; "" is one that is not there."""

    name: str
    left: str
    right: str


@dataclass(frozen=True, slots=True)
class Parting:
    """Where a quantity of a racer differs for the first time among the steps that both recordings have."""

    racer: str
    quantity: str
    step: int
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class Ending:
    """How a racer stands at the end of each, where that differs and no step before it does."""

    racer: str
    left: str
    right: str


@dataclass(frozen=True, slots=True)
class Differences:
    """All of it; ``partings`` are in the order of their steps."""

    settings: tuple[Setting, ...]
    partings: tuple[Parting, ...]
    endings: tuple[Ending, ...]

    def __bool__(self) -> bool:
        return bool(self.settings or self.partings or self.endings)


def differences(left: Recording, right: Recording, *, rtol: float = 0.0, atol: float = 0.0) -> Differences:
    """In what two recordings differ. Numbers are equal within ``atol`` + ``rtol`` · |the right one|, NaN to NaN.

    Histories that were thinned differently are compared at the steps that both have. Seconds are not compared, nor the
    versions and machines that the races were run by.
    """
    before, after = _settings(left), _settings(right)
    shared = [label for label in left.last.racers if label in right.last.racers]
    for settings, recording in ((before, left), (after, right)):
        for label, racer in recording.last.racers.items():
            name = f"racers.{label}"
            told = {f"{name}.{key}": value for key, value in _racer(racer).items()}
            settings |= told if label in shared else {name: _at_first(racer).text(label=False)}
    names = dict.fromkeys([*before, *after])
    changed = [Setting(name, before.get(name, ""), after.get(name, "")) for name in names]
    partings: list[Parting] = []
    endings: list[Ending] = []
    ends = _endings(left), _endings(right)
    for label in shared:
        found = list(_partings(label, left.last.racers[label], right.last.racers[label], rtol, atol))
        partings += found
        if not found and ends[0][label] != ends[1][label]:
            endings.append(Ending(label, ends[0][label], ends[1][label]))
    partings.sort(key=lambda parting: parting.step)
    return Differences(
        tuple(setting for setting in changed if setting.left != setting.right), tuple(partings), tuple(endings)
    )


def _settings(recording: Recording) -> dict[str, str]:
    """Every setting but those of the racers, by name; what is not set is left out."""
    scenario = recording.scenario
    settings: dict[str, Any] = {"title": scenario.title, **_objective(recording)}
    settings |= {key: getattr(scenario, key) for key in ("steps", "work", "seconds", "seed", "start", "tolerance")}
    return {key: str(value) for key, value in settings.items() if value is not None}


def _objective(recording: Recording) -> dict[str, Any]:
    """The objective and all its options in use; data files are what is in them, wherever they are."""
    scenario = recording.scenario
    if recording.function:
        return {"objective": f"the Python function {recording.function}"}
    options = {option.name: option.default for option in registry.objective(scenario.objective).options}
    options |= scenario.options
    options |= {file.option: f"{Path(file.path).name} of sha256 {file.sha256}" for file in recording.data}
    return {"objective": scenario.objective, **{f"objective.{key}": value for key, value in options.items()}}


def _at_first(racer: RacerState) -> RacerSpec:
    return rolled_back(racer.spec, racer.events, -1)


def _racer(racer: RacerState) -> dict[str, str]:
    """What a racer began with, and what was changed since."""
    spec, first = _at_first(racer), racer.rates[0]
    optimizer = registry.optimizer(spec.optimizer)
    known = specs.hyperparameters(optimizer)
    in_use = {**{name: hyper.default for name, hyper in known.items()}, **spec.hyperparameters}
    in_use |= {LEARNING_RATE.name: first.lr}
    in_use |= {BATCH_SIZE.name: optimizer.batch_size if spec.batch_size is None else spec.batch_size}
    edits = [event for event in racer.events if event.name in known or event.name == KEY]
    return {
        "optimizer": optimizer.name,
        **{name: written(known[name].typed(value)) for name, value in in_use.items()},
        KEY: first.schedule.text(),
        "edits": ", ".join(f"{edit.name} {edit.after} after step {edit.step}" for edit in edits),
        "benched": written(racer.benched),
    }


def _endings(recording: Recording) -> dict[str, str]:
    return {racer.label: f"{racer.outcome} at step {racer.step:,}" for racer in recording.snapshot().racers}


def _partings(label: str, ours: RacerState, theirs: RacerState, rtol: float, atol: float) -> Iterator[Parting]:
    steps, left, right = _common(record_steps(ours), record_steps(theirs))
    for name, column in _COLUMNS.items():
        a, b = ours.records[left, column], theirs.records[right, column]
        yield from _first(label, name, steps, a[:, np.newaxis], b[:, np.newaxis], rtol, atol)
    if ours.x.shape == theirs.x.shape:
        steps, left, right = _common(path_steps(ours), path_steps(theirs))
        found = list(_first(label, "theta", steps, ours.path[left], theirs.path[right], rtol, atol))
        if not found and ours.step == theirs.step:  # between two points of the path
            last = np.array([ours.step])
            found = list(_first(label, "theta", last, ours.x[np.newaxis], theirs.x[np.newaxis], rtol, atol))
        yield from found


def _common(ours: Ints, theirs: Ints) -> tuple[Ints, Ints, Ints]:
    """The steps in both, and where they are in each."""
    steps, left, right = np.intersect1d(ours, theirs, assume_unique=True, return_indices=True)
    return steps, left, right


def _first(
    label: str, name: str, steps: Ints, left: Reals, right: Reals, rtol: float, atol: float
) -> Iterator[Parting]:
    """Where rows ``(steps, k)`` differ first, if they do. Of several numbers the quantity names the first that does."""
    with np.errstate(invalid="ignore", over="ignore"):
        same = (left == right) | (np.abs(left - right) <= atol + rtol * np.abs(right))
    same |= np.isnan(left) & np.isnan(right)
    rows = np.flatnonzero(~same.all(axis=1))
    if len(rows):
        row, place = rows[0], int(np.flatnonzero(~same[rows[0]])[0])
        quantity = name if left.shape[1] == 1 and name != "theta" else f"{name}[{place}]"
        yield Parting(label, quantity, int(steps[row]), float(left[row, place]), float(right[row, place]))
