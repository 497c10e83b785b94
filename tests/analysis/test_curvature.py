"""Extreme eigenpairs beside numpy's, and what becomes of problems that cannot be asked."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdtui.analysis import curvature
from gdtui.analysis.curvature import Curvature, dense, lanczos
from gdtui.contracts import Problem, Reals
from gdtui.engine.compile import jit_is_off
from gdtui.engine.lanes import python_problem
from gdtui.scenario import load


def symmetric(spectrum: Reals, seed: int) -> Reals:
    """A random symmetric matrix with these eigenvalues."""
    Q, _ = np.linalg.qr(np.random.default_rng(seed).standard_normal((len(spectrum), len(spectrum))))
    return (Q * spectrum) @ Q.T


@given(n=st.integers(1, 30), seed=st.integers(0, 2**32 - 1), kind=st.sampled_from(["any", "few", "low rank", "zero"]))
def test_as_many_products_as_parameters_find_what_numpy_finds(n: int, seed: int, kind: str) -> None:
    generator = np.random.default_rng(seed)
    spectrum = generator.standard_normal(n)
    if kind == "few":  # multiple eigenvalues, where the Krylov space closes early
        spectrum = generator.integers(-1, 2, n).astype(float)
    elif kind == "low rank":
        spectrum[1:] = 0.0
    elif kind == "zero":
        spectrum[:] = 0.0
    matrix = symmetric(spectrum, seed)
    values = np.linalg.eigvalsh(matrix)
    for found in (lanczos(lambda v: matrix @ v, n, most_products=n, tolerance=0.0), dense(matrix)):
        assert found.least == pytest.approx(values[0], abs=1e-10)
        assert found.most == pytest.approx(values[-1], abs=1e-10)
        for value, vector in ((found.least, found.least_vector), (found.most, found.most_vector)):
            assert np.linalg.norm(vector) == pytest.approx(1.0)
            np.testing.assert_allclose(matrix @ vector, value * vector, atol=1e-8)
        if found.spectrum is not None:
            np.testing.assert_allclose(found.spectrum, values, atol=1e-9)


def test_few_products_find_the_extremes_of_a_large_matrix_within_their_residual() -> None:
    spectrum = np.concatenate([[-0.7], np.linspace(0.0, 1.0, 398), [3.0]])
    matrix = symmetric(spectrum, 1)
    found = lanczos(lambda v: matrix @ v, 400)
    assert found.products <= curvature.PRODUCTS
    assert found.spectrum is None
    for value, true in ((found.least, -0.7), (found.most, 3.0)):
        assert abs(value - true) <= found.residual + 1e-12
        assert value == pytest.approx(true, rel=1e-3)
    assert found.bends_down
    assert found.least >= -0.7 - 1e-12
    assert found.most <= 3.0 + 1e-12


def test_the_same_point_has_the_same_answer_to_the_bit() -> None:
    matrix = symmetric(np.linspace(-1.0, 2.0, 300), 2)
    first, second = (lanczos(lambda v: matrix @ v, 300) for _ in range(2))
    assert (first.least, first.most) == (second.least, second.most)
    assert first.least_vector.tobytes() == second.least_vector.tobytes()


def test_an_eigenvalue_within_rounding_of_0_bends_nowhere() -> None:
    flat = dense(symmetric(np.array([-1e-14, 1e-3, 1.0]), 3))
    assert not flat.bends_down
    assert flat.flattest == pytest.approx(1e-3)
    assert dense(np.diag([-1e-3, 1.0])).bends_down
    assert dense(np.diag([-1e-3, 1.0])).flattest is None
    assert dense(np.zeros((2, 2))).flattest is None


def test_a_problem_is_asked_once_for_a_point() -> None:
    problem = load("saddle").build()
    asked = Curvature(problem)
    found = asked.at(np.zeros(2))
    assert found is not None
    assert (found.least, found.most) == (-1.0, 1.0)
    assert asked.at(np.zeros(2)) is found
    assert asked.products == 2
    other = asked.at(np.array([0.0, 1.0]))
    assert other is not None
    assert (other.least, other.most) == (1.0, 2.0)
    np.testing.assert_array_equal(asked.gradient(np.array([1.0, 0.0])), [1.0, 0.0])
    for i in range(2 * curvature.KEPT):
        asked.at(np.array([float(i), 5.0]))
    assert asked.at(np.zeros(2)) is not found


def test_a_quadratic_is_decomposed_once() -> None:
    problem = load("quadratic").build()
    asked = curvature.of(problem)
    assert asked.at(problem.start) is asked.at(np.full(2, 7.0))
    assert curvature.of(problem) is asked
    assert curvature.of(replace(problem)) is not asked


@pytest.mark.skipif(jit_is_off(), reason="7,000 parameters take minutes as plain Python")
def test_a_large_problem_is_asked_for_products_alone() -> None:
    problem = load("streamrec").build()
    asked = Curvature(problem)
    found = asked.at(problem.start)
    assert found is not None
    assert asked.products == found.products <= asked.cost == curvature.PRODUCTS
    assert found.bends_down
    assert found.least_vector.shape == (7000,)


def _neither(theta: Reals) -> tuple[float, Reals]:
    return float(theta @ theta), 2.0 * theta


def _raising(*_: object) -> None:
    raise RuntimeError("of a user's plug-in")


def _not_finite(x: Reals, reals: Reals, ints: object, H: Reals) -> None:
    H[:] = np.nan


@pytest.mark.parametrize(
    "problem",
    [
        python_problem(_neither, [1.0, 2.0]),
        replace(python_problem(_neither, [1.0, 2.0]), hessian=_raising),
        replace(python_problem(_neither, [1.0, 2.0]), hessian_vector=_raising),
        replace(python_problem(_neither, [1.0, 2.0]), hessian=_not_finite),
    ],
)
def test_a_problem_that_does_not_answer_has_no_curvature(problem: Problem) -> None:
    asked = Curvature(problem)
    assert asked.at(problem.start) is None
    np.testing.assert_array_equal(asked.gradient(problem.start), [2.0, 4.0])


def test_products_alone_serve_a_small_problem() -> None:
    problem = replace(load("saddle").build(), hessian=None)
    found = Curvature(problem).at(np.zeros(2))
    assert found is not None
    assert (found.least, found.most) == pytest.approx((-1.0, 1.0))


def test_any_thread_may_ask() -> None:
    problem = load("rosenbrock").build()
    asked = Curvature(problem)
    answers: list[object] = []
    threads = [threading.Thread(target=lambda: answers.append(asked.at(problem.start))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(answer) for answer in answers}) == 1
    assert answers[0] is not None


def problem_that_costs(n: int = 60) -> Problem:
    """A bowl whose Hessian is small enough to decompose, and too large to do so at every look."""

    def hessian(x: Reals, reals: Reals, ints: object, H: Reals) -> None:
        H[:] = np.diag(x)

    return replace(python_problem(_neither, np.ones(n)), hessian=hessian)


def test_looks_save_up_for_a_costly_point_and_take_turns() -> None:
    asked = Curvature(problem_that_costs())
    answers: dict[str, list[float | None]] = {"a": [], "b": []}
    looks = 400
    for step in range(looks):
        asked.allow(step)
        for name, found in answers.items():
            extremes = asked.lately(name, step, np.full(60, 1.0 + step))
            again = asked.lately(name, step, np.full(60, 1.0 + step))
            assert again is extremes
            found.append(None if extremes is None else extremes.most)
    fresh = asked.products // 60
    assert 2 < fresh < looks / 5
    steps = {name: {value for value in found if value is not None} for name, found in answers.items()}
    assert abs(len(steps["a"]) - len(steps["b"])) <= 1
    # What a racer is told is of a point that it came by, and never of one ahead.
    for found in answers.values():
        assert all(value is None or value <= 1.0 + step for step, value in enumerate(found))


def test_a_race_that_begins_again_is_told_nothing_of_the_one_before() -> None:
    asked = Curvature(problem_that_costs())
    asked.allow(100)
    assert asked.lately("a", 100, np.full(60, 2.0)) is not None
    asked.allow(110)
    assert asked.lately("a", 110, np.full(60, 3.0)) is not None  # the one of step 100
    asked.allow(0)
    assert asked.lately("a", 0, np.full(60, 4.0)) is None


def test_whoever_asks_no_more_keeps_nobody_waiting() -> None:
    asked = Curvature(problem_that_costs())
    asked.allow(0)
    asked.lately("a", 0, np.full(60, 1.0))
    asked.lately("b", 0, np.full(60, 1.5))  # waits, and then has no question left
    for step in range(1, 100):
        asked.allow(step)
        found = asked.lately("a", step, np.full(60, 1.0 + step))
    assert found is not None
    assert found.most > 1.0


def test_a_hessian_that_fails_is_not_asked_at_every_look() -> None:
    calls = []

    def failing(*_: object) -> None:
        calls.append(1)
        raise RuntimeError

    asked = Curvature(replace(python_problem(_neither, np.ones(60)), hessian=failing))
    for step in range(10):
        asked.allow(step)
        assert asked.lately("a", step, np.full(60, 1.0 + step)) is None
    assert len(calls) == 1
