"""A race, as it stands, as a recording."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gdtui.analysis.results import describe
from gdtui.engine.race import Race
from gdtui.engine.state import RaceState
from gdtui.errors import InputError
from gdtui.recording import container, manifest
from gdtui.recording.data import data_files
from gdtui.recording.files import check_target, keep
from gdtui.recording.manifest import DataFile, Manifest, ProblemRecord
from gdtui.recording.states import MOST_STATES, encoded
from gdtui.scenario import to_toml


def write(
    path: str | Path,
    race: Race,
    *,
    checkpoints: Sequence[RaceState] = (),
    times: bool = True,
    force: bool = False,
) -> Path:
    """Record the race as it stands in a file of that path, and return the path.

    ``checkpoints`` are earlier states of it, in the order of their steps. Without ``times`` the same race gives the
    same bytes: nothing is told of seconds and of now. A file that is there is replaced only by ``force``.

    Raises :class:`InputError` before anything is written, and :class:`~gdtui.recording.files.NotWrittenError` where
    the file could not be written and the recording is kept elsewhere.
    """
    path = Path(path)
    check_target(path, force=force)
    keep(path, recorded(race, checkpoints=checkpoints, times=times), force=force)
    return path


def recorded(race: Race, *, checkpoints: Sequence[RaceState] = (), times: bool = True) -> bytes:
    """The race as it stands, as the bytes of a recording; see :func:`write`."""
    check_recordable(race, times=times)
    if len(checkpoints) >= MOST_STATES:
        raise InputError(
            f"{len(checkpoints)} checkpoints", where="the recording", remedy=f"give up to {MOST_STATES - 1}"
        )
    result = [{key: value for key, value in racer.items() if key != "theta"} for racer in describe(race)["racers"]]
    states = [*sorted(checkpoints, key=lambda state: state.step), race.state()]
    return packed(race, states, data=data_files(race.scenario), times=times, result=result)


def check_recordable(race: Race, *, times: bool = True) -> None:
    """Refuse a race that a recording would not do justice to."""
    if any(racer.history.every is not None for racer in race):
        reason, remedy = "a race with `every` keeps no history", "leave out `every`"
        raise InputError(reason, where="the recording", remedy=remedy)
    if not times and race.limits.seconds is not None:
        reason, remedy = "a budget of seconds needs the times", "record them"
        raise InputError(reason, where="the recording", remedy=remedy)


def packed(
    race: Race,
    states: Sequence[RaceState],
    *,
    data: Sequence[DataFile],
    times: bool = True,
    result: Sequence[Mapping[str, Any]] | None = None,
    before: RaceState | None = None,
    compressed: bool = True,
) -> bytes:
    """States of a race in a container, with all that is said of the race; ``before`` as in :func:`encoded`."""
    records, members = encoded(states, times=times, before=before)
    problem, scenario = race.problem, race.scenario
    made = manifest.made_here()
    said = Manifest(
        kind=manifest.KIND,
        format=manifest.FORMAT,
        gdtui=made.gdtui,
        made=made,
        created=datetime.now(UTC).isoformat(timespec="seconds") if times else None,
        times=times,
        name=scenario.name,
        scenario=to_toml(scenario),
        function="" if scenario.objective else problem.objective,
        problem=ProblemRecord(problem.n, problem.samples, problem.noise, problem.time_dependent, race.loss_start),
        data=list(data),
        states=records,
        result=None if result is None else [dict(racer) for racer in result],
    )
    return container.pack({container.MANIFEST: manifest.encode(said), **members}, compressed=compressed)
