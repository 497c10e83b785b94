"""What holds for a rule on any problem: which other rule it then is, and how long its steps are at most."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdtui.contracts import Ints, Optimizer, Problem, Reals
from tests.optimizers import drive
from tests.optimizers.draws import (
    STEPS,
    N,
    examples,
    in_vectors,
    moved,
    orthogonal,
    quartic,
    random_quadratic,
    rates,
    seeds,
    with_gradients,
)


def on_quadratic(name: str, seed: int, lr: float, **hyper: Any) -> Reals:
    return drive.run(name, drive.quadratic(*random_quadratic(seed)), lr, STEPS, **hyper)


# One rule as another


@pytest.mark.parametrize("name", ["momentum", "nesterov"])
@examples
@given(seed=seeds, lr=rates)
def test_without_momentum_it_is_gd(name: str, seed: int, lr: float) -> None:
    assert np.array_equal(on_quadratic(name, seed, lr, beta=0.0), on_quadratic("gd", seed, lr))


@examples
@given(lr=rates, beta1=st.floats(0.0, 0.99), beta2=st.floats(0.0, 0.9999))
def test_adamw_without_decay_is_adam_to_the_bit(lr: float, beta1: float, beta2: float) -> None:
    problem = drive.rosenbrock()
    adam = drive.run("adam", problem, lr, STEPS, beta1=beta1, beta2=beta2)
    assert np.array_equal(drive.run("adamw", problem, lr, STEPS, beta1=beta1, beta2=beta2, weight_decay=0.0), adam)


@examples
@given(seed=seeds, lr=rates, beta1=st.floats(0.0, 0.99), beta2=st.floats(0.0, 0.999))
def test_amsgrad_is_adam_to_the_bit_while_the_squares_rise(seed: int, lr: float, beta1: float, beta2: float) -> None:
    def value_grad(x: Reals, reals: Reals, ints: Ints, batch: Ints, noise: Reals, g: Reals) -> float:
        g[:] = -x  # so that x grows, and with it g
        return 0.0

    growing = drive.made(value_grad, np.random.default_rng(seed).uniform(0.5, 2.0, N))
    adam, amsgrad = (drive.run(name, growing, lr, STEPS, beta1=beta1, beta2=beta2) for name in ("adam", "amsgrad"))
    assert np.array_equal(amsgrad, adam)


@examples
@given(seed=seeds, lr=rates, beta2=st.floats(0.0, 0.9999))
def test_nadam_without_momentum_is_adam_without(seed: int, lr: float, beta2: float) -> None:
    nadam, adam = (on_quadratic(name, seed, lr, beta1=0.0, beta2=beta2) for name in ("nadam", "adam"))
    assert drive.largest_difference(nadam, adam) <= 1e-12


@examples
@given(seed=seeds, lr=rates, rho=st.floats(0.5, 0.999))
def test_rmsprop_is_adam_without_momentum_and_with_a_rate_that_undoes_its_correction(
    seed: int, lr: float, rho: float
) -> None:
    problem, t = drive.quadratic(*random_quadratic(seed)), np.arange(1, STEPS + 1)
    rmsprop = drive.run("rmsprop", problem, lr, STEPS, rho=rho, eps=1e-200)
    adam = drive.run("adam", problem, lr / np.sqrt(1 - rho**t), STEPS, beta1=0.0, beta2=rho, eps=1e-200)
    assert drive.largest_difference(adam, rmsprop) <= 1e-9


@examples
@given(seed=seeds)
def test_saddle_free_newton_is_newton_where_f_is_convex(seed: int) -> None:
    newton, saddle_free = (drive.run(name, quartic(seed), steps=12) for name in ("newton", "saddle_free_newton"))
    assert drive.largest_difference(saddle_free, newton) <= 1e-11


@examples
@given(seed=seeds, lr=rates, beta=st.floats(0.0, 0.99))
def test_along_an_eigenvector_nesterov_is_momentum_with_less_of_it(seed: int, lr: float, beta: float) -> None:
    """The velocity keeps beta (1 - lr lambda) of itself in place of beta: the claim of its ``fixes``."""
    curvature = float(np.random.default_rng(seed).uniform(1.0, 10.0))
    problem = drive.quadratic([[curvature]], [1.0])
    kept = beta * (1.0 - lr * curvature)
    nesterov = drive.run("nesterov", problem, lr, STEPS, beta=beta)
    x, before = 1.0, 1.0
    for t in range(1, STEPS + 1):
        # Polyak's form with the smaller beta; nesterov's first step has no velocity to differ by.
        x, before = x - lr * curvature * x + kept * (x - before), x
        assert nesterov[t, 0] == pytest.approx(x, rel=1e-9, abs=1e-12)


@examples
@given(seed=seeds, lr=st.floats(1e-3, 0.25))
def test_gd_contracts_along_every_eigenvector(seed: int, lr: float) -> None:
    """By 1 - lr lambda_i a step, exactly: the sentence behind every prediction for quadratics."""
    matrix, start = random_quadratic(seed)
    eigenvalues, basis = np.linalg.eigh(matrix)
    path = drive.run("gd", drive.quadratic(matrix, start), lr, STEPS) @ basis
    predicted = (start @ basis) * (1.0 - lr * eigenvalues) ** np.arange(STEPS + 1)[:, np.newaxis]
    scale = np.max(np.abs(predicted), axis=1, keepdims=True)
    assert np.max(np.abs(path - predicted) / scale) <= 1e-12


# How long a step is


def longest_step(name: str, t: Ints) -> Reals:
    """The most that step t can be, over lr, whatever the gradients were."""
    beta1, beta2, rho = 0.9, 0.999, 0.99
    if name == "adagrad":
        return np.ones(t.shape)
    if name == "rmsprop":
        return np.full(t.shape, 1 / math.sqrt(1 - rho))
    # Cauchy and Schwarz on m = (1 - beta1) sum of beta1^k g: after Kingma & Ba, section 2.1, but for every t.
    overlap = np.cumsum((beta1**2 / beta2) ** (t - 1.0))
    return (1 - beta1) * np.sqrt(overlap * (1 - beta2**t) / (1 - beta2)) / (1 - beta1**t)


@pytest.mark.parametrize("name", ["adagrad", "rmsprop", "adam", "amsgrad"])
@examples
@given(seed=seeds, spread=st.floats(0.0, 60.0))
def test_no_gradients_make_a_step_longer_than_that(name: str, seed: int, spread: float) -> None:
    """Of sizes from 1 to 10^spread, in any order and of any sign."""
    draw, steps = np.random.default_rng(seed), 80
    gradients = draw.standard_normal((steps, N)) * 10.0 ** draw.uniform(0.0, spread, (steps, N))
    path = drive.run(name, with_gradients(gradients, np.zeros(N)), 1.0, steps, eps=1e-200)
    taken = np.abs(np.diff(path, axis=0)).max(axis=1)
    assert (taken <= longest_step(name, np.arange(1, steps + 1)) * (1 + 1e-9)).all()


SPARSEST = (1 - 0.9) / math.sqrt(1 - 0.999)


@pytest.mark.parametrize(
    ("name", "length"), [("adagrad", 1.0), ("rmsprop", 10.0), ("adam", SPARSEST), ("amsgrad", SPARSEST)]
)
def test_a_gradient_after_a_long_silence_takes_a_long_step(name: str, length: float) -> None:
    steps = 10_000
    gradients = np.zeros((steps, 1))
    gradients[-1] = -7.0
    path = drive.run(name, with_gradients(gradients, np.zeros(1)), 1.0, steps)
    assert path[-2:, 0].tolist() == [0.0, pytest.approx(length, rel=1e-4)]


@examples
@given(seed=seeds, lr=rates, beta1=st.floats(0.0, 0.99), beta2=st.floats(0.0, 0.99))
def test_lion_moves_every_coordinate_by_the_rate(seed: int, lr: float, beta1: float, beta2: float) -> None:
    path = on_quadratic("lion", seed, lr, beta1=beta1, beta2=beta2)
    np.testing.assert_allclose(np.abs(np.diff(path, axis=0)), lr, rtol=1e-9)


@pytest.mark.parametrize(("size", "step"), [(math.nan, math.nan), (math.inf, -0.1), (0.0, 0.0), (-5e-324, 0.1)])
def test_lion_loses_no_nan_and_no_zero(size: float, step: float) -> None:
    taken = drive.run("lion", with_gradients(np.full((1, 1), size), np.zeros(1)), 0.1, 1, beta1=0.0)[1, 0]
    np.testing.assert_equal(taken, step)


@examples
@given(seed=seeds, lr=rates, sizes=st.sampled_from([(1, 2), (2, 1), (3,), (1, 1, 1)]))
def test_lamb_moves_every_block_by_the_rate_times_its_norm(seed: int, lr: float, sizes: tuple[int, ...]) -> None:
    path = drive.run("lamb", in_vectors(drive.quadratic(*random_quadratic(seed)), *sizes), lr, STEPS)
    for block in np.split(path, np.cumsum(sizes)[:-1], axis=1):
        taken = np.linalg.norm(np.diff(block, axis=0), axis=1)
        np.testing.assert_allclose(taken, lr * np.linalg.norm(block[:-1], axis=1), rtol=1e-9)


def test_lambs_ratio_is_one_for_a_block_of_zeros() -> None:
    problem = in_vectors(drive.quadratic(np.eye(4) + 0.1, [0.0, 0.0, 1.0, 2.0]), 2, 2)
    lamb, adam = (drive.run(name, problem, 0.01, 1, eps=1e-6) for name in ("lamb", "adam"))
    np.testing.assert_allclose(lamb[1, :2], adam[1, :2], rtol=1e-12)
    assert (lamb[1, :2] != 0).all()
    assert np.abs(lamb[1, 2:] - adam[1, 2:]).min() > 1e-3


@pytest.mark.parametrize("size", [1e-320, 1e-200, 1e200])
def test_lamb_moves_weights_of_any_size_by_the_rate_times_their_norm(size: float) -> None:
    """Their squares are 0, or beyond all numbers, and they are not."""
    steady = with_gradients(np.array([[1.0, -1.0]]), np.array([size, -size]))
    path = drive.run("lamb", steady, 0.25, 1)
    np.testing.assert_allclose(path[1], 0.75 * path[0], rtol=2e-3)  # a denormal has few digits


@examples
@given(seed=seeds, lr=rates)
def test_lambs_blocks_go_their_own_ways_where_the_objective_separates(seed: int, lr: float) -> None:
    (left, first), (right, second) = random_quadratic(seed), random_quadratic(seed + 1)
    nothing = np.zeros((N, N))
    both = drive.quadratic(np.block([[left, nothing], [nothing, right]]), np.concatenate([first, second]))
    together = drive.run("lamb", in_vectors(both, N, N), lr, STEPS)
    alone = [drive.run("lamb", drive.quadratic(A, x), lr, STEPS) for A, x in ((left, first), (right, second))]
    assert np.array_equal(together, np.hstack(alone))


# What AMSGrad remembers


def recording(states: list[Reals]) -> Callable[[Problem, Optimizer], drive.Functions]:
    """A lane that keeps a copy of the state after every step."""

    def lane(problem: Problem, optimizer: Optimizer) -> drive.Functions:
        functions = drive.plain(problem, optimizer)

        def rule(*arguments: Any) -> int:
            status = functions.rule(*arguments)
            states.append(arguments[11].copy())
            return status

        return functions._replace(rule=rule)

    return lane


@examples
@given(seed=seeds, beta2=st.floats(0.0, 0.9999))
def test_amsgrads_maximum_is_the_largest_so_far_and_never_falls(seed: int, beta2: float) -> None:
    states: list[Reals] = []
    drive.run("amsgrad", drive.quadratic(*random_quadratic(seed)), 0.1, 60, lane=recording(states), beta2=beta2)
    squares, largest = (np.array(states)[:, row, :N] for row in (1, 2))
    assert np.array_equal(largest, np.maximum.accumulate(squares))
    assert (np.diff(squares, axis=0) < 0).any()


# When RAdam trusts its squares


@examples
@given(seed=seeds, lr=rates, beta2=st.floats(0.0, 2 / 3))
def test_radam_with_a_short_memory_never_rectifies_and_rotates_with_the_coordinates(
    seed: int, lr: float, beta2: float
) -> None:
    """rho_inf = 2/(1 - beta2) - 1 is at most 5: all steps are momentum, corrected for its start."""
    matrix, start = random_quadratic(seed)
    rotation = orthogonal(seed + 1)
    path = drive.run("radam", drive.quadratic(matrix, start), lr, STEPS, beta2=beta2)
    x, m = start, np.zeros(N)
    for t in range(1, STEPS + 1):
        m = 0.9 * m + 0.1 * (matrix @ x)
        x = x - lr * m / (1 - 0.9**t)
        np.testing.assert_allclose(path[t], x, rtol=1e-10, atol=1e-12)
    rotated = drive.run("radam", moved(matrix, start, rotation), lr, STEPS, beta2=beta2)
    assert drive.largest_difference(rotated @ rotation, path) <= 1e-9


@pytest.mark.parametrize("later", [0.0, 0.5, 0.9, 0.99999])
def test_radam_bears_a_change_of_beta2_in_mid_race(later: float) -> None:
    """The squares so far may weigh more than the new beta2 could ever gather."""
    betas = np.where(np.arange(200) < 100, 0.999, later)
    path = drive.run("radam", drive.valley(), 1e-3, 200, beta2=betas)
    assert np.isfinite(path).all()
    assert np.abs(path[-1]).max() < 1


def test_radam_keeps_its_digits_at_a_beta2_close_to_one() -> None:
    """As a difference of numbers near rho_inf, rho_t has no digits left here; as a mean age it has them all."""
    steps, lr, beta2 = 8, 1e-3, 1 - 2.0**-30
    steady = with_gradients(np.ones((steps, 1)), np.zeros(1))
    taken = -np.diff(drive.run("radam", steady, lr, steps, beta1=0.0, beta2=beta2, eps=1e-300)[:, 0]) / lr
    for t in range(1, steps + 1):
        # To first order in 1 - beta2, the length of t steps' memory is t and rho_inf is out of reach.
        rectification = math.sqrt((t - 4) * (t - 2) / t * (1 - beta2) / 2) if t > 5 else 1.0
        assert taken[t - 1] == pytest.approx(rectification, rel=1e-6)
