"""The kernels of Shampoo and Muon against NumPy: inverse roots of Gram matrices, and the Newton-Schulz iteration."""

from __future__ import annotations

import ast
import inspect

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdtui.contracts import Reals, is_kernel
from gdtui.optimizers import _matrix
from tests import naive
from tests.optimizers.test_conformance import CALLED

examples = settings(max_examples=40, deadline=None, derandomize=True, database=None)
seeds = st.integers(0, 2**32 - 1)


def orthogonal(seed: int, n: int) -> Reals:
    return np.linalg.qr(np.random.default_rng(seed).standard_normal((n, n)))[0]


def test_kernels_keep_to_what_is_the_same_compiled_and_plain() -> None:
    for node in ast.walk(ast.parse(inspect.getsource(_matrix))):
        assert not isinstance(node, ast.MatMult | ast.Pow | ast.List | ast.ListComp | ast.Dict)
        if isinstance(node, ast.FunctionDef):
            assert is_kernel(getattr(_matrix, node.name))
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            assert called in CALLED or called.startswith("math.") or is_kernel(getattr(_matrix, called))


@examples
@given(seed=seeds, n=st.integers(1, 9), lines=st.integers(1, 12), fourth=st.booleans(), exponent=st.integers(-60, 60))
def test_an_inverse_root_is_numpys(seed: int, n: int, lines: int, fourth: bool, exponent: int) -> None:
    """Of fewer lines than n, too: then S is singular, and eps alone keeps its root finite."""
    G = np.random.default_rng(seed).standard_normal((lines, n)) * 2.0**exponent
    eps = 1e-9 * 4.0**exponent
    R, root, Q, scratch = np.zeros((n, n)), np.empty((n, n)), np.empty((n, n)), np.empty(n)
    for half in (G[: lines // 2], G[lines // 2 :]):
        _matrix.add_gram(half.ravel(), len(half), n, n, 1, R, scratch)
    np.testing.assert_allclose(R.T @ R, G.T @ G, atol=1e-14 * lines * 4.0**exponent * n)
    assert np.array_equal(R, np.triu(R))
    with np.errstate(over="ignore"):
        _matrix.inverse_root(R, eps, fourth, root, Q, scratch)
    expected = naive.gram_power(G.T, eps, -0.25 if fourth else -0.5)
    np.testing.assert_allclose(root, expected, atol=1e-9 * np.abs(expected).max())
    np.testing.assert_allclose(Q @ Q.T, np.eye(n), atol=1e-13)
    assert np.array_equal(root, root.T)


def test_columns_are_lines_as_well() -> None:
    G = np.random.default_rng(0).standard_normal((5, 3))
    by_rows, by_columns = np.zeros((2, 3, 3))
    _matrix.add_gram(G.ravel(), 5, 3, 3, 1, by_rows, np.empty(3))
    _matrix.add_gram(G.T.ravel(), 5, 3, 1, 5, by_columns, np.empty(3))
    assert np.array_equal(by_rows, by_columns)


@pytest.mark.parametrize("size", [1e200, 1e-200])
def test_nothing_overflows_before_the_result_does(size: float) -> None:
    assert _matrix.hypotenuse(3 * size, -4 * size) == pytest.approx(5 * size)
    assert _matrix.norm(np.array([2 * size, -size, 2 * size])) == pytest.approx(3 * size)
    assert _matrix.hypotenuse(0.0, 0.0) == _matrix.norm(np.zeros(2)) == 0.0


def orthogonalised(matrix: Reals, eps: float = 1e-300) -> Reals:
    rows, cols = matrix.shape
    flat, scratch = matrix.ravel().copy(), np.empty((4, max(matrix.size, 1)))
    _matrix.orthogonalise(flat, rows, cols, eps, *scratch)
    return flat.reshape(rows, cols)


@examples
@given(seed=seeds, rows=st.integers(2, 6), cols=st.integers(2, 6))
def test_orthogonalising_changes_singular_values_alone(seed: int, rows: int, cols: int) -> None:
    matrix = np.random.default_rng(seed).standard_normal((rows, cols))
    left, s, right = np.linalg.svd(matrix, full_matrices=False)
    s /= np.linalg.norm(s)
    for _ in range(5):
        s = 3.4445 * s - 4.775 * s**3 + 2.0315 * s**5
    np.testing.assert_allclose(orthogonalised(matrix), (left * s) @ right, atol=1e-12)


@examples
@given(seed=seeds, shape=st.sampled_from([(3, 3), (4, 2), (2, 5)]), spread=st.floats(0.0, 2.5))
def test_singular_values_land_near_one(seed: int, shape: tuple[int, int], spread: float) -> None:
    """Between .68 and 1.21, all that are at least a 600th of |U|."""
    draw, rank = np.random.default_rng(seed), min(shape)
    s = 10.0 ** -np.linspace(0.0, spread, rank)
    matrix = (orthogonal(seed, shape[0])[:, :rank] * s) @ orthogonal(seed + 1, shape[1])[:rank] * draw.uniform(0.1, 9)
    landed = np.linalg.svd(orthogonalised(matrix), compute_uv=False)
    assert 0.68 < landed.min() <= landed.max() < 1.21
