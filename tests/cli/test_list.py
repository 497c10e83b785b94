"""``gdtui list``: tables and JSON."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from click.testing import CliRunner

from gdtui import registry, specs
from gdtui.cli import main
from gdtui.scenario import builtin_names, trap_names
from tests.cli.support import invoke

NAMES = {
    "scenarios": [*builtin_names(), *trap_names()],
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


def test_json_has_everything_that_a_racer_may_be_given_and_what_it_needs() -> None:
    found = {record["name"]: record for record in records("optimizers")}
    search = next(p for p in found["newton"]["parameters"] if p["name"] == "search")
    assert search == {
        "name": "search", "kind": "flag", "default": False, "range": None, "choices": [],
        "meaning": "descend by a line search, with more damping as needed",
    }  # fmt: skip
    for name, optimizer in registry.optimizers().items():
        assert [p["name"] for p in found[name]["parameters"][:-1]] == [
            "lr", *(h.name for h in optimizer.hyperparameters),
            *(engines for engines in ("batch_size", "l2", "clip") if engines in specs.hyperparameters(optimizer)),
        ]  # fmt: skip
        assert found[name]["matrices"] == optimizer.matrices
        assert found[name]["calls"] == list(optimizer.calls)
    assert set(found["adam"]["children"]) >= {"adamw", "amsgrad"}


@pytest.mark.parametrize("width", [80, 100, 120, 200])
@pytest.mark.parametrize("kind", list(NAMES))
def test_no_line_is_wider_than_the_terminal(kind: str, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gdtui.cli.tables.terminal_width", lambda: width)
    lines = invoke("list", kind).stdout.splitlines()
    assert max(map(len, lines)) <= width
    assert kind != "optimizers" or lines[0].startswith("name  " if width > 80 else "name      gd")


@pytest.mark.parametrize("kind", list(NAMES))
def test_a_locale_without_greek_gets_ascii(kind: str) -> None:
    result = CliRunner(charset="ascii").invoke(main, ["list", kind], prog_name="gdtui")
    assert result.stdout_bytes.isascii()
    words = {"scenarios": "kappa", "objectives": "theta", "optimizers": "eta", "schedules": "eta"}
    assert words[kind] in result.stdout


def test_racers_of_a_scenario_are_specs_that_run_takes() -> None:
    rosenbrock = {record["name"]: record for record in records("scenarios")}["rosenbrock"]
    arguments = [word for spec in rosenbrock["racers"] for word in ("--racer", spec)]
    assert invoke("run", "rosenbrock", *arguments).exit_code == 0
