"""Logistic regression."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gdtui.contracts import Problem
from gdtui.errors import InputError
from gdtui.objectives import logistic
from tests import naive_objectives
from tests.objectives.problems import CREDIT, built, evaluated, value, written

SMALL = [["x", "y", "answer"], [1.0, 2.0, 1], [-0.5, 1.0, 0], [2.0, -1.0, 1], [0.25, 0.5, 0], [1.5, 1.5, 0], [3, 1, 1]]
X = np.array([row[:2] for row in SMALL[1:]], dtype=float)
Y = np.array([row[2] for row in SMALL[1:]], dtype=float)


def small(folder: Path, **options: Any) -> Problem:
    plain = {"target": "answer", "standardise": False, "test_fraction": 0.0, "l2": 0.05}
    return built("logistic", data=written(folder, SMALL), **(plain | options))


def test_value_at_zero_is_log_two(tmp_path: Path) -> None:
    problem = small(tmp_path)
    f, g = evaluated(problem, problem.start)
    assert f == pytest.approx(np.log(2.0))
    assert g[-1] == pytest.approx(0.5 - Y.mean())


def test_is_its_naive_twin(tmp_path: Path) -> None:
    problem = small(tmp_path)
    for x in np.random.default_rng(0).standard_normal((20, 3)):
        f, g = evaluated(problem, x)
        expected, gradient = naive_objectives.logistic(x, X, Y, 0.05)
        assert f == pytest.approx(expected, rel=1e-13)
        np.testing.assert_allclose(g, gradient, rtol=1e-11, atol=1e-14)


def test_a_batch_is_the_naive_twin_on_its_rows(tmp_path: Path) -> None:
    x = np.array([0.5, -1.0, 0.2])
    f, g = evaluated(small(tmp_path), x, [4, 1, 1])
    expected, gradient = naive_objectives.logistic(x, X[[4, 1, 1]], Y[[4, 1, 1]], 0.05)
    assert f == pytest.approx(expected, rel=1e-13)
    np.testing.assert_allclose(g, gradient, rtol=1e-12)


@given(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3))
def test_is_stable_at_large_logits(w: float, c: float) -> None:
    f, g = evaluated(built("logistic", l2=0.0), np.array([w, c]))
    assert np.isfinite(f)
    assert f >= 0.0
    assert np.isfinite(g).all()
    assert abs(g[-1]) <= 1.0


def test_large_logits_lose_nothing(tmp_path: Path) -> None:
    # All six samples predicted rightly or wrongly by z = +-1000: the loss is linear there, and tiny on the right side.
    problem = small(tmp_path, l2=0.0)
    right, wrong = value(problem, np.array([0.0, 0.0, 1000.0])), value(problem, np.array([0.0, 0.0, -1000.0]))
    assert right == pytest.approx(1000.0 * (1.0 - Y.mean()))
    assert wrong == pytest.approx(1000.0 * Y.mean())


@given(arrays(float, 2, elements=st.floats(-20, 20)), arrays(float, 2, elements=st.floats(-20, 20)), st.floats(0, 1))
def test_is_convex(first: np.ndarray, second: np.ndarray, share: float) -> None:
    problem = built("logistic")
    chord = share * value(problem, first) + (1.0 - share) * value(problem, second)
    assert value(problem, share * first + (1.0 - share) * second) <= chord + 1e-12


def test_the_gradient_changes_no_faster_than_l() -> None:
    problem = built("logistic", 3, **CREDIT)
    random = np.random.default_rng(0)
    for _ in range(5):
        x, step = random.standard_normal((2, problem.n))
        change = evaluated(problem, x + step)[1] - evaluated(problem, x)[1]
        assert np.linalg.norm(change) <= problem.facts["L"] * np.linalg.norm(step)


@pytest.mark.parametrize("options", [{}, {"standardise": False}, {"l2": 0.0}, {"l2": 1e3}])
def test_credit_minimum(options: dict[str, Any]) -> None:
    problem = built("logistic", **CREDIT, **options)
    assert problem.optimum is not None
    assert problem.optimal_value is not None
    f, g = evaluated(problem, problem.optimum)
    scale = np.abs(problem.reals).max()
    assert f == pytest.approx(problem.optimal_value, rel=1e-12)
    assert np.abs(g).max() < 1e-13 * scale
    for step in np.random.default_rng(0).standard_normal((20, problem.n)):
        assert value(problem, problem.optimum * (1.0 + 1e-3 * step)) > f


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([[1, "no"], [2, "no"], [3, "yes"], [4, "yes"]], id="separable"),
        pytest.param([[0, "no"], [0, "yes"], [0, "no"], [1, "yes"], [1, "yes"]], id="separable but for a tie"),
    ],
)
def test_without_l2_separable_classes_have_no_minimum(tmp_path: Path, rows: list[list[object]]) -> None:
    path = written(tmp_path, [["x", "answer"], *rows])
    without = built("logistic", data=path, target="answer", test_fraction=0.0, l2=0.0)
    assert without.optimum is None
    assert without.optimal_value is None
    assert built("logistic", data=path, target="answer", test_fraction=0.0, l2=0.1).optimum is not None


def test_credit_as_a_problem() -> None:
    problem = built("logistic", **CREDIT)
    assert problem.samples == 700
    assert problem.n == 49
    assert problem.names[-1] == "intercept"
    assert "housing=own" in problem.names
    assert [(block.name, block.rows, block.cols) for block in problem.blocks] == [("w", 48, 1), ("c", 1, 1)]
    y = problem.reals[700 * 48 : -1]
    assert y.mean() == pytest.approx(0.3), "the split keeps the share of bad loans"
    assert problem.test is not None
    assert problem.test(problem.start) == pytest.approx({"loss": np.log(2.0), "accuracy": 0.7, "auc": 0.5})


def test_credit_minimum_predicts_held_out_loans() -> None:
    scores = []
    for seed in range(10):
        problem = built("logistic", seed, **CREDIT)
        assert problem.test is not None
        assert problem.optimum is not None
        scores.append(problem.test(problem.optimum)["auc"])
    assert np.mean(scores) > 0.76


def test_the_split_comes_from_the_seed_and_shares_no_row() -> None:
    y = np.array([1.0] * 30 + [0.0] * 70)
    splits = [logistic._split(y, 0.3, np.random.default_rng(seed)) for seed in (1, 1, 2)]
    assert np.array_equal(splits[0][1], splits[1][1])
    assert not np.array_equal(splits[0][1], splits[2][1])
    train, test = splits[0]
    assert sorted([*train, *test]) == list(range(100))
    assert y[test].tolist().count(1.0) == 9
    assert test.shape == (30,)


@given(arrays(float, st.integers(4, 40), elements=st.integers(-3, 3).map(float)), st.randoms(use_true_random=False))
def test_auc_counts_pairs(scores: np.ndarray, random: Any) -> None:
    y = np.array([1.0, 0.0, *(float(random.random() < 0.4) for _ in scores[2:])])
    assert logistic.auc(scores, y) == pytest.approx(naive_objectives.auc(scores, y))


def test_auc_at_its_ends() -> None:
    y = np.array([0.0, 0.0, 1.0, 1.0])
    assert logistic.auc(np.array([1.0, 2.0, 3.0, 4.0]), y) == 1.0
    assert logistic.auc(np.array([4.0, 3.0, 2.0, 1.0]), y) == 0.0
    assert logistic.auc(np.zeros(4), y) == 0.5


def test_made_up_data_are_narrow_unless_standardised() -> None:
    curvatures = []
    for standardise in (True, False):
        problem = built("logistic", standardise=standardise)
        features = np.column_stack([problem.reals[: problem.samples], np.ones(problem.samples)])
        eigenvalues = np.linalg.eigvalsh(features.T @ features)
        curvatures.append(eigenvalues[1] / eigenvalues[0])
    assert curvatures[0] == pytest.approx(1.0, abs=1e-6)
    assert curvatures[1] > 20.0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"target": None}, "target: missing; allowed: answer, x, y"),
        ({"target": "anser"}, "target: no column 'anser'; did you mean 'answer'? allowed: answer, x, y"),
        ({"features": ["x", "yy"]}, "features: no column 'yy'; did you mean 'y'?"),
        ({"features": ["x", "answer"]}, "features: names the target, a column twice, or nothing"),
        ({"features": ["x", "x"]}, "features: names the target, a column twice, or nothing"),
        ({"features": []}, "features: names the target, a column twice, or nothing"),
        ({"positive": "2"}, "positive: 'answer' is never '2'; allowed: 0, 1"),
        ({"target": "x"}, "positive: 'x' has 6 different values; say which one counts as 1"),
        ({"target": "x", "positive": "3", "test_fraction": 0.3}, "test_fraction: 'x' is '3' in 1 of 6 rows, too few"),
    ],
)
def test_bad_options_are_refused_with_the_reason(tmp_path: Path, options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as error:
        small(tmp_path, **options)
    assert str(error.value).startswith(f"{tmp_path / 'data.csv'}: {message}")


def test_a_target_with_one_class_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, [["x", "answer"], [1, "no"], [2, "no"]])
    with pytest.raises(InputError, match="target: 'answer' is always 'no'; choose another"):
        built("logistic", data=path, target="answer")


def test_options_of_a_file_are_refused_without_one() -> None:
    with pytest.raises(InputError, match=r"^target: has no effect without data; name the file with data"):
        built("logistic", target="answer")


@pytest.mark.parametrize(("positive", "share"), [(None, 0.5), ("1", 0.5), ("0", 0.5)])
def test_the_positive_value(tmp_path: Path, positive: str | None, share: float) -> None:
    problem = small(tmp_path, positive=positive)
    y = problem.reals[-7:-1]
    assert y.mean() == share
    assert np.array_equal(y, 1.0 - Y if positive == "0" else Y)
