"""What a shell is offered to complete for each value on the command line, as far as it is written."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

PROGRAM, VARIABLE = "gdtui", "_GDTUI_COMPLETE"
OPEN = "open"  # the kind of a completion that something may follow without a space
_CLOSED = re.compile(r"\([^()]*\)")  # arguments that are complete
_CALL = re.compile(r"(\w+)\((?:[^()]*,)?(\w*)$")  # the schedule whose arguments are begun, and the begun one


def scenarios(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """The built-in scenarios, the traps once their folder is written, and the .toml files and folders there are."""
    from click.shell_completion import CompletionItem

    from gdtui.folders import TRAPS, builtin_names, trap_names

    names = trap_names() if incomplete.startswith(f"{TRAPS}/") else builtin_names()
    items = [CompletionItem(name) for name in names if name.startswith(incomplete)]
    if incomplete != f"{TRAPS}/" and f"{TRAPS}/".startswith(incomplete):
        items.append(CompletionItem(f"{TRAPS}/", type=OPEN, is_path=True))
    return [*items, *(item for item in _files(incomplete) if item.value not in {known.value for known in items})]


def logs(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """The logs and folders there are."""
    return list(_files(incomplete, (".csv", ".tsv", ".txt", ".log", ".jsonl", ".ndjson", ".json")))


def footage(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Scenarios, and the recordings there are."""
    found = scenarios(context, parameter, incomplete)
    known = {item.value for item in found}
    return [*found, *(item for item in recordings(context, parameter, incomplete) if item.value not in known)]


def pictures(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """The pictures and folders there are."""
    return list(_files(incomplete, (".svg", ".html", ".ansi", ".txt")))


def films(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """The films and folders there are."""
    return list(_files(incomplete, (".cast",)))


def recordings(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """The recordings, journals and folders there are."""
    return list(_files(incomplete, (".gdtui", ".gdtui.journal")))


def racers(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """An optimizer, then its keys, then schedules and their arguments: as far as the SPEC is written."""
    from gdtui.cli.words import words

    known = words()
    optimizers, schedules = known.get("optimizers", {}), known.get("schedules", {})
    name, colon, given = incomplete.partition(":")
    if not colon:
        return _items({each: record["title"] for each, record in optimizers.items()}, name, "")
    if name not in optimizers:
        return []
    keys: dict[str, str] = optimizers[name]["keys"]
    while (shorter := _CLOSED.sub("", given)) != given:
        given = shorter
    if call := _CALL.search(given):
        schedule, begun = call.groups()
        inner = {f"{key}=": meaning for key, meaning in schedules.get(schedule, {}).get("keys", {}).items()}
        if schedule == "join":
            inner = {each: record["title"] for each, record in schedules.items()}
        return _items(inner, begun, incomplete.removesuffix(begun))
    start = given.rpartition(",")[2]
    key, equals, begun = start.partition("=")
    if not equals:
        missing = {f"{k}=": meaning for k, meaning in keys.items() if f",{k}=" not in f",{given}"}
        return _items(missing, key, incomplete.removesuffix(start))
    values: Mapping[str, str] = {}
    if key == "schedule":
        values = {each: record["title"] for each, record in schedules.items()}
    elif key in optimizers[name]["flags"]:
        values = {"true": "", "false": ""}
    return _items(values, begun, incomplete.removesuffix(begun))


def explained(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Everything that has a page."""
    from click.shell_completion import CompletionItem

    from gdtui.cli.words import words

    titles = {name: record["title"] for records in words().values() for name, record in records.items()}
    return [CompletionItem(name, help=title) for name, title in titles.items() if name.startswith(incomplete)]


def _items(values: Mapping[str, str], begun: str, before: str) -> list[CompletionItem[str]]:
    """Those values that go on from what is ``begun``, after what stands before it in the same word."""
    from click.shell_completion import CompletionItem

    return [
        CompletionItem(before + value, type=OPEN, help=meaning or None)
        for value, meaning in values.items()
        if value.startswith(begun)
    ]


def _files(incomplete: str, endings: tuple[str, ...] = (".toml",)) -> Iterable[CompletionItem[str]]:
    from click.shell_completion import CompletionItem

    folder, slash, begun = incomplete.rpartition("/")
    with contextlib.suppress(OSError, RuntimeError, ValueError):
        for path in sorted(Path(folder + slash or ".").expanduser().iterdir()):
            name = path.name
            if not (name.startswith(begun) and name.isprintable()) or (name.startswith(".") and not begun):
                continue
            if path.is_dir():
                yield CompletionItem(f"{folder}{slash}{name}/", type=OPEN, is_path=True)
            elif name.endswith(endings):
                yield CompletionItem(f"{folder}{slash}{name}", is_path=True)
