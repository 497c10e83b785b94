"""What reproduces a race: a command line to paste, a scenario file to keep."""

from __future__ import annotations

import shlex
from pathlib import Path

from gdtui.engine.race import Race
from gdtui.engine.snapshot import Snapshot
from gdtui.errors import InputError
from gdtui.notation import written
from gdtui.scenario import builtin_name, load_file, to_toml

_SUFFIX = ".toml"
LONGEST_COMMAND = 10_000  # characters that one would still paste


def command_line(race: Race) -> str:
    """The command that runs this race again in a terminal: every racer with the learning rate it has now.

    Raises :class:`InputError` where no command can: the scenario's file is gone, or the start is too long to type.
    """
    scenario = race.scenario
    file = Path(scenario.where)
    if race.is_replay:
        return shlex.join(["gdtui", "replay", scenario.where])
    if file.suffix != _SUFFIX:
        reason, remedy = "the race began as a recording", "save it (s) or record it (w)"
        raise InputError(reason, where=scenario.where, remedy=remedy)
    name = builtin_name(file) or scenario.where
    words = ["gdtui", name]
    for spec in scenario.racers:
        words += ["--racer", spec.text()]
    original = load_file(file)
    if scenario.seed != original.seed:
        words += ["--seed", str(scenario.seed)]
    if scenario.start is not None and scenario.start != original.start:
        words += ["--start", ",".join(repr(float(value)) for value in scenario.start)]
    budgets = ("steps", "work", "seconds")
    if any(getattr(scenario, name) != getattr(original, name) for name in budgets):
        given = {name: getattr(scenario, name) for name in budgets if getattr(scenario, name) is not None}
        for name, most in given.items():
            words += [f"--{name}", written(most)]
    command = shlex.join(words)
    if len(command) > LONGEST_COMMAND:
        raise InputError(f"the command has {len(command):,} characters", key="start", remedy="save the race (s)")
    return command


def caveats(snapshot: Snapshot) -> list[str]:
    """What a command or a scenario file, which begin at the start, do not bring back of this race."""
    racers = snapshot.racers
    found = [
        f"{racer.label} branched off {racer.origin.label} at step {racer.origin.step:,}: this races it from the start."
        for racer in racers
        if racer.origin is not None
    ]
    if any(racer.events for racer in racers):
        found.insert(0, "Hyperparameters were changed during this race; this starts with the last ones.")
    return found


def check_file_name(text: str, suffix: str = _SUFFIX) -> str:
    """What saving under that name would do, or an :class:`InputError`."""
    if not text or "\0" in text:
        raise InputError("give a file name", remedy=f"e.g. my-race{suffix}")
    try:
        path = path_of(text, suffix)
        if path.exists() or path.is_symlink():
            raise InputError(f"{path.name} is there already", remedy="choose another name")
        if not path.parent.is_dir():
            raise InputError(f"there is no folder {path.parent}", remedy="choose another folder")
        return f"saves to {path.absolute()}"
    except (OSError, RuntimeError) as error:  # a name too long, a folder that is not ours, ~nobody
        reason = error.strerror if isinstance(error, OSError) else None
        raise InputError(reason or str(error), remedy="choose another name") from None


def save(race: Race, text: str) -> Path:
    """Write the race as a scenario file that did not exist before, and that loads; returns its path."""
    check_file_name(text)
    path = path_of(text, _SUFFIX)
    try:
        file = path.open("x", encoding="utf-8")
    except OSError as error:
        raise InputError(error.strerror or str(error), where=str(path), remedy="choose another name") from None
    try:
        with file:
            file.write(to_toml(race.scenario))
        load_file(path)
    except InputError:
        path.unlink(missing_ok=True)  # what cannot be read back is not kept
        raise
    except OSError as error:
        path.unlink(missing_ok=True)
        raise InputError(error.strerror or str(error), where=str(path), remedy="choose another place") from None
    return path


def path_of(text: str, suffix: str) -> Path:
    """The path that a file name stands for, which may leave out the suffix."""
    path = Path(text).expanduser()
    if not path.name or path.name == "..":
        raise InputError(f"{text} is a folder", remedy=f"add a file name, e.g. my-race{suffix}")
    return path if path.suffix == suffix else path.with_name(path.name + suffix)
