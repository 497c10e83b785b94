"""A recording that was read: what it says, its states, pictures of any step, and the race to go on with."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np

from gdtui import toml_file
from gdtui.contracts import number
from gdtui.engine.lanes import PythonObjective
from gdtui.engine.outcome import Limits
from gdtui.engine.race import Race
from gdtui.engine.snapshot import Snapshot
from gdtui.engine.state import RaceState
from gdtui.errors import InputError, clean
from gdtui.recording import container, journal_file, manifest
from gdtui.recording.container import Container
from gdtui.recording.data import located
from gdtui.recording.manifest import DataFile, Made, Manifest
from gdtui.recording.pictures import picture
from gdtui.recording.states import States
from gdtui.scenario import STEPS_INTERVAL, Scenario, from_mapping
from gdtui.specs import RacerSpec

JOURNAL: Final = ".journal"  # what is added to a recording's name while its race is under way
_GIVE: Final = "give a file that `gdtui run --out` wrote"
_SAME_LOSS: Final = 1e-9  # relative: another machine's logarithm may differ in its last digits


class Recording:
    """A race on disk, read and checked. Nothing is computed anew but by :meth:`race`, and nothing is compiled.

    ``is_journal`` says that its race had not come to its end, or to its recording; ``lost`` is how many bytes of the
    journal's last entry are not whole.
    """

    def __init__(self, said: Manifest, states: States, last: RaceState, path: Path, *, is_journal: bool, lost: int = 0):
        self._said, self._states, self.last, self.path = said, states, last, path
        self.is_journal, self.lost = is_journal, lost

    @cached_property
    def scenario(self) -> Scenario:
        """The scenario as it was raced, with the racers as they are in the last state. Its data files are not read."""
        racers = [racer.spec for racer in self.last.racers.values()]
        where = str(self.path)
        table = toml_file.parse(self._said.scenario, where)
        if self._said.function:
            return _of_a_function(table, self._said.function, racers, where)
        read = from_mapping(table, where=where, folder=self.path.absolute().parent, name=self._said.name)
        return replace(read, racers=tuple(racers))

    @property
    def function(self) -> str:
        """The name of the Python function that was raced on, or nothing."""
        return clean(self._said.function)

    @property
    def made(self) -> Made:
        """The versions and the kind of machine it was made with."""
        return self._said.made

    @property
    def created(self) -> str | None:
        """When, in UTC, or None if it was recorded without times."""
        return None if self._said.created is None else clean(self._said.created)

    @property
    def data(self) -> Sequence[DataFile]:
        """The data files that the race needs, and that are not in the recording."""
        return self._said.data

    @property
    def result(self) -> Sequence[Mapping[str, Any]] | None:
        """What :func:`gdtui.analysis.results.describe` said of each racer but for its point; None in a journal."""
        return self._said.result

    @property
    def step(self) -> int:
        """Where the race stands."""
        return self.last.step

    @property
    def limits(self) -> Limits:
        """The most steps, work and seconds of a racer."""
        return Limits(self.scenario.steps, self.scenario.work, self.scenario.seconds)

    @property
    def checkpoint_steps(self) -> tuple[int, ...]:
        """Where the race stood in its checkpoints."""
        return self._states.steps()[:-1]

    def checkpoint(self, index: int) -> RaceState:
        """An earlier state of the race, by its place in :attr:`checkpoint_steps`."""
        return self._states.state(index)

    @property
    def size(self) -> int:
        """How many parameters there are."""
        return self._said.problem.n

    def snapshot(self, step: int | None = None) -> Snapshot:
        """The race as it stood at ``step``, or at the end: histories and paths up to there, nothing computed anew."""
        tests = {str(racer.get("label")): _measures(racer.get("test")) for racer in self.result or ()}
        return picture(self.last, step, self._said.problem, self.limits, tests)

    def race(
        self, objective: PythonObjective | None = None, *, steps: int | None = None, kind: type[Race] = Race
    ) -> Race:
        """The race, ready to go on from where it stands, to the bit as if it had never been interrupted.

        ``objective`` is the Python function, for a race on one, ``steps`` a budget in place of the recorded one, and
        ``kind`` the class to make it of. Raises :class:`InputError` where the data files are gone or have changed, or
        where the objective is another one.
        """
        made = self.fresh(objective, steps=steps, kind=kind)
        if not np.isclose(made.loss_start, self._said.problem.loss_start, rtol=_SAME_LOSS, atol=0.0):
            reason = f"the objective is {made.loss_start!r} at the start, and was {self._said.problem.loss_start!r}"
            raise InputError(reason, where=str(self.path), remedy="race on with the objective it was recorded with")
        try:
            made.restore(self.last)
        except InputError as error:
            raise error.at(str(self.path)) from None
        return made

    def fresh(
        self, objective: PythonObjective | None = None, *, steps: int | None = None, kind: type[Race] = Race
    ) -> Race:
        """A race like this one that stands at its start; nothing is compiled yet. See :meth:`race`."""
        scenario = self.scenario
        if steps is not None:
            scenario = replace(scenario, steps=self._budget(steps))
        if bool(self.function) == (objective is None):
            if self.function:
                reason, remedy = f"was raced on the Python function {self.function}", "give it to gdtui.load"
                raise InputError(reason, where=str(self.path), remedy=remedy)
            raise InputError("has an objective of its own", where=str(self.path), remedy="give none")
        if objective is None:
            return kind(located(scenario, self._said.data, self.path.absolute().parent))
        return kind(
            objective=objective, start=scenario.start, racers=scenario.racers, seed=scenario.seed,
            steps=scenario.steps, work=scenario.work, seconds=scenario.seconds,
        )  # fmt: skip

    def _budget(self, steps: int) -> int:
        try:
            budget = int(number(steps, STEPS_INTERVAL, integer=True))
        except InputError as error:
            raise error.at(str(self.path), "steps") from None
        if budget < self.step:
            reason = f"the race stands at step {self.step:,} already"
            raise InputError(reason, where=str(self.path), key="steps", remedy="give more")
        return budget

    def made_elsewhere(self) -> list[str]:
        """What is not as it was when the race was recorded, in words: going on may not lead to the same bits."""
        here = manifest.made_here()
        return [
            f"{name} {clean(getattr(self.made, name))}, here {getattr(here, name)}"
            for name in Made.__struct_fields__
            if getattr(self.made, name) != getattr(here, name)
        ]


def read(path: str | Path) -> Recording:
    """The recording, or the journal of a race that is under way or was killed, in that file.

    Raises :class:`InputError` for anything else: what is damaged, has another checksum, or was made to do damage.
    """
    path = Path(path)
    try:
        with _opened(path) as file:
            if file.read(len(journal_file.MAGIC)) == journal_file.MAGIC:
                return _journal(file, os.fstat(file.fileno()).st_size, path)
            file.seek(0)
            content = Container(file.read(container.MOST_BYTES + 1), str(path))
        said = manifest.decode(content.text(container.MANIFEST), str(path))
        states = _states(said, content, str(path))
        _check_order(states, str(path))
        return _checked(Recording(said, states, states.state(len(states) - 1), path, is_journal=False))
    except OSError as error:
        raise _unreadable(error, str(path)) from None
    except MemoryError:
        raise InputError("needs more memory than there is", where=str(path)) from None


def _journal(file: BinaryIO, size: int, path: Path) -> Recording:
    last: RaceState | None = None
    for entry in journal_file.entries(file, size, str(path)):
        content = Container(entry, str(path))
        said = manifest.decode(content.text(container.MANIFEST), str(path))
        states = _states(said, content, str(path))
        last = states.state(len(states) - 1, last)
    assert last is not None  # there is at least one entry
    return _checked(Recording(said, states, last, path, is_journal=True, lost=size - file.tell()))


def _states(said: Manifest, content: Container, where: str) -> States:
    n = said.problem.n
    if not 1 <= n <= container.MOST_UNPACKED // 8 or not np.isfinite(said.problem.loss_start):
        raise InputError(f"is of a problem with {n} parameters", where=where, remedy="fetch it again")
    return States(said.states, content, n, where)


def _check_order(states: States, where: str) -> None:
    steps = states.steps()
    if any(a > b for a, b in pairwise(steps)):
        raise InputError("its checkpoints are not in their order", where=where, remedy="fetch it again")


def _checked(recording: Recording) -> Recording:
    """The recording, with everything looked at that is made when it is first asked for."""
    known = set(recording.last.racers)
    for racer in recording.result or ():
        label = racer.get("label")
        if not isinstance(label, str) or label not in known:
            raise InputError("its result is one of other racers", where=str(recording.path), remedy="fetch it again")
    recording.snapshot()
    return recording


def _measures(found: object) -> dict[str, float] | None:
    if not isinstance(found, dict) or not all(isinstance(value, float | int) for value in found.values()):
        return None
    return {clean(str(name)): float(value) for name, value in found.items()}


def _of_a_function(table: Mapping[str, Any], name: str, racers: Sequence[RacerSpec], where: str) -> Scenario:
    """The scenario of a race on a Python function, which no file can hold whole."""
    start, title = table.get("start"), table.get("title")
    if not isinstance(start, list) or not isinstance(title, str):
        raise InputError("its scenario is not one", where=where, remedy="fetch it again")
    steps, work, seconds, seed = (table.get(key) for key in ("steps", "work", "seconds", "seed"))
    scenario = Scenario(
        name=clean(name), title=clean(title), objective="", racers=tuple(racers), steps=None, where=where
    )
    try:
        whole = None if steps is None else int(number(steps, STEPS_INTERVAL, integer=True))
        return replace(scenario.changed(start=start, work=work, seconds=seconds, seed=seed), steps=whole)
    except InputError as error:
        raise error.at(where) from None


def _opened(path: Path) -> BinaryIO:
    """The file, if it is a regular one."""
    where = str(path)
    try:
        # Whatever it is: the open must not wait for a writer.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        beside = path.with_name(path.name + JOURNAL)
        remedy = f"its race has not come to its end, and is in {beside}" if beside.is_file() else "check the path"
        raise InputError("no such file", where=where, remedy=remedy) from None
    except (OSError, ValueError) as error:  # a name with a NUL in it
        raise _unreadable(error, where) from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise InputError("is not a regular file", where=where, remedy=_GIVE)
    return os.fdopen(descriptor, "rb")


def _unreadable(error: OSError | ValueError, where: str) -> InputError:
    reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
    return InputError(reason, where=where, remedy="check the path")
