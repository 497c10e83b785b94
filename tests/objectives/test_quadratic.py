"""The quadratic bowl."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdtui.contracts import Problem, Reals
from gdtui.errors import InputError
from tests import naive_objectives
from tests.objectives.problems import built, evaluated, value


def matrix(problem: Problem) -> Reals:
    n = problem.n
    return problem.reals[: n * n].reshape(n, n)


def test_the_default_is_turned_by_thirty_degrees_with_kappa_a_hundred() -> None:
    problem = built("quadratic")
    eigenvalues, vectors = np.linalg.eigh(matrix(problem))
    assert eigenvalues == pytest.approx([1.0, 100.0])
    assert abs(vectors[:, 0] @ [np.sqrt(0.75), 0.5]) == pytest.approx(1.0)
    assert problem.facts == pytest.approx({"L": 100.0, "mu": 1.0, "kappa": 100.0})
    assert problem.title == "Quadratic, κ = 100"


def test_without_rotation_it_is_the_valley_of_the_textbooks() -> None:
    problem = built("quadratic", eigenvalues=[1.0, 100.0], rotation=0.0)
    assert matrix(problem).tolist() == [[1.0, 0.0], [0.0, 100.0]]
    assert problem.start.tolist() == [1.0, 1.0]
    f, g = evaluated(problem, problem.start)
    assert f == 50.5
    assert g.tolist() == [1.0, 100.0]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"kappa": 7.0, "rotation": -100.0, "offset": [1.0, -2.0]},
        {"dimension": 6, "kappa": 1e4},
        {"eigenvalues": [3.0]},
        {"eigenvalues": [5.0, 1.0, 2.0], "offset": [1.0, 2.0, 3.0]},
        {"matrix": [[2.0, 1.0], [1.0, 2.0]]},
        {"matrix": [[4.0, 1.0, 0.0], [1.0, 3.0, 1.0], [0.0, 1.0, 2.0]], "offset": [1.0, 1.0, 1.0]},
    ],
)
def test_facts_optimum_and_start(options: dict[str, Any]) -> None:
    problem = built("quadratic", **options)
    A, b = matrix(problem), problem.reals[problem.n**2 :]
    eigenvalues, vectors = np.linalg.eigh(A)
    assert np.array_equal(A, A.T)
    assert problem.facts["mu"] == pytest.approx(eigenvalues[0])
    assert problem.facts["L"] == pytest.approx(eigenvalues[-1])
    assert problem.facts["kappa"] == pytest.approx(eigenvalues[-1] / eigenvalues[0])
    assert problem.optimum is not None
    np.testing.assert_allclose(problem.optimum, np.linalg.solve(A, b), atol=1e-12)
    assert problem.optimal_value == pytest.approx(-0.5 * b @ np.linalg.solve(A, b), abs=1e-14)
    assert np.abs(vectors.T @ (problem.start - problem.optimum)).min() > 0.1, "the start has a share in every direction"
    for x in np.random.default_rng(0).standard_normal((5, problem.n)):
        f, g = evaluated(problem, x)
        expected, gradient = naive_objectives.quadratic(x, A, b)
        assert f == pytest.approx(expected, rel=1e-12)
        np.testing.assert_allclose(g, gradient, rtol=1e-12, atol=1e-12)


def test_a_given_matrix_is_taken_to_the_bit() -> None:
    rows = [[2.0, 0.1], [0.1, 3.0]]
    assert matrix(built("quadratic", matrix=rows)).tolist() == rows


def test_the_basis_comes_from_the_seed() -> None:
    first, again, other = (matrix(built("quadratic", seed, dimension=5)) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.allclose(first, other)


@given(st.floats(-360.0, 360.0), st.floats(1.0, 1e4), st.tuples(st.floats(-10.0, 10.0), st.floats(-10.0, 10.0)))
def test_turning_the_valley_and_the_point_changes_nothing(angle: float, kappa: float, x: tuple[float, float]) -> None:
    c, s = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    turned = np.array([[c, -s], [s, c]]) @ np.array(x)
    straight = value(built("quadratic", kappa=kappa, rotation=0.0), np.array(x))
    assert value(built("quadratic", kappa=kappa, rotation=angle), turned) == pytest.approx(
        straight, rel=1e-9, abs=1e-9 * kappa
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"matrix": [[1.0, 2.0], [3.0, 1.0]]}, "matrix: not symmetric: entry (1, 2) is 2, entry (2, 1) is 3; use"),
        ({"matrix": [[1.0, 2.0], [2.0, 1.0]]}, "matrix: not positive definite: its smallest eigenvalue is -1; f has"),
        ({"matrix": [[1.0, 1.0], [1.0, 1.0]]}, "matrix: not positive definite: its smallest"),
        ({"matrix": [[0.0, 0.0], [0.0, 0.0]]}, "matrix: not positive definite: its smallest eigenvalue is 0"),
        ({"matrix": [[1.0, 2.0], [3.0]]}, "matrix: not square: row 2 has 1 entries and there are 2 rows"),
        ({"matrix": []}, "matrix: it has 0 rows; give 1 to 1000"),
        ({"matrix": [[float("nan")]]}, "matrix: nan is not finite"),
        ({"matrix": [[True]]}, "matrix: true is not a number"),
        ({"matrix": [[1.0]], "kappa": 5.0}, "kappa: has no effect beside a matrix; leave out one of the two"),
        ({"matrix": [[1.0]], "dimension": 3}, "dimension: 3 does not go with a matrix of size 1; leave it out"),
        ({"eigenvalues": [1.0, 2.0], "kappa": 5.0}, "kappa: has no effect beside eigenvalues; leave out"),
        ({"eigenvalues": [1.0, 0.0]}, "eigenvalues: 0.0 is out of range"),
        ({"eigenvalues": []}, "eigenvalues: 0 of them; give 1 to 1000"),
        ({"dimension": 3, "rotation": 10.0}, "rotation: turns a plane, and there are 3 dimensions; leave it out"),
        ({"offset": [1.0]}, "offset: 1 numbers for 2 parameters; give 2"),
    ],
)
def test_bad_options_are_refused_with_the_reason(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as error:
        built("quadratic", **options)
    assert str(error.value).startswith(message)
