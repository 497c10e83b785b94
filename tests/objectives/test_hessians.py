"""What every second derivative has to be. Files are discovered, so a new objective is tested without touching this.

The dense Hessian is for up to 200 parameters; an objective that is larger by default is looked at in a small form too.
"""

from __future__ import annotations

import ast
import inspect
from typing import Any

import numpy as np
import pytest

from gdtui import registry
from gdtui.contracts import Problem, Reals, is_kernel
from tests.objectives.problems import CREDIT, built, evaluated

DENSE_UP_TO = 200
VARIANTS: dict[str, dict[str, Any]] = {
    "matrix_factorisation": {"users": 7, "items": 5, "rank": 3, "true_rank": 2, "density": 0.6, "l2": 0.02},
    "rosenbrock": {"dimension": 6},
    "quadratic": {"dimension": 5, "offset": [1.0, -2.0, 3.0, 0.5, 0.0]},
    "saddle": {"a": 3.0, "b": 0.5, "c": 2.0},
    "noisy_quadratic": {"eigenvalues": [1.0, 20.0, 3.0]},
    "separable": {"points": 9, "positive": 5},
    "logistic": {**CREDIT, "features": ["duration_in_month", "age_in_years", "housing"], "l2": 0.1},
}
PROBLEMS: dict[str, Problem] = {
    label: built(name, **options)
    for name in sorted(registry.objectives())
    for label, options in ((name, {}), (f"{name}, varied", VARIANTS.get(name)))
    if options is not None
}
WITH_HESSIAN = [label for label, problem in PROBLEMS.items() if problem.hessian and problem.n <= DENSE_UP_TO]
WITH_PRODUCT = [label for label, problem in PROBLEMS.items() if problem.hessian_vector]
each_hessian = pytest.mark.parametrize("label", WITH_HESSIAN)
each_product = pytest.mark.parametrize("label", WITH_PRODUCT)
each_point = pytest.mark.parametrize("point_seed", range(2))
FAR = pytest.mark.parametrize("far", [np.inf, -np.inf, np.nan, 1e300, -1e300])


def point(problem: Problem, seed: int) -> Reals:
    return problem.start + 0.5 * np.random.default_rng(seed).standard_normal(problem.n)


def dense(problem: Problem, x: Reals) -> Reals:
    """The Hessian from the plain kernel; what it does not write stays NaN."""
    assert problem.hessian is not None
    H = np.full((problem.n, problem.n), np.nan)
    with np.errstate(all="ignore"):
        problem.hessian(x, problem.reals, problem.ints, H)
    return H


def product(problem: Problem, x: Reals, v: Reals) -> Reals:
    """The product from the plain kernel; what it does not write stays NaN."""
    assert problem.hessian_vector is not None
    out = np.full(problem.n, np.nan)
    with np.errstate(all="ignore"):
        problem.hessian_vector(x, problem.reals, problem.ints, v, out)
    return out


def slope(problem: Problem, x: Reals, v: Reals) -> Reals:
    """The gradient's derivative along ``v`` by central differences, extrapolated once; relative error about 1e-9."""
    step = 1e-3 * max(1.0, float(np.abs(x).max())) / max(1e-300, float(np.abs(v).max()))

    def difference(h: float) -> Reals:
        return (evaluated(problem, x + h * v)[1] - evaluated(problem, x - h * v)[1]) / (2.0 * h)

    return (4.0 * difference(step / 2.0) - difference(step)) / 3.0


@each_hessian
@each_point
def test_hessian_is_the_gradients_derivative(label: str, point_seed: int) -> None:
    problem = PROBLEMS[label]
    x = point(problem, point_seed)
    H = dense(problem, x)
    expected = np.array([slope(problem, x, unit) for unit in np.eye(problem.n)])
    np.testing.assert_allclose(H, expected, rtol=1e-7, atol=1e-8 * max(1.0, np.abs(H).max()))


@each_hessian
@each_point
def test_hessian_is_symmetric_to_the_bit(label: str, point_seed: int) -> None:
    problem = PROBLEMS[label]
    H = dense(problem, point(problem, point_seed))
    assert np.isfinite(H).all(), "every entry is written"
    assert np.array_equal(H, H.T)


@each_product
@each_point
def test_product_is_the_gradients_derivative(label: str, point_seed: int) -> None:
    problem = PROBLEMS[label]
    x = point(problem, point_seed)
    v = np.random.default_rng([point_seed, 1]).standard_normal(problem.n)
    found = product(problem, x, v)
    np.testing.assert_allclose(found, slope(problem, x, v), rtol=1e-7, atol=1e-8 * max(1.0, np.abs(found).max()))


@pytest.mark.parametrize("label", [label for label in WITH_PRODUCT if label in WITH_HESSIAN])
@each_point
def test_product_is_the_hessian_times_the_vector(label: str, point_seed: int) -> None:
    problem = PROBLEMS[label]
    x = point(problem, point_seed)
    v = np.random.default_rng([point_seed, 2]).standard_normal(problem.n)
    expected = dense(problem, x) @ v
    np.testing.assert_allclose(product(problem, x, v), expected, rtol=1e-10, atol=1e-12 * np.abs(expected).max())


@pytest.mark.parametrize("label", PROBLEMS)
def test_kernels_are_kernels_and_take_no_powers(label: str) -> None:
    for function in filter(None, (PROBLEMS[label].hessian, PROBLEMS[label].hessian_vector)):
        assert is_kernel(function)
        tree = ast.parse(inspect.getsource(function))
        operations = [node.op for node in ast.walk(tree) if isinstance(node, ast.BinOp)]
        assert not any(isinstance(operation, ast.Pow | ast.MatMult) for operation in operations)


def assert_like(label: str, compiled: Reals, plain: Reals) -> None:
    if label.startswith("logistic"):  # whose exponential need not have the same last bit
        np.testing.assert_allclose(compiled, plain, rtol=1e-12, atol=1e-15)
    else:
        assert np.array_equal(compiled, plain), "arithmetic alone has the same bits, compiled or not"


@pytest.mark.jit
@each_hessian
def test_compiled_hessian_is_the_plain_one(label: str) -> None:
    from gdtui.engine.compile import compiled

    problem = PROBLEMS[label]
    x, H = point(problem, 0), np.full((problem.n, problem.n), np.nan)
    compiled(problem.hessian, "hessian")(x, problem.reals, problem.ints, H)
    assert_like(label, H, dense(problem, x))


@pytest.mark.jit
@each_product
def test_compiled_product_is_the_plain_one(label: str) -> None:
    from gdtui.engine.compile import compiled

    problem = PROBLEMS[label]
    x, out = point(problem, 0), np.full(problem.n, np.nan)
    v = np.random.default_rng(0).standard_normal(problem.n)
    compiled(problem.hessian_vector, "hessian_vector")(x, problem.reals, problem.ints, v, out)
    assert_like(label, out, product(problem, x, v))


@pytest.mark.parametrize("label", PROBLEMS)
@FAR
def test_no_point_raises_and_data_are_left_alone(label: str, far: float) -> None:
    problem = PROBLEMS[label]
    x, v = problem.start.copy(), np.ones(problem.n)
    x[-1] = far
    arrays = (x, v, problem.reals, problem.ints)
    before = [array.tobytes() for array in arrays]
    if label in WITH_PRODUCT:
        product(problem, x, v)
    if label in WITH_HESSIAN:
        dense(problem, x)
    assert [array.tobytes() for array in arrays] == before


def test_every_objective_of_the_package_has_both() -> None:
    for name in registry.objectives():
        problem = built(name)
        assert problem.hessian is not None, name
        assert problem.hessian_vector is not None, name


def test_rosenbrock_at_its_minimum() -> None:
    problem = built("rosenbrock")
    H = dense(problem, np.ones(2))
    assert H.tolist() == [[802.0, -400.0], [-400.0, 200.0]]
    low, high = np.linalg.eigvalsh(H)
    assert high / low == pytest.approx(2508, abs=1)


def test_saddle_at_its_saddle_and_its_minimum() -> None:
    problem = built("saddle", a=3.0, b=2.0, c=0.5)
    assert dense(problem, np.zeros(2)).tolist() == [[3.0, 0.0], [0.0, -2.0]]
    np.testing.assert_allclose(dense(problem, np.array([0.0, 2.0])), np.diag([3.0, 4.0]))


def test_logistic_curvature_is_bounded_and_its_intercept_is_not_decayed() -> None:
    problem = built("logistic", l2=0.3)
    assert np.linalg.eigvalsh(dense(problem, problem.start))[-1] <= problem.facts["L"]
    far = dense(problem, np.array([0.0, 1e4]))
    np.testing.assert_allclose(far, np.diag([0.3, 0.0]), atol=1e-300)
