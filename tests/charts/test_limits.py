"""Axis limits with hysteresis."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdtui.charts.limits import Limits


def test_the_first_update_sets_them_with_a_margin() -> None:
    limits = Limits(margin=0.1)
    assert limits.current is None
    assert limits.update(0.0, 10.0, now=5.0) == (-1.0, 11.0)
    assert limits.current == (-1.0, 11.0)


def test_they_grow_outward_only_and_once_a_second() -> None:
    limits = Limits(margin=0.0, interval=1.0)
    limits.update(0.0, 10.0, now=0.0)
    assert limits.update(2.0, 3.0, now=100.0) == (0.0, 10.0)
    assert limits.update(0.0, 12.0, now=100.1) == (0.0, 12.0)
    assert limits.update(-5.0, 20.0, now=100.9) == (0.0, 12.0)
    assert limits.update(-5.0, 20.0, now=101.1) == (-5.0, 20.0)


def test_only_the_side_that_grows_gets_a_margin() -> None:
    limits = Limits(margin=0.1)
    limits.update(0.0, 10.0, now=0.0)
    assert limits.update(0.0, 19.0, now=2.0) == (-1.0, 21.0)


def test_reset() -> None:
    limits = Limits(margin=0.0)
    limits.update(0.0, 10.0, now=0.0)
    limits.reset()
    assert limits.update(4.0, 5.0, now=0.0) == (4.0, 5.0)


def test_values_that_are_not_finite_change_nothing() -> None:
    limits = Limits(margin=0.0)
    assert limits.update(math.nan, 1.0, now=0.0) == (0.0, 1.0)
    limits.update(4.0, 5.0, now=0.0)
    assert limits.update(-math.inf, math.nan, now=9.0) == (4.0, 5.0)


@pytest.mark.parametrize("value", [0.0, 3.0, -1e-9])
def test_a_single_value_gets_an_interval_around_it(value: float) -> None:
    low, high = Limits().update(value, value, now=0.0)
    assert low < value < high


@given(st.lists(st.tuples(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9), st.floats(0, 3)), min_size=1))
def test_they_never_shrink_and_hold_the_data_after_a_second(updates: list[tuple[float, float, float]]) -> None:
    limits, now = Limits(), 0.0
    previous = limits.update(*updates[0][:2], now)
    for a, b, wait in updates[1:]:
        now += wait
        current = limits.update(a, b, now)
        assert current[0] <= previous[0]
        assert current[1] >= previous[1]
        if wait >= limits.interval:
            assert current[0] <= min(a, b) <= max(a, b) <= current[1]
        previous = current
