"""The slope of two curvatures."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import naive_objectives
from tests.objectives.problems import built, evaluated


@given(st.floats(-10.0, 10.0))
def test_is_its_naive_twin(x: float) -> None:
    f, g = evaluated(built("piecewise"), np.array([x]))
    expected, slope = naive_objectives.piecewise(x)
    assert f == pytest.approx(expected, rel=1e-12, abs=1e-12)
    assert g[0] == pytest.approx(slope, rel=1e-12, abs=1e-12)


@given(st.floats(-10.0, 10.0), st.floats(-10.0, 10.0))
def test_is_strongly_convex_and_smooth_by_its_own_facts(x: float, y: float) -> None:
    problem = built("piecewise")
    rise = evaluated(problem, np.array([x]))[1][0] - evaluated(problem, np.array([y]))[1][0]
    low, high = sorted((problem.facts["mu"] * (x - y), problem.facts["L"] * (x - y)))
    assert low - 1e-9 <= rise <= high + 1e-9
