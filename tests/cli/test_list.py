"""``gdtui list``: tables and JSON."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from gdtui import registry
from gdtui.scenario import builtin_names
from tests.cli.support import invoke

NAMES = {
    "scenarios": list(builtin_names()),
    "objectives": list(registry.objectives()),
    "optimizers": list(registry.optimizers()),
    "schedules": list(registry.schedules()),
}


def records(kind: str) -> list[dict[str, Any]]:
    result = invoke("list", kind, "--json")
    assert result.exit_code == 0
    answer: list[dict[str, Any]] = json.loads(result.stdout)
    return answer


@pytest.mark.parametrize("kind", list(NAMES))
def test_a_table_has_a_line_for_every_name(kind: str) -> None:
    result = invoke("list", kind)
    assert (result.exit_code, result.stderr) == (0, "")
    head, *lines = result.stdout.splitlines()
    assert head.startswith("name ")
    assert [re.split(r"\s{2,}", line)[0] for line in lines] == NAMES[kind]


@pytest.mark.parametrize("kind", list(NAMES))
def test_json_has_a_record_for_every_name(kind: str) -> None:
    assert [record["name"] for record in records(kind)] == NAMES[kind]


def test_optimizers_say_where_they_come_from_and_what_they_fix() -> None:
    adam = {record["name"]: record for record in records("optimizers")}["adam"]
    assert adam["parent"] == "rmsprop"
    assert adam["defaults"] == {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}
    assert all(adam[key] for key in ("fixes", "fails", "fails_on", "formula", "reference"))


def test_a_batch_size_is_a_default_where_there_is_one() -> None:
    sgd = {record["name"]: record for record in records("optimizers")}["sgd"]
    assert sgd["defaults"]["batch_size"] == 32


def test_racers_of_a_scenario_are_specs_that_run_takes() -> None:
    rosenbrock = {record["name"]: record for record in records("scenarios")}["rosenbrock"]
    arguments = [word for spec in rosenbrock["racers"] for word in ("--racer", spec)]
    assert invoke("run", "rosenbrock", *arguments).exit_code == 0
