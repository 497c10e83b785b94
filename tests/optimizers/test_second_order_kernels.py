"""The kernels that second-order rules share: linear algebra against NumPy, line searches against their conditions."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdtui.contracts import Ints, Problem, Reals
from gdtui.optimizers import _line_search, lbfgs
from gdtui.optimizers._line_search import backtrack, interpolate, strong_wolfe
from gdtui.optimizers._linear_algebra import add, dot, eigen, largest_entry, solve
from tests.objectives.problems import built, evaluated
from tests.optimizers import drive

examples = settings(max_examples=40, deadline=None, derandomize=True, database=None)
seeds = st.integers(0, 2**32 - 1)
NONE, NOTHING = np.empty(0, dtype=np.int64), np.empty(0)


def symmetric(seed: int, n: int = 5) -> Reals:
    matrix = np.random.default_rng(seed).standard_normal((n, n))
    return matrix + matrix.T


def test_dot_and_add_go_by_the_length_of_their_last_argument() -> None:
    long, short = np.array([1.0, 2.0, 3.0]), np.array([4.0, 5.0])
    assert dot(long, short) == 14.0
    add(2.0, long, short)
    assert short.tolist() == [6.0, 9.0]


@examples
@given(seed=seeds, n=st.integers(1, 8))
def test_solve_is_numpys(seed: int, n: int) -> None:
    A, b = symmetric(seed, n), np.random.default_rng([seed, 1]).standard_normal(n)
    expected, y = np.linalg.solve(A, b), b.copy()
    assert solve(A.copy(), y, False)
    np.testing.assert_allclose(y, expected, rtol=1e-9 * np.linalg.cond(A), atol=1e-300)


@examples
@given(seed=seeds, n=st.integers(1, 8), shift=st.floats(-2.0, 8.0))
def test_a_definite_matrix_is_told_by_its_pivots(seed: int, n: int, shift: float) -> None:
    A = symmetric(seed, n) + shift * np.eye(n)
    lowest = np.linalg.eigvalsh(A)[0]
    if abs(lowest) < 1e-9:
        return
    b = np.random.default_rng([seed, 1]).standard_normal(n)
    y = b.copy()
    assert solve(A.copy(), y, True) == (lowest > 0.0)
    if lowest > 0.0:
        np.testing.assert_allclose(A @ y, b, rtol=1e-9, atol=1e-9)


def test_only_row_exchange_solves_a_zero_on_the_diagonal() -> None:
    A, b = np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([2.0, 3.0])
    assert not solve(A.copy(), b.copy(), True)
    assert solve(A.copy(), b, False)
    assert b.tolist() == [3.0, 2.0]


@pytest.mark.parametrize("A", [np.zeros((2, 2)), np.ones((3, 3)), np.full((2, 2), np.nan), np.diag([1.0, np.inf])])
@pytest.mark.parametrize("definite", [False, True])
def test_what_cannot_be_solved_is_said(A: Reals, definite: bool) -> None:
    with np.errstate(all="ignore"):
        assert not solve(A.copy(), np.ones(len(A)), definite)


@examples
@given(seed=seeds, n=st.integers(1, 9), exponent=st.integers(-100, 100))
def test_eigen_is_numpys(seed: int, n: int, exponent: int) -> None:
    A = symmetric(seed, n) * 2.0**exponent
    diagonalised, vectors = A.copy(), np.empty((n, n))
    eigen(diagonalised, vectors)
    eigenvalues = np.diag(diagonalised)
    size = np.abs(eigenvalues).max()
    np.testing.assert_allclose(np.sort(eigenvalues), np.linalg.eigvalsh(A), atol=1e-13 * size)
    np.testing.assert_allclose(vectors @ vectors.T, np.eye(n), atol=1e-13)
    np.testing.assert_allclose((vectors.T * eigenvalues) @ vectors, A, atol=1e-13 * size)
    assert largest_entry(diagonalised - np.diag(eigenvalues)) <= 1e-17 * size


def test_eigen_of_special_matrices() -> None:
    for A in (np.diag([3.0, -1e-200, 1e200]), np.zeros((3, 3)), np.ones((4, 4)), np.array([[1.0, 1e9], [1e9, 1.0]])):
        found, vectors = A.copy(), np.empty_like(A)
        eigen(found, vectors)
        size = max(1e-300, float(np.abs(A).max()))
        np.testing.assert_allclose(np.sort(np.diag(found)), np.linalg.eigvalsh(A), rtol=1e-13, atol=1e-14 * size)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_eigen_of_no_numbers_ends(bad: float) -> None:
    A = np.full((3, 3), bad)
    with np.errstate(all="ignore"):
        eigen(A, np.empty((3, 3)))


@examples
@given(seed=seeds, history=st.integers(1, 4))
def test_two_loops_are_the_update_of_bfgs(seed: int, history: int) -> None:
    """The product with the matrix that is never formed."""
    n, draw = 5, np.random.default_rng(seed)
    curvature = symmetric(seed, n) + 12.0 * np.eye(n)
    state = np.zeros(lbfgs.state_shape(n, NONE, np.array([float(history)])))
    pairs = []
    for _ in range(6):
        s = draw.standard_normal(n)
        y = curvature @ s
        lbfgs.keep_pair(s, y, state, history)
        pairs = [*pairs, (s, y)][-history:]
    s, y = pairs[-1]
    inverse = (s @ y) / (y @ y) * np.eye(n)
    for s, y in pairs:
        left = np.eye(n) - np.outer(s, y) / (s @ y)
        inverse = left @ inverse @ left.T + np.outer(s, s) / (s @ y)
    v = draw.standard_normal(n)
    product = v.copy()
    lbfgs.two_loops(product, state, history)
    np.testing.assert_allclose(product, inverse @ v, rtol=1e-9, atol=1e-10)


def test_a_pair_without_curvature_is_not_kept() -> None:
    state = np.zeros(lbfgs.state_shape(2, NONE, np.array([3.0])))
    for change in ([-1.0, 0.0], [0.0, 1.0], [1e-11, 1.0], [0.0, 0.0], [np.nan, 1.0]):
        lbfgs.keep_pair(np.array([1.0, 0.0]), np.array(change), state, 3)
    assert not state.any()


Search = Callable[..., float]


def searched(search: Search, problem: Problem, x: Reals, direction: Reals, first: float) -> tuple[float, Ints]:
    f, g = evaluated(problem, x)
    counts, scratch = np.zeros(4, dtype=np.int64), np.empty((2, problem.n))
    data = (problem.reals, problem.ints, NONE, NOTHING)
    return (
        search(problem.value_grad, *data, x, f, float(g @ direction), direction, first, *scratch, counts),
        counts,
    )


@examples
@given(seed=seeds, first=st.floats(1e-6, 1e3), objective=st.sampled_from(["rosenbrock", "saddle", "logistic"]))
def test_searches_find_what_they_promise(seed: int, first: float, objective: str) -> None:
    problem = built(objective)
    draw = np.random.default_rng(seed)
    x = problem.start + draw.uniform(-1.0, 1.0, problem.n)
    f, g = evaluated(problem, x)
    direction = -draw.uniform(0.1, 10.0, problem.n) * g
    slope = float(g @ direction)
    for search, charged in ((backtrack, 0), (strong_wolfe, 1)):
        a, counts = searched(search, problem, x, direction, first)
        value, gradient = evaluated(problem, x + a * direction)
        assert a > 0.0
        assert value <= f + 1e-4 * a * slope + 1e-13 * abs(f)
        assert counts.sum() == counts[charged] >= 1
        if search is strong_wolfe:
            assert abs(gradient @ direction) <= 0.9 * abs(slope)
            assert counts[1] <= 20
        else:
            assert a == first * 0.5 ** (counts[0] - 1)


def test_a_search_on_a_rising_function_finds_nothing() -> None:
    def rising(x: Reals, reals: Reals, ints: Ints, batch: Ints, noise: Reals, g: Reals) -> float:
        g[0] = -1.0
        return 1.0 + float(x[0])

    for search in (backtrack, strong_wolfe):
        assert searched(search, drive.made(rising, [0.0]), np.zeros(1), np.ones(1), 1.0)[0] == 0.0


def test_an_unbounded_descent_takes_the_furthest_trial() -> None:
    def falling(x: Reals, reals: Reals, ints: Ints, batch: Ints, noise: Reals, g: Reals) -> float:
        g[0] = -1.0
        return -float(x[0])

    a, counts = searched(strong_wolfe, drive.made(falling, [0.0]), np.zeros(1), np.ones(1), 1.0)
    assert counts[1] == _line_search.MOST_TRIALS
    assert a == 4.0 ** (_line_search.MOST_TRIALS - 1)


@examples
@given(
    a=st.floats(0.0, 1e6), b=st.floats(0.0, 1e6),
    values=st.tuples(*[st.floats(allow_nan=True, allow_infinity=True)] * 4),
)  # fmt: skip
def test_an_interpolated_length_is_well_inside_its_bracket(a: float, b: float, values: tuple[float, ...]) -> None:
    found = interpolate(a, values[0], values[1], b, values[2], values[3])
    assert math.isfinite(found)
    assert min(a, b) + 0.0999 * abs(b - a) <= found <= max(a, b) - 0.0999 * abs(b - a)


def test_interpolation_is_exact_for_a_cubic() -> None:
    """x³ − 3x has its minimum at 1, from either side of the bracket."""

    def cubic(x: float) -> tuple[float, float]:
        return x**3 - 3.0 * x, 3.0 * x * x - 3.0

    assert interpolate(0.2, *cubic(0.2), 3.0, *cubic(3.0)) == pytest.approx(1.0)
    assert interpolate(3.0, *cubic(3.0), 0.2, *cubic(0.2)) == pytest.approx(1.0)
