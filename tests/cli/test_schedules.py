"""Schedules on the command line: in SPECs, in files, in what comes out."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gdtui import registry, schedule_specs
from gdtui.scenario import load_file, to_toml
from tests.cli.support import invoke

SCENARIO = """
steps = 60
[objective]
name = "rosenbrock"
[[racers]]
optimizer = "gd"
lr = 1e-3
schedule = { name = "cosine", steps = 50, min = 1e-5 }
[[racers]]
optimizer = "adam"
lr = 1e-2
schedule = [{ name = "warmup", steps = 10 }, { name = "constant", length = 15 }, { name = "cosine", steps = 20 }]
"""
TEXTS = ("cosine(steps=50,min=1e-05)", "join(warmup(steps=10),constant(length=15),cosine(steps=20))")


def rates(text: str, lr: float, steps: int) -> list[float]:
    found: list[float] = schedule_specs.from_value(text).bound()(np.arange(steps), lr).tolist()
    return found


def rows(*arguments: str) -> list[dict[str, str]]:
    result = invoke("run", *arguments, "--csv", "--quiet")
    assert (result.exit_code, result.stderr) == (0, "")
    return list(csv.DictReader(io.StringIO(result.stdout)))


def test_the_lr_column_of_csv_is_the_schedule(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(SCENARIO)
    found = rows(str(file))
    for label, lr, text in (("gd", 1e-3, TEXTS[0]), ("adam", 1e-2, TEXTS[1])):
        first, *used = (float(row["lr"]) for row in found if row["label"] == label)
        assert used == rates(text, lr, 60)
        assert first == used[0]


def test_a_converged_racer_keeps_its_last_rate() -> None:
    found = rows("quadratic", "--racer", "gd:lr=0.01,schedule=inverse_sqrt", "--steps", "60", "--start", "0,1e-13")
    assert len(found) == 61
    assert {row["lr"] for row in found} == {"0.01"}  # converged at the start: no step was taken


def test_files_and_specs_mean_the_same_and_read_back(tmp_path: Path) -> None:
    file, again = tmp_path / "mine.toml", tmp_path / "again.toml"
    file.write_text(SCENARIO)
    scenario = load_file(file)
    assert [racer.schedule.text() for racer in scenario.racers if racer.schedule] == list(TEXTS)
    again.write_text(to_toml(scenario))
    assert load_file(again).racers == scenario.racers
    specs = [word for racer in scenario.racers for word in ("--racer", racer.text())]
    assert rows(str(file), *specs) == rows(str(file)) == rows(str(again))


@pytest.mark.parametrize(
    ("spec", "shown"), [(f"gd:schedule={TEXTS[1]}", TEXTS[1]), ("gd", None), ("gd:schedule=constant", None)]
)
def test_json_shows_a_schedule_that_is_not_constant(spec: str, shown: str | None) -> None:
    result = invoke("run", "saddle", "--racer", spec, "--steps", "20", "--json", "--quiet")
    (racer,) = json.loads(result.stdout)["racers"]
    assert racer["hyperparameters"].get("schedule") == shown


def test_list_shows_arguments_and_defaults() -> None:
    lines = invoke("list", "schedules").stdout.splitlines()
    assert next(line for line in lines if line.startswith("cosine ")).split()[1:3] == ["steps,", "min=0.0"]
    records: list[dict[str, Any]] = json.loads(invoke("list", "schedules", "--json").stdout)
    for record, schedule in zip(records, registry.schedules().values(), strict=True):
        assert record["arguments"] == {option.name: option.default for option in schedule.arguments}


def test_a_file_names_the_place_of_what_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(SCENARIO.replace('"constant", length', '"constant", lenght'))
    result = invoke("run", str(file))
    assert (result.exit_code, result.stdout) == (2, "")
    (line,) = result.stderr.splitlines()
    place = f"gdtui: {file}: racers[1]: schedule[1].lenght: constant has no such argument; did you mean 'length'?"
    assert line == f"{place} allowed: length"


def test_a_warmup_longer_than_the_run_is_refused() -> None:
    result = invoke("run", "saddle", "--racer", "adam:schedule=warmup(steps=500)", "--steps", "400")
    assert (result.exit_code, result.stdout) == (2, "")
    reason = "a warm-up of 500 is longer than the run of 400 steps; shorten it, or give more steps"
    assert result.stderr == f"gdtui: racer 'adam': schedule: {reason}\n"
