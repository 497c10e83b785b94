"""Scenario files (TOML) and what they stand for: an objective, racers, a budget, a seed, a view, expectations."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import tomli_w

from gdtui import expectation, registry, specs, toml_file
from gdtui.contracts import Objective, Option, Problem, View, number
from gdtui.errors import InputError, clean, nearest
from gdtui.expectation import Expectation as Expectation
from gdtui.expectation import ExpectTable
from gdtui.folders import builtin_folder as builtin_folder
from gdtui.folders import builtin_name as builtin_name
from gdtui.folders import builtin_names as builtin_names
from gdtui.folders import trap_names as trap_names
from gdtui.specs import RacerSpec

MOST_STEPS = 10**12
STEPS_INTERVAL = f"[0, {MOST_STEPS}]"
BUDGET_INTERVAL = f"[0, {MOST_STEPS}]"  # of work and of seconds
SEED_INTERVAL = f"[0, {2**53 - 1}]"


@dataclass(frozen=True, slots=True)
class Scenario:
    """An objective with its options, the racers and everything else a race is made from. Checked when it is made."""

    name: str
    title: str
    objective: str
    racers: tuple[RacerSpec, ...]
    steps: int | None
    work: float | None = None
    seconds: float | None = None
    description: str = ""
    seed: int = 0
    start: tuple[float, ...] | None = None
    tolerance: float = 1e-12
    view: View | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    learning_rates: Mapping[str, float] = field(default_factory=dict)
    expectations: tuple[Expectation, ...] = ()
    where: str = ""

    def build(self) -> Problem:
        """The objective with its data, at this scenario's seed, start and view."""
        objective = registry.objective(self.objective)
        try:
            problem = objective.build(
                {o.name: self.options.get(o.name, o.default) for o in objective.options}, self.seed
            )
        except InputError as error:
            raise error.at(self.where) from error
        if self.start is not None:
            if len(self.start) != problem.n:
                raise InputError(
                    f"has {len(self.start)} numbers, the objective has {problem.n} parameters",
                    where=self.where, key="start", remedy=f"give {problem.n} numbers",
                )  # fmt: skip
            problem = replace(problem, start=np.array(self.start))
        for claim in self.expectations:
            if claim.coordinate is not None and claim.coordinate >= problem.n:
                raise InputError(
                    f"{claim.quantity} is beyond the {problem.n} parameters of the objective",
                    where=self.where, key="expect", remedy=f"give an index from 0 to {problem.n - 1}",
                )  # fmt: skip
        return replace(problem, view=self.view) if self.view is not None else problem

    def rate_of(self, spec: RacerSpec) -> float:
        """The racer's learning rate: its own, else the scenario's for that optimizer, else the optimizer's default."""
        if spec.lr is not None:
            return spec.lr
        return self.learning_rates.get(spec.optimizer, registry.optimizer(spec.optimizer).learning_rate)

    def changed(
        self,
        *,
        racers: Sequence[RacerSpec] = (),
        steps: int | None = None,
        work: float | None = None,
        seconds: float | None = None,
        seed: int | None = None,
        start: Sequence[float] | None = None,
    ) -> Scenario:
        """This scenario with what the command line gave in place of the file's."""
        result = self
        if racers:
            result = replace(result, racers=specs.with_unique_labels(racers))
            labels = {spec.label for spec in result.racers}
            result = replace(result, expectations=tuple(e for e in result.expectations if e.racer in labels))
        if not (steps is work is seconds is None):
            result = replace(result, **_budget(steps, work, seconds, ""))
            claims = tuple(claim for claim in result.expectations if claim.is_within(result.steps))
            result = replace(result, expectations=claims)
        if seed is not None:
            result = replace(result, seed=int(_checked(seed, SEED_INTERVAL, "", "seed", integer=True)))
        if start is not None:
            result = replace(result, start=_floats(list(start), "", "start"))
        if len(result.racers) > specs.MOST_RACERS:
            raise InputError(f"{len(result.racers)} racers", key="racers", remedy=f"give at most {specs.MOST_RACERS}")
        return result


class _View(msgspec.Struct, forbid_unknown_fields=True):
    x: tuple[float, float]
    y: tuple[float, float]


class _File(msgspec.Struct, forbid_unknown_fields=True):
    """A scenario file as TOML has it; the tables with names of their own inside are checked by hand."""

    objective: dict[str, Any]
    racers: list[dict[str, Any]]
    steps: int | None = None
    work: float | None = None
    seconds: float | None = None
    title: str = ""
    description: str = ""
    seed: int = 0
    start: list[float] | None = None
    tolerance: float = 1e-12
    view: _View | None = None
    learning_rates: dict[str, Any] = {}
    expect: list[ExpectTable] = []


def load(name: str | Path) -> Scenario:
    """The built-in scenario or trap of that name, or the one in the file of that path (it ends in .toml)."""
    text = str(name)
    known = (*builtin_names(), *trap_names())
    if text in known:
        return load_file(builtin_folder() / f"{text}.toml")
    if text.endswith(".toml"):
        return load_file(Path(text))
    near = nearest(text, known if "/" in text else builtin_names())
    raise InputError(f"unknown scenario {text!r}", remedy=f"{near}, or a path to a .toml file")


def load_file(path: Path) -> Scenario:
    """The scenario in a file; errors name the file and the key."""
    return from_mapping(
        _toml(path), where=str(path), folder=path.resolve().parent, name=builtin_name(path) or path.stem
    )


def from_mapping(data: Mapping[str, Any], *, where: str = "scenario", folder: Path, name: str = "scenario") -> Scenario:
    """The scenario that the tables of a file stand for. Paths in it are relative to ``folder``."""
    file = _converted(data, where)
    objective, options = _objective(file.objective, where, folder)
    if not 1 <= len(file.racers) <= specs.MOST_RACERS:
        raise InputError(
            f"{len(file.racers)} racers", where=where, key="racers", remedy=f"give 1 to {specs.MOST_RACERS}"
        )
    racers = specs.with_unique_labels(
        specs.from_table(table, f"{where}: racers[{i}]") for i, table in enumerate(file.racers)
    )
    for key in file.learning_rates:
        if key not in registry.optimizers():
            remedy = nearest(key, registry.optimizers())
            raise InputError("unknown optimizer", where=where, key=f"learning_rates.{key}", remedy=remedy)
    budget = _budget(file.steps, file.work, file.seconds, where)
    return Scenario(
        name=clean(name),
        title=clean(file.title or name),
        description=clean(file.description, 400),
        objective=objective.name,
        options=options,
        racers=racers,
        **budget,
        seed=int(_checked(file.seed, SEED_INTERVAL, where, "seed", integer=True)),
        start=None if file.start is None else _floats(file.start, where, "start"),
        tolerance=_checked(file.tolerance, "[0, inf)", where, "tolerance"),
        view=None if file.view is None else _view(file.view, where),
        learning_rates={
            key: _checked(rate, "(0, inf)", where, f"learning_rates.{key}") for key, rate in file.learning_rates.items()
        },
        expectations=tuple(
            expectation.checked(table, [spec.label for spec in racers], budget["steps"], where, f"expect[{i}]")
            for i, table in enumerate(file.expect)
        ),
        where=where,
    )


def to_toml(scenario: Scenario) -> str:
    """The file that :func:`load_file` reads back to the same scenario. Data files are named by absolute path."""
    table: dict[str, Any] = {"title": scenario.title}
    if scenario.description:
        table["description"] = scenario.description
    budget = {"steps": scenario.steps, "work": scenario.work, "seconds": scenario.seconds}
    table |= {key: value for key, value in budget.items() if value is not None}
    table |= {"seed": scenario.seed, "tolerance": scenario.tolerance}
    if scenario.start is not None:
        table["start"] = list(scenario.start)
    given = {key: str(v) if isinstance(v, Path) else v for key, v in scenario.options.items() if v is not None}
    table["objective"] = {"name": scenario.objective, **given}
    if scenario.view is not None:
        view = scenario.view
        table["view"] = {"x": [view.x_low, view.x_high], "y": [view.y_low, view.y_high]}
    if scenario.learning_rates:
        table["learning_rates"] = dict(scenario.learning_rates)
    table["racers"] = [spec.table() for spec in scenario.racers]
    if scenario.expectations:
        table["expect"] = [claim.table() for claim in scenario.expectations]
    return tomli_w.dumps(table)


def _toml(path: Path) -> dict[str, Any]:
    try:
        return toml_file.read(path, what="a scenario")
    except FileNotFoundError:
        raise InputError("no such file", where=str(path), remedy="see `gdtui list scenarios`") from None


def _converted(data: Mapping[str, Any], where: str) -> _File:
    _known(data, _File.__struct_fields__, where, "")
    for key, fields in (("view", _View), ("expect", ExpectTable)):
        tables = data.get(key)
        for i, table in enumerate(tables if isinstance(tables, list) else [tables]):
            if isinstance(table, Mapping):
                _known(table, fields.__struct_encode_fields__, where, f"{key}." if key == "view" else f"{key}[{i}].")
    try:
        return msgspec.convert(data, _File)
    except msgspec.ValidationError as error:
        reason, _, place = str(error).partition(" - at `$.")
        raise InputError(reason.replace("`", "'").replace(" | null", ""), where=where, key=place.rstrip("`")) from None


def _known(table: Mapping[str, Any], fields: Sequence[str], where: str, prefix: str) -> None:
    for key in table:
        if key not in fields:
            raise InputError("unknown key", where=where, key=f"{prefix}{key}", remedy=nearest(key, fields))


def _objective(table: Mapping[str, Any], where: str, folder: Path) -> tuple[Objective, dict[str, Any]]:
    name = table.get("name")
    if not isinstance(name, str):
        raise InputError("missing", where=where, key="objective.name", remedy=nearest("", registry.objectives()))
    try:
        objective = registry.objective(name)
    except InputError as error:
        raise error.at(where, "objective.name") from None
    known = {option.name: option for option in objective.options}
    given = {key: value for key, value in table.items() if key != "name"}
    _known(given, tuple(known), where, "objective.")
    options = {key: _option(known[key], value, where, folder) for key, value in given.items()}
    return objective, options


def _option(option: Option, value: object, where: str, folder: Path) -> Any:
    key = f"objective.{option.name}"
    wrong = InputError(f"{value!r} is not of kind {option.kind}", where=where, key=key, remedy=option.meaning)
    match option.kind:
        case "number" | "integer":
            checked = _checked(value, option.interval, where, key, integer=option.kind == "integer")
            return int(checked) if option.kind == "integer" else checked
        case "flag" if isinstance(value, bool):
            return value
        case "text" if isinstance(value, str):
            if option.choices and value not in option.choices:
                raise InputError(f"unknown {value!r}", where=where, key=key, remedy=nearest(value, option.choices))
            return value
        case "path" if isinstance(value, str) and value and "\0" not in value:
            try:
                return (folder / Path(value).expanduser()).resolve()
            except (OSError, RuntimeError) as error:  # ~nobody, or links in a circle
                raise InputError(str(error), where=where, key=key, remedy="give the path in full") from None
        case "numbers" if isinstance(value, list):
            return [_checked(v, option.interval, where, f"{key}[{i}]") for i, v in enumerate(value)]
        case "matrix" if isinstance(value, list) and all(isinstance(row, list) for row in value):
            return [[_checked(v, option.interval, where, key) for v in row] for row in value]
        case "texts" if isinstance(value, list) and all(isinstance(v, str) for v in value):
            return list(value)
    raise wrong


def _checked(value: object, interval: str, where: str, key: str, *, integer: bool = False) -> float:
    try:
        return number(value, interval, integer=integer)
    except InputError as error:
        raise error.at(where, key) from None


def _budget(steps: object, work: object, seconds: object, where: str) -> dict[str, Any]:
    """The budget as a scenario has it. Work alone limits the steps as well: there is none that costs less than one."""
    if steps is work is seconds is None:
        raise InputError("missing", where=where, key="steps", remedy="give the steps, the work or the seconds")
    most_work = None if work is None else _checked(work, BUDGET_INTERVAL, where, "work")
    most_seconds = None if seconds is None else _checked(seconds, BUDGET_INTERVAL, where, "seconds")
    if steps is not None:
        most_steps: int | None = int(_checked(steps, STEPS_INTERVAL, where, "steps", integer=True))
    else:
        most_steps = None if most_work is None else math.ceil(most_work)
    return {"steps": most_steps, "work": most_work, "seconds": most_seconds}


def _floats(values: Sequence[object], where: str, key: str) -> tuple[float, ...]:
    return tuple(_checked(value, "(-inf, inf)", where, f"{key}[{i}]") for i, value in enumerate(values))


def _view(view: _View, where: str) -> View:
    corners = [_checked(v, "[-1e100, 1e100]", where, "view") for v in itertools.chain(view.x, view.y)]
    if not (corners[0] < corners[1] and corners[2] < corners[3]):
        raise InputError("is empty", where=where, key="view", remedy="give [low, high] with low < high for x and y")
    return View(*corners)
