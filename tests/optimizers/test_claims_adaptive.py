"""The family tree's claims, run, for the rules that give every coordinate, or every block, a rate of its own.

A claim is what ``fixes`` or ``fails`` says, on a set-up with a known outcome.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from gdtui import scenario
from gdtui.contracts import Ints, Problem, Reals
from tests.optimizers import drive
from tests.optimizers.draws import bowl_with_noise, with_gradients

L = 100.0  # of the narrow valley, whose mu is 1


def far_end(problem: Problem, path: Reals) -> float:
    return float(drive.values(problem, path[-1:])[0])


# adagrad and rmsprop


@pytest.mark.parametrize("name", ["adagrad", "adam", "adamw"])
def test_the_first_step_is_the_rate_in_every_coordinate(name: str) -> None:
    hyper: dict[str, Any] = {"weight_decay": 0.0} if name == "adamw" else {}
    path = drive.run(name, drive.valley(1e4), 0.01, 1, **hyper)
    np.testing.assert_allclose(path[0] - path[1], 0.01, rtol=1e-7)


def test_adagrad_never_forgets_the_first_gradient_and_rmsprop_does() -> None:
    problem = drive.rosenbrock()
    g = np.empty(2)
    problem.value_grad(problem.start, problem.reals, problem.ints, np.empty(0, dtype=np.int64), np.empty(0), g)
    assert np.linalg.norm(g) == pytest.approx(233, abs=0.5)
    final = {
        (name, lr): drive.values(problem, drive.run(name, problem, lr, 20_000)[-1:])[0]
        for name, lr in (("adagrad", 0.01), ("rmsprop", 0.001), ("adagrad", 0.5))
    }
    assert final["adagrad", 0.01] > 2
    assert final["rmsprop", 0.001] < 1e-3
    assert final["adagrad", 0.5] < 1e-3, "it is the learning rate that is used up, not the method"


def test_adagrads_rate_decays_under_steady_noise() -> None:
    # With no curvature, a step is lr g/(sqrt(G) + eps): the effective rate is the step over the gradient.
    steps, chains = 10_000, 100
    problem = bowl_with_noise(chains, weight=0.0)
    path = drive.run("adagrad", problem, 1.0, steps)
    last = np.random.default_rng(0).standard_normal((steps, chains))[-1]
    np.testing.assert_allclose((path[-2] - path[-1]) / last, 0.01, rtol=0.03)


def test_rmsprop_starts_ten_steps_long_and_ends_jumping_half_a_step_to_each_side() -> None:
    lr, eps = 0.01, 1e-8
    path = drive.run("rmsprop", drive.valley(), lr, 5_000, eps=eps)
    np.testing.assert_allclose(path[0] - path[1], 10 * lr, rtol=1e-6)
    np.testing.assert_allclose(np.abs(path[-1]), lr / 2, rtol=1e-3)
    np.testing.assert_allclose(path[-1], path[-3], rtol=1e-6)
    np.testing.assert_allclose(np.abs(path[-1]), lr / 2 - eps / np.array([1.0, L]), rtol=1e-4)
    assert (path[-1] * path[-2] < 0).all()


# adam and adamw


def test_adam_settles_where_rmsprop_jumps() -> None:
    """But for bursts: once sqrt(v) is below eps, the rate is lr/eps, which is unstable until v has caught up."""
    lr = 0.01
    distance = np.abs(drive.run("adam", drive.valley(), lr, 20_000)).max(axis=1) / lr
    assert distance[4_000:8_000].max() < 1e-9
    assert 0.2 < distance[8_000:].max() < 2


def pairs_under_noise(scale: float) -> Problem:
    """Fifty pairs of weights, at 1 and at 0, each pair under the same zero-mean gradients."""

    def value_grad(x: Reals, reals: Reals, ints: Ints, batch: Ints, noise: Reals, g: Reals) -> float:
        g[:50] = g[50:] = scale * noise
        return 0.0

    return drive.made(value_grad, np.repeat([1.0, 0.0], 50), noise=50)


@pytest.mark.parametrize("scale", [1.0, 10.0, 1000.0])
def test_adam_scales_l2_away_and_adamw_does_not(scale: float) -> None:
    lr, decay, steps = 1e-3, 0.1, 1_500

    def left(name: str, **given: float) -> Reals:
        last = drive.run(name, pairs_under_noise(scale), lr, steps, **given)[-1]
        difference: Reals = last[:50] - last[50:]
        return difference

    np.testing.assert_allclose(left("adamw", weight_decay=decay), (1 - lr * decay) ** steps, rtol=1e-10)
    assert left("adam", l2=decay).mean() == pytest.approx(math.exp(-lr * decay * steps / scale), rel=0.02)


def test_adamw_at_its_defaults_takes_100_000_steps_for_a_factor_of_e() -> None:
    optimizer = drive.OPTIMIZERS["adamw"]
    decay = {h.name: h.default for h in optimizer.hyperparameters}["weight_decay"]
    assert optimizer.learning_rate * decay * 100_000 == pytest.approx(1.0)


def reddi(x: Reals, reals: Reals, ints: Ints, batch: Ints, noise: Reals, g: Reals) -> float:
    g[0] = 3.0 if batch[0] % 3 == 1 else -1.0
    return float(g[0] * x[0])


SHORT = {"beta1": 0.0, "beta2": 0.1}


@pytest.mark.parametrize(("name", "betas", "end"), [("adam", SHORT, 1.0), ("adam", {}, -1.0), ("amsgrad", SHORT, -1.0)])
def test_adam_may_go_to_the_worst_point_and_amsgrad_does_not(name: str, betas: dict[str, Any], end: float) -> None:
    """The best fixed point is -1. The betas are part of the claim: with the defaults Adam gets there too."""
    steps = 10_000
    problem = drive.made(reddi, [0.0], time_dependent=True)
    rates = 0.5 / np.sqrt(np.arange(1, steps + 1))
    path = drive.run(name, problem, rates, steps, project=lambda x: np.clip(x, -1.0, 1.0, out=x), **betas)
    assert abs(path[-1, 0] - end) < 0.01


# Adadelta


@pytest.mark.parametrize("kappa", [1.0, 100.0, 1e6])
def test_adadelta_starts_slowly_however_steep(kappa: float) -> None:
    path = drive.run("adadelta", drive.valley(kappa), steps=1)
    np.testing.assert_allclose(path[0] - path[1], math.sqrt(1e-6 / (1 - 0.9)), rtol=1e-5)
    np.testing.assert_allclose(path[0] - path[1], 3.16e-3, rtol=1e-3)


def test_adadelta_ends_in_jumps_that_grow() -> None:
    """Across the valley it jumps by sqrt(eps t): every squared step is the mean of those before, plus eps."""
    path = drive.run("adadelta", drive.valley(), steps=20_000)[:, 1]
    for t in (5_000, 10_000, 20_000):
        jumps = np.diff(path[t - 4 : t + 1])
        assert (jumps[1:] * jumps[:-1] < 0).all()
        np.testing.assert_allclose(np.abs(jumps), math.sqrt(1e-6 * t), rtol=0.05)


# AMSGrad


def test_amsgrad_never_forgets_the_first_gradient_and_adam_does() -> None:
    problem = drive.rosenbrock()
    paths = {name: drive.run(name, problem, 1e-3, 20_000) for name in ("adam", "amsgrad")}
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
    path = drive.run("nadam", problem, lr, 40_000)
    amplitude = (1 - beta1) * (1 + 2 * beta1) / (2 * (1 + beta1))
    assert amplitude == pytest.approx(0.074, abs=5e-4)
    np.testing.assert_allclose(np.abs(path[-1] - path[-2]) / 2, amplitude * lr, rtol=0.01)
    np.testing.assert_allclose(path[-1], path[-3], rtol=1e-4)
    assert far_end(problem, path[:20_001]) == pytest.approx(5e-4, rel=0.2)
    adam = drive.run("adam", problem, lr, 20_000)
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
    path = drive.run("radam", problem, lr, 20_000)
    assert drive.values(problem, path).max() < 1e3
    assert far_end(problem, path) < 1e-6


def test_radams_rate_rises_with_what_v_rests_on() -> None:
    """A steady gradient would move Adam by lr a step."""
    steady = with_gradients(np.ones((1_000, 1)), np.zeros(1))
    share = -np.diff(drive.run("radam", steady, 1.0, 1_000)[:, 0])
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
    held, free = (drive.run(name, problem, 0.01, 2_000) for name in ("lamb", "adam"))
    assert (held[1:, 0] < 0).all()
    assert abs(held[-1, 0]) < 1e-6
    assert free[-1, 0] == pytest.approx(1.6, abs=0.1)


# Lion


@pytest.mark.parametrize("lr", [0.005, 0.01, 0.02])
def test_lion_ends_jumping_some_steps_from_the_minimum(lr: float) -> None:
    problem = scenario.load("quadratic").build()
    late = drive.run("lion", problem, lr, 5_000)[4_000:]
    np.testing.assert_allclose(np.abs(np.diff(late, axis=0)), lr, rtol=1e-9)
    distance = np.abs(late).max(axis=1) / lr
    assert 1 < distance.max() < 3.5


def test_only_a_falling_rate_brings_lion_nearer() -> None:
    steps = 20_000
    settings: dict[str, Any] = {"constant": 0.01, "falling": 0.01 / (1 + np.arange(steps) / 200)}
    problem = scenario.load("quadratic").build()
    late = {label: np.abs(drive.run("lion", problem, lr, steps)[-500:]).max() for label, lr in settings.items()}
    assert late["constant"] > 0.01
    assert late["falling"] < 0.01 / 20


# What a low training loss does not say: Wilson et al. 2017, https://arxiv.org/abs/1705.08292, section 3.


def wilson(positive: int, negative: int) -> tuple[Reals, Reals]:
    """Labels +1 and -1, and samples: the label, two ones, then one private feature each, or five for a negative."""
    y = np.repeat([1.0, -1.0], [positive, negative])
    X = np.zeros((y.size, 3 + positive + 5 * negative))
    X[:, 0], X[:, 1:3] = y, 1.0
    for i in range(positive):
        X[i, 3 + i] = 1.0
    for i in range(negative):
        X[positive + i, 3 + positive + 5 * i : 3 + positive + 5 * (i + 1)] = 1.0
    return X, y


@pytest.mark.parametrize(("name", "lr", "error"), [("gd", None, 0.0), ("adam", 0.01, 0.4), ("adagrad", 0.1, 0.4)])
def test_adaptive_methods_can_generalise_worse(name: str, lr: float | None, error: float) -> None:
    X, y = wilson(30, 20)

    def value_grad(w: Reals, reals: Reals, ints: Ints, batch: Ints, noise: Reals, g: Reals) -> float:
        residual = X @ w - y
        g[:] = 2 * X.T @ residual
        return float(residual @ residual)

    problem = drive.made(value_grad, np.zeros(X.shape[1]))
    rate = lr or 1 / (2 * np.linalg.norm(X, 2) ** 2)
    w = drive.run(name, problem, rate, 4_000)[-1]
    assert drive.values(problem, w[np.newaxis])[0] < 1e-4
    # A fresh sample shares the first three features and has private ones that no weight was ever fitted to.
    assert np.mean(np.sign(X[:, :3] @ w[:3]) != y) == error
