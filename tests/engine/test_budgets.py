"""What racers may use up: steps, work in gradient evaluations, seconds; and what each has been charged."""

from __future__ import annotations

import pytest

from gdtui.engine import racer as racers
from gdtui.engine.outcome import Limits, Outcome
from gdtui.engine.race import Race
from gdtui.errors import InputError
from tests.engine.races import BATCH, assert_same, race, scenario


def test_work_is_counted_in_gradients() -> None:
    whole = race("rosenbrock", "gd", "newton:search=true", "lbfgs", "nesterov").advance(10)
    newton = whole["newton"]
    counts = newton.evaluations
    assert newton.work == 0.5 * counts["value"] + counts["gradient"] + 2 * counts["hessian"]  # n = 2
    assert (whole["gd"].work, whole["nesterov"].work) == (10.0, 10.0)
    assert whole["lbfgs"].work == whole["lbfgs"].evaluations["gradient"] > 10


def test_work_is_recorded_with_every_row() -> None:
    whole = race("rosenbrock", "gd", "lbfgs").advance(12)
    assert whole["gd"].recorded.work.tolist() == [float(k) for k in range(13)]
    work = whole["lbfgs"].recorded.work
    assert (work[0], work[-1]) == (0.0, whole["lbfgs"].work)
    assert (work[1:] > work[:-1]).all()


def test_a_budget_of_work_ends_each_racer_where_it_is_used_up() -> None:
    whole = race("rosenbrock", "gd", "newton:damping=1e6", work=60).advance(100)
    gd, newton = whole["gd"], whole["newton"]
    assert (gd.step, newton.step) == (60, 20)  # a step of newton: a gradient, and a Hessian of two parameters
    assert gd.status is newton.status is Outcome.EXHAUSTED
    assert whole.is_over
    assert whole.is_level
    assert whole.budget == 60


def test_work_does_not_depend_on_the_tick_size() -> None:
    names = ("gd", "lbfgs", "newton:damping=1", "nesterov:l2=0.1")
    together, pieces = (race("rosenbrock", *names, work=47.5) for _ in range(2))
    together.advance(100)
    for steps in (1, 7, 30, 2, 60):
        pieces.advance(steps)
    assert_same(together, pieces)
    assert 47.5 <= together["gd"].work < 48.5 + 1.0


def test_a_budget_of_seconds_ends_each_racer_by_its_own_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]

    def ticking() -> float:
        now[0] += 0.25
        return now[0]

    monkeypatch.setattr(racers, "perf_counter", ticking)
    whole = race("rosenbrock", "gd", "adam", seconds=1.0)
    assert whole.budget is None
    whole.advance(10**6)
    assert [racer.clock.total for racer in whole] == [1.0, 1.0]
    assert [racer.status for racer in whole] == [Outcome.EXHAUSTED, Outcome.EXHAUSTED]
    assert whole.is_over


def test_seconds_are_interpolated_between_looks_at_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([0.0, 4.0, 4.0, 6.0])
    monkeypatch.setattr(racers, "perf_counter", lambda: next(times))
    whole = race("rosenbrock", "gd").advance(4).advance(2)
    assert whole["gd"].recorded.seconds.tolist() == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]


def test_a_clock_keeps_few_marks() -> None:
    clock = racers.Clock()
    for step in range(1, 20_000):
        clock.add(step, 0.5)
    steps, seconds = clock.marks()
    assert steps.size <= 4100
    assert seconds[-1] == clock.total == 0.5 * 19_999
    assert (seconds == 0.5 * steps).all()


def test_the_work_alone_limits_the_steps_too() -> None:
    assert race("rosenbrock", work=99.5).limits == Limits(100, 99.5, None)
    assert race("rosenbrock", work=50, steps=1000).limits == Limits(1000, 50.0, None)
    assert race("rosenbrock", seconds=2).limits == Limits(None, None, 2.0)
    assert race("rosenbrock", steps=7).limits == Limits(7, None, None)
    assert Race(scenario(work=30.0)).limits == Limits(1000, 30.0, None)


@pytest.mark.parametrize("key", ["work", "seconds"])
@pytest.mark.parametrize("wrong", [-1.0, float("nan"), float("inf"), "5", True])
def test_a_wrong_budget_is_refused(key: str, wrong: object) -> None:
    with pytest.raises(InputError, match=rf"{key}: .*\[0, "):
        race("rosenbrock", **{key: wrong})


def test_a_restart_begins_with_the_whole_budget() -> None:
    whole = race("rosenbrock", "gd", work=20).advance(50)
    again = whole.restarted()
    assert again.limits == whole.limits
    assert again.advance(50)["gd"].step == 20


def test_a_mini_batch_costs_a_gradient_and_a_look_at_a_plateau_a_value() -> None:
    plateau = "schedule=plateau(every=10)"
    whole = race("logistic", f"sgd:batch_size={BATCH},{plateau}", f"gd:{plateau}").advance(40)
    assert whole["sgd"].work == 40 + 4 * 0.5
    assert whole["gd"].work == 40.0, "its steps see the full loss anyway"
