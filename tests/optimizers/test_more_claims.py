"""The family tree's claims, run, for Adadelta, AMSGrad, NAdam, RAdam, LAMB and Lion."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from gdtui import scenario
from gdtui.contracts import Ints, Problem, Reals
from tests.optimizers import drive
from tests.optimizers.test_claims import reddi


def far_end(problem: Problem, path: Reals) -> float:
    return float(drive.values(problem, path[-1:])[0])


# Adadelta


@pytest.mark.parametrize("kappa", [1.0, 100.0, 1e6])
def test_adadelta_starts_slowly_however_steep(kappa: float) -> None:
    path = drive.run("adadelta", drive.valley(kappa), steps=1)
    np.testing.assert_allclose(path[0] - path[1], math.sqrt(1e-6 / (1 - 0.9)), rtol=1e-5)
    np.testing.assert_allclose(path[0] - path[1], 3.16e-3, rtol=1e-3)


def test_adadelta_ends_in_jumps_that_grow() -> None:
    """Across the valley it jumps by sqrt(eps t): every squared step is the mean of those before, plus eps."""
    path = drive.run("adadelta", drive.valley(), steps=20_000, lane=drive.compiled)[:, 1]
    for t in (5_000, 10_000, 20_000):
        jumps = np.diff(path[t - 4 : t + 1])
        assert (jumps[1:] * jumps[:-1] < 0).all()
        np.testing.assert_allclose(np.abs(jumps), math.sqrt(1e-6 * t), rtol=0.05)


# AMSGrad


@pytest.mark.parametrize(("name", "end"), [("adam", 1.0), ("amsgrad", -1.0)])
def test_amsgrad_goes_to_the_best_point_where_adam_goes_to_the_worst(name: str, end: float) -> None:
    steps = 10_000
    problem = drive.made(reddi, [0.0], time_dependent=True)
    rates = 0.5 / np.sqrt(np.arange(1, steps + 1))
    path = drive.run(name, problem, rates, steps, project=lambda x: np.clip(x, -1.0, 1.0, out=x), beta1=0.0, beta2=0.1)
    assert abs(path[-1, 0] - end) < 0.01


def test_amsgrad_never_forgets_the_first_gradient_and_adam_does() -> None:
    problem = drive.rosenbrock()
    paths = {name: drive.run(name, problem, 1e-3, 20_000, lane=drive.compiled) for name in ("adam", "amsgrad")}
    assert far_end(problem, paths["amsgrad"]) == pytest.approx(1.6, abs=0.05)
    assert drive.values(problem, paths["adam"][:14_001]).min() < 1e-20


# NAdam


def test_nadam_overshoots_less_than_adam() -> None:
    overshoot = {name: -drive.run(name, drive.valley(), 0.1, 300).min() for name in ("adam", "nadam")}
    assert overshoot["adam"] == pytest.approx(0.27, abs=0.005)
    assert overshoot["nadam"] == pytest.approx(0.07, abs=0.005)


def test_nadam_ends_jumping_where_adam_settles() -> None:
    """In a 2-cycle m alternates at (1 - beta1)/(1 + beta1) of g: half a step is what such an m and g add up to."""
    problem, lr, beta1 = drive.rosenbrock(), 0.01, 0.9
    path = drive.run("nadam", problem, lr, 40_000, lane=drive.compiled)
    amplitude = (1 - beta1) * (1 + 2 * beta1) / (2 * (1 + beta1))
    assert amplitude == pytest.approx(0.074, abs=5e-4)
    np.testing.assert_allclose(np.abs(path[-1] - path[-2]) / 2, amplitude * lr, rtol=0.01)
    np.testing.assert_allclose(path[-1], path[-3], rtol=1e-4)
    assert far_end(problem, path[:20_001]) == pytest.approx(5e-4, rel=0.2)
    adam = drive.run("adam", problem, lr, 20_000, lane=drive.compiled)
    assert drive.values(problem, adam).min() < 1e-20


# RAdam


def test_radams_first_steps_are_raw_momentum() -> None:
    problem = drive.rosenbrock()
    values = drive.values(problem, drive.run("radam", problem, 0.01, 5))
    assert (values[1:] > 1e6 * values[0]).any(), "the engine retires it there"
    adam = drive.run("adam", problem, 0.01, 1)
    np.testing.assert_allclose(np.abs(adam[1] - adam[0]), 0.01, rtol=1e-6)


@pytest.mark.parametrize("lr", [0.001, 0.002, 0.005])
def test_radam_survives_smaller_rates(lr: float) -> None:
    problem = drive.rosenbrock()
    path = drive.run("radam", problem, lr, 20_000, lane=drive.compiled)
    assert drive.values(problem, path).max() < 1e3
    assert far_end(problem, path) < 1e-6


def test_radams_rate_rises_with_what_v_rests_on() -> None:
    """A steady gradient would move Adam by lr a step."""

    def steady(x: Reals, reals: Reals, ints: Ints, batch: Ints, noise: Reals, g: Reals) -> float:
        g[0] = 1.0
        return 0.0

    share = -np.diff(drive.run("radam", drive.made(steady, [0.0]), 1.0, 1_000)[:, 0])
    np.testing.assert_allclose(share[:5], 1.0, rtol=1e-12)
    assert share[5] == pytest.approx(0.026, abs=5e-4)
    assert (np.diff(share[5:]) > 0).all()
    assert share[559] == pytest.approx(0.5, abs=0.005)


# LAMB


def bowl_at_one(x: Reals, reals: Reals, ints: Ints, batch: Ints, noise: Reals, g: Reals) -> float:
    g[:] = x - 1.0
    return float(g @ g) / 2


def test_lamb_holds_small_weights() -> None:
    lr, problem = 0.01, drive.made(bowl_at_one, np.full(4, 1e-3))
    paths = {name: drive.run(name, problem, lr, 700) for name in ("lamb", "adam")}
    taken, norms = (
        np.linalg.norm(np.diff(paths["lamb"], axis=0), axis=1), np.linalg.norm(paths["lamb"][:-1], axis=1)
    )  # fmt: skip
    np.testing.assert_allclose(taken[:600] / norms[:600], lr, rtol=1e-9)
    half_way = {name: int(np.argmax(path[:, 0] >= 0.5)) for name, path in paths.items()}
    assert half_way == {"lamb": 625, "adam": 55}


def test_lamb_never_carries_a_lone_weight_across_zero() -> None:
    problem = scenario.load("credit-2d").build()
    assert [block.rows * block.cols for block in problem.blocks] == [1, 1]
    held, free = (drive.run(name, problem, 0.01, 2_000, lane=drive.compiled) for name in ("lamb", "adam"))
    assert (held[1:, 0] < 0).all()
    assert abs(held[-1, 0]) < 1e-6
    assert free[-1, 0] == pytest.approx(1.6, abs=0.1)


# Lion


@pytest.mark.parametrize("lr", [0.005, 0.01, 0.02])
def test_lion_ends_jumping_some_steps_from_the_minimum(lr: float) -> None:
    problem = scenario.load("quadratic").build()
    late = drive.run("lion", problem, lr, 5_000, lane=drive.compiled)[4_000:]
    np.testing.assert_allclose(np.abs(np.diff(late, axis=0)), lr, rtol=1e-9)
    distance = np.abs(late).max(axis=1) / lr
    assert 1 < distance.max() < 3.5


def test_only_a_falling_rate_brings_lion_nearer() -> None:
    steps = 20_000
    settings: dict[str, Any] = {"constant": 0.01, "falling": 0.01 / (1 + np.arange(steps) / 200)}
    problem = scenario.load("quadratic").build()
    late = {
        label: np.abs(drive.run("lion", problem, lr, steps, lane=drive.compiled)[-500:]).max()
        for label, lr in settings.items()
    }
    assert late["constant"] > 0.01
    assert late["falling"] < 0.01 / 20
