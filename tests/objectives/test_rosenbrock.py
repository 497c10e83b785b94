"""Rosenbrock's valley."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import naive_objectives
from tests.objectives.problems import built, evaluated, value


def test_value_and_gradient_at_the_classic_start() -> None:
    problem = built("rosenbrock")
    assert problem.start.tolist() == [-1.2, 1.0]
    f, g = evaluated(problem, problem.start)
    assert f == pytest.approx(24.2)
    assert g == pytest.approx([-215.6, -88.0])


@pytest.mark.parametrize("n", [2, 3, 10])
def test_minimum_is_zero_at_one(n: int) -> None:
    f, g = evaluated(built("rosenbrock", dimension=n), np.ones(n))
    assert f == 0.0
    assert not g.any()


@pytest.mark.parametrize("n", [2, 3, 10])
def test_is_its_naive_twin(n: int) -> None:
    problem = built("rosenbrock", dimension=n)
    for x in np.random.default_rng(0).uniform(-2.0, 2.0, (20, n)):
        f, g = evaluated(problem, x)
        expected, gradient = naive_objectives.rosenbrock(x)
        assert f == pytest.approx(expected, rel=1e-14)
        np.testing.assert_allclose(g, gradient, rtol=1e-12, atol=1e-12)


@given(st.lists(st.floats(-5.0, 5.0), min_size=2, max_size=8))
def test_a_lower_minimum_is_not_found(x: list[float]) -> None:
    assert value(built("rosenbrock", dimension=len(x)), np.array(x)) >= 0.0


def test_condition_number_at_the_minimum_is_the_titles() -> None:
    eigenvalues = np.linalg.eigvalsh([[802.0, -400.0], [-400.0, 200.0]])
    assert f"{eigenvalues[1] / eigenvalues[0]:.0f}" in built("rosenbrock").title
