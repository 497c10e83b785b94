"""The pace: steps as a function of running time."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdtui.engine.pace import FIRST_RATE, LADDER, SHOW_SECONDS, UNBOUNDED_SPAN, Pace

BUDGETS = st.integers(1, 10**12)


@given(BUDGETS)
def test_the_automatic_pace_ends_with_the_budget(budget: int) -> None:
    pace = Pace(budget)
    assert pace.target(0.0) == 0.0
    if budget > SHOW_SECONDS * FIRST_RATE:
        assert pace.target(SHOW_SECONDS) == pytest.approx(budget, rel=1e-6)
    else:
        assert pace.target(budget / FIRST_RATE) == pytest.approx(budget)


@given(BUDGETS, st.lists(st.floats(0, 100), min_size=2))
def test_the_target_never_falls(budget: int, moments: list[float]) -> None:
    pace = Pace(budget)
    targets = [pace.target(moment) for moment in sorted(moments)]
    assert targets == sorted(targets)
    assert all(math.isfinite(target) for target in targets)


@given(BUDGETS)
def test_it_begins_slowly_enough_for_single_steps_to_show(budget: int) -> None:
    pace = Pace(budget)
    assert pace.target(1 / 3) <= 2.0 or budget / SHOW_SECONDS <= FIRST_RATE
    assert pace.rate(0.0) == pytest.approx(FIRST_RATE)


@given(BUDGETS, st.floats(0.01, 19.9))
def test_the_rate_is_the_slope(budget: int, moment: float) -> None:
    pace, h = Pace(budget), 1e-4
    slope = (pace.target(moment + h) - pace.target(moment - h)) / (2 * h)
    assert pace.rate(moment) == pytest.approx(slope, rel=1e-3)


def test_a_fixed_speed_is_a_straight_line() -> None:
    pace = Pace(1000, speed=30.0)
    assert [pace.target(moment) for moment in (0.0, 1.0, 2.5)] == [0.0, 30.0, 75.0]
    assert (pace.rate(7.0), pace.speed) == (30.0, 30.0)


def test_full_speed_is_never_satisfied() -> None:
    pace = Pace(1000, speed=math.inf)
    assert [pace.target(moment) for moment in (0.0, 0.1)] == [math.inf, math.inf]
    pace.shift(1.0, 50)
    assert pace.target(1.0) == math.inf


def test_a_change_of_speed_goes_on_from_here() -> None:
    pace = Pace(1000, speed=10.0)
    pace.set_speed(100.0, 3.0, 25)
    assert [pace.target(moment) for moment in (3.0, 4.0)] == [25.0, 125.0]
    pace.set_speed(None, 4.0, 125)
    assert pace.target(4.0) == 125.0
    assert pace.target(4.0 + SHOW_SECONDS) >= 1000.0


@given(st.sampled_from([None, 1.0, 300.0]), st.floats(0, 30), st.integers(0, 10**6))
def test_a_debt_is_forgotten(speed: float | None, moment: float, step: int) -> None:
    pace = Pace(10_000, speed)
    pace.shift(moment, step)
    assert pace.target(moment) == pytest.approx(step, abs=1e-6)
    assert pace.target(moment + 1.0) >= step


def test_the_ladder_goes_up_and_down() -> None:
    pace, seen = Pace(1000, speed=1.0), []
    while math.isfinite(pace.rate(0.0)):
        seen.append(pace.rate(0.0))
        pace.set_speed(pace.faster(0.0), 0.0, 0)
    assert seen == [float(rung) for rung in LADDER]
    assert pace.faster(0.0) == math.inf
    for rung in reversed(LADDER):
        pace.set_speed(pace.slower(0.0), 0.0, 0)
        assert pace.speed == rung
    assert pace.slower(0.0) == 1.0


def test_a_step_on_the_ladder_from_the_automatic_pace() -> None:
    pace = Pace(20_000)
    rate = pace.rate(10.0)
    assert pace.slower(10.0) < rate < pace.faster(10.0)


def test_without_a_budget_it_speeds_up_and_then_holds_its_rate() -> None:
    pace = Pace(None)
    assert pace.rate(0.0) == pytest.approx(FIRST_RATE)
    assert pace.target(SHOW_SECONDS) == pytest.approx(UNBOUNDED_SPAN)
    assert pace.rate(2 * SHOW_SECONDS) == pace.rate(SHOW_SECONDS)
    beyond = pace.target(SHOW_SECONDS + 10.0) - pace.target(SHOW_SECONDS)
    assert beyond == pytest.approx(10.0 * pace.rate(SHOW_SECONDS))
