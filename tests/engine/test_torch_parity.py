"""The compiled engine stands where PyTorch's optimizers stand, from a scenario to the racer's theta."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gdtui
from gdtui import scenario

GOLDENS = json.loads((Path(__file__).parents[1] / "goldens" / "torch.json").read_text(encoding="utf-8"))
TOLERANCE = 1e-12


def race_of(problem: str, folder: Path) -> gdtui.Race:
    """All golden cases of a problem as the racers of one race, in their order."""
    facts = GOLDENS["problems"][problem]
    racers = [
        {"optimizer": case["optimizer"], "label": f"racer {index}", **case["given"]}
        for index, case in enumerate(cases_of(problem))
    ]
    data = {
        "steps": max(GOLDENS["steps"]),
        "start": facts["start"],
        "objective": {"name": problem} | {key: value for key, value in facts.items() if key == "matrix"},
        "racers": racers,
    }
    return gdtui.Race(scenario.from_mapping(data, folder=folder), seed=0)


def cases_of(problem: str) -> list[dict[str, Any]]:
    return [case for case in GOLDENS["cases"] if case["problem"] == problem]


@pytest.mark.parametrize("problem", GOLDENS["problems"])
def test_every_racer_stands_where_torch_stands(problem: str, tmp_path: Path) -> None:
    race = race_of(problem, tmp_path)
    for index, (before, step) in enumerate(pairwise([0, *GOLDENS["steps"]])):
        race.advance(step - before)
        for racer, case in enumerate(cases_of(problem)):
            golden = np.array(case["points"][index])
            difference = np.abs(race[f"racer {racer}"].theta - golden) / np.maximum(1e-3, np.abs(golden))
            assert difference.max() <= TOLERANCE, f"{case['optimizer']} {case['given']} at step {step}"


def test_a_builtin_scenario_races_from_the_golden_start() -> None:
    case = next(c for c in cases_of("rosenbrock") if c["optimizer"] == "gd" and c["given"])
    race = gdtui.Race("rosenbrock", racers=[f"gd:lr={case['lr']}"], seed=0)
    race.advance(GOLDENS["steps"][-1])
    np.testing.assert_allclose(race["gd"].theta, case["points"][-1], rtol=TOLERANCE)


@pytest.mark.parametrize("name", ["gd", "momentum", "nesterov", "adam"])
def test_every_step_is_charged_one_gradient(name: str) -> None:
    race = gdtui.Race("rosenbrock", racers=[f"{name}:lr=1e-4"], seed=0)
    race.advance(50)
    assert race[name].evaluations == {"value": 0, "gradient": 50, "hessian": 0}
