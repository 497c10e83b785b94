"""Which changes of coordinates and units a rule does not notice. The first two are every rule's, found by itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdtui.contracts import Reals
from tests.optimizers import drive
from tests.optimizers.draws import (
    STEPS,
    N,
    examples,
    few_examples,
    in_vectors,
    moved,
    orthogonal,
    quartic,
    random_quadratic,
    rates,
    rearranged,
    seeds,
    separable,
)

each = pytest.mark.parametrize("name", sorted(drive.OPTIMIZERS))

LINEAR = ["gd", "sgd", "momentum", "nesterov"]
# Their steps are quotients, as long as the learning rate says however steep it is.
NORMALISED = ["adagrad", "rmsprop", "adam", "adamw", "amsgrad", "nadam", "lamb", "lion"]
COORDINATEWISE = [*LINEAR, *NORMALISED, "adadelta", "radam"]
COORDINATEWISE.remove("lamb")
SECOND_ORDER = [("newton", {}), ("newton", {"search": 1}), ("saddle_free_newton", {"damping": 1e-12}), ("lbfgs", {})]

# A power of two only moves exponents, so that what is invariant to it is so to the bit.
powers = st.integers(-30, 30).map(lambda exponent: 2.0**exponent)


def with_eps(name: str, eps: float) -> dict[str, Any]:
    return {h.name: eps for h in drive.OPTIMIZERS[name].hyperparameters if h.name == "eps"}


def blocks_of_all_kinds(seed: int) -> tuple[Reals, Any]:
    """A quadratic over a matrix and a vector, and its Hessian."""
    matrix, start = random_quadratic(seed, 8)
    return matrix, drive.in_blocks(drive.quadratic(matrix, start), (2, 3), (2, 1))


@each
@few_examples
@given(seed=seeds)
def test_reflecting_coordinates_reflects_the_path(name: str, seed: int) -> None:
    """Rows and columns of matrices, entries of vectors. To the bit, since a sign changes no digit."""
    matrix, problem = blocks_of_all_kinds(seed)
    reflected, signs = rearranged(problem, matrix, seed, signs=True)
    assert np.array_equal(drive.run(name, reflected, steps=10), drive.run(name, problem, steps=10) @ signs)


@each
@few_examples
@given(seed=seeds)
def test_renaming_coordinates_renames_the_path(name: str, seed: int) -> None:
    """Blocks as wholes, rows and columns of matrices, entries of vectors. Sums are in another order then."""
    matrix, problem = blocks_of_all_kinds(seed)
    renamed, order = rearranged(problem, matrix, seed, signs=False)
    path = drive.run(name, problem, steps=10) @ order.T
    assert drive.largest_difference(drive.run(name, renamed, steps=10), path) <= 1e-10


@pytest.mark.parametrize("name", [*LINEAR, "shampoo"])
@examples
@given(seed=seeds, lr=rates)
def test_rotating_coordinates_rotates_the_path(name: str, seed: int, lr: float) -> None:
    """Shampoo's for a vector, which has a whole matrix for a denominator."""
    matrix, start = random_quadratic(seed)
    rotation = orthogonal(seed + 1)
    path = drive.run(name, drive.quadratic(matrix, start), lr, STEPS)
    rotated = drive.run(name, moved(matrix, start, rotation), lr, STEPS)
    assert drive.largest_difference(rotated @ rotation, path) <= 1e-10


@pytest.mark.parametrize(("name", "hyper"), SECOND_ORDER)
@examples
@given(seed=seeds)
def test_rotating_coordinates_rotates_the_path_of_second_order_rules(
    name: str, hyper: dict[str, Any], seed: int
) -> None:
    rotation = orthogonal(seed + 1)
    path = drive.run(name, quartic(seed), steps=12, **hyper)
    rotated = drive.run(name, quartic(seed, through=rotation), steps=12, **hyper)
    assert drive.largest_difference(rotated @ rotation.T, path) <= 1e-9


@pytest.mark.parametrize(("name", "hyper"), SECOND_ORDER[:-1])
@examples
@given(seed=seeds, stretch=st.floats(1.0, 100.0))
def test_newtons_method_notices_no_change_of_coordinates_at_all(
    name: str, hyper: dict[str, Any], seed: int, stretch: float
) -> None:
    """Affine invariance: any matrix, and so any condition number. The search only looks at values along the step."""
    through = (orthogonal(seed + 1) * np.geomspace(1.0, stretch, N)) @ orthogonal(seed + 2)
    path = drive.run(name, quartic(seed), steps=12, **hyper)
    changed = drive.run(name, quartic(seed, through=through), steps=12, **hyper)
    assert drive.largest_difference(changed @ through.T, path) <= 1e-8


def test_lbfgs_and_gd_do_notice_a_stretch() -> None:
    through = np.diag([1.0, 3.0, 9.0])
    for name, lr in (("lbfgs", 1.0), ("gd", 1e-3)):
        path, changed = (drive.run(name, quartic(0, through=B), lr, 3) for B in (None, through))
        assert drive.largest_difference(changed @ through, path) > 1e-3


@pytest.mark.parametrize("name", ["adadelta", *NORMALISED])
def test_diagonal_methods_do_notice_a_rotation(name: str) -> None:
    matrix, start = np.diag([1.0, 10.0, 100.0]), np.array([1.0, 2.0, 3.0])
    rotation = orthogonal(0)
    lr = None if name == "adadelta" else 0.01
    path = drive.run(name, drive.quadratic(matrix, start), lr, STEPS)
    rotated = drive.run(name, moved(matrix, start, rotation), lr, STEPS)
    assert drive.largest_difference(rotated @ rotation, path) > 1e-3


@pytest.mark.parametrize("name", [*COORDINATEWISE, "newton", "saddle_free_newton", "lbfgs", "shampoo", "muon"])
@few_examples
@given(seed=seeds, shift=st.floats(-3.0, 3.0))
def test_moving_the_origin_moves_the_path(name: str, seed: int, shift: float) -> None:
    """Without weight decay, which is towards the origin; LAMB's steps go by the weights' own length."""
    matrix, start = random_quadratic(seed)
    hyper = {h.name: 0.0 for h in drive.OPTIMIZERS[name].hyperparameters if h.name == "weight_decay"}
    path = drive.run(name, drive.quadratic(matrix, start), steps=STEPS, **hyper)
    shifted = drive.run(name, drive.quadratic(matrix, start + shift, np.full(N, shift)), steps=STEPS, **hyper)
    assert np.abs(shifted - shift - path).max() <= 1e-9


# Units


@pytest.mark.parametrize("name", NORMALISED)
@pytest.mark.parametrize("eps", [1e-200, 1e-8, 1e-2])
@examples
@given(seed=seeds, lr=rates, scale=powers)
def test_the_gradients_scale_does_not_matter(name: str, eps: float, seed: int, lr: float, scale: float) -> None:
    """With eps in proportion, as it is in the gradient's unit, and so with eps out of the way."""
    matrix, start = random_quadratic(seed)
    path = drive.run(name, drive.quadratic(matrix, start), lr, STEPS, **with_eps(name, eps))
    scaled = drive.run(name, drive.quadratic(scale * matrix, start), lr, STEPS, **with_eps(name, scale * eps))
    assert np.array_equal(scaled, path)


@pytest.mark.parametrize("name", LINEAR)
@examples
@given(seed=seeds, lr=rates, scale=powers)
def test_the_gradients_scale_is_made_up_for_by_the_rate(name: str, seed: int, lr: float, scale: float) -> None:
    matrix, start = random_quadratic(seed)
    path = drive.run(name, drive.quadratic(matrix, start), lr, STEPS)
    assert np.array_equal(drive.run(name, drive.quadratic(scale * matrix, start), lr / scale, STEPS), path)


@pytest.mark.parametrize(("name", "hyper"), SECOND_ORDER)
@examples
@given(seed=seeds, scale=powers)
def test_the_objectives_unit_does_not_matter(name: str, hyper: dict[str, Any], seed: int, scale: float) -> None:
    """Saddle-free Newton's damping has it too. L-BFGS's first step is the gradient's direction once |g| > 1."""
    matrix, start = random_quadratic(seed)
    unit = 2.0**40 if name == "lbfgs" else 1.0
    path = drive.run(name, drive.quadratic(unit * matrix, start), steps=12, **hyper)
    hyper = {key: value * scale if key == "damping" else value for key, value in hyper.items()}
    scaled = drive.run(name, drive.quadratic(unit * scale * matrix, start), steps=12, **hyper)
    assert np.array_equal(scaled, path)


@examples
@given(seed=seeds, scale=st.floats(1.0, 1e6))
def test_to_adadelta_the_gradients_scale_hardly_matters(seed: int, scale: float) -> None:
    """But for eps, by which its steps get started: it is added to squares of the gradient too."""
    matrix, start = random_quadratic(seed)
    path, scaled = (drive.run("adadelta", drive.quadratic(1e3 * c * matrix, start), steps=STEPS) for c in (1.0, scale))
    assert drive.largest_difference(scaled, path) <= 1e-4


@pytest.mark.parametrize("name", sorted({*NORMALISED} - {"lamb"}))
@examples
@given(seed=seeds, lr=rates, unit=powers)
def test_the_rate_is_in_the_parameters_unit(name: str, seed: int, lr: float, unit: float) -> None:
    """And decay is per step, so that what is given is over the rate."""
    matrix, start = random_quadratic(seed)
    decay = {h.name: 0.5 for h in drive.OPTIMIZERS[name].hyperparameters if h.name == "weight_decay"}
    path = drive.run(name, drive.quadratic(matrix, start), lr, STEPS, **with_eps(name, 1e-8), **decay)
    decay = {key: value / unit for key, value in decay.items()}
    problem = drive.quadratic(matrix / unit**2, start * unit)
    changed = drive.run(name, problem, lr * unit, STEPS, **with_eps(name, 1e-8 / unit), **decay)
    assert np.array_equal(changed / unit, path)


@examples
@given(seed=seeds, lr=rates, exponents=st.tuples(*[st.integers(-30, 30)] * 2))
def test_lamb_does_not_notice_a_blocks_unit(seed: int, lr: float, exponents: tuple[int, int]) -> None:
    """A block measured in other units takes the same path, in these units, at the same rate."""
    matrix, start = random_quadratic(seed)
    units = 2.0 ** np.repeat(np.array(exponents, dtype=float), (1, 2))
    plain = in_vectors(drive.quadratic(matrix, start), 1, 2)
    changed = in_vectors(drive.quadratic(matrix / np.outer(units, units), start * units), 1, 2)
    path, other = (drive.run("lamb", problem, lr, STEPS, eps=1e-300) for problem in (plain, changed))
    assert np.array_equal(other / units, path)


# Coordinates by themselves


@pytest.mark.parametrize("name", COORDINATEWISE)
@examples
@given(seed=seeds)
def test_coordinates_go_their_own_ways_where_the_objective_separates(name: str, seed: int) -> None:
    draw = np.random.default_rng(seed)
    curvatures, start = draw.uniform(0.1, 10.0, N), draw.standard_normal(N)
    alone = [drive.run(name, separable(curvatures[[i]], start[[i]]), steps=STEPS) for i in range(N)]
    assert np.array_equal(drive.run(name, separable(curvatures, start), steps=STEPS), np.hstack(alone))


@pytest.mark.parametrize("name", [name for name in NORMALISED if name in COORDINATEWISE])
@examples
@given(lr=rates, scales=st.tuples(powers, powers), start=st.floats(0.5, 2.0))
def test_axes_of_any_steepness_are_walked_alike(
    name: str, lr: float, scales: tuple[float, float], start: float
) -> None:
    """Invariance to a diagonal rescaling of the gradient: along its axes no valley is narrow."""
    path = drive.run(name, separable(scales, [start, -start]), lr, STEPS, **with_eps(name, 1e-200))
    assert np.array_equal(path[:, 0], -path[:, 1])


@pytest.mark.parametrize("name", LINEAR)
@examples
@given(seed=seeds, lr=rates, share=st.floats(-3.0, 3.0))
def test_on_a_quadratic_paths_superpose(name: str, seed: int, lr: float, share: float) -> None:
    """Linear rules: a path is the sum of those from the summands of its start."""
    matrix, start = random_quadratic(seed)
    other = random_quadratic(seed + 1)[1]
    first, second, both = (
        drive.run(name, drive.quadratic(matrix, x), lr, STEPS) for x in (start, other, start + share * other)
    )
    np.testing.assert_allclose(both, first + share * second, atol=1e-12)
