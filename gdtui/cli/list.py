"""``gdtui list``: what there is to race on and with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import click

_COLUMNS = {
    "scenarios": ("name", "title", "objective", "steps", "labels"),
    "objectives": ("name", "options", "title", "formula"),
    "optimizers": ("name", "parent", "defaults", "fixes"),
    "schedules": ("name", "arguments", "formula"),
}
_WRAPPED = {"arguments", "defaults", "fixes", "formula", "labels", "options"}


@click.command("list")
@click.argument("kind", type=click.Choice(list(_COLUMNS)))
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array with everything there is to say.")
def list_names(kind: str, as_json: bool) -> int:
    """List scenarios, objectives, optimizers or schedules."""
    records = _RECORDS[kind]()
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode(records))
        return 0
    from gdtui.cli.tables import plainly, table, terminal_width

    headings = _COLUMNS[kind]
    rows = [[plainly(_text(record[heading])) for heading in headings] for record in records]
    click.echo(table(headings, rows, right={"steps"}, width=terminal_width(), wrap=_WRAPPED))
    return 0


def _text(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(key if item is None else f"{key}={_text(item)}" for key, item in value.items())
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _scenarios() -> list[dict[str, Any]]:
    from gdtui import scenario as scenarios

    loaded = (scenarios.load(name) for name in (*scenarios.builtin_names(), *scenarios.trap_names()))
    return [
        {
            "name": scenario.name,
            "title": scenario.title,
            "description": scenario.description,
            "objective": scenario.objective,
            "steps": scenario.steps,
            "seed": scenario.seed,
            "labels": [spec.label for spec in scenario.racers],
            "racers": [spec.text() for spec in scenario.racers],
        }
        for scenario in loaded
    ]


def _objectives() -> list[dict[str, Any]]:
    from gdtui import registry
    from gdtui.cli.records import objective_record

    return list(map(objective_record, registry.objectives().values()))


def _optimizers() -> list[dict[str, Any]]:
    from gdtui import registry
    from gdtui.cli.records import optimizer_record

    return list(map(optimizer_record, registry.optimizers().values()))


def _schedules() -> list[dict[str, Any]]:
    from gdtui import registry
    from gdtui.cli.records import schedule_record

    return list(map(schedule_record, registry.schedules().values()))


_RECORDS: Mapping[str, Callable[[], list[dict[str, Any]]]] = {
    "scenarios": _scenarios,
    "objectives": _objectives,
    "optimizers": _optimizers,
    "schedules": _schedules,
}
