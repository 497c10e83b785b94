"""The user's configuration: what the app does where a command line leaves it open.

A setting comes from the command line, else from the environment, else from config.toml in the user's configuration
folder (``GDTUI_CONFIG`` names another file), else it has its default. All three are read alike: an unknown name, a
wrong type or a value out of range is an :class:`InputError` that names the place.

What reads files is imported when there is something to read: ``gdtui --help`` needs no more than the choices.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from gdtui.errors import InputError, nearest

FILE_VARIABLE = "GDTUI_CONFIG"
NO_COLOR = "NO_COLOR"  # see no-color.org
FILE, KEYS = "config.toml", "keys"
DEFAULT, COMMAND_LINE = "default", "command line"  # sources, beside files and variables
FEWEST_FPS, MOST_FPS = 1, 60

Theme = Literal["dark", "light", "terminal"]
Color = Literal["auto", "truecolor", "256", "16", "none"]
Renderer = Literal["fast", "plotext"]
Patterns = Literal["auto", "always", "never"]


@dataclass(frozen=True, slots=True)
class Config:
    """What the user chose. ``sources`` says from where, for each setting that is not the default."""

    scenario: str = "rosenbrock"
    theme: Theme = "dark"
    color: Color = "auto"
    fps: float | None = None
    """The most pictures a second; None: what the app takes by itself."""
    ascii: bool | None = None
    """Whether to draw with plain ASCII; None: where the terminal's locale has nothing else."""
    mouse: bool = True
    renderer: Renderer = "fast"
    patterns: Patterns = "auto"
    """Whether racers' lines differ in their pattern."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """The user's own keys: from a binding's id to one or more keys, with commas between them."""
    sources: Mapping[str, str] = field(default_factory=dict, compare=False)

    def source(self, name: str) -> str:
        """Where a setting came from: a file, an environment variable, the command line, or the default."""
        return self.sources.get(name, DEFAULT)


# The settings, and what each may be, in words where that is not a choice of names.
_WORDS = {
    "scenario": "a scenario's name or its file",
    "theme": "",
    "color": "",
    "fps": f"a number from {FEWEST_FPS} to {MOST_FPS}",
    "ascii": "true or false",
    "mouse": "true or false",
    "renderer": "",
    "patterns": "",
}
SETTINGS = tuple(_WORDS)


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return f"GDTUI_{name.upper()}"


def path() -> Path | None:
    """The configuration file, which may not exist; None where the user has no home to look in."""
    if named := os.environ.get(FILE_VARIABLE):
        return Path(named)
    import platformdirs

    try:
        folder = Path(platformdirs.user_config_dir("gdtui"))
    except (OSError, RuntimeError):
        return None
    return folder / FILE if folder.is_absolute() else None


def load(given: Mapping[str, object] | None = None) -> Config:
    """The configuration, with what was ``given`` on the command line; None there is not given."""
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for name, value, source in (*_from_file(), *_from_environment(), *_given(given or {})):
        values[name], sources[name] = value, source
    return Config(**values, sources=sources)


def _from_file() -> Iterator[tuple[str, Any, str]]:
    file = path()
    if file is None or str(file) == os.devnull:
        return
    from gdtui import toml_file

    where = str(file)
    try:
        data = toml_file.read(file, what="a configuration")
    except FileNotFoundError:
        if os.environ.get(FILE_VARIABLE):
            raise InputError("no such file", where=FILE_VARIABLE, key=where, remedy="make it, or unset it") from None
        return
    for name, value in data.items():
        if name == KEYS:
            yield name, _keys(value, where), where
        elif name not in SETTINGS:
            raise InputError("unknown key", where=where, key=name, remedy=nearest(name, (*SETTINGS, KEYS)))
        else:
            checked = _checked(name, value, where, name)
            yield name, _scenario(checked, file) if name == "scenario" else checked, where


def _from_environment() -> Iterator[tuple[str, Any, str]]:
    if os.environ.get(NO_COLOR):
        yield "color", "none", NO_COLOR
    for name in SETTINGS:
        place = variable(name)
        if text := os.environ.get(place):
            yield name, _checked(name, text, place, "", strict=False), place


def _given(given: Mapping[str, object]) -> Iterator[tuple[str, Any, str]]:
    for name, value in given.items():
        if value is not None:
            yield name, _checked(name, value, "", name), COMMAND_LINE


def _checked(name: str, value: object, where: str, key: str, *, strict: bool = True) -> Any:
    """``value`` as the setting has it; without ``strict``, from the text of an environment variable."""
    import msgspec

    kinds: dict[str, Any] = {
        "scenario": Annotated[str, msgspec.Meta(min_length=1)],
        "theme": Theme,
        "color": Color,
        "fps": Annotated[float, msgspec.Meta(ge=FEWEST_FPS, le=MOST_FPS)],
        "ascii": bool,
        "mouse": bool,
        "renderer": Renderer,
        "patterns": Patterns,
    }
    try:
        return msgspec.convert(value, kinds[name], strict=strict)
    except msgspec.ValidationError:
        shown = str(value).lower() if isinstance(value, bool) else repr(value)
        if words := _WORDS[name]:
            raise InputError(f"{shown} is not {words}", where=where, key=key) from None
        remedy = nearest(str(value), get_args(kinds[name]))
        raise InputError(f"unknown {shown}", where=where, key=key, remedy=remedy) from None


def _scenario(named: str, file: Path) -> str:
    """A scenario's name, or the path of its file: the configuration gives it relative to its own folder."""
    if not named.endswith(".toml"):
        return named
    try:
        return str(file.resolve().parent / Path(named).expanduser())
    except (OSError, RuntimeError, ValueError) as error:  # links in a circle, or ~nobody
        raise InputError(str(error), where=str(file), key="scenario", remedy="give the path in full") from None


def _keys(table: object, where: str) -> dict[str, str]:
    """The user's keys by the ids of their bindings, which only the app knows."""
    if not isinstance(table, dict):
        raise InputError("is not a table", where=where, key=KEYS, remedy="write [keys], and below it race.step = 'f6'")
    keys: dict[str, str] = {}
    for name, value in _flat(table):
        place = f"{KEYS}.{name}"
        if not isinstance(value, str) or not all(map(str.strip, value.split(","))):
            remedy = "write e.g. 'f6' or 'f6,full_stop'"
            raise InputError(f"{value!r} is not a key, or keys with commas", where=where, key=place, remedy=remedy)
        if name in keys:
            raise InputError("given twice", where=where, key=place, remedy="give it once")
        keys[name] = ",".join(map(str.strip, value.split(",")))
    return keys


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """TOML takes race.step without quotes for a table race with a key step: both ways of writing mean the same."""
    for name, value in table.items():
        if isinstance(value, dict) and value:
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value
