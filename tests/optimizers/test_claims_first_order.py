"""The family tree's claims, run, for the rules that have one rate for all coordinates.

A claim is what ``fixes`` or ``fails`` says, on a set-up with a known outcome.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from gdtui.contracts import Ints, Reals
from tests.optimizers import drive
from tests.optimizers.draws import bowl_with_noise

L = 100.0  # of the narrow valley, whose mu is 1


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
