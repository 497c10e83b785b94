"""The one loop, as plain Python, on numbers small enough to check by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from gdtui.contracts import Reals
from gdtui.engine import lockstep as at
from gdtui.engine.lanes import functions_for
from gdtui.engine.outcome import Outcome
from gdtui.engine.race import Race
from gdtui.engine.racer import CHECK_EVERY, DIVERGED_BEYOND
from tests.engine.races import BATCH, race, scenario


@given(arrays.arrays(np.float64, st.integers(1, 6), elements=st.floats(allow_nan=False, allow_infinity=False)))
def test_norm_is_the_euclidean_length(g: Reals) -> None:
    with np.errstate(over="ignore"):
        assert at.norm(g) == pytest.approx(math.hypot(*g), rel=1e-12)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("others", [0.0, 1.0, 1e300])
def test_norm_shows_what_is_not_finite(bad: float, place: int, others: float) -> None:
    g = np.full(3, others)
    g[place] = bad
    with np.errstate(over="ignore"):
        assert not math.isfinite(at.norm(g))


@pytest.mark.parametrize(
    ("step", "slope", "whole"),
    [(3.0, 2.0, 1.5), (1e200, 2.0, math.nan), (3.0, 1e200, math.nan), (3.0, 1e-200, math.nan)],
)
def test_a_move_is_measured_per_unit_of_the_gradient(step: float, slope: float, whole: float) -> None:
    """As a whole, where the squares are numbers: a length beyond them is no length of 0."""
    record = np.zeros(at.RECORD_WIDTH)
    with np.errstate(all="ignore"):
        at.record_move(np.array([1.0 + step, 2.0]), np.array([1.0, 2.0]), np.array([slope, 0.0]), record)
    np.testing.assert_equal(record[at.MOVE], whole)
    assert record[[at.MOVE_LOW, at.MOVE_HIGH]].tolist() == [((1.0 + step) - 1.0) / slope] * 2


def test_gradient_descent_by_hand() -> None:
    gd = race({"name": "quadratic", "matrix": [[2.0, 0.0], [0.0, 4.0]]}, "gd:lr=0.125", start=[1.0, -1.0]).advance(3)[
        "gd"
    ]
    x, y = 0.75**3, -(0.5**3)
    assert gd.theta.tolist() == [x, y]
    assert gd.loss.tolist() == [0.75 ** (2 * k) + 2.0 * 0.5 ** (2 * k) for k in range(4)]
    assert gd.path.tolist() == [[0.75**k, -(0.5**k)] for k in range(4)]
    assert gd.grad_norm[-1] == math.hypot(2.0 * x, 4.0 * y)
    assert gd.evaluations == {"value": 0, "gradient": 3, "hessian": 0, "hessian_vector": 0}


def test_a_step_that_leaves_the_numbers_is_taken_back() -> None:
    saddle = race("saddle", "gd:lr=1e200", "adam").advance(10)
    gd, adam = saddle["gd"], saddle["adam"]
    assert gd.status is Outcome.DIVERGED
    assert gd.note == "diverged at step 1"
    assert gd.theta.tolist() == saddle.problem.start.tolist()
    assert gd.last_seen[0] == saddle.loss_start
    assert (gd.step, gd.steps.tolist()) == (1, [0])
    assert adam.status is Outcome.RUNNING
    assert adam.step == 10


def test_a_finite_blow_up_is_a_divergence() -> None:
    bowl = race("quadratic", "gd:lr=0.021", "momentum:lr=0.001").advance(5000)
    gd = bowl["gd"]
    limit = DIVERGED_BEYOND * max(1.0, gd.loss_start)
    assert gd.outcome is Outcome.DIVERGED
    assert gd.loss[-1] > limit >= gd.loss[-2]
    assert gd.step == gd.steps[-1] < 5000
    assert gd.theta.tolist() == gd.path[-1].tolist()
    assert bowl["momentum"].step == 5000 or bowl["momentum"].outcome is Outcome.CONVERGED


def test_one_gradient_without_end_at_a_finite_start(monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.engine.races import PLUGINS

    monkeypatch.setenv("GDTUI_PLUGINS", str(PLUGINS))
    cliff = race("cliff", "gd", start=[0.0]).advance(5)
    assert cliff["gd"].outcome is Outcome.DIVERGED
    assert cliff["gd"].note == "diverged at step 1"
    assert cliff["gd"].theta.tolist() == [0.0]


def test_convergence_freezes_a_racer() -> None:
    valley = race("rosenbrock", "momentum", "gd").advance(20_000)
    momentum = valley["momentum"]
    assert momentum.outcome is Outcome.CONVERGED
    assert momentum.grad_norm[-1] <= 1e-12 < momentum.grad_norm[-2]
    assert momentum.note == f"converged at step {momentum.step:,}"
    step, theta = momentum.step, momentum.theta
    valley.advance(1000)
    assert (momentum.step, momentum.theta.tolist()) == (step, theta.tolist())
    assert valley["gd"].step == valley.step == 21_000


def test_tolerance_zero_never_ends_a_racer() -> None:
    still = Race(scenario("quadratic", tolerance=0.0, start=[0.0, 0.0])).advance(100)
    assert still["gd"].outcome is None
    assert still["gd"].last_seen == (0.0, 0.0)
    assert still["gd"].step == 100


def test_a_start_at_the_minimum_has_converged() -> None:
    there = Race(scenario("quadratic", start=[0.0, 0.0])).advance(100)
    assert there["gd"].outcome is Outcome.CONVERGED
    assert there["gd"].note == "converged at the start"
    assert (there["gd"].step, there.step) == (0, 100)


def test_a_mini_batch_racer_ends_only_where_it_is_checked() -> None:
    easy = Race(scenario("logistic", tolerance=0.05), racers=[f"sgd:lr=0.5,batch_size={BATCH}"]).advance(5000)["sgd"]
    assert easy.outcome is Outcome.CONVERGED
    assert easy.step % CHECK_EVERY == 0
    before = easy.grad_norm[:-1]
    assert (before <= 0.05).any() or len(before) < CHECK_EVERY or easy.grad_norm[-1] <= 0.05


def test_charges() -> None:
    mixed = race("logistic", "gd", f"sgd:batch_size={BATCH}", "nesterov").advance(40)
    for racer in mixed:
        assert (racer.evaluations["gradient"], racer.work) == (40, 40.0), racer.label
        racer.measure()
        assert racer.evaluations["gradient"] == 40


def test_the_stop_flag_is_obeyed_before_the_first_step() -> None:
    held = race("rosenbrock", "gd")
    held.interrupt()
    held.advance(50)
    assert (held.step, held["gd"].step) == (0, 0)
    held.resume()
    assert held.advance(50)["gd"].step == 50


def test_the_lanes_hand_over_the_same_loop() -> None:
    problem = scenario().build()
    functions = functions_for(problem, race()["gd"].optimizer)
    assert functions.norm(np.array([3.0, 4.0])) == 5.0


def test_a_point_is_projected_onto_the_box_and_a_nan_is_kept() -> None:
    x = np.array([-3.0, -1.0, 0.5, 2.0, math.inf, -math.inf, math.nan])
    at.project(x, -1.0, 1.0)
    np.testing.assert_equal(x, [-1.0, -1.0, 0.5, 1.0, 1.0, -1.0, math.nan])
    at.project(x, -math.inf, 0.0)
    np.testing.assert_equal(x, [-1.0, -1.0, 0.0, 0.0, 0.0, -1.0, math.nan])
