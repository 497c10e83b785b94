"""Verdicts on histories whose answer is known."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from gdtui.analysis.look import WINDOW
from gdtui.analysis.series import Series, Setting
from gdtui.analysis.verdict import Evidence, Kind, Severity, Steady, Verdict, short
from gdtui.analysis.verdicts import LEAST_ROWS, judge
from gdtui.contracts import Reals

Loss = Callable[[Reals], Reals]
EXACT = Setting(stochastic=False)
NOISY = Setting(stochastic=True)


def noise(count: int, seed: int = 0) -> Reals:
    return np.random.default_rng(seed).standard_normal(count)


def series(loss: Loss | Reals, count: int = 400, *, every: float = 1.0, **columns: Reals) -> Series:
    steps = np.arange(count) * every
    return Series(steps, loss(steps) if callable(loss) else loss, **columns)


def kind(loss: Loss | Reals, setting: Setting | None = None, count: int = 400, **columns: Reals) -> Kind:
    return judge(series(loss, count, **columns), setting).kind


@pytest.mark.parametrize("rate", [0.9, 0.98, 0.995])
@pytest.mark.parametrize("every", [1.0, 7.0])
def test_geometric_decay_has_its_rate_and_half_life(rate: float, every: float) -> None:
    setting = Setting(stochastic=False, optimum=0.0)
    verdict = judge(series(lambda t: 3.0 * rate ** (t / every), 300, every=every), setting)
    assert verdict.kind is Kind.CONVERGING
    assert verdict["rate"] == pytest.approx(rate ** (1.0 / every), rel=1e-9)
    assert verdict["half-life"] == pytest.approx(every * math.log(0.5) / math.log(rate), rel=1e-9)


def test_the_gradient_tells_the_rate_where_the_minimum_is_not_known() -> None:
    steps = np.arange(300.0)
    verdict = judge(Series(steps, 0.4 + 0.96**steps, grad_norm=0.98**steps), EXACT)
    assert verdict.kind is Kind.CONVERGING
    assert verdict["rate"] == pytest.approx(0.98, rel=1e-9)


def test_the_loss_alone_tells_rate_and_limit() -> None:
    verdict = judge(series(lambda t: 2.0 + 5.0 * 0.98**t, 200))
    assert verdict.kind is Kind.CONVERGING
    assert verdict["rate"] == pytest.approx(0.98, rel=1e-3)
    assert verdict["extrapolated limit"] == pytest.approx(2.0, rel=1e-3)


def test_noise_and_spikes_do_not_hide_a_decay() -> None:
    decay = 2.0 + 5.0 * 0.98 ** np.arange(150.0)
    noisy = decay + 0.003 * noise(150)
    verdict = judge(series(noisy, 150))
    assert verdict.kind is Kind.CONVERGING
    assert verdict["rate"] == pytest.approx(0.98, abs=0.004)
    spiked = decay.copy()
    spiked[[60, 97, 120, 141]] += [4.0, 9.0, 30.0, 5.0]
    assert judge(series(spiked, 150))["rate"] == pytest.approx(0.98, abs=0.004)


def test_a_power_law_has_no_rate() -> None:
    assert kind(lambda t: 0.2 + 1.0 / (1.0 + 0.01 * t), None, 300) is Kind.DESCENDING


@pytest.mark.parametrize(("values", "period"), [([1.0, 2.0], 2), ([1.0, 3.0, 2.0], 3), ([4.0, 4.0, 4.0, 4.0, 5.0], 5)])
@pytest.mark.parametrize("setting", [None, EXACT])
def test_cycles_have_their_period_and_amplitude(values: list[float], period: int, setting: Setting | None) -> None:
    loss = np.concatenate([10.0 * 0.8 ** np.arange(40.0) + 5.0, np.resize(values, 260)])
    verdict = judge(series(loss, 300), setting)
    assert verdict.kind is Kind.LIMIT_CYCLE
    assert verdict["period"] == period
    assert verdict["amplitude"] == np.ptp(values) / 2.0


def test_a_cycle_that_dies_away_is_none() -> None:
    assert kind(lambda t: 1.0 + 0.995**t * np.cos(np.pi * t), EXACT) is not Kind.LIMIT_CYCLE


def test_a_symmetric_cycle_shows_in_the_steps() -> None:
    loss = np.concatenate([np.linspace(9.0, 2.0, 50), np.full(150, 2.0)])
    constant = np.full(200, 0.5)
    verdict = judge(series(loss, 200, grad_norm=constant, update_norm=constant, lr=constant), EXACT)
    assert verdict.kind is Kind.LIMIT_CYCLE
    assert verdict["step length"] == 0.5
    # Without steps it may as well be a program that forgot to take them.
    assert kind(loss, EXACT, 200, grad_norm=constant) is Kind.PLATEAU
    assert kind(loss, EXACT, 200, grad_norm=constant, update_norm=np.zeros(200)) is Kind.PLATEAU


@pytest.mark.parametrize("setting", [None, NOISY])
@pytest.mark.parametrize("seed", range(5))
def test_a_noise_floor_has_level_and_scatter(setting: Setting | None, seed: int) -> None:
    verdict = judge(series(lambda t: 0.5 + 2.0 * 0.9**t + 0.05 * noise(len(t), seed)), setting)
    assert verdict.kind is Kind.NOISE_FLOOR
    assert verdict["level"] == pytest.approx(0.5, abs=0.02)
    assert verdict["scatter"] == pytest.approx(0.05, rel=0.35)


def test_noise_with_a_memory_is_noise_too() -> None:
    kinds = []
    for seed in range(10):
        shocks, loss = noise(2000, seed), np.empty(2000)
        value = 0.0
        for i, shock in enumerate(shocks):
            value = 0.95 * value + shock
            loss[i] = value
        kinds.append(kind(3.0 + 0.01 * loss, NOISY, 2000))
    assert kinds.count(Kind.NOISE_FLOOR) >= 8


def test_a_slow_fall_under_noise_is_no_floor() -> None:
    """It moves by half its scatter in 200 rows, which two windows cannot tell from nothing."""
    kinds = {kind(lambda t, s=seed: 3.0 - 2.5e-4 * t + 0.1 * noise(4000, s), None, 4000) for seed in range(10)}
    assert kinds == {Kind.DESCENDING}


@pytest.mark.parametrize("setting", [None, EXACT, NOISY])
def test_divergence_is_told_before_the_end_and_at_it(setting: Setting | None) -> None:
    assert kind(lambda t: 1.0 + 1e-3 * 1.02**t, setting) is Kind.DIVERGING
    assert kind(lambda t: 1.0 * 1.05**t, setting) is Kind.DIVERGED
    assert kind(lambda t: -1.0 - 1.05**t, setting) is Kind.DIVERGED
    assert judge(series(np.ones(1), 1), Setting(ended="diverged")).kind is Kind.DIVERGED


def test_a_burst_far_below_the_start_is_not_divergence() -> None:
    loss = np.concatenate([50.0 * 0.9 ** np.arange(300.0), 1e-9 * 1.2 ** np.arange(80.0)])
    assert kind(loss, EXACT, 380) is not Kind.DIVERGING


def test_not_a_number_says_since_when_and_what_the_gradient_did() -> None:
    steps = np.arange(0.0, 900.0)
    loss = np.where(steps < 812, 2.0, np.nan)
    norms = np.where(steps < 762, 1.0, 1.0 * 40.0 ** ((steps - 762) / 49.0))
    verdict = judge(Series(steps, loss, grad_norm=norms))
    assert verdict.kind is Kind.NOT_A_NUMBER
    assert verdict.sentence == (
        "The loss is NaN from step 812 on; the gradient norm grew 40 times in the 50 steps before."
    )
    assert verdict.severity is Severity.FATAL
    loss[-1] = 1.9  # it came back: what is left is judged
    assert judge(Series(steps, loss)).kind is not Kind.NOT_A_NUMBER
    assert "infinite from step 0" in judge(Series(steps, np.full(900, np.inf))).sentence


def test_a_step_of_the_loss_ends_on_a_plateau() -> None:
    assert kind(lambda t: np.where(t < 150, 2.0, 1.0)) is Kind.PLATEAU
    assert kind(lambda t: np.full(len(t), 2.3026)) is Kind.PLATEAU


def test_a_decayed_learning_rate_stalls_a_run_that_was_not_done() -> None:
    steps = np.arange(600.0)
    lr = 0.1 * 0.97**steps
    loss = 2.0 + 1.0 / (1.0 + np.cumsum(lr)) + 1e-5 * noise(600)
    verdict = judge(Series(steps, loss, lr=lr, grad_norm=1.0 + 0.01 * noise(600, 1)))
    assert verdict.kind is Kind.STALLED
    assert verdict.fixed_by is None
    assert verdict["learning rate below its peak"] > 100
    done = Series(steps, loss, lr=lr, grad_norm=1e-9 + 0.9**steps)
    assert judge(done).kind is not Kind.STALLED  # the gradient fell with it


def test_an_effective_step_that_sank_stalls_an_optimizer() -> None:
    steps, ones = np.arange(400.0), np.ones(400)
    run = Series(steps, 5.0 - 1e-3 * steps + 20.0 * 0.8**steps, lr=ones, grad_norm=2.0 * ones, update_norm=1e-2 * ones)
    verdict = judge(run, Setting(stochastic=False, optimizer="adagrad"))
    assert (verdict.kind, verdict.fixed_by) == (Kind.STALLED, "rmsprop")
    assert judge(run).kind is Kind.DESCENDING  # of a log nobody knows what the unit of its gradient means


def test_long_steps_do_not_stall_whatever_the_gradient_is_measured_in() -> None:
    steps, ones = np.arange(400.0), np.ones(400)
    loss = 5.0 - 1e-3 * steps + 20.0 * 0.8**steps
    adaptive = Setting(stochastic=False, optimizer="adam")
    run = Series(steps, loss, lr=ones, grad_norm=1e3 * ones, update_norm=ones)
    assert judge(run, adaptive).kind is Kind.DESCENDING
    # Of noise only how the steps per unit of it have changed says something.
    noisy = replace(adaptive, stochastic=True)
    level = 5.0 - 1e-5 * steps + 20.0 * 0.8**steps
    assert judge(Series(steps, level, lr=ones, grad_norm=ones, update_norm=1e-3 * ones), noisy).kind is not Kind.STALLED
    sinking = np.where(steps < 100, 1.0, 1e-3)
    assert judge(Series(steps, level, lr=ones, grad_norm=ones, update_norm=sinking), noisy).kind is Kind.STALLED
    unknown = np.full(400, np.nan)
    assert judge(Series(steps, level, lr=ones, grad_norm=ones, update_norm=unknown), noisy).kind is not Kind.STALLED


def test_a_regular_up_and_down_oscillates() -> None:
    verdict = judge(series(lambda t: 2.0 + np.sin(2.0 * np.pi * t / 20.0)))
    assert verdict.kind is Kind.OSCILLATING
    assert verdict["period"] == pytest.approx(20.0, rel=0.05)


def test_a_steady_fall_without_a_limit_descends_and_a_slow_rise_rises() -> None:
    assert kind(lambda t: 9.0 - 1e-2 * t) is Kind.DESCENDING
    assert kind(lambda t: 9.0 + 1e-3 * t) is Kind.RISING


def test_overfitting_names_the_step_to_go_back_to() -> None:
    steps = np.arange(400.0)
    val = np.where(steps % 20 == 0, 1.0 + (steps / 400.0 - 0.4) ** 2, np.nan)
    verdict = judge(Series(steps, 2.0 * 0.99**steps, val_loss=val))
    assert (verdict.kind, verdict.fixed_by) == (Kind.OVERFITTING, "adamw")
    assert verdict["its step"] == 160
    falling = np.where(np.isnan(val), np.nan, 2.0 * 0.995**steps)
    assert judge(Series(steps, 2.0 * 0.99**steps, val_loss=falling)).kind is not Kind.OVERFITTING
    noisy = np.where(np.isnan(val), np.nan, 1.0 + 0.2 * noise(400))
    assert judge(Series(steps, 2.0 * 0.99**steps, val_loss=noisy)).kind is not Kind.OVERFITTING


def test_converged_is_a_gradient_within_the_tolerance() -> None:
    columns = {"grad_norm": np.array([1.0, 1e-7])}
    assert judge(series(np.array([1.0, 0.0]), 2, **columns), Setting(tolerance=1e-6)).kind is Kind.CONVERGED
    assert judge(series(np.array([1.0, 0.0]), 2, **columns)).kind is Kind.TOO_LITTLE


def test_too_little_says_how_much_is_needed() -> None:
    verdict = judge(series(lambda t: 0.9**t, 12))
    assert verdict.sentence == f"Too little to tell: 12 recorded steps, and a verdict needs {LEAST_ROWS}."
    assert judge(Series(np.empty(0), np.empty(0))).kind is Kind.TOO_LITTLE
    assert judge(Series(np.zeros(50), np.arange(50.0))).kind is Kind.TOO_LITTLE


def test_a_verdict_on_screen_changes_when_the_new_one_has_held() -> None:
    calm, wild, end = (Verdict(each, "") for each in (Kind.DESCENDING, Kind.OSCILLATING, Kind.DIVERGED))
    steady = Steady(looks=3)
    seen = [calm, wild, wild, calm, wild, wild, wild, calm, end, calm, calm]
    shown = [steady.see(verdict).kind for verdict in seen]
    assert shown == [each.kind for each in (calm, calm, calm, calm, calm, calm, wild, wild, end, end, end)]
    fresh = Verdict(Kind.DIVERGED, "newer numbers")
    assert steady.see(fresh) is fresh


def test_evidence_is_found_by_name_and_written_shortly() -> None:
    verdict = Verdict(Kind.RISING, "", (Evidence("rate", 0.25, "per step"), Evidence("times", math.inf)))
    assert verdict["rate"] == 0.25
    assert "other" not in verdict
    with pytest.raises(KeyError):
        verdict["other"]
    assert verdict.evidence[0].text == "rate 0.25 per step"
    assert verdict.evidence[1].record() == {"name": "times", "value": None, "unit": ""}
    assert [short(value) for value in (12345.6, 0.000123456, 12.0, math.nan)] == ["12,346", "0.0001235", "12", "nan"]


SHAPES: dict[str, Loss] = {
    "decay": lambda t: 2.0 + 5.0 * 0.98**t,
    "cycle": lambda t: 3.0 + (t % 3),
    "floor": lambda t: 0.5 + 2.0 * 0.9**t + 0.05 * noise(len(t)),
    "growth": lambda t: 1.0 + 1e-3 * 1.02**t,
    "plateau": lambda t: np.where(t < 150, 2.0, 1.0),
    "line": lambda t: 9.0 - 1e-2 * t,
}


@given(
    name=st.sampled_from(sorted(SHAPES)),
    scale=st.integers(-20, 12).map(lambda power: 2.0**power),
    shift=st.integers(0, 10**6),
    stochastic=st.sampled_from([None, False, True]),
)
def test_neither_the_unit_of_the_loss_nor_the_first_step_matters(
    name: str, scale: float, shift: int, stochastic: bool | None
) -> None:
    steps = np.arange(400.0)
    loss, setting = SHAPES[name](steps), Setting(stochastic=stochastic)
    assert judge(Series(steps + shift, scale * loss), setting).kind is judge(Series(steps, loss), setting).kind


numbers = st.floats(allow_nan=True, allow_infinity=True, width=64)
columns = arrays.arrays(np.float64, st.shared(st.integers(0, 250), key="m"), elements=numbers)
tame = arrays.arrays(
    np.float64, st.shared(st.integers(0, 250), key="m"), elements=st.sampled_from([0.0, 1.0, 2.0, 1e9])
)


@given(
    loss=columns | tame,
    lr=st.none() | columns,
    grad_norm=st.none() | columns | tame,
    update_norm=st.none() | columns,
    val_loss=st.none() | columns,
    stochastic=st.sampled_from([None, False, True]),
    gaps=arrays.arrays(np.float64, 250, elements=st.sampled_from([0.0, 1.0, 1.0, 5.0])),
    optimum=st.sampled_from([None, 0.0, -1e300]),
    optimizer=st.sampled_from(["", "adagrad"]),
    ended=st.sampled_from(["", "", "converged", "diverged"]),
)
def test_whatever_the_numbers_are_there_is_exactly_one_verdict(
    loss: Reals,
    lr: Reals | None,
    grad_norm: Reals | None,
    update_norm: Reals | None,
    val_loss: Reals | None,
    stochastic: bool | None,
    gaps: Reals,
    optimum: float | None,
    optimizer: str,
    ended: str,
) -> None:
    run = Series(np.cumsum(gaps)[: len(loss)], loss, lr, grad_norm, update_norm, val_loss)
    verdict = judge(run, Setting(stochastic=stochastic, optimum=optimum, optimizer=optimizer, ended=ended))
    assert isinstance(verdict.kind, Kind)
    assert verdict.sentence.endswith(".")
    assert len(verdict.sentence) < 400
    assert len({evidence.name for evidence in verdict.evidence}) == len(verdict.evidence)


def test_the_window_is_the_one_of_the_definitions() -> None:
    assert WINDOW == 100


@pytest.mark.parametrize("count", [20, 30, 60])
def test_a_short_curve_without_noise_has_no_noise_floor(count: int) -> None:
    assert kind(lambda t: 3.0 * 0.8**t, count=count) is Kind.CONVERGING
    assert kind(lambda t: 1.0 + 3.0 * 0.8**t, count=count) is Kind.CONVERGING
    for power in (1.0, 2.0, 4.0):
        assert kind(lambda t, p=power: (1.0 + t) ** -p, count=count) is Kind.DESCENDING  # type: ignore[misc]


@pytest.mark.parametrize("count", [20, 30, 40])
def test_noise_of_a_few_rows_has_no_period(count: int) -> None:
    told = [kind(1.0 + 0.1 * noise(count, seed), count=count) for seed in range(40)]
    assert told.count(Kind.OSCILLATING) <= 2
    assert told.count(Kind.NOISE_FLOOR) >= 36


def test_a_fast_start_is_no_part_of_a_cycle() -> None:
    loss = 0.25 * 0.1 ** np.arange(30.0)
    assert kind(loss, EXACT, count=30) is not Kind.LIMIT_CYCLE


def test_a_rate_has_to_last_for_two_windows() -> None:
    steps = np.arange(120.0)
    bend = np.where(steps < 80.0, 100.0 * 0.9**steps, 100.0 * 0.9**80 * 0.99 ** (steps - 80.0))
    assert judge(Series(steps, 1.0 + bend, grad_norm=bend), EXACT).kind is not Kind.CONVERGING
    linear = 121.0 - steps  # steps of one length towards a floor
    assert judge(Series(steps, linear**2, grad_norm=linear), replace(EXACT, optimum=0.0)).kind is Kind.DESCENDING


def test_a_noisy_run_that_has_not_come_down_has_reached_no_floor() -> None:
    assert kind(10.0 + 1e-3 * noise(60), NOISY, count=60) is Kind.PLATEAU
    assert kind(np.where(np.arange(60) < 5, 12.0, 10.0) + 1e-3 * noise(60), NOISY, count=60) is Kind.NOISE_FLOOR


def test_what_moves_on_beside_what_is_left_is_not_stalled() -> None:
    steps = np.arange(400.0)
    loss = np.where(steps < 5, 1e4, 0.9995**steps)
    columns = {"grad_norm": np.where(steps < 5, 100.0, 0.9), "update_norm": np.full(400, 1e-4), "lr": np.full(400, 0.1)}
    setting = Setting(stochastic=False, optimizer="adagrad")
    assert judge(series(loss, **columns), setting).kind is Kind.STALLED
    assert judge(series(loss, **columns), replace(setting, optimum=0.0)).kind is not Kind.STALLED


def test_a_swing_beyond_the_numbers_is_no_cycle_of_a_size() -> None:
    assert "nan" not in judge(series(1e308 * (-1.0) ** np.arange(400.0))).sentence
