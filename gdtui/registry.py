"""Finds every objective, optimizer and schedule, built in and plugged in. The family tree falls out of it.

Built in is every module of ``gdtui.objectives``, ``gdtui.optimizers`` and ``gdtui.schedules`` whose name does not start
with an underscore. Plugged in is every such file in a subfolder of the same names inside the folders listed in the
environment variable ``GDTUI_PLUGINS``; plug-ins are code, so nothing but the user's own environment names them.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import pkgutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from gdtui.contracts import Objective, Optimizer, Schedule
from gdtui.errors import InputError, nearest

PLUGINS_VARIABLE = "GDTUI_PLUGINS"
_Record = TypeVar("_Record", Objective, Optimizer, Schedule)
_found: dict[tuple[str, tuple[Path, ...]], Mapping[str, Any]] = {}


@dataclass(frozen=True, slots=True)
class FamilyNode:
    """An optimizer and the optimizers derived from it, by their order and their names."""

    optimizer: Optimizer
    children: tuple[FamilyNode, ...] = field(default=())

    def walk(self, depth: int = 0) -> Iterator[tuple[int, FamilyNode]]:
        """This node and all below it, depth first, each with its depth."""
        yield depth, self
        for child in self.children:
            yield from child.walk(depth + 1)


def objectives() -> Mapping[str, Objective]:
    """All objectives by name."""
    return _records("objectives", "OBJECTIVE", Objective)


def optimizers() -> Mapping[str, Optimizer]:
    """All optimizers by name, in family order: parents before their children."""
    found = _records("optimizers", "OPTIMIZER", Optimizer)
    key = ("family", plugin_folders())
    if key not in _found:  # looked up many times a second while racers are judged
        ordered = {node.optimizer.name: node.optimizer for root in _forest(found) for _, node in root.walk()}
        for lost in found.keys() - ordered.keys():
            raise InputError(f"the optimizer {lost!r} descends from itself", remedy="mend its parent")
        _found[key] = ordered
    return _found[key]


def schedules() -> Mapping[str, Schedule]:
    """All schedules by name."""
    return _records("schedules", "SCHEDULE", Schedule)


def family() -> tuple[FamilyNode, ...]:
    """The family tree: its roots, which are the optimizers without a (known) parent."""
    return _forest(_records("optimizers", "OPTIMIZER", Optimizer))


def objective(name: str) -> Objective:
    """The objective called ``name``, or an :class:`InputError` with the nearest name."""
    return _get(objectives(), "objective", name)


def optimizer(name: str) -> Optimizer:
    """The optimizer called ``name``, or an :class:`InputError` with the nearest name."""
    return _get(optimizers(), "optimizer", name)


def schedule(name: str) -> Schedule:
    """The schedule called ``name``, or an :class:`InputError` with the nearest name."""
    return _get(schedules(), "schedule", name)


def plugin_folders() -> tuple[Path, ...]:
    """The folders that ``GDTUI_PLUGINS`` names."""
    listed = os.environ.get(PLUGINS_VARIABLE, "")
    return tuple(Path(part).expanduser().resolve() for part in listed.split(os.pathsep) if part)


def _get(known: Mapping[str, _Record], what: str, name: str) -> _Record:
    if name not in known:
        raise InputError(f"unknown {what} {name!r}", remedy=nearest(name, known))
    return known[name]


def _records(package: str, attribute: str, kind: type[_Record]) -> Mapping[str, _Record]:
    key = (package, plugin_folders())
    if key not in _found:
        _found[key] = _find(package, attribute, kind, key[1])
    return _found[key]


def _find(package: str, attribute: str, kind: type[_Record], folders: tuple[Path, ...]) -> Mapping[str, _Record]:
    found: dict[str, _Record] = {}
    path = importlib.import_module(f"gdtui.{package}").__path__
    for name in sorted(info.name for info in pkgutil.iter_modules(path) if not info.name.startswith("_")):
        record = getattr(importlib.import_module(f"gdtui.{package}.{name}"), attribute)
        found[record.name] = record
    for folder in folders:
        _check_folder(folder)
        for file in sorted((folder / package).glob("[!_.]*.py")):
            record = _load_plugin(file, package, attribute, kind)
            if record.name in found:
                raise InputError(f"the name {record.name!r} is taken", where=str(file), remedy="give it another name")
            found[record.name] = record
    return found


def _check_folder(folder: Path) -> None:
    """Refuse a folder that cannot be listed: its plug-ins would be missing without a word."""
    try:
        next(folder.iterdir(), None)
    except OSError as error:
        reason, remedy = os.strerror(error.errno or 0).lower(), f"mend it, or take it out of {PLUGINS_VARIABLE}"
        raise InputError(reason, where=PLUGINS_VARIABLE, key=str(folder), remedy=remedy) from None


def _load_plugin(file: Path, package: str, attribute: str, kind: type[_Record]) -> _Record:
    name = f"gdtui_plugins.{package}.{file.stem}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise InputError("cannot be loaded as a Python module", where=str(file))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # numba finds a cached function's module by its name
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise InputError(f"{type(error).__name__}: {error}", where=str(file), remedy="mend the plug-in") from error
    record = getattr(module, attribute, None)
    if not isinstance(record, kind):
        raise InputError(f"has no {attribute} made of {kind.__name__}", where=str(file), remedy="add one")
    return record


def _forest(found: Mapping[str, Optimizer]) -> tuple[FamilyNode, ...]:
    def node(record: Optimizer) -> FamilyNode:
        children = [other for other in ordered if other.parent == record.name]
        return FamilyNode(record, tuple(node(child) for child in children))

    ordered = sorted(found.values(), key=lambda record: (record.order, record.name))
    return tuple(node(record) for record in ordered if record.parent not in found)
