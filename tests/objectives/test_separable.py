"""Least squares on points that can be told apart."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdtui.errors import InputError
from tests import naive_objectives
from tests.objectives.problems import built, evaluated


@given(st.data(), st.integers(3, 12), st.integers(0, 1000))
def test_is_least_squares_on_the_features_of_the_paper(data: st.DataObject, points: int, seed: int) -> None:
    positive = data.draw(st.integers(points // 2 + 1, points - 1))
    problem = built("separable", points=points, positive=positive)
    X, y = naive_objectives.separable(points, positive)
    w = np.random.default_rng(seed).standard_normal(problem.n)
    f, g = evaluated(problem, w)
    assert f == pytest.approx(np.sum((X @ w - y) ** 2), rel=1e-12)
    np.testing.assert_allclose(g, 2.0 * X.T @ (X @ w - y), rtol=1e-10, atol=1e-12)
    assert problem.facts["L"] == pytest.approx(2.0 * np.linalg.eigvalsh(X.T @ X)[-1], rel=1e-10)
    assert problem.test is not None
    assert problem.test(w)["loss"] == pytest.approx(np.mean((X[:, :3] @ w[:3] - y) ** 2), rel=1e-12)
    assert problem.test(w)["accuracy"] == pytest.approx(np.mean(np.sign(X[:, :3] @ w[:3]) == y), rel=1e-12)


def test_the_solution_of_least_norm_knows_new_points_and_equal_weights_do_not() -> None:
    problem = built("separable")
    assert problem.test is not None
    assert problem.optimum is not None
    assert problem.test(problem.optimum)["accuracy"] == 1.0
    X, y = naive_objectives.separable(50, 30)
    signs = np.sign(X.T @ y)
    assert np.array_equal(X @ signs, 4.0 * y), "equal weights fit every point"
    assert problem.test(signs)["accuracy"] == pytest.approx(0.6)


@pytest.mark.parametrize(("points", "positive"), [(50, 25), (50, 50), (4, 2), (3, 7)])
def test_the_positive_points_are_more_than_half_and_not_all(points: int, positive: int) -> None:
    with pytest.raises(InputError, match=f"^positive: {positive} of {points} points; give more than half"):
        built("separable", points=points, positive=positive)
