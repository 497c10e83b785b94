"""A schedule as the user writes it: ``cosine(steps=5000,min=1e-5)``, or a table in a scenario.

Schedules one after the other are ``join(warmup(steps=500),cosine(steps=4500))``, or a list of tables. Both become a
:class:`ScheduleSpec`, checked against what the schedule declares, and a spec can be written back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gdtui import registry
from gdtui.contracts import Ints, Option, Phase, Reals, Schedule, number
from gdtui.errors import InputError, nearest
from gdtui.notation import literal, split, written

KEY = "schedule"
JOIN = "join"
LENGTH = Option("length", "integer", None, "how many steps it lasts before the next one begins", "[1, 1e12]")
_EXAMPLE = "write e.g. cosine(steps=5000,min=1e-5)"


@dataclass(frozen=True, slots=True)
class ScheduleSpec:
    """A schedule and the arguments that were given, the schedules it is made of among them.

    ``length`` is how many steps it lasts as a phase of another one, if that was given.
    """

    name: str
    arguments: Mapping[str, float | tuple[ScheduleSpec, ...]] = field(default_factory=dict)
    length: int | None = None

    def text(self) -> str:
        """The spec as a command line takes it. Floats are written so that they read back to the same bits."""
        parts: list[str] = []
        for name, value in self._given().items():
            parts += [phase.text() for phase in value] if isinstance(value, tuple) else [f"{name}={_shown(value)}"]
        return f"{self.name}({','.join(parts)})" if parts else self.name

    def table(self) -> dict[str, Any] | list[Any]:
        """The spec as a scenario file has it: a table, for a join the list of its phases."""
        table: dict[str, Any] = {"name": self.name}
        for name, value in self._given().items():
            table[name] = [phase.table() for phase in value] if isinstance(value, tuple) else value
        return table["phases"] if self.name == JOIN else table

    def bound(self) -> Callable[[Ints, float], Reals]:
        """The schedule's rates as a function of k, int64 ``(m,)``, and the base alone."""
        schedule, arguments = registry.schedule(self.name), self.filled()
        return lambda k, base: schedule.rates(k, base, arguments)

    def filled(self) -> dict[str, Any]:
        """Every argument with the value in use, as the schedule's functions take them."""
        options = registry.schedule(self.name).arguments
        arguments: dict[str, Any] = {option.name: self.arguments.get(option.name, option.default) for option in options}
        for name, value in arguments.items():
            if isinstance(value, tuple):
                *before, last = value
                arguments[name] = (*(Phase(spec.bound(), spec.duration) for spec in before), Phase(last.bound()))
        return arguments

    @property
    def duration(self) -> int | None:
        """How many steps it lasts as a phase: as given, else what the schedule itself takes, if it says so."""
        return self.length or self._number(registry.schedule(self.name).length)

    @property
    def warmup(self) -> int:
        """For how many steps it rises to lr at first."""
        phases = next((value for value in self.arguments.values() if isinstance(value, tuple)), None)
        if phases:
            first = phases[0]
            return first.warmup if first.duration is None else min(first.warmup, first.duration)
        return self._number(registry.schedule(self.name).warmup) or 0

    def _number(self, argument: str) -> int | None:
        return int(self.filled()[argument]) if argument else None

    def _given(self) -> dict[str, float | tuple[ScheduleSpec, ...]]:
        return {**self.arguments} | ({LENGTH.name: self.length} if self.length is not None else {})


def from_value(value: object, key: str = KEY, *, is_phase: bool = False) -> ScheduleSpec:
    """The spec that a text, a table, or a list of phases stands for. An error's key is ``key`` or lies below it."""
    if isinstance(value, ScheduleSpec):  # made in Python, and so not checked yet
        value = value.text()
    table = _table(value, key)
    schedule = _schedule(table.get("name"), key)
    options = {option.name: option for option in schedule.arguments}
    if is_phase:
        if _phases_option(schedule) is not None:
            raise InputError(f"a {schedule.name} cannot be a phase", key=key, remedy="put its phases in its place")
        if schedule.react is not None:
            raise InputError(f"{schedule.name} cannot be a phase", key=key, remedy="give it as the whole schedule")
        options[LENGTH.name] = LENGTH
    given: dict[str, Any] = {}
    for name, item in table.items():
        if name != "name":
            if name not in options:
                reason = f"{schedule.name} has no such argument"
                raise InputError(reason, key=f"{key}.{name}", remedy=nearest(name, options))
            given[name] = _argument(options[name], item, key)
    for option in schedule.arguments:
        if option.default is None and option.name not in given:
            raise InputError("missing", key=f"{key}.{option.name}", remedy=f"give {option.meaning}")
    length = given.pop(LENGTH.name, None) if is_phase else None
    spec = ScheduleSpec(schedule.name, given, length)
    if schedule.check is not None:
        try:
            schedule.check(spec.filled())
        except InputError as error:
            raise InputError(error.reason, key=f"{key}.{error.key}", remedy=error.remedy) from None
    return spec


def _table(value: object, key: str) -> Mapping[str, Any]:
    if isinstance(value, list):
        return {"name": JOIN, "phases": value}
    if isinstance(value, Mapping):
        return value
    if not isinstance(value, str):
        raise InputError(f"{value!r} is not a schedule", key=key, remedy=_EXAMPLE)
    name, opened, rest = (part.strip() for part in value.partition("("))
    if opened and not rest.endswith(")"):
        raise InputError(f"{value!r} does not end with its )", key=key, remedy=_EXAMPLE)
    takes_phases = _phases_option(_schedule(name, key))
    table: dict[str, Any] = {"name": name}
    try:
        parts = split(rest.removesuffix(")"))
    except InputError as error:
        raise error.at(key=key) from None
    for part in parts:
        argument, equals, item = (piece.strip() for piece in part.partition("="))
        if takes_phases is not None and (not equals or "(" in argument):
            table.setdefault(takes_phases.name, []).append(part)
        elif not equals or not item:
            raise InputError(f"{part!r} is not argument=value", key=key, remedy=_EXAMPLE)
        elif argument in table:
            raise InputError("given twice", key=f"{key}.{argument}", remedy="give it once")
        else:
            table[argument] = literal(item)
    return table


def _schedule(name: object, key: str) -> Schedule:
    if not isinstance(name, str) or not name:
        raise InputError("names no schedule", key=key, remedy=nearest("", registry.schedules()))
    try:
        return registry.schedule(name)
    except InputError as error:
        raise error.at(key=key) from None


def _phases_option(schedule: Schedule) -> Option | None:
    return next((option for option in schedule.arguments if option.kind == "schedules"), None)


def _argument(option: Option, value: object, key: str) -> int | float | tuple[ScheduleSpec, ...]:
    if option.kind == "schedules":
        return _phases(option, value, key)
    try:
        checked = number(value, option.interval, integer=option.kind == "integer")
    except InputError as error:
        raise error.at(key=f"{key}.{option.name}") from None
    return int(checked) if option.kind == "integer" else checked


def _phases(option: Option, value: object, key: str) -> tuple[ScheduleSpec, ...]:
    if not isinstance(value, list):
        raise InputError(f"{value!r} is not a list of schedules", key=f"{key}.{option.name}", remedy="give a list")
    try:
        number(len(value), option.interval, integer=True)
    except InputError as error:
        raise InputError(f"{len(value)} schedules", key=key, remedy=error.remedy) from None
    phases = tuple(from_value(item, f"{key}[{i}]", is_phase=True) for i, item in enumerate(value))
    for i, phase in enumerate(phases[:-1]):
        if phase.duration is None:
            reason = f"{phase.name} does not say how long it lasts"
            raise InputError(reason, key=f"{key}[{i}].{LENGTH.name}", remedy="give it a length")
    if phases[-1].length is not None:
        place = f"{key}[{len(phases) - 1}].{LENGTH.name}"
        raise InputError("the last one goes on to the end", key=place, remedy="leave it out")
    return phases


def _shown(value: float) -> str:
    return str(value) if isinstance(value, int) else written(value)
