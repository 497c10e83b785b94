"""The objective as one racer sees it: l2 in value, gradient and Hessian alike, gradients clipped by their norm."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdtui.contracts import Problem, Reals
from gdtui.engine.compile import compiled
from gdtui.engine.lanes import python_problem
from gdtui.engine.outcome import Outcome
from gdtui.engine.race import Race
from gdtui.engine.seen import seen
from tests.engine.races import ALGEBRAIC, BATCH, OPTIMIZERS, assert_same, fit, race, scenario

NONE = np.empty(0, dtype=np.int64)


def evaluated(problem: Problem, x: Reals, batch: Any = NONE) -> tuple[float, Reals]:
    g = np.zeros(problem.n)
    return float(problem.value_grad(x, problem.reals, problem.ints, batch, np.empty(0), g)), g


@pytest.mark.parametrize("objective", ["rosenbrock", "quadratic", "logistic", "matrix factorisation"])
def test_l2_joins_value_gradient_and_hessian(objective: str) -> None:
    plain = scenario(ALGEBRAIC.get(objective, objective)).build()
    other = seen(plain, 0.3, 0.0)
    generator = np.random.default_rng(0)
    x, v = generator.standard_normal((2, plain.n))
    (f, g), (f_l2, g_l2) = evaluated(plain, x), evaluated(other, x)
    assert f_l2 == pytest.approx(f + 0.15 * float(x @ x), rel=1e-14)
    np.testing.assert_array_equal(g_l2, g + 0.3 * x)
    H, H_l2, product = np.zeros((plain.n, plain.n)), np.zeros((plain.n, plain.n)), np.zeros(plain.n)
    assert plain.hessian is not None
    assert other.hessian is not None
    assert other.hessian_vector is not None
    plain.hessian(x, plain.reals, plain.ints, H)
    other.hessian(x, other.reals, other.ints, H_l2)
    np.testing.assert_allclose(H_l2, H + 0.3 * np.eye(plain.n), rtol=1e-14)
    other.hessian_vector(x, other.reals, other.ints, v, product)
    np.testing.assert_allclose(product, H_l2 @ v, rtol=1e-10, atol=1e-10)


@given(st.floats(1e-3, 1e3), st.lists(st.floats(-3.0, 3.0), min_size=2, max_size=2))
def test_a_clipped_gradient_keeps_its_direction_and_is_no_longer(clip: float, start: list[float]) -> None:
    plain = scenario("rosenbrock").build()
    x = np.array(start)
    (f, g), (f_clipped, clipped) = evaluated(plain, x), evaluated(seen(plain, 0.0, clip), x)
    assert f_clipped == f
    size = float(np.linalg.norm(g))
    np.testing.assert_allclose(clipped, g * min(1.0, clip / size) if size else g, rtol=1e-12)


def test_clipping_comes_after_l2() -> None:
    x = np.array([30.0, -40.0])
    _, g = evaluated(seen(scenario("quadratic").build(), 1.0, 2.0), x)
    _, whole = evaluated(scenario("quadratic").build(), x)
    np.testing.assert_allclose(g, (whole + x) / np.linalg.norm(whole + x) * 2.0, rtol=1e-14)


def test_without_either_the_problem_is_itself_and_with_them_each_function_is_made_once() -> None:
    plain = scenario("rosenbrock").build()
    assert seen(plain, 0.0, 0.0) is plain
    assert seen(plain, 0.1, 0.0).value_grad is seen(plain, 0.0, 3.0).value_grad
    assert plain.value_grad is not seen(scenario("quadratic").build(), 0.1, 0.0).value_grad


@pytest.mark.jit
@pytest.mark.parametrize("objective", ALGEBRAIC)
def test_compiled_and_plain_see_the_same_bits(objective: str) -> None:
    problem = seen(scenario(ALGEBRAIC[objective]).build(), 0.01, 1.5)
    function, x = compiled(problem.value_grad, "value_grad"), problem.start + 0.25
    plain_g, compiled_g = np.zeros(problem.n), np.zeros(problem.n)
    data = (problem.reals, problem.ints, NONE, np.empty(0))
    assert problem.value_grad(x, *data, plain_g) == function(x, *data, compiled_g)
    assert plain_g.tobytes() == compiled_g.tobytes()


@pytest.mark.parametrize("optimizer", fit("rosenbrock"))
def test_what_is_recorded_is_the_races_objective(optimizer: str) -> None:
    if optimizer not in takes("l2"):
        pytest.skip(f"{optimizer} decays the weights itself")
    whole = race("rosenbrock", f"{optimizer}:l2=0.5").advance(40)
    racer = whole[optimizer]
    loss, gradient = evaluated(whole.problem, racer.theta)
    assert racer.measure() == pytest.approx((loss, float(np.linalg.norm(gradient))), rel=1e-12)
    if racer.outcome is not Outcome.DIVERGED:
        assert racer.loss[-1] == pytest.approx(loss, rel=1e-12)


def takes(key: str) -> tuple[str, ...]:
    from gdtui import registry, specs

    return tuple(name for name in OPTIMIZERS if key in specs.hyperparameters(registry.optimizer(name)))


def test_newton_with_l2_lands_on_the_minimum_of_what_it_sees() -> None:
    whole = race({"name": "quadratic", "matrix": [[2.0, 0.0], [0.0, 8.0]]}, "newton:l2=2", start=[1.0, 1.0])
    assert whole.advance(1)["newton"].theta.tolist() == pytest.approx([0.0, 0.0], abs=1e-15)
    shifted = race("logistic", "newton:l2=0.5", "lbfgs:l2=0.5").advance(60)
    np.testing.assert_allclose(shifted["newton"].theta, shifted["lbfgs"].theta, rtol=1e-6, atol=1e-9)
    _, gradient = evaluated(seen(shifted.problem, 0.5, 0.0), shifted["newton"].theta)
    assert np.linalg.norm(gradient) < 1e-10


def test_l2_is_no_weight_decay_for_adam_but_is_for_gd() -> None:
    """(1 - lr l2) a step for gd; for adam it is divided by the root of its own square."""
    pulled = race({"name": "quadratic", "matrix": [[1e-9]]}, "gd:lr=0.1,l2=0.5", "adam:lr=0.1,l2=0.5", start=[8.0])
    pulled.advance(1)
    assert pulled["gd"].theta[0] == pytest.approx(8.0 * 0.95, rel=1e-8)
    assert pulled["adam"].theta[0] == pytest.approx(7.9, rel=1e-8)


@pytest.mark.parametrize("suffix", [":l2=0.1", ":clip=0.5", ":l2=0.1,clip=0.5", f":clip=0.2,batch_size={BATCH}"])
def test_tick_size_changes_nothing(suffix: str) -> None:
    objective = "logistic" if "batch" in suffix else "rosenbrock"

    @settings(max_examples=6)
    @given(st.lists(st.integers(0, 70), min_size=1, max_size=5))
    def check(cuts: list[int]) -> None:
        racers = [name + suffix for name in ("gd", "nesterov", "adam")]
        together, pieces = race(objective, *racers).advance(sum(cuts)), race(objective, *racers)
        for steps in cuts:
            pieces.advance(steps)
        assert_same(together, pieces)

    check()


def test_a_clipped_racer_says_so() -> None:
    clipped = race("rosenbrock", "gd:clip=0.25", "adam").snapshot().racers
    assert [racer.remark for racer in clipped] == ["clipped at 0.25", ""]


def test_clipping_saves_a_step_that_would_diverge() -> None:
    wild = race("rosenbrock", "gd:lr=0.01,label=wild", "gd:lr=0.01,clip=1,label=tame").advance(200)
    assert wild["wild"].outcome is Outcome.DIVERGED
    assert wild["tame"].outcome is None
    assert np.linalg.norm(np.diff(wild["tame"].path, axis=0), axis=1).max() <= 0.01 * (1.0 + 1e-12)


def test_a_python_objective_is_seen_so_too() -> None:
    def bowl(theta: Reals) -> tuple[float, Reals]:
        return 0.5 * float(theta @ theta), theta

    whole = Race(objective=bowl, start=[3.0, 4.0], racers=["gd:lr=0.1,l2=1,clip=2"])
    assert whole.advance(1)["gd"].theta.tolist() == pytest.approx([3.0 - 0.1 * 1.2, 4.0 - 0.1 * 1.6])
    problem = python_problem(bowl, [1.0])
    assert seen(problem, 1.0, 0.0).value_grad is not seen(problem, 1.0, 0.0).value_grad, "nothing of a race is kept"


@pytest.mark.parametrize("size", [1e200, 1e308, 5e-324])
def test_monstrous_gradients_are_clipped_or_retire_their_racer(size: float) -> None:
    whole = Race(objective=lambda x: (float(x.sum()), np.full(2, size)), start=[1.0, 1.0], racers=["gd:lr=0.5,clip=1"])
    theta = whole.advance(1)["gd"].theta
    assert np.linalg.norm(theta - 1.0) <= 0.5 * (1.0 + 1e-12)
