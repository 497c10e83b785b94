"""A Python objective races in its own lane, to the same bits as compiled code, and whatever it does is survived."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import gdtui
from gdtui.contracts import Reals
from gdtui.engine import lanes
from gdtui.engine.outcome import Outcome
from gdtui.errors import InputError
from tests.engine.races import assert_same, fit, race


def rosenbrock(theta: Reals) -> tuple[float, Reals]:
    """In the order of operations of the compiled one."""
    value, g = 0.0, np.zeros_like(theta)
    for i in range(len(theta) - 1):
        rise = theta[i + 1] - theta[i] * theta[i]
        rest = 1.0 - theta[i]
        value += 100.0 * rise * rise + rest * rest
        g[i] += -400.0 * theta[i] * rise - 2.0 * rest
        g[i + 1] += 200.0 * rise
    return value, g


def bowl(theta: Reals) -> tuple[float, Reals]:
    return 0.5 * float(theta @ theta), theta


@pytest.mark.parametrize("optimizer", fit(None))
def test_same_bits_as_the_compiled_lane(optimizer: str) -> None:
    python = gdtui.Race(objective=rosenbrock, start=[-1.2, 1.0], racers=[optimizer]).advance(400)
    assert_same(python, race("rosenbrock", optimizer).advance(400))


def test_same_bits_in_many_dimensions() -> None:
    n = 100
    assert n > lanes.PLAIN_RULE_UP_TO  # so that the rules are the compiled ones
    compiled = race({"name": "rosenbrock", "dimension": n}, *fit(None)).advance(40)
    python = gdtui.Race(objective=rosenbrock, start=compiled.problem.start, racers=fit(None)).advance(40)
    assert_same(python, compiled)


@pytest.mark.parametrize("n", [2, 100])
def test_ticks_and_threads_change_nothing(n: int) -> None:
    start = np.linspace(-1.0, 1.0, n)
    racers = ["gd", "adam", "nesterov"]
    whole = gdtui.Race(objective=rosenbrock, start=start, racers=racers).advance(30)
    pieces = gdtui.Race(objective=rosenbrock, start=start, racers=racers, threads=2).advance(11).advance(19)
    assert_same(whole, pieces)


def test_without_a_budget_it_never_runs_out() -> None:
    free = gdtui.Race(objective=bowl, start=[1.0], racers=["gd"]).advance(10)
    assert free.budget is None
    assert free["gd"].status is Outcome.RUNNING
    held = gdtui.Race(objective=bowl, start=[1.0], racers=["gd"], steps=10).advance(10)
    assert held["gd"].status is Outcome.EXHAUSTED


def test_changing_theta_changes_nothing() -> None:
    def rude(theta: Reals) -> tuple[float, Reals]:
        answer = rosenbrock(theta)
        theta[:] = 7.0
        return answer

    start = np.array([-1.2, 1.0])
    polite = gdtui.Race(objective=rosenbrock, start=start, racers=["adam", "nesterov"]).advance(50)
    assert_same(polite, gdtui.Race(objective=rude, start=start, racers=["adam", "nesterov"]).advance(50))
    assert start.tolist() == [-1.2, 1.0]


def test_one_gradient_buffer_for_all_answers_changes_nothing() -> None:
    buffer = np.empty(2)

    def thrifty(theta: Reals) -> tuple[float, Reals]:
        value, buffer[:] = rosenbrock(theta)
        return value, buffer

    racers = ["gd", "adam"]
    usual = gdtui.Race(objective=rosenbrock, start=[-1.2, 1.0], racers=racers).advance(50)
    assert_same(usual, gdtui.Race(objective=thrifty, start=[-1.2, 1.0], racers=racers).advance(50))


@pytest.mark.parametrize("answer", [(np.float32(0.5), np.float32([1, 2])), (1, [1, 2]), (True, (1.0, 2.0))])
def test_answers_of_other_types_are_taken(answer: tuple[Any, Any]) -> None:
    taken = gdtui.Race(objective=lambda _: answer, start=[0.0, 0.0], racers=["gd:lr=1"]).advance(1)
    assert taken["gd"].theta.tolist() == [-1.0, -2.0]


WRONG: dict[str, tuple[Any, str]] = {
    "nothing": (None, "returned NoneType, not a pair"),
    "loss alone": (1.0, "returned float, not a pair"),
    "three things": ((1.0, [1.0, 2.0], 3.0), "returned tuple, not a pair"),
    "short gradient": ((1.0, [1.0]), r"the gradient has shape \(1,\), theta \(2,\)"),
    "matrix": ((1.0, np.eye(2)), r"the gradient has shape \(2, 2\), theta \(2,\)"),
    "scalar gradient": ((1.0, 2.0), r"the gradient has shape \(\), theta \(2,\)"),
    "ragged": ((1.0, [[1.0], [1.0, 2.0]]), "objective wrong"),
    "text": (("low", [1.0, 2.0]), "objective wrong: could not convert"),
    "loss as a list": (([1.0], [1.0, 2.0]), "objective wrong"),
    "no gradient": ((1.0, None), "objective wrong"),
    "huge number": ((10**400, [1.0, 2.0]), "objective wrong"),
}


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("good_calls", [0, 1, 5])
def test_wrong_answers_are_named(name: str, good_calls: int) -> None:
    answer, words = WRONG[name]
    calls = 0

    def wrong(theta: Reals) -> Any:
        nonlocal calls
        calls += 1
        return bowl(theta) if calls <= good_calls else answer

    def go() -> None:
        gdtui.Race(objective=wrong, start=[1.0, 2.0], racers=["gd"]).advance(10)

    with pytest.raises(InputError, match=words) as caught:
        go()
    assert "\n" not in str(caught.value)
    assert "return (loss, gradient)" in str(caught.value)


def failing_after(calls: int, failure: Callable[[], object]) -> Callable[[Reals], tuple[float, npt.ArrayLike]]:
    def objective(theta: Reals) -> tuple[float, npt.ArrayLike]:
        nonlocal calls
        calls -= 1
        if calls < 0:
            failure()
        return bowl(theta)

    return objective


def test_an_exception_comes_out_and_the_others_go_on() -> None:
    def steep(theta: Reals) -> tuple[float, Reals]:
        if theta[0] < 0.5:
            raise KeyError("no data\nhere\x1b[2J")
        return bowl(theta)

    whole = gdtui.Race(objective=steep, start=[1.0], racers=["gd:lr=0.2,label=fast", "gd:lr=0.01,label=slow"])
    with pytest.raises(KeyError, match="no data"):
        whole.advance(10)
    assert whole["fast"].outcome is Outcome.DIVERGED
    assert whole["fast"].note.startswith("the objective failed at step 4: KeyError: ")
    assert whole["fast"].note.isprintable()
    assert whole["fast"].theta[0] >= 0.5
    assert (whole["slow"].step, whole.step) == (10, 10)
    alone = gdtui.Race(objective=bowl, start=[1.0], racers=["gd:lr=0.01,label=slow"]).advance(30)
    assert whole.advance(20)["slow"].theta.tolist() == alone["slow"].theta.tolist()


@pytest.mark.parametrize("failure", [lambda: math.exp(1e9), lambda: 1 / 0, lambda: 10.0**400])
def test_overflow_in_the_users_arithmetic_is_a_divergence(failure: Callable[[], object]) -> None:
    over = gdtui.Race(objective=failing_after(6, failure), start=[1.0], racers=["gd:lr=0.1"])
    over.advance(50)
    assert over["gd"].outcome is Outcome.DIVERGED
    assert np.isfinite(over["gd"].theta).all()


@pytest.mark.parametrize("loss", [math.nan, math.inf, -math.inf])
def test_a_loss_that_is_no_number_is_a_divergence(loss: float) -> None:
    calls = 0

    def sometimes(theta: Reals) -> tuple[float, Reals]:
        nonlocal calls
        calls += 1
        return (loss if calls > 6 else bowl(theta)[0]), theta

    gone = gdtui.Race(objective=sometimes, start=[1.0], racers=["gd:lr=0.1"]).advance(50)
    assert gone["gd"].outcome is Outcome.DIVERGED
    assert np.isfinite(gone["gd"].theta).all()
    assert math.isfinite(gone["gd"].last_seen[0])


def test_a_gradient_that_is_no_number_is_a_divergence() -> None:
    def cracked(theta: Reals) -> tuple[float, Reals]:
        return bowl(theta)[0], np.full_like(theta, np.nan) if theta[0] < 0.5 else theta

    gone = gdtui.Race(objective=cracked, start=[1.0, 0.0], racers=["gd:lr=0.1"]).advance(50)
    assert gone["gd"].outcome is Outcome.DIVERGED


def test_a_start_that_is_no_number_is_refused() -> None:
    with pytest.raises(InputError, match="start: the objective is not finite there"):
        gdtui.Race(objective=lambda theta: (math.nan, theta), start=[1.0], racers=["gd"])


def test_runaway_steps_overflow_in_silence() -> None:
    wild = gdtui.Race(objective=rosenbrock, start=[-1.2, 1.0], racers=["gd:lr=1e100", "adam:lr=1e300"]).advance(20)
    assert [racer.outcome for racer in wild] == [Outcome.DIVERGED, Outcome.DIVERGED]


def test_names() -> None:
    class Model:
        def __call__(self, theta: Reals) -> tuple[float, Reals]:
            return bowl(theta)

    assert gdtui.Race(objective=Model(), start=1.0, racers=["gd"]).problem.title == "Model"
    assert gdtui.Race(objective=bowl, start=[1, 2], racers=["gd"]).scenario.name == "bowl"
