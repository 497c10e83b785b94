"""``gdtui explain``: the page of an optimizer, an objective or a schedule."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import click

from gdtui.cli import complete

_PAGE_WIDTH = 80  # of a page that goes to a file or a pipe
_NARROWEST_PAGE = 40
_INDENT = "  "
_BETWEEN_EQUATIONS = re.compile(r"[;,]\s{2,}")
_VALUES = {
    "number": "{range}",
    "integer": "{range}, whole",
    "flag": "true or false",
    "text": "text",
    "texts": "a list of texts",
    "path": "a file",
    "numbers": "a list in {range}",
    "matrix": "a matrix in {range}",
    "schedules": "{range} of them",
    "schedule": "a schedule",
}
# What a kind's formula and parameters are called, and what a parameter without a default is.
_WORDS = {
    "optimizer": ("Rule", "Hyperparameters", ""),
    "objective": ("Formula", "Options", "none"),
    "schedule": ("Formula", "Arguments", "required"),
}


@click.command()
@click.argument("name", shell_complete=complete.explained)
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object, with a record for each kind that has NAME."
)
def explain(name: str, as_json: bool) -> int:
    """Print the page of an optimizer, an objective or a schedule."""
    records = _found(name)
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode(records))
        return 0
    from gdtui.cli.tables import terminal_width

    width = max(terminal_width() or _PAGE_WIDTH, _NARROWEST_PAGE)
    click.echo("\n\n".join(_page(kind, record, width) for kind, record in records.items()))
    return 0


def _found(name: str) -> dict[str, dict[str, Any]]:
    """What there is of that name, by kind."""
    from gdtui import registry
    from gdtui.cli.records import objective_record, optimizer_record, schedule_record
    from gdtui.errors import InputError, nearest

    kinds: Mapping[str, tuple[Mapping[str, Any], Callable[[Any], dict[str, Any]]]] = {
        "optimizer": (registry.optimizers(), optimizer_record),
        "objective": (registry.objectives(), objective_record),
        "schedule": (registry.schedules(), schedule_record),
    }
    records = {kind: record(known[name]) for kind, (known, record) in kinds.items() if name in known}
    if not records:
        known_names = {known_name for known, _ in kinds.values() for known_name in known}
        raise InputError(f"nothing is called {name!r}", remedy=nearest(name, known_names))
    return records


def _page(kind: str, record: Mapping[str, Any], width: int) -> str:
    room = width - len(_INDENT)
    rule, parameters, missing = _WORDS[kind]
    sections = {
        rule: _lines(_BETWEEN_EQUATIONS.split(record["formula"]), room),
        parameters: _parameters(record["parameters"], room, missing),
    }
    if kind == "optimizer":
        sections |= _of_optimizer(record, room)
    sections["Reference"] = _lines([record["reference"]], room)
    page = _lines([f"{record['title']} ({kind} {record['name']})"], width)
    for heading, body in sections.items():
        if body:
            page += f"\n\n{heading}\n{textwrap.indent(body, _INDENT)}"
    return page


def _of_optimizer(record: Mapping[str, Any], width: int) -> dict[str, str]:
    """The sections that only an optimizer's page has."""
    parent, children = record["parent"], record["children"]
    return {
        f"Fixes in {_safe(parent)}" if parent else "What it is": _filled(record["fixes"], width),
        "Fails": _filled(record["fails"], width) + "\n" + _lines([f"seen in the scenario {record['fails_on']}"], width),
        "State": _lines(_state(record), width),
        "A step": _lines(_costs(record), width),
        "Family": _lines([f"parent: {parent or 'none'}", f"children: {', '.join(children) or 'none'}"], width),
    }


def _state(record: Mapping[str, Any]) -> Iterator[str]:
    from gdtui.cli.records import EXAMPLE_PARAMETERS, SIDE

    yield record["state"]
    numbers = record["state_numbers"]
    if numbers is not None:
        block = f", in a {SIDE} × {SIDE} matrix" if record["matrices"] else ""
        yield f"at the defaults {numbers:,} numbers for {EXAMPLE_PARAMETERS} parameters{block}"


def _costs(record: Mapping[str, Any]) -> Iterator[str]:
    yield record["step"]
    if set(record["calls"]) - {"value_grad"}:
        yield "needs a problem that has a Hessian"
    instead = f"; else race {record['instead']}" if record["instead"] else ""
    if record["most_parameters"] is not None:
        yield f"needs a problem with at most {record['most_parameters']} parameters{instead}"
    if record["matrices"]:
        yield f"needs a problem with a block that is a matrix{instead}"
    for stop in record["stops"]:
        yield f"stops a racer that {stop.rstrip(',')}"


def _parameters(parameters: Iterable[Mapping[str, Any]], width: int, missing: str) -> str:
    from gdtui.cli.tables import table

    rows = [
        [_safe(text) for text in (p["name"], _default(p["default"], missing), _values(p), p["meaning"])]
        for p in parameters
    ]
    return table(["name", "default", "range", "meaning"], rows, width=width, wrap={"meaning"}) if rows else ""


def _default(value: object, missing: str) -> str:
    from gdtui.notation import written

    return missing if value is None else written(value) if isinstance(value, int | float) else str(value)


def _values(parameter: Mapping[str, Any]) -> str:
    """What a parameter may be."""
    choices: Sequence[str] = parameter["choices"]
    return " or ".join(choices) if choices else _VALUES[parameter["kind"]].format(range=parameter["range"])


def _lines(texts: Iterable[str], width: int) -> str:
    """Every text from a line of its own on, and on below it, indented, where it is too long."""
    return "\n".join(_filled(text, width, below=_INDENT) for text in texts)


def _filled(text: str, width: int, below: str = "") -> str:
    return textwrap.fill(_safe(text), width, subsequent_indent=below, break_long_words=False, break_on_hyphens=False)


def _safe(text: str) -> str:
    """``text`` as stdout can show it; a plug-in's may hold anything."""
    from gdtui.cli.tables import plainly
    from gdtui.errors import clean

    return plainly(clean(text, 10_000))
