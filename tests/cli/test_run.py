"""``gdtui run``: the table, the JSON, the CSV and the expectations."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gdtui import __version__
from gdtui.cli.headless import csv_columns, csv_rows
from gdtui.engine.race import Race
from tests.cli.support import SCENARIO, invoke, scenario_file

CONVERGING_AND_DIVERGING = """\
steps = 300

[objective]
name = "quadratic"
kappa = 4

[[racers]]
optimizer = "gd"
lr = 0.4

[[racers]]
optimizer = "gd"
lr = 10
label = "wild"

[[racers]]
optimizer = "adam"
lr = 1e-2
"""


def rows_of(*arguments: str) -> list[dict[str, str]]:
    result = invoke("run", *arguments, "--csv", "--quiet")
    assert result.exit_code == 0
    return list(csv.DictReader(io.StringIO(result.stdout)))


def json_of(*arguments: str) -> dict[str, Any]:
    result = invoke("run", *arguments, "--json")
    assert result.exit_code == 0
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


def test_the_table_has_a_line_for_every_racer_and_columns_that_line_up(tmp_path: Path) -> None:
    result = invoke("run", scenario_file(tmp_path))
    assert (result.exit_code, result.stderr) == (0, "")
    head, *lines = result.stdout.splitlines()
    assert re.split(r"\s{2,}", head) == [
        "label", "optimizer", "lr", "status", "verdict", "step", "loss", "‖g‖", "evaluations",
    ]  # fmt: skip
    assert [line.split()[:2] for line in lines] == [["gd", "gd"], ["fast", "adam"]]
    status, evaluations = head.index("status"), head.index("evaluations")
    assert {line[status:].split()[0] for line in lines} == {"exhausted"}
    assert {line[evaluations:] for line in lines} == {"60 gradients"}


def test_the_table_shows_test_measures() -> None:
    result = invoke("run", "credit-2d", "--racer", "gd", "--steps", "3")
    head = re.split(r"\s{2,}", result.stdout.splitlines()[0])
    assert head[-3:] == ["test loss", "test accuracy", "test auc"]


def test_a_batch_size_without_samples_is_said_to_change_nothing() -> None:
    assert "sgd: this objective has no samples" in invoke("run", "rosenbrock", "--racer", "sgd", "--steps", "2").stderr
    quiet = invoke("run", "rosenbrock", "--racer", "sgd", "--steps", "2", "--quiet")
    assert quiet.stderr == ""


def test_json_has_the_promised_keys_in_the_promised_order(tmp_path: Path) -> None:
    answer = json_of(scenario_file(tmp_path))
    assert list(answer) == ["scenario", "seed", "steps", "version", "racers"]
    assert (answer["scenario"], answer["seed"], answer["steps"], answer["version"]) == ("race", 0, 60, __version__)
    assert [racer["label"] for racer in answer["racers"]] == ["gd", "fast"]
    for racer in answer["racers"]:
        assert list(racer) == [
            "label", "optimizer", "hyperparameters", "status", "step", "loss", "loss_start", "grad_norm", "theta",
            "evaluations", "work", "test", "verdict",
        ]  # fmt: skip
        assert racer["evaluations"] == {"value": 0, "gradient": 60, "hessian": 0, "hessian_vector": 0}
        assert racer["work"] == 60.0
        assert (racer["status"], racer["step"], racer["test"]) == ("exhausted", 60, None)
        assert len(racer["theta"]) == 2
    assert answer["racers"][1]["hyperparameters"] == {
        "lr": 0.01, "batch_size": 0, "l2": 0.0, "clip": 0.0, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8,
    }  # fmt: skip


def test_json_has_a_verdict_on_every_racer() -> None:
    told = {racer["label"]: racer["verdict"] for racer in json_of("quadratic")["racers"]}
    assert told["momentum"]["kind"] == "converged"
    assert list(told["gd"]) == ["kind", "sentence", "evidence"]
    assert told["gd"]["evidence"][0] == {"name": "rate", "value": pytest.approx(0.981, abs=1e-4), "unit": "per step"}


def test_json_is_the_race_to_the_last_bit(tmp_path: Path) -> None:
    path = scenario_file(tmp_path)
    race = Race(path).advance(60)
    for racer, told in zip(race, json_of(path)["racers"], strict=True):
        assert told["theta"] == racer.theta.tolist()
        assert told["loss"] == racer.loss[-1]
        assert told["grad_norm"] == racer.grad_norm[-1]


def test_json_test_measures() -> None:
    (logistic,) = json_of("credit-2d", "--racer", "adam", "--steps", "20", "--quiet")["racers"]
    assert list(logistic["test"]) == ["loss", "accuracy", "auc"]
    (ratings,) = json_of("streamrec", "--racer", "adam:lr=1e-2", "--steps", "3", "--quiet")["racers"]
    assert list(ratings["test"]) == ["loss", "rmse"]
    assert len(ratings["theta"]) == 7_000


def test_json_says_null_where_a_number_is_not_finite(tmp_path: Path) -> None:
    answer = json_of(scenario_file(tmp_path), "--racer", "gd:lr=1e300", "--quiet")
    (racer,) = answer["racers"]
    assert racer["status"] == "diverged"
    assert racer["step"] == 1
    numbers = (racer["loss"], racer["grad_norm"], *racer["theta"])
    assert all(number is None or math.isfinite(number) for number in numbers)
    assert all(theta is not None for theta in racer["theta"])


def test_options_replace_what_the_file_says(tmp_path: Path) -> None:
    arguments = ["--racer", "adam:lr=0.1,label=a", "--racer", "gd", "--steps", "7", "--seed", "5", "--start", "-1,0.5"]
    answer = json_of(scenario_file(tmp_path), *arguments)
    assert (answer["seed"], answer["steps"]) == (5, 7)
    assert [racer["label"] for racer in answer["racers"]] == ["a", "gd"]
    assert {racer["loss_start"] for racer in answer["racers"]} == {100 * 0.25 + 4}


def test_no_steps_at_all_is_a_race(tmp_path: Path) -> None:
    answer = json_of(scenario_file(tmp_path), "--steps", "0")
    assert {(racer["status"], racer["step"]) for racer in answer["racers"]} == {("exhausted", 0)}
    assert [row["step"] for row in rows_of(scenario_file(tmp_path), "--steps", "0")] == ["0", "0"]


def test_csv_has_the_promised_columns_and_rows_in_order(tmp_path: Path) -> None:
    rows = rows_of(scenario_file(tmp_path), "--every", "20")
    assert list(rows[0]) == ["step", "label", "loss", "grad_norm", "lr", "theta_0", "theta_1"]
    assert [(row["step"], row["label"]) for row in rows] == [
        (str(step), label) for step in (0, 20, 40, 60) for label in ("gd", "fast")
    ]


def test_csv_numbers_read_back_to_the_same_bits(tmp_path: Path) -> None:
    path = scenario_file(tmp_path)
    race = Race(path).advance(60)
    rows = rows_of(path)
    for racer in race:
        own = [row for row in rows if row["label"] == racer.label]
        assert [int(row["step"]) for row in own] == racer.steps.tolist()
        for column, expected in (("loss", racer.loss), ("grad_norm", racer.grad_norm), ("lr", racer.learning_rate)):
            assert [float(row[column]) for row in own] == expected.tolist()
            assert [row[column] for row in own] == [repr(value) for value in expected.tolist()]
        assert [[float(row["theta_0"]), float(row["theta_1"])] for row in own] == racer.path.tolist()


def test_csv_rows_of_a_distance_are_a_selection_of_all_rows(tmp_path: Path) -> None:
    path = scenario_file(tmp_path)
    every_seventh = [row for row in rows_of(path) if int(row["step"]) % 7 == 0]
    assert rows_of(path, "--every", "7") == every_seventh
    assert every_seventh[-1]["step"] == "56"  # 60 is not a multiple of 7


def test_csv_keeps_theta_to_sixteen_parameters(tmp_path: Path) -> None:
    for dimension, columns in ((16, 21), (17, 5)):
        text = SCENARIO.replace('name = "rosenbrock"', f'name = "rosenbrock"\ndimension = {dimension}')
        rows = rows_of(scenario_file(tmp_path, text), "--steps", "2")
        assert len(rows[0]) == columns


def test_csv_rows_go_on_for_the_converged_and_end_for_the_diverged(tmp_path: Path) -> None:
    rows = rows_of(scenario_file(tmp_path, CONVERGING_AND_DIVERGING))
    race = Race(scenario_file(tmp_path, CONVERGING_AND_DIVERGING)).advance(300)
    own = {racer.label: [row for row in rows if row["label"] == racer.label] for racer in race}
    assert [racer.status.value for racer in race][:2] == ["converged", "diverged"]
    assert [int(row["step"]) for row in own["gd"]] == list(range(301))
    assert [int(row["step"]) for row in own["adam"]] == list(range(301))
    assert 0 < len(own["wild"]) < 20
    stays = [{**row, "step": ""} for row in own["gd"][race["gd"].step :]]
    assert all(row == stays[0] for row in stays)
    assert [float(stays[0]["theta_0"]), float(stays[0]["theta_1"])] == race["gd"].theta.tolist()


@pytest.mark.parametrize("scenario", ["quadratic", "credit-2d"])
def test_csv_rows_do_not_depend_on_the_length_of_a_tick(scenario: str) -> None:
    def rows(seconds: float) -> list[Any]:
        race = Race(scenario, steps=400, every=3)
        return [row for _, rows in csv_rows(race, seconds=seconds) for row in rows]

    assert rows(0.0) == rows(1e-3) == rows(1e9)


def test_csv_is_longer_than_a_history_can_hold() -> None:
    race = Race("saddle", racers=["gd:lr=1e-5"], steps=20_000, every=1)
    rows = [row for _, rows in csv_rows(race) for row in rows]
    assert [row[0] for row in rows] == list(range(20_001))
    assert len(rows[0]) == len(csv_columns(race))


def test_csv_comes_while_the_race_runs() -> None:
    race = Race("rosenbrock", steps=5_000, every=1)
    stream = csv_rows(race, seconds=0.0)
    _, first = next(stream)
    assert [row[0] for row in first] == [0] * 6
    assert race.step == 0
    next(stream)
    assert race.step == 1


def test_csv_quotes_a_label_that_needs_it(tmp_path: Path) -> None:
    rows = rows_of(scenario_file(tmp_path), "--racer", 'gd:label=a "b" ü', "--steps", "1")
    assert {row["label"] for row in rows} == {'a "b" ü'}


EXPECTATION = '\n[[expect]]\nracer = "fast"\nquantity = "{}"\noperator = "{}"\nvalue = {}\n'


def test_expectations_that_hold_are_silent(tmp_path: Path) -> None:
    text = SCENARIO + EXPECTATION.format("loss", "<", "24") + EXPECTATION.format("status", "==", '"exhausted"')
    result = invoke("run", scenario_file(tmp_path, text))
    assert (result.exit_code, result.stderr) == (0, "")


def test_every_expectation_that_fails_is_listed(tmp_path: Path) -> None:
    text = SCENARIO + EXPECTATION.format("loss", "<", "-1") + EXPECTATION.format("test.auc", ">", "0.5")
    path = scenario_file(tmp_path, text + EXPECTATION.format("step", "==", "60"))
    result = invoke("run", path, "--json", "--quiet")
    assert result.exit_code == 1
    loss = json.loads(result.stdout)["racers"][1]["loss"]
    prefix = f"gdtui: {path}: expectation failed: fast: "
    assert result.stderr.splitlines() == [
        f"{prefix}expected loss < -1.0, observed {loss!r}",
        f"{prefix}expected test.auc > 0.5, observed not a finite number, or not measured",
    ]


def test_expectations_hold_for_csv_too(tmp_path: Path) -> None:
    path = scenario_file(tmp_path, SCENARIO + EXPECTATION.format("grad_norm", "<", "0"))
    answer = json.loads(invoke("run", path, "--json").stdout)
    result = invoke("run", path, "--csv", "--every", "7")
    assert result.exit_code == 1
    assert result.stderr.endswith(f"observed {answer['racers'][1]['grad_norm']!r}\n")


def test_expectations_about_steps_before_the_end(tmp_path: Path) -> None:
    text = SCENARIO + EXPECTATION.format("theta[0]", "==", "-1.19") + "at = 1\ntolerance = 1e-6\n"
    failing = EXPECTATION.format("loss", ">", "1e3") + 'take = "max"\nfrom = 2\nto = 60\n'
    assert invoke("run", scenario_file(tmp_path, text)).exit_code == 0
    path = scenario_file(tmp_path, text + failing)
    result = invoke("run", path)
    assert result.exit_code == 1
    highest = Race(path).advance(60)["fast"].loss[2:].max()
    words = "expected max of loss from step 2 to 60 > 1000.0"
    assert result.stderr == f"gdtui: {path}: expectation failed: fast: {words}, observed {float(highest)!r}\n"
    result = invoke("run", path, "--csv")
    assert result.exit_code == 0
    assert result.stderr == "gdtui: what race expects before the last step is not checked with --csv\n"
    assert invoke("run", path, "--csv", "--quiet").stderr == ""


@pytest.mark.parametrize(
    "change", [["--steps", "10"], ["--seed", "1"], ["--start", "0,0"], ["--racer", "adam:lr=0.1,label=fast"]]
)
def test_expectations_are_about_the_race_as_its_file_has_it(tmp_path: Path, change: list[str]) -> None:
    path = scenario_file(tmp_path, SCENARIO + EXPECTATION.format("loss", "<", "-1"))
    result = invoke("run", path, *change)
    assert result.exit_code == 0
    assert (
        result.stderr == "gdtui: the expectations of race are not checked: they are about the race as its file has it\n"
    )
    assert invoke("run", path, *change, "--quiet").stderr == ""


def test_what_changes_nothing_leaves_the_expectations_in_force(tmp_path: Path) -> None:
    path = scenario_file(tmp_path, SCENARIO + EXPECTATION.format("loss", "<", "-1"))
    assert invoke("run", path, "--steps", "60", "--seed", "0").exit_code == 1


def test_runs_repeat_to_the_last_byte(tmp_path: Path) -> None:
    for output in ("--json", "--csv"):
        first, second = (invoke("run", "credit-2d", "--steps", "50", output, "--quiet").stdout for _ in range(2))
        assert first == second


def test_warnings_of_the_numerics_do_not_leak() -> None:
    result = invoke("run", "rosenbrock", "--racer", "momentum:lr=1e200", "--racer", "adam:lr=1e150", "--quiet")
    assert (result.exit_code, result.stderr) == (0, "")
    assert np.count_nonzero(["diverged" in line for line in result.stdout.splitlines()]) >= 1
