"""What holds for a rule on any problem: which changes of coordinates, units and hyperparameters it does not notice."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdtui.contracts import Problem, Reals
from tests.optimizers import drive

each = pytest.mark.parametrize("name", sorted(drive.OPTIMIZERS))
examples = settings(max_examples=15, deadline=None, derandomize=True, database=None)
STEPS = 25
N = 3

seeds = st.integers(0, 2**32 - 1)
rates = st.floats(1e-4, 0.05)


def random_quadratic(seed: int) -> tuple[Reals, Reals]:
    """A symmetric positive definite matrix with eigenvalues from 1 to 10, and a start."""
    draw = np.random.default_rng(seed)
    basis = orthogonal(seed)
    matrix = (basis * draw.uniform(1.0, 10.0, N)) @ basis.T
    return (matrix + matrix.T) / 2, draw.uniform(0.5, 2.0, N) * draw.choice([-1.0, 1.0], N)


def orthogonal(seed: int) -> Reals:
    return np.linalg.qr(np.random.default_rng([seed, 1]).standard_normal((N, N)))[0]


def moved(matrix: Reals, start: Reals, by: Reals) -> Problem:
    """The same quadratic in coordinates changed by an orthogonal matrix."""
    return drive.quadratic(by @ matrix @ by.T, by @ start)


@each
@examples
@given(seed=seeds, signs=st.tuples(*[st.sampled_from([-1.0, 1.0])] * N))
def test_reflecting_coordinates_reflects_the_path(name: str, seed: int, signs: tuple[float, ...]) -> None:
    matrix, start = random_quadratic(seed)
    path = drive.run(name, drive.quadratic(matrix, start), steps=STEPS)
    reflected = drive.run(name, moved(matrix, start, np.diag(signs)), steps=STEPS)
    assert drive.largest_difference(reflected * signs, path) <= 1e-11


@each
@examples
@given(seed=seeds, order=st.permutations(range(N)))
def test_renaming_coordinates_renames_the_path(name: str, seed: int, order: list[int]) -> None:
    matrix, start = random_quadratic(seed)
    path = drive.run(name, drive.quadratic(matrix, start), steps=STEPS)
    renamed = drive.run(name, moved(matrix, start, np.eye(N)[order]), steps=STEPS)
    assert drive.largest_difference(renamed, path[:, order]) <= 1e-11


@pytest.mark.parametrize("name", ["gd", "sgd", "momentum", "nesterov"])
@examples
@given(seed=seeds, lr=rates)
def test_rotating_coordinates_rotates_the_path(name: str, seed: int, lr: float) -> None:
    matrix, start = random_quadratic(seed)
    rotation = orthogonal(seed + 1)
    path = drive.run(name, drive.quadratic(matrix, start), lr, STEPS)
    rotated = drive.run(name, moved(matrix, start, rotation), lr, STEPS)
    assert drive.largest_difference(rotated @ rotation, path) <= 1e-10


@pytest.mark.parametrize("name", ["adagrad", "rmsprop", "adam"])
def test_diagonal_methods_do_notice_a_rotation(name: str) -> None:
    matrix, start = np.diag([1.0, 10.0, 100.0]), np.array([1.0, 2.0, 3.0])
    rotation = orthogonal(0)
    path = drive.run(name, drive.quadratic(matrix, start), steps=STEPS)
    rotated = drive.run(name, moved(matrix, start, rotation), steps=STEPS)
    assert drive.largest_difference(rotated @ rotation, path) > 1e-3


@pytest.mark.parametrize("name", ["adagrad", "rmsprop", "adam", "adamw"])
@examples
@given(seed=seeds, exponent=st.integers(-60, 60))
def test_the_gradients_scale_does_not_matter(name: str, seed: int, exponent: int) -> None:
    """With eps out of the way; to the bit, since a power of two only moves exponents."""
    matrix, start = random_quadratic(seed)
    scaled = drive.quadratic(2.0**exponent * matrix, start)
    path = drive.run(name, drive.quadratic(matrix, start), steps=STEPS, eps=1e-300)
    assert np.array_equal(drive.run(name, scaled, steps=STEPS, eps=1e-300), path)


@pytest.mark.parametrize("name", ["gd", "sgd", "momentum", "nesterov"])
@examples
@given(seed=seeds, lr=rates, exponent=st.integers(-20, 20))
def test_the_gradients_scale_is_made_up_for_by_the_rate(name: str, seed: int, lr: float, exponent: int) -> None:
    matrix, start = random_quadratic(seed)
    path = drive.run(name, drive.quadratic(matrix, start), lr, STEPS)
    scaled = drive.run(name, drive.quadratic(2.0**exponent * matrix, start), lr * 2.0**-exponent, STEPS)
    assert np.array_equal(scaled, path)


@pytest.mark.parametrize("name", ["momentum", "nesterov"])
@examples
@given(seed=seeds, lr=rates)
def test_without_momentum_it_is_gd(name: str, seed: int, lr: float) -> None:
    problem = drive.quadratic(*random_quadratic(seed))
    assert np.array_equal(drive.run(name, problem, lr, STEPS, beta=0.0), drive.run("gd", problem, lr, STEPS))


@examples
@given(lr=st.floats(1e-4, 0.05), beta1=st.floats(0.0, 0.99), beta2=st.floats(0.0, 0.9999))
def test_adamw_without_decay_is_adam_to_the_bit(lr: float, beta1: float, beta2: float) -> None:
    problem = drive.rosenbrock()
    adam = drive.run("adam", problem, lr, STEPS, beta1=beta1, beta2=beta2)
    assert np.array_equal(drive.run("adamw", problem, lr, STEPS, beta1=beta1, beta2=beta2, weight_decay=0.0), adam)


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
