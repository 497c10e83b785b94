"""Adam's relatives, and their naive twins, stand where torch's and optax's do (tests/goldens/make_more_goldens.py)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gdtui.contracts import Problem, Reals
from tests import naive
from tests.objectives.problems import built, evaluated, written
from tests.optimizers import drive

FOLDER = Path(__file__).parents[1] / "goldens"
GOLDENS = [json.loads((FOLDER / f"more_{library}.json").read_text(encoding="utf-8")) for library in ("torch", "optax")]
CASES = [case for golden in GOLDENS for case in golden["cases"]]
PROBLEMS = GOLDENS[0]["problems"]
STEPS = GOLDENS[0]["steps"]
TOLERANCE = 1e-12

Problems = Mapping[str, Problem]


@pytest.fixture(scope="module")
def problems(tmp_path_factory: pytest.TempPathFactory) -> Problems:
    """The goldens' problems, of gdtui's own objectives."""
    folder, logistic = tmp_path_factory.mktemp("data"), PROBLEMS["logistic"]
    samples = [[*row, int(label)] for row, label in zip(logistic["features"], logistic["labels"], strict=True)]
    credit = written(folder, [["a", "b", "c", "y"], *samples], "samples.csv")
    factors = PROBLEMS["matrix_factorisation"]
    ratings = written(folder, [["user", "item", "rating"], *factors["ratings"]], "ratings.csv")
    unstarted = {
        "rosenbrock": built("rosenbrock"),
        "quadratic": built("quadratic", matrix=PROBLEMS["quadratic"]["matrix"]),
        "logistic": built("logistic", data=credit, target="y", standardise=False, test_fraction=0.0, l2=logistic["l2"]),
        "matrix_factorisation": built(
            "matrix_factorisation", ratings=ratings, test_fraction=0.0, rank=2, l2=factors["l2"]
        ),
    }
    starts = {
        name: np.concatenate([np.ravel(block) for block in PROBLEMS[name]["start"].values()]) for name in unstarted
    }
    return {name: replace(problem, start=starts[name]) for name, problem in unstarted.items()}


def rule(name: str, problem: Problem, given: Mapping[str, Any]) -> Reals:
    return drive.run(name, problem, steps=max(STEPS), **given)


def compiled(name: str, problem: Problem, given: Mapping[str, Any]) -> Reals:
    return drive.run(name, problem, steps=max(STEPS), lane=drive.compiled, **given)


def twin(name: str, problem: Problem, given: Mapping[str, Any]) -> Reals:
    """As drive's, but LAMB's is told the blocks."""
    optimizer = drive.OPTIMIZERS[name]
    values: dict[str, Any] = {h.name: h.default for h in optimizer.hyperparameters} | {"lr": optimizer.learning_rate}
    if name == "lamb":
        values["blocks"] = [slice(b.offset, b.offset + b.rows * b.cols) for b in problem.blocks]
    iterates = getattr(naive, name)(lambda x: evaluated(problem, x)[1], problem.start, **values | dict(given))
    return np.array([problem.start, *islice(iterates, max(STEPS))])


def label(case: Mapping[str, Any]) -> str:
    return "-".join([case["problem"], case["optimizer"], *(f"{key}={value}" for key, value in case["given"].items())])


@pytest.mark.parametrize("case", CASES, ids=label)
@pytest.mark.parametrize("path_of", [rule, compiled, twin])
def test_stands_where_the_library_stands(
    path_of: Callable[..., Reals], case: Mapping[str, Any], problems: Problems
) -> None:
    path = path_of(case["optimizer"], problems[case["problem"]], case["given"])
    assert drive.largest_difference(path[STEPS], np.array(case["points"])) <= TOLERANCE


def test_the_default_learning_rates_are_the_libraries() -> None:
    for case in CASES:
        if not case["given"]:
            assert drive.OPTIMIZERS[case["optimizer"]].learning_rate == case["lr"]


def test_every_optimizer_with_goldens_has_its_defaults_and_two_more_settings_on_all_problems() -> None:
    cases = [(case["problem"], case["optimizer"]) for case in CASES]
    assert {cases.count(pair) for pair in cases} == {3}
    assert all({p for p, o in cases if o == optimizer} == set(PROBLEMS) for _, optimizer in cases)


def test_both_files_are_about_the_same_problems() -> None:
    assert all((golden["problems"], golden["steps"]) == (PROBLEMS, STEPS) for golden in GOLDENS)
