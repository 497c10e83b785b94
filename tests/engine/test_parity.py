"""The engine stands where torch's and optax's optimizers stand, from a scenario's racers, l2 and clip too, to theta."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import gdtui
from tests.optimizers import drive, goldens
from tests.optimizers.goldens import CASES, PROBLEMS, STEPS, Case

RULES = list(dict.fromkeys(case["optimizer"] for case in CASES))


def cases_of(problem: str, optimizer: str) -> list[Case]:
    return [case for case in CASES if (case["problem"], case["optimizer"]) == (problem, optimizer)]


@pytest.mark.parametrize("problem", PROBLEMS)
@pytest.mark.parametrize("optimizer", RULES)
def test_every_racer_stands_where_the_librarys_optimizer_stands(optimizer: str, problem: str, tmp_path: Path) -> None:
    """All settings of an optimizer race each other: the compiled functions are shared, the racers are not."""
    cases = {f"racer {k}": case for k, case in enumerate(cases_of(problem, optimizer))}
    racers = tuple({"optimizer": optimizer, "label": label, **case["given"]} for label, case in cases.items())
    race = gdtui.Race(goldens.scenario_of(problem, tmp_path, racers), seed=0)
    for index, (before, step) in enumerate(pairwise([0, *STEPS])):
        race.advance(step - before)
        for label, case in cases.items():
            difference = drive.largest_difference(race[label].theta, np.array(case["points"][index]))
            assert difference <= goldens.TOLERANCE, f"{case['given']} at step {step}"


def test_a_builtin_scenario_races_from_the_golden_start() -> None:
    case = next(case for case in cases_of("rosenbrock", "gd") if "clip" in case["given"])
    given = ",".join(f"{key}={value!r}" for key, value in case["given"].items())
    race = gdtui.Race("rosenbrock", racers=[f"gd:lr={case['lr']!r},{given}"], seed=0).advance(STEPS[-1])
    np.testing.assert_allclose(race["gd"].theta, case["points"][-1], rtol=goldens.TOLERANCE)


@pytest.mark.parametrize("name", ["gd", "momentum", "nesterov", "adam"])
def test_every_step_is_charged_one_gradient(name: str) -> None:
    race = gdtui.Race("rosenbrock", racers=[f"{name}:lr=1e-4,clip=5"], seed=0).advance(50)
    assert {kind: count for kind, count in race[name].evaluations.items() if count} == {"gradient": 50}
