"""Every rule and every naive twin stands where torch's and optax's does (tests/goldens), l2 and clip included."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from gdtui.contracts import Problem
from gdtui.engine.compile import jit_is_off
from tests.optimizers import drive, goldens
from tests.optimizers.goldens import CASES, PROBLEMS, STEPS, Case


@pytest.mark.parametrize("case", CASES, ids=goldens.label)
def test_stands_where_the_library_stands(case: Case, problems: Mapping[str, Problem]) -> None:
    """The rule, plain and compiled, and its twin; and these two agree at every step between."""
    name, problem, given = case["optimizer"], problems[case["problem"]], case["given"]
    lanes = [drive.plain] if jit_is_off() else [drive.plain, drive.compiled]
    rules = [drive.run(name, problem, steps=max(STEPS), lane=lane, **given) for lane in lanes]
    twin = drive.twin(name, problem, steps=max(STEPS), **given)
    for path in (*rules, twin):
        assert drive.largest_difference(path[STEPS], np.array(case["points"])) <= goldens.TOLERANCE
    assert drive.largest_difference(rules[0], twin) <= 1e-12


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
