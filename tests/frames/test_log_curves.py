"""The curves of logs and their axes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdtui.analysis.series import Series
from gdtui.contracts import Reals
from gdtui.frames import LogAxes, LogChoice, LogQuantity, Smoothing, Style, logged
from gdtui.frames.log_curves import smooth

STEPS = np.arange(0.0, 500.0, 5.0)


def series(**columns: Reals) -> Series:
    return Series(STEPS, columns.pop("loss", np.exp(-STEPS / 100)), **columns)


def spec_of(axes: LogAxes, *every: Series, now: float = 0.0) -> object:
    return axes.spec(axes.curves([("", each) for each in every]), (80, 20), now, Style())


def test_train_and_held_out_loss_are_curves_of_their_own() -> None:
    held_out = np.where(STEPS % 50 == 0.0, 2.0, np.nan)
    both = [("a", series(val_loss=held_out)), ("b", series(loss=np.where(STEPS > 100, np.nan, 1.0)))]
    curves = LogAxes().curves(both, strong=1)
    assert [(curve.letter, curve.label, curve.weight) for curve in curves] == [
        ("A", "a", "faint"), ("B", "b", "strong"), ("C", "a held-out", "faint"),
    ]  # fmt: skip
    assert np.isnan(curves[1].last).any(), "a loss that is no number is a gap"
    np.testing.assert_array_equal(curves[2].x, STEPS[STEPS % 50 == 0.0])
    assert [curve.label for curve in LogAxes().curves([("", both[0][1])])] == ["loss", "held-out loss"]


def test_what_can_be_plotted_is_what_was_logged() -> None:
    assert logged([series(), series(lr=STEPS)]) == (LogQuantity.LOSS, LogQuantity.RATE)
    assert logged([series(val_loss=STEPS, grad_norm=STEPS, update_norm=STEPS)]) == (
        LogQuantity.LOSS, LogQuantity.GRAD_NORM, LogQuantity.UPDATE_NORM,
    )  # fmt: skip


def test_a_loss_that_is_not_above_zero_has_a_linear_axis() -> None:
    axes = LogAxes()
    axes.curves([("", series(loss=STEPS - 10.0))])
    assert not axes.log
    assert axes.title() == "Loss (linear) by step"
    axes.curves([("", series())])
    assert axes.log


def test_the_x_axis_moves_seldom_and_outward_only() -> None:
    axes, ends = LogAxes(), []
    for rows in range(2, len(STEPS)):
        curves = axes.curves([("", Series(STEPS[:rows] + 10_000.0, STEPS[:rows] + 1.0))])
        spec = axes.spec(curves, (80, 20), 0.0, Style())
        assert spec.x_low == 10_000.0
        assert spec.x_high >= curves[0].x[-1]
        ends.append(spec.x_high)
    assert ends == sorted(ends)
    assert len(set(ends)) < 25
    log_x = LogAxes(LogChoice(log_x=True))
    spec = log_x.spec(log_x.curves([("", series())]), (80, 20), 0.0, Style())
    assert (spec.x_low, spec.log_x) == (np.log10(0.4), True)


@pytest.mark.parametrize("steps", [[0.0], [5.0], [-3.0, 2.0], [0.0, 1e300], [1e15, 1e15 + 1.0]])
def test_any_steps_have_an_axis(steps: list[float]) -> None:
    for log_x in (False, True):
        axes = LogAxes(LogChoice(log_x=log_x))
        curves = axes.curves([("", Series(np.array(steps), np.ones(len(steps))))])
        spec = axes.spec(curves, (80, 20), 0.0, Style())
        assert np.isfinite([spec.x_low, spec.x_high]).all()
        assert spec.x_low < spec.x_high


@given(st.lists(st.floats(0.1, 100.0), min_size=3, max_size=40), st.booleans())
def test_smoothed_values_lie_within_what_they_are_made_of(gaps: list[float], log: bool) -> None:
    """And the time constant is about the share of the steps that was asked for, however unevenly they lie."""
    steps = np.cumsum(gaps)
    values = np.abs(np.sin(steps)) + 0.1
    smoothed = smooth(values, steps, Smoothing.STRONG, log=log)
    assert np.all(smoothed >= values.min() * (1 - 1e-12))
    assert np.all(smoothed <= values.max() * (1 + 1e-12))
    constant = smooth(np.full(len(steps), 3.0), steps, Smoothing.LIGHT, log=log)
    np.testing.assert_allclose(constant, 3.0)


def test_smoothing_forgets_at_the_pace_of_the_steps() -> None:
    steps = np.arange(1025.0)
    stepped = smooth((steps >= 512).astype(np.float64), steps, Smoothing.STRONG, log=False)
    window = 0.05 * 1024
    assert stepped[512 + round(window)] == pytest.approx(1 - np.exp(-1), abs=0.02)
    thinned = smooth((steps[::4] >= 512).astype(np.float64), steps[::4], Smoothing.STRONG, log=False)
    np.testing.assert_allclose(thinned, stepped[::4], atol=0.06)
