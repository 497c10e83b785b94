"""The saddle."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdtui.errors import InputError
from tests import naive_objectives
from tests.objectives.problems import built, evaluated, value

positive = st.floats(0.01, 100.0)


def test_the_saddle_is_stationary_and_no_minimum() -> None:
    problem = built("saddle")
    f, g = evaluated(problem, np.zeros(2))
    assert f == 0.0
    assert not g.any()
    assert value(problem, np.array([1e-3, 0.0])) > 0.0 > value(problem, np.array([0.0, 1e-3]))


@given(positive, positive, positive)
def test_minima(a: float, b: float, c: float) -> None:
    problem = built("saddle", a=a, b=b, c=c)
    assert problem.optimum is not None
    for sign in (1.0, -1.0):
        f, g = evaluated(problem, sign * problem.optimum)
        assert f == pytest.approx(-b * b / (4.0 * c))
        assert np.abs(g).max() <= 1e-12 * b * max(1.0, (b / c) ** 0.5)


def test_without_c_it_is_unbounded_below() -> None:
    problem = built("saddle", c=0.0)
    assert problem.optimum is None
    assert problem.optimal_value is None
    assert value(problem, np.array([0.0, 1e6])) == -0.5e12


def test_a_vanishing_c_is_refused() -> None:
    with pytest.raises(InputError, match=r"^c: 1e-200 leaves the minima too far away; give 0"):
        built("saddle", c=1e-200)


@given(st.tuples(st.floats(-3.0, 3.0), st.floats(-3.0, 3.0)), positive, positive, positive)
def test_is_its_naive_twin(x: tuple[float, float], a: float, b: float, c: float) -> None:
    f, g = evaluated(built("saddle", a=a, b=b, c=c), np.array(x))
    expected, gradient = naive_objectives.saddle(np.array(x), a, b, c)
    scale = 10.0 * (a + b + c)
    assert f == pytest.approx(expected, rel=1e-12, abs=1e-14 * scale)
    np.testing.assert_allclose(g, gradient, rtol=1e-12, atol=1e-14 * scale)
