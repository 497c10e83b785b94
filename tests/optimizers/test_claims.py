"""The family tree's claims, run: what ``fixes`` and ``fails`` say, on set-ups with a known outcome."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from gdtui.contracts import Ints, Problem, Reals
from tests.optimizers import drive

L = 100.0  # of the narrow valley, whose mu is 1


def bowl_with_noise(n: int, weight: float = 1.0) -> Problem:
    """``weight`` x^2/2 in every coordinate, from 0, with unit gradient noise: n independent chains."""

    def value_grad(x: Reals, reals: Reals, ints: Ints, batch: Ints, noise: Reals, g: Reals) -> float:
        g[:] = weight * x + noise
        return float(x @ x) / 2

    return drive.made(value_grad, np.zeros(n), noise=n)


# gd and sgd


def test_gd_zigzags_across_the_valley_and_creeps_along_it() -> None:
    path = drive.run("gd", drive.valley(), 1.9 / L, 300)
    assert (path[1:, 1] * path[:-1, 1] < 0).all()
    np.testing.assert_allclose(path[1:, 0] / path[:-1, 0], 0.981, rtol=1e-12)


def test_gd_beyond_its_limit_grows_by_the_predicted_factor() -> None:
    path = drive.run("gd", drive.valley(), 2.02 / L, 300)
    np.testing.assert_allclose(path[1:, 1] / path[:-1, 1], -1.02, rtol=1e-12)


def test_gd_at_its_best_takes_115_steps_for_a_factor_of_ten() -> None:
    distance = np.linalg.norm(drive.run("gd", drive.valley(), 2 / (L + 1), 230), axis=1)
    np.testing.assert_allclose(distance[1:] / distance[:-1], 99 / 101, rtol=1e-12)
    assert np.argmax(distance < 0.1 * distance[0]) == 116
    assert 115 < math.log(10) / math.log(101 / 99) < 116


def test_gd_with_rate_1_over_l_never_goes_uphill() -> None:
    problem = drive.valley()
    assert (np.diff(drive.values(problem, drive.run("gd", problem, 1 / L, 300))) < 0).all()


def floor(name: str, lr: float, beta: float) -> float:
    """The stationary variance that theory predicts for the noisy bowl (curvature and noise 1)."""
    if name == "nesterov":
        kept = beta * (1 - lr)
        return lr * (1 + kept) / ((1 - kept) * (2 * (1 + beta) - lr * (1 + 2 * beta)))
    return lr * (1 + beta) / ((1 - beta) * (2 * (1 + beta) - lr))


@pytest.fixture(scope="module")
def measured_floor() -> dict[tuple[str, float], float]:
    steps = 10_000
    settings: dict[str, dict[str, Any]] = {"sgd": {}, "momentum": {"beta": 0.9}, "nesterov": {"beta": 0.9}}
    return {
        (name, lr): float(drive.run(name, bowl_with_noise(64), lr, steps, **settings[name])[steps // 5 :].var())
        for name in settings
        for lr in (0.1, 0.05)
    }


@pytest.mark.parametrize(("name", "beta"), [("sgd", 0.0), ("momentum", 0.9), ("nesterov", 0.9)])
def test_noise_leaves_the_predicted_floor(
    measured_floor: dict[tuple[str, float], float], name: str, beta: float
) -> None:
    for lr in (0.1, 0.05):
        assert measured_floor[name, lr] == pytest.approx(floor(name, lr, beta), rel=0.04)


def test_halving_the_rate_about_halves_sgds_floor(measured_floor: dict[tuple[str, float], float]) -> None:
    assert measured_floor["sgd", 0.1] / measured_floor["sgd", 0.05] == pytest.approx(2.0, rel=0.05)


def test_momentums_floor_is_higher_by_the_length_of_its_memory(
    measured_floor: dict[tuple[str, float], float],
) -> None:
    assert measured_floor["momentum", 0.05] / measured_floor["sgd", 0.05] == pytest.approx(1 / (1 - 0.9), rel=0.06)


def test_only_a_decaying_rate_gets_below_the_floor(measured_floor: dict[tuple[str, float], float]) -> None:
    steps = 10_000
    decaying = drive.run("sgd", bowl_with_noise(64), 0.1 / np.sqrt(np.arange(1, steps + 1)), steps)
    assert decaying[-1000:].var() < measured_floor["sgd", 0.1] / 20


# momentum and nesterov


def test_momentum_overshoots_the_longer_the_closer_beta_is_to_one() -> None:
    problem = drive.valley()
    late = {
        beta: drive.values(problem, drive.run("momentum", problem, 0.5 / L, 300, beta=beta))[271:].max()
        for beta in (0.9, 0.99)
    }
    assert late[0.99] > 1
    assert late[0.9] < 1e-10


def test_momentum_at_its_best_beats_gd_by_the_predicted_rate() -> None:
    lr, beta = (2 / (math.sqrt(L) + 1)) ** 2, ((math.sqrt(L) - 1) / (math.sqrt(L) + 1)) ** 2
    distance = np.linalg.norm(drive.run("momentum", drive.valley(), lr, 200, beta=beta), axis=1)
    assert math.sqrt(beta) == pytest.approx(0.818, abs=5e-4)
    # A double root: the norm goes as t times the rate, so a finite window measures a little more.
    assert (distance[200] / distance[150]) ** (1 / 50) == pytest.approx(0.823, abs=1e-3)


def test_stability_ends_where_theory_says() -> None:
    beta = 0.9
    limits = {"momentum": 2 * (1 + beta) / L, "nesterov": 2 * (1 + beta) / ((1 + 2 * beta) * L)}
    assert {name: round(limit * L, 2) for name, limit in limits.items()} == {"momentum": 3.8, "nesterov": 1.36}
    for name, limit in limits.items():
        inside, beyond = (abs(drive.run(name, drive.valley(), c * limit, 2000)[-1, 1]) for c in (0.99, 1.01))
        assert inside < 1e-3 < 1e3 < beyond


def lessard(x: Reals, reals: Reals, ints: Ints, batch: Ints, noise: Reals, g: Reals) -> float:
    g[0] = 25 * x[0] if x[0] < 1 else x[0] + 24 if x[0] < 2 else 25 * x[0] - 24
    return 0.0


def test_momentum_cycles_for_ever_where_gd_converges() -> None:
    problem = drive.made(lessard, [3.3])
    path = drive.run("momentum", problem, 1 / 9, 1_200, beta=4 / 9)[1000:, 0]
    assert np.abs(path[3:] - path[:-3]).max() < 1e-9
    assert np.ptp(path) > 1
    assert abs(drive.run("gd", problem, 2 / 26, 1_000)[-1, 0]) < 1e-12


def test_nesterov_ripples_when_mu_is_unknown() -> None:
    problem, steps = drive.valley(1e4), 4_000
    t = np.arange(1, steps + 1)
    settings: dict[str, Any] = {"unknown": (t - 1) / (t + 2), "known": (100 - 1) / (100 + 1)}
    rises = {
        label: int((np.diff(drive.values(problem, drive.run("nesterov", problem, 1e-4, steps, beta=beta))) > 0).sum())
        for label, beta in settings.items()
    }
    assert rises["unknown"] > 1_000
    assert rises["known"] == 0


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
    steps, chains = 10_000, 200
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


def gradient_noise(scale: float, l2: float) -> Problem:
    """Fifty pairs of weights, at 1 and at 0, each pair under the same zero-mean gradients plus l2 theta."""
    pairs = 50

    def value_grad(x: Reals, reals: Reals, ints: Ints, batch: Ints, noise: Reals, g: Reals) -> float:
        g[:pairs] = scale * noise + l2 * x[:pairs]
        g[pairs:] = scale * noise + l2 * x[pairs:]
        return 0.0

    return drive.made(value_grad, np.repeat([1.0, 0.0], pairs), noise=pairs)


@pytest.mark.parametrize("scale", [1.0, 10.0, 1000.0])
def test_adam_scales_l2_away_and_adamw_does_not(scale: float) -> None:
    lr, decay, steps = 1e-3, 0.1, 4_000

    def left(name: str, l2: float, **hyper: Any) -> Reals:
        last = drive.run(name, gradient_noise(scale, l2), lr, steps, **hyper)[-1]
        difference: Reals = last[:50] - last[50:]
        return difference

    np.testing.assert_allclose(left("adamw", 0.0, weight_decay=decay), (1 - lr * decay) ** steps, rtol=1e-10)
    assert left("adam", decay).mean() == pytest.approx(math.exp(-lr * decay * steps / scale), rel=0.02)


def test_adamw_at_its_defaults_takes_100_000_steps_for_a_factor_of_e() -> None:
    optimizer = drive.OPTIMIZERS["adamw"]
    decay = {h.name: h.default for h in optimizer.hyperparameters}["weight_decay"]
    assert optimizer.learning_rate * decay * 100_000 == pytest.approx(1.0)


def reddi(x: Reals, reals: Reals, ints: Ints, batch: Ints, noise: Reals, g: Reals) -> float:
    g[0] = 3.0 if batch[0] % 3 == 1 else -1.0
    return float(g[0] * x[0])


@pytest.mark.parametrize(("betas", "end"), [({"beta1": 0.0, "beta2": 0.1}, 1.0), ({}, -1.0)], ids=["short", "default"])
def test_adam_may_go_to_the_worst_point(betas: dict[str, Any], end: float) -> None:
    """The best fixed point is -1. The betas are part of the claim: with the defaults it gets there."""
    steps = 10_000
    path = drive.run(
        "adam",
        drive.made(reddi, [0.0], time_dependent=True),
        0.5 / np.sqrt(np.arange(1, steps + 1)),
        steps,
        project=lambda x: np.clip(x, -1.0, 1.0, out=x),
        **betas,
    )
    assert abs(path[-1, 0] - end) < 0.01


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
