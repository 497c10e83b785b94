"""What reproduces a race: a command line to paste, a scenario file to keep."""

from __future__ import annotations

import shlex
from pathlib import Path

from gdtui.engine.race import Race
from gdtui.errors import InputError
from gdtui.notation import written
from gdtui.scenario import builtin_name, load_file, to_toml

LONGEST_COMMAND = 10_000  # characters that one would still paste


def command_line(race: Race) -> str:
    """The command that runs this race again in a terminal: every racer with the learning rate it has now.

    Raises :class:`InputError` where no command can: the scenario's file is gone, or the start is too long to type.
    """
    scenario = race.scenario
    file = Path(scenario.where)
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


def caveats(race: Race) -> list[str]:
    """What a command or a scenario file, which begin at the start, do not bring back of this race."""
    racers = list(race)
    found = [
        f"{racer.label} branched off {racer.origin.label} at step {racer.origin.step:,}: this races it from the start."
        for racer in racers
        if racer.origin is not None
    ]
    if any(racer.events for racer in racers):
        found.insert(0, "Hyperparameters were changed during this race; this starts with the last ones.")
    return found


def check_file_name(text: str) -> str:
    """What saving under that name would do, or an :class:`InputError`."""
    if not text or "\0" in text:
        raise InputError("give a file name", remedy="e.g. my-race.toml")
    try:
        path = _path(text)
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
    path = _path(text)
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


def _path(text: str) -> Path:
    path = Path(text).expanduser()
    if not path.name or path.name == "..":
        raise InputError(f"{text} is a folder", remedy="add a file name, e.g. my-race.toml")
    return path if path.suffix == ".toml" else path.with_name(path.name + ".toml")
