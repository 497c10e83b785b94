"""What holds on any problem for Adadelta, AMSGrad, NAdam, RAdam, LAMB and Lion."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdtui.contracts import Block, Ints, Optimizer, Problem, Reals
from tests.optimizers import drive
from tests.optimizers.test_properties import STEPS, N, moved, orthogonal, random_quadratic

examples = settings(max_examples=15, deadline=None, derandomize=True, database=None)
seeds = st.integers(0, 2**32 - 1)
rates = st.floats(1e-4, 0.05)
ADAPTIVE = ["amsgrad", "nadam", "lamb", "lion"]


def without_eps(name: str) -> dict[str, Any]:
    return {h.name: 1e-300 for h in drive.OPTIMIZERS[name].hyperparameters if h.name == "eps"}


def in_blocks(problem: Problem, *sizes: int) -> Problem:
    """The same problem with its parameters in vector blocks of these sizes."""
    offsets = np.cumsum([0, *sizes])
    return replace(problem, blocks=tuple(Block(f"b{k}", int(offsets[k]), size, 1) for k, size in enumerate(sizes)))


@pytest.mark.parametrize("name", ADAPTIVE)
@examples
@given(seed=seeds, lr=rates, exponent=st.integers(-60, 60))
def test_the_gradients_scale_does_not_matter(name: str, seed: int, lr: float, exponent: int) -> None:
    """With eps out of the way; to the bit, since a power of two only moves exponents."""
    matrix, start = random_quadratic(seed)
    hyper = without_eps(name)
    path = drive.run(name, drive.quadratic(matrix, start), lr, STEPS, **hyper)
    assert np.array_equal(drive.run(name, drive.quadratic(2.0**exponent * matrix, start), lr, STEPS, **hyper), path)


@examples
@given(seed=seeds, scale=st.floats(1.0, 1e6))
def test_to_adadelta_it_hardly_matters(seed: int, scale: float) -> None:
    """But for eps, by which its steps get started: it is added to squares of the gradient too."""
    matrix, start = random_quadratic(seed)
    matrix = 1e3 * matrix
    path, scaled = (drive.run("adadelta", drive.quadratic(c * matrix, start), steps=STEPS) for c in (1.0, scale))
    assert drive.largest_difference(scaled, path) <= 1e-4


@pytest.mark.parametrize("name", ["adadelta", *ADAPTIVE])
def test_a_rotation_is_noticed(name: str) -> None:
    matrix, start = np.diag([1.0, 10.0, 100.0]), np.array([1.0, 2.0, 3.0])
    rotation = orthogonal(0)
    path = drive.run(name, drive.quadratic(matrix, start), 0.01 if name != "adadelta" else None, STEPS)
    rotated = drive.run(name, moved(matrix, start, rotation), 0.01 if name != "adadelta" else None, STEPS)
    assert drive.largest_difference(rotated @ rotation, path) > 1e-3


# AMSGrad


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


@examples
@given(seed=seeds, lr=rates, beta1=st.floats(0.0, 0.99), beta2=st.floats(0.0, 0.999))
def test_amsgrad_is_adam_to_the_bit_while_the_squares_rise(seed: int, lr: float, beta1: float, beta2: float) -> None:
    def value_grad(x: Reals, reals: Reals, ints: Ints, batch: Ints, noise: Reals, g: Reals) -> float:
        g[:] = -x  # so that x grows, and with it g
        return 0.0

    growing = drive.made(value_grad, np.random.default_rng(seed).uniform(0.5, 2.0, N))
    adam, amsgrad = (drive.run(name, growing, lr, STEPS, beta1=beta1, beta2=beta2) for name in ("adam", "amsgrad"))
    assert np.array_equal(amsgrad, adam)


# NAdam


@examples
@given(seed=seeds, lr=rates, beta2=st.floats(0.0, 0.9999))
def test_nadam_without_momentum_is_adam_without(seed: int, lr: float, beta2: float) -> None:
    problem = drive.quadratic(*random_quadratic(seed))
    nadam, adam = (drive.run(name, problem, lr, STEPS, beta1=0.0, beta2=beta2) for name in ("nadam", "adam"))
    assert drive.largest_difference(nadam, adam) <= 1e-12


# RAdam


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
    path = drive.run("radam", drive.made(steady, [0.0]), lr, steps, beta1=0.0, beta2=beta2, eps=1e-300)
    taken = -np.diff(path[:, 0]) / lr
    for t in range(1, steps + 1):
        # To first order in 1 - beta2, the length of t steps' memory is t and rho_inf is out of reach.
        rectification = math.sqrt((t - 4) * (t - 2) / t * (1 - beta2) / 2) if t > 5 else 1.0
        assert taken[t - 1] == pytest.approx(rectification, rel=1e-6)


def steady(x: Reals, reals: Reals, ints: Ints, batch: Ints, noise: Reals, g: Reals) -> float:
    g[:] = 1.0
    return 0.0


# LAMB


def blockwise(path: Reals, sizes: tuple[int, ...]) -> list[Reals]:
    return np.split(path, np.cumsum(sizes)[:-1], axis=1)


@examples
@given(seed=seeds, lr=rates, sizes=st.sampled_from([(1, 2), (2, 1), (3,), (1, 1, 1)]))
def test_lamb_moves_every_block_by_the_rate_times_its_norm(seed: int, lr: float, sizes: tuple[int, ...]) -> None:
    path = drive.run("lamb", in_blocks(drive.quadratic(*random_quadratic(seed)), *sizes), lr, STEPS)
    for block in blockwise(path, sizes):
        taken = np.linalg.norm(np.diff(block, axis=0), axis=1)
        np.testing.assert_allclose(taken, lr * np.linalg.norm(block[:-1], axis=1), rtol=1e-9)


@examples
@given(seed=seeds, lr=rates, exponents=st.tuples(*[st.integers(-30, 30)] * 2))
def test_lamb_does_not_notice_a_blocks_units(seed: int, lr: float, exponents: tuple[int, int]) -> None:
    """A block measured in other units takes the same path, in these units; to the bit for powers of two."""
    matrix, start = random_quadratic(seed)
    units = 2.0 ** np.repeat(np.array(exponents, dtype=float), (1, 2))
    plain = in_blocks(drive.quadratic(matrix, start), 1, 2)
    changed = in_blocks(drive.quadratic(matrix / np.outer(units, units), start * units), 1, 2)
    path, other = (drive.run("lamb", problem, lr, STEPS, eps=1e-300) for problem in (plain, changed))
    assert np.array_equal(other / units, path)


@examples
@given(seed=seeds, lr=rates)
def test_lambs_blocks_go_their_own_ways_where_the_objective_separates(seed: int, lr: float) -> None:
    (left, first), (right, second) = random_quadratic(seed), random_quadratic(seed + 1)
    nothing = np.zeros((N, N))
    both = drive.quadratic(np.block([[left, nothing], [nothing, right]]), np.concatenate([first, second]))
    together = drive.run("lamb", in_blocks(both, N, N), lr, STEPS)
    alone = [drive.run("lamb", drive.quadratic(A, x), lr, STEPS) for A, x in ((left, first), (right, second))]
    assert np.array_equal(together, np.hstack(alone))


def test_lambs_ratio_is_one_for_a_block_of_zeros() -> None:
    problem = in_blocks(drive.quadratic(np.eye(4) + 0.1, [0.0, 0.0, 1.0, 2.0]), 2, 2)
    lamb, adam = (drive.run(name, problem, 0.01, 1, eps=1e-6) for name in ("lamb", "adam"))
    np.testing.assert_allclose(lamb[1, :2], adam[1, :2], rtol=1e-12)
    assert (lamb[1, :2] != 0).all()
    assert np.abs(lamb[1, 2:] - adam[1, 2:]).min() > 1e-3


# Lion


@examples
@given(seed=seeds, lr=rates, beta1=st.floats(0.0, 0.99), beta2=st.floats(0.0, 0.99))
def test_lion_moves_every_coordinate_by_the_rate(seed: int, lr: float, beta1: float, beta2: float) -> None:
    path = drive.run("lion", drive.quadratic(*random_quadratic(seed)), lr, STEPS, beta1=beta1, beta2=beta2)
    np.testing.assert_allclose(np.abs(np.diff(path, axis=0)), lr, rtol=1e-9)


@pytest.mark.parametrize(("size", "step"), [(math.nan, math.nan), (math.inf, -0.1), (0.0, 0.0), (-5e-324, 0.1)])
def test_lion_loses_no_nan_and_no_zero(size: float, step: float) -> None:
    def value_grad(x: Reals, reals: Reals, ints: Ints, batch: Ints, noise: Reals, g: Reals) -> float:
        g[:] = size
        return 0.0

    taken = drive.run("lion", drive.made(value_grad, [0.0]), 0.1, 1, beta1=0.0)[1, 0]
    np.testing.assert_equal(taken, step)
