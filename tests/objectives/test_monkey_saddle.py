"""The monkey saddle."""

from __future__ import annotations

import cmath

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import naive_objectives
from tests.objectives.problems import built, evaluated, value


@given(st.floats(-3.0, 3.0), st.floats(-3.0, 3.0))
def test_is_its_naive_twin(x: float, y: float) -> None:
    f, g = evaluated(built("monkey_saddle"), np.array([x, y]))
    expected, gradient = naive_objectives.monkey_saddle(complex(x, y))
    assert f == pytest.approx(expected, rel=1e-12, abs=1e-12)
    assert g == pytest.approx([gradient.real, gradient.imag], rel=1e-12, abs=1e-12)


def test_nothing_of_second_order_is_left_at_the_origin() -> None:
    problem, H = built("monkey_saddle"), np.full((2, 2), np.nan)
    assert problem.hessian is not None
    problem.hessian(np.zeros(2), problem.reals, problem.ints, H)
    assert not H.any()
    assert not evaluated(problem, np.zeros(2))[1].any()


def test_three_ways_lead_down_and_three_up() -> None:
    sixths = [cmath.rect(1e-3, k * cmath.pi / 3.0) for k in range(6)]
    signs = [np.sign(value(built("monkey_saddle"), np.array([z.real, z.imag]))) for z in sixths]
    assert signs == [1.0, -1.0] * 3
