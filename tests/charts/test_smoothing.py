"""The moving average: its slow twin, what it keeps, gaps, huge values, and histories whose rows were merged."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gdtui.charts.smoothing import LONGEST, exponential_average, rising_weights
from gdtui.contracts import Reals

ORDINARY = st.floats(-1e3, 1e3)
GAPPY = st.one_of(ORDINARY, st.sampled_from([np.nan, np.inf, -np.inf]))
ANY = st.one_of(st.floats(), GAPPY, st.sampled_from([1e300, -1.7e308, 5e-324, 0.0]))
WINDOWS = st.floats(0.5, 200.0)
CLOCKS = st.tuples(st.integers(1, 4), WINDOWS, st.booleans())


def smoothed(values: Reals, stride: int = 1, window: float = 10.0, share: bool = False) -> Reals:
    window = window / 100.0 if share else window
    return exponential_average(values, *rising_weights(values.size, stride, window, share=share))


def naive(values: Reals, stride: int, window: float, share: bool) -> Reals:
    """The average by its definition: for each value, the weights of all before it back to the last gap."""
    steps = np.arange(values.size) * float(stride)
    clock = np.minimum(100.0 * np.log1p(steps) / window if share else steps / window, LONGEST)
    result, first = np.full(values.shape, np.nan), 0
    for i, value in enumerate(values):
        if not np.isfinite(value):
            first = i + 1
            continue
        weights = np.exp(clock[first : i + 1] - clock[i])
        result[i] = np.sum(values[first : i + 1] * (weights / weights.sum()))
    return result


def columns(elements: st.SearchStrategy[float], least: int = 1) -> st.SearchStrategy[Reals]:
    return st.integers(least, 60).flatmap(lambda m: arrays(np.float64, m, elements=elements))


@settings(max_examples=200)
@given(columns(GAPPY), CLOCKS)
def test_it_is_what_its_slow_twin_says(values: Reals, clock: tuple[int, float, bool]) -> None:
    largest = np.max(np.abs(values[np.isfinite(values)]), initial=1e-300)
    np.testing.assert_allclose(smoothed(values, *clock), naive(values, *clock), rtol=0.0, atol=1e-9 * largest)


def test_it_is_so_for_a_whole_history() -> None:
    values = np.random.default_rng(0).normal(size=4000)
    values[[700, 701, 2500]] = np.nan
    for clock in ((1, 40.0, False), (4, 800.0, False), (1, 10.0, True), (2, 50.0, True)):
        np.testing.assert_allclose(smoothed(values, *clock), naive(values, *clock), rtol=0.0, atol=1e-9)


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(1, 60), CLOCKS)
def test_a_constant_stays(value: float, rows: int, clock: tuple[int, float, bool]) -> None:
    assert (smoothed(np.full(rows, value), *clock) == value).all()


@given(st.integers(1, 60).flatmap(lambda m: arrays(np.float64, (2, m), elements=ORDINARY)), ORDINARY, CLOCKS)
def test_it_is_linear_in_the_values(values: Reals, factor: float, clock: tuple[int, float, bool]) -> None:
    both = smoothed(values[0] + factor * values[1], *clock)
    apart = smoothed(values[0], *clock) + factor * smoothed(values[1], *clock)
    np.testing.assert_allclose(both, apart, rtol=0.0, atol=1e-9 * (1e3 + abs(factor) * 1e3))


@settings(max_examples=200)
@given(columns(ANY), CLOCKS)
def test_it_stays_within_the_values_and_in_the_gaps(values: Reals, clock: tuple[int, float, bool]) -> None:
    result, known = smoothed(values, *clock), np.isfinite(values)
    np.testing.assert_array_equal(np.isfinite(result), known)
    ends = np.flatnonzero(~known)
    for run, average in zip(np.split(values, ends), np.split(result, ends), strict=True):
        inside = np.isfinite(run)
        if inside.any():
            assert (average[inside] >= run[inside].min()).all()
            assert (average[inside] <= run[inside].max()).all()


@given(columns(ANY, least=2), CLOCKS)
def test_what_comes_later_changes_nothing(values: Reals, clock: tuple[int, float, bool]) -> None:
    known = values[np.isfinite(values)]
    half = values.size // 2
    largest = np.max(np.abs(known), initial=1e-300)
    np.testing.assert_allclose(
        smoothed(values[:half], *clock) / largest, smoothed(values, *clock)[:half] / largest, rtol=0.0, atol=1e-9
    )


def test_it_begins_with_the_first_value_and_begins_anew_after_a_gap() -> None:
    values = np.array([7.0, 7.0, np.nan, 3.0, 5.0])
    result = smoothed(values, 1, 1e9)
    assert result[[0, 1, 3]].tolist() == [7.0, 7.0, 3.0]
    assert result[4] == pytest.approx(4.0)  # neither the start nor what was before the gap counts for more


def test_a_spike_is_forgotten() -> None:
    values = np.ones(2000)
    values[300] = 1e12
    assert smoothed(values, 1, 10.0)[-1] == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("share", [False, True])
def test_a_merge_of_rows_changes_a_curve_only_slightly(share: bool) -> None:
    steps = np.arange(4001)
    slow = np.sin(steps / 300.0)
    noise = np.random.default_rng(1).normal(size=steps.size)
    for values, most in ((slow, 0.01), (noise, 0.2)):
        fine, coarse = smoothed(values, 1, 40.0, share), smoothed(values[::2], 2, 40.0, share)
        apart = (fine[::2] - coarse)[1000:]
        assert np.sqrt(np.mean(apart**2)) < most


def test_a_window_that_is_a_share_of_the_steps_looks_the_same_at_every_scale() -> None:
    """A function of the logarithm of the steps lags by the same everywhere: by the window, on that axis."""
    steps = np.arange(200_000)
    lag = np.log1p(steps) - smoothed(np.log1p(steps), 1, 10.0, share=True)
    np.testing.assert_allclose(lag[[2000, 20_000, 199_999]], 0.1 / 1.1, rtol=0.01)


def test_racers_share_their_weights() -> None:
    first, second = (rising_weights(rows, 2, 30.0, share=False)[0] for rows in (3000, 4000))
    assert np.shares_memory(first, second)
    assert not first.flags.writeable
    assert np.isfinite(rising_weights(8192, 1, 0.1, share=False)[1]).all()
