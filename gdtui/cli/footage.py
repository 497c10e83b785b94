"""Where the moments of a race come from that pictures and films show."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, Protocol

from gdtui.cli.headless import ticks
from gdtui.cli.progress import ctrl_c_calls
from gdtui.contracts import Problem
from gdtui.engine.race import Race
from gdtui.engine.snapshot import Snapshot
from gdtui.errors import InputError
from gdtui.recording import Recording, read
from gdtui.recording.reading import JOURNAL

RECORDING = ".gdtui"  # what the names of recordings end in
Progress = Callable[[int], None]


def _unseen(_: int) -> None:
    return None


class Footage(Protocol):
    """A race, whole or under way, of which every moment can be seen."""

    name: str
    title: str
    seed: int
    tolerance: float
    labels: tuple[str, ...]
    problem: Problem

    @property
    def budget(self) -> int | None:
        """The most steps there can be, if that is known."""

    def end(self, progress: Progress = _unseen) -> int:
        """The last step there is."""

    def at(self, step: int, progress: Progress = _unseen, *, examined: bool = True) -> Snapshot:
        """The race as it stood after ``step`` steps, with held-out measures if it is to be ``examined``."""

    def interruptible(self) -> Any:
        """A context in which ctrl+c ends what is under way here."""


def opened(scenario: str, **changes: Any) -> Footage:
    """What there is to see of ``scenario``, a name or a path, of a recording, too.

    ``changes`` are arguments of :class:`Race`; what was recorded bears none.
    """
    if not scenario.endswith((RECORDING, JOURNAL)):
        return _Raced(Race(scenario, **changes))
    for name, value in changes.items():
        if value not in (None, ()):
            option = f"--{name.removesuffix('s') if name == 'racers' else name}"
            raise InputError("what is recorded stays as it is", where=scenario, key=option, remedy="leave it out")
    return _Recorded(read(scenario))


class _Raced:
    """A race that is run for it. What lies behind it is run again: the same race takes the same steps."""

    def __init__(self, race: Race) -> None:
        self._race = race
        self.name, self.title, self.seed = race.scenario.name, race.scenario.title, race.scenario.seed
        self.labels, self.problem, self.tolerance = race.labels, race.problem, race.scenario.tolerance

    @property
    def budget(self) -> int | None:
        return self._race.budget

    def end(self, progress: Progress = _unseen) -> int:
        for count in ticks(self._race):
            progress(count)
        return self._race.step

    def at(self, step: int, progress: Progress = _unseen, *, examined: bool = True) -> Snapshot:
        if step < self._race.step:
            self._race = self._race.restarted()
        for count in ticks(self._race, target=step):
            progress(count)
        if examined:
            self._race.examine()
        return self._race.snapshot()

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        with ctrl_c_calls(lambda: self._race.interrupt()):
            yield


class _Recorded:
    """A race that was recorded: nothing is run. Between two recorded steps it is as it was at the first of them."""

    def __init__(self, recording: Recording) -> None:
        self._recording, self._shown = recording, 0
        scenario = recording.scenario
        self.name, self.title, self.seed = scenario.name, scenario.title, scenario.seed
        self.labels, self.problem = tuple(recording.last.racers), recording.fresh().problem
        self.tolerance = scenario.tolerance

    @property
    def budget(self) -> int | None:
        return self._recording.step

    def end(self, progress: Progress = _unseen) -> int:
        progress(self._recording.step)
        return self._recording.step

    def at(self, step: int, progress: Progress = _unseen, *, examined: bool = True) -> Snapshot:  # noqa: ARG002
        progress(max(0, step - self._shown))
        self._shown = step
        return self._recording.snapshot(step)

    def interruptible(self) -> Any:
        return nullcontext()


def step_within(asked: int | None, footage: Footage, progress: Progress = _unseen) -> int:
    """The step to show: the one ``asked`` for, if there is one so late, or the last."""
    if asked is None:
        return footage.end(progress)
    if footage.budget is not None and asked > footage.budget:
        reason = f"{asked:,} is beyond the last step, {footage.budget:,}"
        raise InputError(reason, where="--at", remedy="give a smaller step")
    return asked
