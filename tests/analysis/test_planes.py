"""The planes a contour shows, and the objective on them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from gdtui.analysis import planes
from gdtui.analysis.planes import (
    Plane,
    coordinate_plane,
    principal_plane,
    steepest_plane,
    view_around,
)
from gdtui.contracts import Problem, Reals
from gdtui.engine.lanes import python_problem
from gdtui.engine.race import Race


def problem_of(scenario: str) -> Problem:
    return Race(scenario).problem


def rosenbrock(n: int) -> Problem:
    from gdtui.registry import objectives

    return objectives()["rosenbrock"].build({"dimension": n}, 0)


def walks(n: int, seed: int = 0, count: int = 3, steps: int = 40) -> list[Reals]:
    """Random walks of different scales in every direction, ``(steps, n)`` each."""
    generator = np.random.default_rng(seed)
    scale = 1.0 / (1.0 + np.arange(n))
    return [np.cumsum(generator.standard_normal((steps, n)) * scale, axis=0) for _ in range(count)]


def plane_through_axes(n: int) -> Plane:
    first, second = np.zeros(n), np.zeros(n)
    first[0] = second[min(1, n - 1)] = 1.0
    return Plane(np.zeros(n), first, second, "a", "b")


@pytest.mark.parametrize("n", [2, 3, 7, 300, 7000])
def test_the_principal_plane_is_numpys_svd_of_the_same_rows(n: int) -> None:
    paths = walks(n)
    best = paths[1][-1]
    plane = principal_plane(paths, best, 40, plane_through_axes(n))
    _, singular, right = np.linalg.svd(np.concatenate(paths) - best, full_matrices=False)
    for direction, expected in ((plane.first, right[0]), (plane.second, right[1])):
        assert abs(direction @ expected) == pytest.approx(1.0, abs=1e-9)
    variances = singular**2 / np.sum(singular**2)
    assert plane.explained == pytest.approx(tuple(variances[:2]), abs=1e-12)
    assert plane.fitted_at == 40
    np.testing.assert_array_equal(plane.origin, best)


@pytest.mark.parametrize("n", [2, 3, 7000])
def test_its_directions_are_orthonormal(n: int) -> None:
    plane = principal_plane(walks(n), np.zeros(n), 1, plane_through_axes(n))
    assert np.linalg.norm(plane.first) == pytest.approx(1.0, abs=1e-12)
    assert np.linalg.norm(plane.second) == pytest.approx(1.0, abs=1e-12)
    assert plane.first @ plane.second == pytest.approx(0.0, abs=1e-12)


def test_long_paths_are_thinned_evenly_and_keep_both_ends() -> None:
    long = walks(3, steps=5000, count=1)
    few = np.unique(np.linspace(0, 4999, planes.POINTS_PER_PATH).astype(int))
    assert {0, 4999} <= set(few.tolist())
    thinned = principal_plane([long[0][few]], np.zeros(3), 1, plane_through_axes(3))
    whole = principal_plane(long, np.zeros(3), 1, plane_through_axes(3))
    np.testing.assert_allclose(thinned.first, whole.first)


@pytest.mark.parametrize("signs", [(1, 1), (-1, 1), (1, -1), (-1, -1)])
def test_the_signs_follow_the_plane_before(signs: tuple[int, int]) -> None:
    paths = walks(5)
    plane = principal_plane(paths, np.zeros(5), 10, plane_through_axes(5))
    before = replace(plane, first=signs[0] * plane.first, second=signs[1] * plane.second)
    longer = [np.concatenate([path, path[-1:] + 0.01]) for path in paths]
    after = principal_plane(longer, np.zeros(5), 20, before)
    assert after.first @ before.first > 0.9
    assert after.second @ before.second > 0.9


@pytest.mark.parametrize(
    "paths",
    [
        [np.zeros((10, 3))],
        [np.outer(np.arange(10.0), [1.0, 2.0, 3.0])],
        [np.ones((1, 3))],
        [np.full((8, 3), np.nan)],
        [np.full((8, 3), 1e200) * np.arange(8.0)[:, np.newaxis]],
    ],
    ids=["a point", "a line", "one row", "no numbers", "squares overflow"],
)
def test_where_no_plane_is_spanned_the_one_before_stays_until_paths_double_again(paths: list[Reals]) -> None:
    before = plane_through_axes(3)
    after = principal_plane(paths, np.zeros(3), 16, before)
    np.testing.assert_array_equal(after.first, before.first)
    np.testing.assert_array_equal(after.second, before.second)
    assert after.explained is None
    assert after.fitted_at == 16


def test_rows_that_are_not_finite_are_left_out() -> None:
    paths = walks(4)
    spoilt = [np.concatenate([path, np.full((5, 4), np.nan), np.full((5, 4), np.inf)])[:50] for path in paths]
    expected = principal_plane(paths, np.zeros(4), 1, plane_through_axes(4))
    found = principal_plane([*paths, spoilt[0][40:]], np.zeros(4), 1, plane_through_axes(4))
    np.testing.assert_allclose(found.first, expected.first)


@pytest.mark.parametrize("n", [1, 2, 3, 7000])
def test_projecting_a_point_of_the_plane_gives_its_coordinates(n: int) -> None:
    plane = coordinate_plane(rosenbrock(2)) if n == 2 else principal_plane(
        walks(max(n, 2)), np.ones(max(n, 2)), 1, plane_through_axes(max(n, 2))
    )  # fmt: skip
    if n == 1:
        plane = coordinate_plane(python_problem(lambda x: (float(x @ x), 2 * x), [1.0]))
    for a, b in ((0.0, 0.0), (1.5, -0.25), (-1e6, 1e-6)):
        point = plane.point(a, b)
        assert point.shape == (n,)
        found = plane.project(point[np.newaxis])[0]
        assert found[0] == pytest.approx(a, rel=1e-9, abs=1e-9)
        if n > 1:
            assert found[1] == pytest.approx(b, rel=1e-9, abs=1e-9)
            assert plane.distance(point) == pytest.approx(0.0, abs=1e-9 * max(1.0, abs(a)))


def test_the_distance_is_measured_across_the_plane() -> None:
    plane = plane_through_axes(3)
    assert plane.distance(np.array([5.0, -2.0, 3.0])) == pytest.approx(3.0)


@pytest.mark.parametrize("scenario", ["credit", "streamrec"])
def test_the_first_plane_holds_the_steepest_direction_and_a_seeded_one(scenario: str) -> None:
    problem = problem_of(scenario)
    gradient = np.zeros(problem.n)
    problem.value_grad(problem.start, problem.reals, problem.ints, np.empty(0, dtype=np.int64), np.empty(0), gradient)
    plane = steepest_plane(problem, 4)
    assert plane.first @ gradient == pytest.approx(np.linalg.norm(gradient))
    assert plane.first @ plane.second == pytest.approx(0.0, abs=1e-12)
    np.testing.assert_array_equal(plane.second, steepest_plane(problem, 4).second)
    assert not np.array_equal(plane.second, steepest_plane(problem, 5).second)
    np.testing.assert_array_equal(plane.origin, problem.start)
    assert plane.explained is None


def test_without_a_gradient_the_first_direction_is_seeded_too() -> None:
    problem = python_problem(lambda x: (float(x @ x), 2 * x), [0.0, 0.0, 0.0])
    plane = steepest_plane(problem, 1)
    assert np.linalg.norm(plane.first) == pytest.approx(1.0)
    assert plane.first @ plane.second == pytest.approx(0.0, abs=1e-12)


points = arrays.arrays(
    np.float64, st.tuples(st.integers(0, 6), st.just(2)), elements=st.floats(width=64, allow_subnormal=False)
)


@given(points)
@example(np.array([[1.0, 3e-137], [1.0, 0.0]]))
@example(np.array([[1.0, 2.0**51], [0.0, 2.0**51]]))
def test_a_view_has_an_inside_and_holds_every_point_that_can_be_shown(points: Reals) -> None:
    view = view_around(points)
    assert np.isfinite([view.x_low, view.x_high, view.y_low, view.y_high]).all()
    assert view.x_low < view.x_high
    assert view.y_low < view.y_high
    for x, y in points:
        if abs(x) <= planes.FURTHEST and abs(y) <= planes.FURTHEST:
            assert view.x_low <= x <= view.x_high
            assert view.y_low <= y <= view.y_high
