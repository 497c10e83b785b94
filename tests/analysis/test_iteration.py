"""Closed forms beside the matrices they stand for, and beside our own rules run on quadratics."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdtui.analysis import iteration
from gdtui.contracts import Reals
from gdtui.engine.race import Race
from gdtui.scenario import from_mapping

METHODS = ("gd", "momentum", "nesterov")
methods = st.sampled_from(METHODS)
betas = st.floats(0.0, 0.999)


def beta_of(method: str, beta: float) -> float:
    return 0.0 if method == "gd" else beta


@given(method=methods, h=st.floats(0.0, 4.0) | st.floats(1e-9, 1e-2), beta=betas)
def test_the_radius_is_that_of_the_step_matrix(method: str, h: float, beta: float) -> None:
    kept = beta_of(method, beta)
    roots = np.linalg.eigvals(iteration.step_matrix(method, h, kept))
    # A double root of a matrix is only known to the square root of the rounding.
    assert iteration.radius(method, h, kept) == pytest.approx(np.abs(roots).max(), abs=3e-8)


@given(method=methods, L=st.floats(1e-3, 1e3), beta=betas)
def test_the_limit_is_where_the_radius_passes_1(method: str, L: float, beta: float) -> None:
    kept = beta_of(method, beta)
    limit = iteration.limit(method, L, kept)
    assert iteration.radius(method, limit * L, kept) == pytest.approx(1.0)
    assert iteration.radius(method, 1.001 * limit * L, kept) > 1.0
    assert iteration.radius(method, 0.999 * limit * L, kept) < 1.0


@given(method=methods, h=st.floats(1e-3, 4.0), beta=betas, share=st.floats(0.0, 1.0))
def test_the_worst_of_a_spectrum_lies_at_its_ends(method: str, h: float, beta: float, share: float) -> None:
    kept, low = beta_of(method, beta), 1e-3
    within = iteration.radius(method, low + share * (h - low), kept)
    assert within <= iteration.rate(method, 1.0, kept, low, max(h, low)) + 1e-9


def chain(method: str, h: float, beta: float, steps: int) -> Reals:
    """The error along one eigenvector under our own rule, step by step."""
    table = {
        "objective": {"name": "quadratic", "matrix": [[1.0]]},
        "steps": steps, "tolerance": 0.0, "racers": [{"optimizer": "gd"}],
    }  # fmt: skip
    spec = f"{method}:lr={h!r}" + ("" if method == "gd" else f",beta={beta!r}")
    race = Race(from_mapping(table, folder=Path.cwd()), racers=[spec], start=[1.0]).advance(steps)
    path: Reals = race[method].path[:, 0]
    return path


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("h", "beta"), [(0.3, 0.5), (1.7, 0.9), (0.01, 0.3), (1.2, 0.1)])
def test_the_rules_take_the_steps_of_the_matrix(method: str, h: float, beta: float) -> None:
    kept = beta_of(method, beta)
    path, state = chain(method, h, kept, 40), np.array([1.0, 0.0])
    for x in path:
        assert x == pytest.approx(state[0], rel=1e-9, abs=1e-12)
        state = iteration.step_matrix(method, h, kept) @ state


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("beta", [0.0, 0.5, 0.9])
def test_the_rules_diverge_beyond_the_limit_and_not_before(method: str, beta: float) -> None:
    kept = beta_of(method, beta)
    limit = iteration.limit(method, 1.0, kept)
    below, above = (np.abs(chain(method, share * limit, kept, 600)[-50:]).max() for share in (0.99, 1.01))
    assert below < 1.0 < above


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("kappa", [1.0, 4.0, 100.0, 1e5])
def test_no_other_setting_is_better_than_the_best(method: str, kappa: float) -> None:
    best = iteration.best(method, 1.0, kappa)
    rate = iteration.rate(method, best["lr"], best.get("beta", 0.0), 1.0, kappa)
    root = math.sqrt(kappa)
    known = {
        "gd": (kappa - 1.0) / (kappa + 1.0),
        "momentum": (root - 1.0) / (root + 1.0),
        "nesterov": 1.0 - 2.0 / math.sqrt(3.0 * kappa + 1.0),
    }
    assert rate == pytest.approx(known[method], abs=1e-7)
    generator = np.random.default_rng(0)
    for _ in range(300):
        near = 10.0 ** generator.uniform(-2.0, 0.3)
        lr, beta = best["lr"] * (1.0 + near * generator.uniform(-1.0, 1.0)), best.get("beta", 0.0)
        if method != "gd":
            beta = min(0.9999, abs(1.0 - (1.0 - beta) * (1.0 + near * generator.uniform(-1.0, 1.0))))
        assert iteration.rate(method, lr, beta, 1.0, kappa) >= rate - 1e-7


def test_heavy_ball_and_nesterov_at_a_condition_number_of_100() -> None:
    best = iteration.best("momentum", 1.0, 100.0)
    assert best == pytest.approx({"lr": (2.0 / 11.0) ** 2, "beta": (9.0 / 11.0) ** 2})
    assert iteration.rate("momentum", best["lr"], best["beta"], 1.0, 100.0) == pytest.approx(0.8182, abs=1e-4)
    assert iteration.rate("gd", 2.0 / 101.0, 0.0, 1.0, 100.0) == pytest.approx(0.9802, abs=1e-4)
    assert iteration.rate("nesterov", 0.01, 9.0 / 11.0, 1.0, 100.0) == pytest.approx(0.9, abs=1e-7)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("lr", "beta", "curvature"), [(0.1, 0.9, 1.0), (0.05, 0.5, 3.0), (0.4, 0.2, 4.0)])
def test_the_variance_is_the_fixed_point_of_the_matrix_and_its_noise(
    method: str, lr: float, beta: float, curvature: float
) -> None:
    kept, deviation = beta_of(method, beta), 0.7
    step = iteration.step_matrix(method, lr * curvature, kept)
    push = np.array([-lr * deviation, lr * deviation])  # of a unit of noise, on (x, lr v)
    covariance = np.linalg.solve(np.eye(4) - np.kron(step, step), np.outer(push, push).ravel())
    variance = iteration.noise_variance(method, lr, kept, curvature, deviation)
    assert variance == pytest.approx(covariance[0], rel=1e-9)
    spectrum = [0.0, curvature, curvature]
    assert iteration.noise_floor(method, lr, kept, spectrum, deviation) == pytest.approx(curvature * variance)


def test_beyond_the_limit_there_is_no_floor() -> None:
    assert iteration.noise_variance("sgd", 2.1, 0.0, 1.0, 1.0) == math.inf
