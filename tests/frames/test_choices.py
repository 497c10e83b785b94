"""What the curves of a race are drawn with beside their axes' limits: a log x axis, smoothing, one pinned racer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gdtui.engine.outcome import Limits
from gdtui.frames import Abscissa, Choice, CurveAxes, Quantity, Smoothing, Style
from gdtui.frames.smooth import race_length
from tests.frames.snapshots import CHOICES, STEPS, history, problem, racer, snapshot, with_losses
from tests.frames.test_curves import SIZE, axes_of, planned, spec_of

# --- a logarithmic x axis


def test_the_choice_of_an_x_axis_is_kept_for_each_abscissa() -> None:
    choice = Choice().with_log_x(True)
    assert choice.has_log_x
    assert not replace(choice, abscissa=Abscissa.WORK).has_log_x
    assert replace(replace(choice, abscissa=Abscissa.WORK), abscissa=Abscissa.STEPS).has_log_x
    assert choice.with_log_x(False) == Choice()


def test_a_logarithmic_axis_spans_the_budget_and_begins_before_the_first_step() -> None:
    axes = CurveAxes(problem(), Choice().with_log_x(True))
    for losses in ([1.0], np.linspace(1.0, 0.1, 500).tolist()):
        spec = spec_of(axes, with_losses(losses))
        assert spec.log_x
        assert (spec.x_low, spec.x_high) == pytest.approx((np.log10(0.4), np.log10(STEPS)))
    axes.choose(Choice())
    assert spec_of(axes, with_losses([1.0])).x_low == 0.0
    assert axes.kind == (Quantity.LOSS, Abscissa.STEPS, True, False)


@pytest.mark.parametrize("abscissa", list(Abscissa))
@pytest.mark.parametrize("limits", [Limits(steps=1), Limits(), Limits(seconds=1e-3), Limits(work=1.0)])
def test_a_logarithmic_axis_of_any_budget(abscissa: Abscissa, limits: Limits) -> None:
    axes = CurveAxes(problem(), Choice(abscissa=abscissa).with_log_x(True))
    for losses in ([], [1.0], [1.0, 0.5], [1.0] * 90):
        spec = spec_of(axes, with_losses(losses, limits=limits))
        assert np.isfinite([spec.x_low, spec.x_high]).all()
        assert spec.x_low < spec.x_high


# --- smoothing


def test_the_line_is_smoothed_and_the_rest_stays() -> None:
    losses = np.exp(np.random.default_rng(0).normal(size=600)).tolist()
    plain, seen = CurveAxes(problem()), with_losses(losses)
    for smoothing in (Smoothing.LIGHT, Smoothing.STRONG):
        axes = CurveAxes(problem(), Choice(smoothing=smoothing))
        (curve,) = axes.curves(seen)
        assert curve.last.tolist() == losses
        assert curve.line is curve.smooth
        assert np.std(np.log(curve.line[100:])) < 0.3
        assert spec_of(axes, seen) == spec_of(plain, seen)  # the axes do not move


def test_what_is_averaged_is_what_is_seen() -> None:
    seen = with_losses([1.0, 100.0])
    log, linear = (CurveAxes(problem(), Choice(smoothing=Smoothing.STRONG).with_log(log)) for log in (True, False))
    share = 1.0 / (1.0 + np.exp(-1.0 / 50.0))  # of the last of two, with 5 % of the budget for a time constant
    assert log.curves(seen)[0].line[-1] == pytest.approx(100.0**share)
    assert linear.curves(seen)[0].line[-1] == pytest.approx(1.0 + 99.0 * share)


def test_the_logarithms_of_a_shifted_axis_are_averaged_alike() -> None:
    losses = np.exp(np.random.default_rng(1).normal(size=300))
    axes = CurveAxes(problem(), Choice(smoothing=Smoothing.LIGHT))
    once, again = (axes.curves(with_losses((factor * losses).tolist()))[0].line for factor in (1.0, 1e-9))
    np.testing.assert_allclose(again, 1e-9 * once, rtol=1e-12)


@pytest.mark.parametrize("hole", [np.nan, np.inf, 0.0, -1.0])
def test_a_gap_is_not_bridged(hole: float) -> None:
    losses = [4.0] * 40 + [hole] * 3 + [1.0] * 40
    (curve,) = CurveAxes(problem(), Choice(smoothing=Smoothing.STRONG)).curves(with_losses(losses))
    np.testing.assert_allclose(curve.line, [4.0] * 40 + [np.nan] * 3 + [1.0] * 40)


def test_a_merge_of_the_history_keeps_the_window_in_steps() -> None:
    losses = 3.0 + np.sin(np.arange(801) / 40.0)
    axes = CurveAxes(problem(), Choice(smoothing=Smoothing.STRONG))
    fine, merged = history(losses.tolist()), history(losses[::2].tolist(), stride=2)
    before, after = (axes.curves(snapshot(racer(0, recorded)))[0].line for recorded in (fine, merged))
    np.testing.assert_allclose(after, before[::2], rtol=0.01)


@pytest.mark.parametrize("quantity", list(Quantity))
def test_only_what_is_noisy_is_smoothed(quantity: Quantity) -> None:
    axes = CurveAxes(problem(), Choice(quantity, smoothing=Smoothing.LIGHT))
    noisy = quantity in {Quantity.LOSS, Quantity.GRAD_NORM}
    assert (axes.curves(with_losses([3.0, 2.0]))[0].smooth is not None) == noisy
    assert ("smoothed" in axes.title()) == noisy


def test_without_a_budget_a_race_is_as_long_as_the_next_power_of_two() -> None:
    lengths = [race_length(with_losses([1.0] * m, limits=Limits())) for m in (0, 1, 64, 65, 66, 129, 130)]
    assert lengths == [64, 64, 64, 64, 128, 128, 256]
    assert race_length(with_losses([1.0] * 900)) == STEPS


# --- the pinned racer


def test_the_pinned_racer_stands_out() -> None:
    seen = with_losses([3.0, 2.0], [3.0, 1.0], [3.0, 2.5])
    axes = CurveAxes(problem())
    assert [curve.weight for curve in axes.curves(seen)] == ["plain"] * 3
    assert [curve.weight for curve in axes.curves(seen, pinned="racer1")] == ["faint", "strong", "faint"]
    assert [curve.weight for curve in axes.curves(seen, pinned="nobody")] == ["plain"] * 3
    assert spec_of(axes, seen) == axes.spec(seen, axes.curves(seen, pinned="racer1"), SIZE, 0.0, Style())


def test_a_pinned_racer_that_rests_outshines_nobody() -> None:
    recorded = history([3.0, 2.0])
    seen = snapshot(racer(0, recorded, benched=True), racer(1, recorded))
    assert [curve.weight for curve in CurveAxes(problem()).curves(seen, pinned="racer0")] == ["plain"]


def test_its_plan_does_too() -> None:
    seen = planned("adam:schedule=cosine(steps=1000)", step=5)
    plan, curve = axes_of(Quantity.RATE).curves(seen, pinned="racer0")
    assert plan.dotted
    assert plan.weight == curve.weight == "strong"


# --- titles


@pytest.mark.parametrize("choice", CHOICES)
def test_a_title_says_what_was_chosen(choice: Choice) -> None:
    axes = CurveAxes(problem(-1.0), choice)
    widest, narrow = axes.title(), axes.title(34)
    assert len(narrow) <= 34
    assert any(f"({scale})" in widest for scale in ("log", "linear", "log–log", "lin–log"))
    assert ("–" in widest) == choice.has_log_x
    smooth = choice.smoothing is not Smoothing.OFF and choice.is_noisy
    assert ("smoothed" in widest) == ("smoothed" in narrow) == smooth


def test_smooth_titles_in_full() -> None:
    smooth = CurveAxes(problem(-1.0), Choice(smoothing=Smoothing.STRONG).with_log_x(True))
    assert [smooth.title(width) for width in (80, 54, 44, 34)] == [
        "Loss above the minimum, strongly smoothed (log–log) by step",
        "Loss above the minimum, smoothed (log–log) by step",
        "Loss − minimum, smoothed (log–log) by step",
        "Loss − minimum, smoothed, by step",
    ]
