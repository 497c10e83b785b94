"""Every rule, and every naive twin, stands where PyTorch's optimizer stands (tests/goldens/make_torch_goldens.py)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gdtui.contracts import Problem
from tests.optimizers import drive

GOLDENS = json.loads((Path(__file__).parents[1] / "goldens" / "torch.json").read_text(encoding="utf-8"))
TOLERANCE = 1e-12


def problem_of(case: dict[str, Any]) -> Problem:
    facts = GOLDENS["problems"][case["problem"]]
    return drive.quadratic(facts["matrix"], facts["start"]) if "matrix" in facts else drive.rosenbrock()


def label(case: dict[str, Any]) -> str:
    return "-".join([case["problem"], case["optimizer"], *(f"{key}={value}" for key, value in case["given"].items())])


@pytest.mark.parametrize("case", GOLDENS["cases"], ids=label)
@pytest.mark.parametrize("path_of", [drive.run, drive.twin], ids=["rule", "twin"])
def test_stands_where_torch_stands(path_of: Any, case: dict[str, Any]) -> None:
    path = path_of(case["optimizer"], problem_of(case), steps=max(GOLDENS["steps"]), **case["given"])
    assert drive.largest_difference(path[GOLDENS["steps"]], np.array(case["points"])) <= TOLERANCE


def test_the_default_learning_rates_are_torchs() -> None:
    for case in GOLDENS["cases"]:
        if not case["given"]:
            assert drive.OPTIMIZERS[case["optimizer"]].learning_rate == case["lr"]


def test_every_optimizer_with_goldens_has_its_defaults_and_two_more_settings_on_both_problems() -> None:
    cases = [(case["problem"], case["optimizer"]) for case in GOLDENS["cases"]]
    assert {cases.count(pair) for pair in cases} == {3}
    assert {problem for problem, _ in cases} == set(GOLDENS["problems"])
