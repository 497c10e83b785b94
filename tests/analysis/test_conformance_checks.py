"""The conformance checks find what they are there to find."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from gdtui import registry
from gdtui.analysis import conformance
from gdtui.contracts import Ints, Problem, Reals
from gdtui.engine.race import Race
from gdtui.scenario import Scenario, load


def problem_of(name: str) -> Problem:
    return load(name).build()


def changed(problem: Problem, change: Any) -> Problem:
    """The problem with ``change(value, x, batch, g)`` applied to what its kernel answers."""

    def value_grad(x: Reals, reals: Reals, ints: Ints, batch: Ints, noise: Reals, g: Reals) -> float:
        value = problem.value_grad(x, reals, ints, batch, noise, g)
        answer: float = change(value, x, batch, g)
        return answer

    return replace(problem, value_grad=value_grad)


def test_a_gradient_with_one_wrong_entry() -> None:
    def change(value: float, x: Reals, batch: Ints, g: Reals) -> float:
        g[1] *= 1.0 + 1e-4
        return value

    check = conformance.check_gradient(changed(problem_of("rosenbrock"), change))
    assert not check.passed
    assert check.remedy.endswith("parameter 1")


def test_a_gradient_that_is_no_number() -> None:
    def change(value: float, x: Reals, batch: Ints, g: Reals) -> float:
        g[0] = np.nan
        return value

    assert not conformance.check_gradient(changed(problem_of("saddle"), change)).passed


def test_a_kink_free_steep_function_is_not_blamed_for_the_differences_error() -> None:
    def change(value: float, x: Reals, batch: Ints, g: Reals) -> float:
        value = float(np.sin(300.0 * x).sum())
        g[:] = 300.0 * np.cos(300.0 * x)
        return value

    assert conformance.check_gradient(changed(problem_of("saddle"), change)).passed


def test_batches_that_share_the_regulariser_out() -> None:
    problem = problem_of("credit-2d")

    def change(value: float, x: Reals, batch: Ints, g: Reals) -> float:
        if batch.size:
            g *= batch.size / problem.samples
            value *= batch.size / problem.samples
        return value

    assert conformance.check_batches(problem).passed
    assert not conformance.check_batches(changed(problem, change)).passed


@pytest.mark.parametrize("error", [1e-6, np.nan])
def test_a_plane_that_shows_another_function(error: float) -> None:
    problem = problem_of("rosenbrock")
    wrong = replace(problem, plane=lambda *arguments: problem.plane(*arguments) + error)
    assert conformance.check_plane(problem).passed
    assert not conformance.check_plane(wrong).passed


def test_an_optimum_that_is_none() -> None:
    problem = problem_of("rosenbrock")
    assert problem.optimum is not None
    assert conformance.check_optimum(problem).passed
    beside = replace(problem, optimum=problem.optimum + 1e-3)
    assert "optimal_value says 0" in conformance.check_optimum(beside).found
    slope = replace(problem, optimum=problem.optimum + 1e-3, optimal_value=None)
    assert "of its length at the start" in conformance.check_optimum(slope).found
    assert not conformance.check_optimum(slope).passed


def test_an_optimum_above_what_is_seen() -> None:
    problem = replace(problem_of("rosenbrock"), optimum=None, optimal_value=1e6)
    check = conformance.check_optimum(problem)
    assert not check.passed
    assert "below 1000000" in check.found


@pytest.mark.parametrize("name", registry.objectives())
def test_every_objective_has_the_curvature_it_says(name: str) -> None:
    options = {option.name: option.default for option in registry.objective(name).options}
    problem = registry.objective(name).build(options, 0)
    assert not (problem.quadratic or problem.convex) or conformance.check_curvature(problem).passed


@pytest.mark.parametrize(
    ("name", "claim"), [("saddle", "convex"), ("rosenbrock", "quadratic"), ("credit-2d", "quadratic")]
)
def test_a_claim_that_the_hessian_does_not_bear_out(name: str, claim: str) -> None:
    check = conformance.check_curvature(replace(problem_of(name), **{claim: True}))
    assert not check.passed
    assert claim in check.name


def test_measures_that_are_no_numbers() -> None:
    problem = problem_of("credit-2d")
    assert conformance.check_test_measures(problem).passed
    assert not conformance.check_test_measures(replace(problem, test=lambda _: {"loss": np.nan})).passed


def test_a_learning_rate_that_reaches_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    race = Race("saddle", racers=["gd", "adam"])
    assert conformance.check_learning_rates(race).passed
    monkeypatch.setattr(race["gd"], "rates", lambda _, count: np.zeros(count))
    check = conformance.check_learning_rates(race)
    assert not check.passed
    assert check.found == "lowest 0, racers gd"


def test_a_race_that_does_not_repeat(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = load("saddle")
    assert conformance.check_determinism(scenario).passed
    build = Scenario.build
    drift = iter(range(100))

    def restless(scenario: Scenario) -> Problem:
        problem = build(scenario)
        return replace(problem, start=problem.start + 1e-12 * next(drift))

    monkeypatch.setattr(Scenario, "build", restless)
    check = conformance.check_determinism(scenario)
    assert not check.passed
    assert "adam" in check.found


def test_examine_leaves_out_what_does_not_apply() -> None:
    names = [check.name for check in conformance.examine(load("saddle"))]
    assert not any("mini-batch" in name or "test measures" in name for name in names)
    assert len(names) == 6
