"""Every rule and every naive twin stands where torch's and optax's does (tests/goldens), l2 and clip included."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest

from gdtui.contracts import Problem, Reals
from tests.optimizers import drive, goldens
from tests.optimizers.goldens import CASES, PROBLEMS, STEPS, Case


def rule(case: Case, problem: Problem) -> Reals:
    return drive.run(case["optimizer"], problem, steps=max(STEPS), **case["given"])


def compiled(case: Case, problem: Problem) -> Reals:
    return drive.run(case["optimizer"], problem, steps=max(STEPS), lane=drive.compiled, **case["given"])


def twin(case: Case, problem: Problem) -> Reals:
    return drive.twin(case["optimizer"], problem, steps=max(STEPS), **case["given"])


@pytest.mark.parametrize("path_of", [rule, pytest.param(compiled, marks=pytest.mark.jit), twin])
@pytest.mark.parametrize("case", CASES, ids=goldens.label)
def test_stands_where_the_library_stands(
    case: Case, path_of: Callable[[Case, Problem], Reals], problems: Mapping[str, Problem]
) -> None:
    path = path_of(case, problems[case["problem"]])
    assert drive.largest_difference(path[STEPS], np.array(case["points"])) <= goldens.TOLERANCE


@pytest.mark.parametrize("case", CASES, ids=goldens.label)
def test_rule_and_twin_agree_at_every_step(case: Case, problems: Mapping[str, Problem]) -> None:
    problem = problems[case["problem"]]
    assert drive.largest_difference(rule(case, problem), twin(case, problem)) <= 1e-12


def test_the_default_learning_rates_are_the_libraries() -> None:
    for case in CASES:
        if "lr" not in case["given"]:
            assert drive.OPTIMIZERS[case["optimizer"]].learning_rate == case["lr"]


def test_every_optimizer_has_its_defaults_and_more_settings_with_and_without_l2_and_clip_on_all_problems() -> None:
    for name in {case["optimizer"] for case in CASES}:
        for problem in PROBLEMS:
            settings = [case["given"] for case in CASES if (case["optimizer"], case["problem"]) == (name, problem)]
            assert {} in settings
            assert sum(not {"l2", "clip"} & set(given) for given in settings) == 3
            assert any("clip" in given for given in settings)
            decays = any(h.name == "weight_decay" for h in drive.OPTIMIZERS[name].hyperparameters)
            assert any("l2" in given for given in settings) != decays


def test_both_files_are_about_the_same_problems() -> None:
    assert all((golden["problems"], golden["steps"]) == (PROBLEMS, STEPS) for golden in goldens.FILES)
