"""Grids of an objective: right at every point, coarse where points are costly, and finer in slices."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdtui.analysis import refinement
from gdtui.analysis.planes import coordinate_plane, steepest_plane
from gdtui.analysis.refinement import Refinement
from gdtui.contracts import Problem, Reals, View
from gdtui.engine.lanes import python_problem
from tests.analysis.test_planes import plane_through_axes, problem_of, rosenbrock

UNIT = View(0.0, 1.0, 0.0, 1.0)


class Clock:
    """Time that passes with every point asked for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, seconds_a_point: float) -> None:
        self.now, self.seconds_a_point = 0.0, seconds_a_point
        self.asked: list[tuple[float, float]] = []
        monkeypatch.setattr(time, "perf_counter", lambda: self.now)

    def plane_values(self, _: Reals, __: Reals, ___: Reals, a: Reals, b: Reals) -> Reals:
        self.now += self.seconds_a_point * a.size
        self.asked += zip(a.tolist(), b.tolist(), strict=True)
        return np.asarray(a + 10.0 * b)


def costly(values: Callable[..., Reals], samples: int) -> Problem:
    return replace(rosenbrock(2), plane=values, samples=samples)


def test_the_grid_is_the_objective_on_the_plane() -> None:
    problem = rosenbrock(2)
    refinement = Refinement(problem, coordinate_plane(problem), View(-2.0, 2.0, -1.0, 3.0), 21, 11)
    grid = refinement.grid
    assert refinement.is_done
    assert refinement.progress == 1.0
    assert grid.values.shape == (11, 21)
    x, y = np.meshgrid(grid.a, grid.b)
    np.testing.assert_allclose(grid.values, 100.0 * (y - x**2) ** 2 + (1.0 - x) ** 2)


@pytest.mark.parametrize("scenario", ["credit", "streamrec", "rosenbrock"])
def test_a_grid_in_many_dimensions_is_the_objective_at_its_points(scenario: str) -> None:
    problem = problem_of(scenario) if scenario != "rosenbrock" else rosenbrock(10_000)
    plane = steepest_plane(problem, 0)
    whole = Refinement(problem, plane, View(-1.0, 1.0, -1.0, 1.0), 60, 50)
    gradient = np.zeros(problem.n)
    none, quiet = np.empty(0, dtype=np.int64), np.empty(0)
    for _ in range(2):
        grid = whole.grid
        assert np.isfinite(grid.values).all()
        row, column = grid.values.shape[0] // 3, grid.values.shape[1] // 4
        point = plane.point(grid.a[column], grid.b[row])
        value = problem.value_grad(point, problem.reals, problem.ints, none, quiet, gradient)
        assert grid.values[row, column] == pytest.approx(value, rel=1e-9)
        whole.advance(1e9)


@given(st.integers(2, 90), st.integers(2, 60), st.integers(1, 10**7), st.floats(1e-3, 10.0))
def test_passes_are_nested_and_evaluate_nothing_twice(
    columns: int, rows: int, samples: int, slice_seconds: float
) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        clock = Clock(monkeypatch, 1e-4)
        whole = Refinement(
            costly(clock.plane_values, samples), plane_through_axes(2), View(-1.0, 2.0, 0.5, 1.5), columns, rows
        )
        grids, progress = [whole.grid], [whole.progress]
        while not whole.is_done:
            whole.advance(slice_seconds)
            progress.append(whole.progress)
            if whole.grid is not grids[-1]:
                grids.append(whole.grid)
    assert len(set(clock.asked)) == len(clock.asked) == grids[-1].values.size
    assert progress == sorted(progress)
    assert progress[-1] == 1.0
    for grid in grids:
        assert grid.a[0] == -1.0
        assert grid.a[-1] == 2.0
        assert grid.b[-1] == 1.5
        np.testing.assert_array_equal(grid.values, grid.a + 10.0 * grid.b[:, np.newaxis])
    for coarse, fine in itertools.pairwise(grids):
        assert set(coarse.a.tolist()) <= set(fine.a.tolist())
        assert set(coarse.b.tolist()) <= set(fine.b.tolist())
    width, height = grids[-1].a.size, grids[-1].b.size
    assert columns <= width < 2 * columns
    assert rows <= height < 2 * rows


@pytest.mark.parametrize("n", [2, 100, 10_000])
def test_the_work_of_a_coarse_grid_is_bounded(monkeypatch: pytest.MonkeyPatch, n: int) -> None:
    clock = Clock(monkeypatch, 1e-6)
    for samples in (0, 700, 10_000):
        problem = replace(rosenbrock(n), plane=clock.plane_values, samples=samples)
        clock.asked.clear()
        grid = Refinement(problem, plane_through_axes(n), UNIT, 400, 180).grid
        assert len(clock.asked) * max(1, samples, n) <= refinement.MOST_WORK
        assert len(clock.asked) * max(1, samples, n) * 5 > min(refinement.MOST_WORK, 5 * 400 * 180)
        assert grid.values.size == len(clock.asked)
    huge = costly(clock.plane_values, 10**9)
    assert Refinement(huge, plane_through_axes(2), UNIT, 400, 180).grid.values.shape == (13, 14)


def test_a_slice_takes_as_long_as_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch, 1e-3)
    whole = Refinement(costly(clock.plane_values, 20_000), plane_through_axes(2), UNIT, 80, 60)
    while not whole.is_done:
        began = clock.now
        whole.advance(0.05)
        assert 0.0 < clock.now - began <= 0.051
    assert whole.grid.values.shape == (65, 81)


def test_what_takes_too_long_is_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch, 4e-3)
    whole = Refinement(costly(clock.plane_values, 100_000), plane_through_axes(2), UNIT, 160, 120)
    coarse = whole.grid.values.shape
    while not whole.is_done:
        whole.advance(0.05)
    assert coarse < whole.grid.values.shape < (121, 161)
    assert clock.now <= refinement.MOST_SECONDS
    assert np.isfinite(whole.grid.values).all()


def test_a_pass_that_takes_longer_than_foreseen_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch, 1e-3)
    whole = Refinement(costly(clock.plane_values, 20_000), plane_through_axes(2), UNIT, 80, 60)
    grid = whole.grid
    clock.seconds_a_point = 1.0
    for _ in range(100):
        whole.advance(0.05)
    assert whole.is_done
    assert whole.grid is grid
    assert clock.now < 60.0


def test_a_point_where_a_python_objective_fails_is_a_gap() -> None:
    def objective(x: Reals) -> tuple[float, Reals]:
        if x[0] > 0.5:
            raise ValueError("no")
        if x[1] > 0.5:
            return float("inf"), x
        return float(x @ x), 2 * x

    problem = python_problem(objective, [0.0, 0.0])
    whole = Refinement(problem, coordinate_plane(problem), UNIT, 20, 20, vectorised=False)
    for _ in range(2):
        assert np.isnan(whole.grid.values[0, -1])
        assert whole.grid.values[-1, 0] == np.inf
        assert whole.grid.values[0, 0] == 0.0
        whole.advance(1e9)


@pytest.mark.parametrize(("seconds", "coarse", "fine"), [(1e-6, 14, 200), (1e-3, 8, 26), (0.02, 5, 9), (1.0, 5, 5)])
def test_a_python_objective_gets_a_grid_that_it_can_afford(
    monkeypatch: pytest.MonkeyPatch, seconds: float, coarse: int, fine: int
) -> None:
    clock = Clock(monkeypatch, seconds)
    problem = costly(clock.plane_values, 0)
    whole = Refinement(problem, coordinate_plane(problem), UNIT, 200, 200, vectorised=False)
    assert coarse <= whole.grid.a.size <= 26
    evaluated = clock.now
    while not whole.is_done:
        whole.advance(0.05)
    assert whole.grid.a.size >= fine
    assert clock.now <= max(refinement.PYTHON_SECONDS, evaluated) + 2 * seconds


def test_infinities_and_gaps_of_an_objective_are_kept() -> None:
    problem = rosenbrock(2)
    grid = Refinement(problem, coordinate_plane(problem), View(-1e200, 1e200, -1e200, 1e200), 9, 9).grid
    assert not np.isfinite(grid.values).all()


def test_finished_it_is_the_whole_grid_however_slow_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    grids = []
    for seconds in (1e-6, 10.0):
        clock = Clock(monkeypatch, seconds)
        refined = Refinement(costly(clock.plane_values, 100_000), coordinate_plane(rosenbrock(2)), UNIT, 33, 17)
        refined.advance(1e-9)
        refined.finish()
        assert refined.is_done
        assert len(set(clock.asked)) == len(clock.asked)
        grids.append(refined.grid.values)
    assert grids[0].shape == (17, 33)
    np.testing.assert_array_equal(*grids)


def test_what_nobody_can_afford_is_not_finished(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch, 1e-6)
    refined = Refinement(costly(clock.plane_values, 10**8), coordinate_plane(rosenbrock(2)), UNIT, 129, 129)
    coarse = refined.grid
    refined.finish()
    assert refined.is_done
    assert refined.grid is coarse
