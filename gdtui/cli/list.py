"""``gdtui list``: what there is to race on and with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import click

_HEADINGS = {
    "scenarios": ("name", "title", "objective", "steps", "labels"),
    "objectives": ("name", "options", "title", "formula"),
    "optimizers": ("name", "parent", "defaults", "fixes"),
    "schedules": ("name", "arguments", "formula"),
}


@click.command("list")
@click.argument("kind", type=click.Choice(list(_HEADINGS)))
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array with everything there is to say.")
def list_names(kind: str, as_json: bool) -> int:
    """List scenarios, objectives, optimizers or schedules."""
    records = _RECORDS[kind]()
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode(records))
        return 0
    from gdtui.cli.tables import table, terminal_width

    headings = _HEADINGS[kind]
    rows = [[_text(record[heading]) for heading in headings] for record in records]
    click.echo(table(headings, rows, right={"steps"}, width=terminal_width(), wrap_last=True))
    return 0


def _text(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(key if item is None else f"{key}={_text(item)}" for key, item in value.items())
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    return "" if value is None else str(value)


def _scenarios() -> list[dict[str, Any]]:
    from gdtui import scenario as scenarios

    loaded = (scenarios.load(name) for name in scenarios.builtin_names())
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

    return [
        {
            "name": objective.name,
            "title": objective.title,
            "formula": objective.formula,
            "options": {option.name: option.default for option in objective.options},
            "reference": objective.reference,
        }
        for objective in registry.objectives().values()
    ]


def _optimizers() -> list[dict[str, Any]]:
    from gdtui import registry
    from gdtui.contracts import LEARNING_RATE

    return [
        {
            "name": optimizer.name,
            "title": optimizer.title,
            "parent": optimizer.parent,
            "defaults": {LEARNING_RATE.name: optimizer.learning_rate}
            | ({"batch_size": optimizer.batch_size} if optimizer.batch_size else {})
            | {hyper.name: hyper.default for hyper in optimizer.hyperparameters},
            "formula": optimizer.formula,
            "fixes": optimizer.fixes,
            "fails": optimizer.fails,
            "fails_on": optimizer.fails_on,
            "reference": optimizer.reference,
        }
        for optimizer in registry.optimizers().values()
    ]


def _schedules() -> list[dict[str, Any]]:
    from gdtui import registry

    return [
        {
            "name": schedule.name,
            "title": schedule.title,
            "formula": schedule.formula,
            "arguments": {option.name: option.default for option in schedule.arguments},
            "reference": schedule.reference,
        }
        for schedule in registry.schedules().values()
    ]


_RECORDS: Mapping[str, Callable[[], list[dict[str, Any]]]] = {
    "scenarios": _scenarios,
    "objectives": _objectives,
    "optimizers": _optimizers,
    "schedules": _schedules,
}
