"""Hyperparameters that change in mid-race: from the next step on, on the record, all or none."""

from __future__ import annotations

import numpy as np
import pytest

from gdtui.engine.race import Race
from gdtui.engine.racer import Event
from gdtui.errors import InputError
from gdtui.schedule_specs import from_value
from tests.engine.races import BATCH, assert_same, contents, race


def test_changes_hold_from_the_next_step_on() -> None:
    whole = race("quadratic", "momentum:lr=1e-3", start=[1.0, 1.0]).advance(5)
    velocity = (whole["momentum"].path[-2] - whole["momentum"].path[-1]) / 1e-3
    before = whole["momentum"].theta
    whole.set("momentum", {"lr": 1e-2, "beta": 0.5})
    assert whole["momentum"].theta.tolist() == before.tolist()
    gradient = np.empty(2)
    whole.problem.value_grad(
        before, whole.problem.reals, whole.problem.ints, np.empty(0, dtype=np.int64), np.empty(0), gradient
    )
    whole.advance(1)
    np.testing.assert_allclose(whole["momentum"].theta, before - 1e-2 * (0.5 * velocity + gradient), rtol=1e-9)


def test_every_change_is_an_event_in_the_history() -> None:
    whole = race("rosenbrock", "adam:lr=1e-2").advance(10)
    whole.set("adam", {"beta1": 0.5, "schedule": "cosine(steps=90)"})
    whole.advance(5)
    whole.set("adam", {"beta1": None, "lr": 1e-2})
    assert whole["adam"].events == (
        Event(10, "beta1", 0.9, 0.5),
        Event(10, "schedule", "constant", "cosine(steps=90)"),
        Event(15, "beta1", 0.5, 0.9),
    )
    assert whole.snapshot().racers[0].events == whole["adam"].events


def test_what_was_changed_twice_before_a_step_changed_once_and_changed_back_not_at_all() -> None:
    whole = race("rosenbrock", "adam").advance(3)
    for beta in (0.1, 0.2, 0.9):
        whole.set("adam", {"beta1": beta})
        assert len(whole["adam"].events) == (beta != 0.9)
    whole.set("adam", {"lr": 0.5})
    whole.set("adam", {"lr": 0.25})
    assert whole["adam"].events == (Event(3, "lr", 1e-3, 0.25),)


def test_a_change_before_the_first_step_is_as_if_it_had_been_given() -> None:
    changed, given = race("rosenbrock", "adam"), race("rosenbrock", "adam:beta1=0.5,l2=0.1,clip=3,lr=0.01")
    changed.set("adam", {"beta1": 0.5, "l2": 0.1, "clip": 3, "lr": 0.01})
    assert_same(changed.advance(50), given.advance(50))


def test_changes_do_not_depend_on_the_tick_size() -> None:
    left, right = (race("logistic", "adam", "nesterov") for _ in range(2))
    for whole, ticks in ((left, [30]), (right, [7, 13, 10])):
        for steps in ticks:
            whole.advance(steps)
        whole.set("adam", {"batch_size": BATCH, "beta2": 0.9})
        whole.set("nesterov", {"l2": 0.2, "clip": 0.5, "schedule": "plateau(every=4,patience=0)"})
        for steps in ticks:
            whole.advance(steps)
        whole.set("adam", {"batch_size": None})
        whole.set("nesterov", {"l2": 0, "clip": None, "schedule": None})
        for steps in ticks:
            whole.advance(steps)
    assert_same(left, right)


def test_from_mini_batches_to_the_full_batch_the_first_gradient_is_the_full_one() -> None:
    whole = race("logistic", f"gd:lr=0.1,batch_size={BATCH}").advance(20)
    theta = whole["gd"].theta
    whole.set("gd", {"batch_size": 0})
    whole.advance(1)
    problem, gradient = whole.problem, np.empty(whole.problem.n)
    problem.value_grad(theta, problem.reals, problem.ints, np.empty(0, dtype=np.int64), np.empty(0), gradient)
    np.testing.assert_allclose(whole["gd"].theta, theta - 0.1 * gradient, rtol=1e-12)


def test_clipping_can_begin_and_end_in_mid_race() -> None:
    whole = race("rosenbrock", "gd:lr=1e-3").advance(2)
    whole.set("gd", {"clip": 0.5})
    assert whole.snapshot().racers[0].remark == "clipped at 0.5"
    whole.advance(3)
    steps = np.linalg.norm(np.diff(whole["gd"].path, axis=0), axis=1)
    np.testing.assert_allclose(steps[2:], 0.5e-3, rtol=1e-9)
    whole.set("gd", {"clip": 0})
    whole.advance(1)
    assert np.linalg.norm(np.diff(whole["gd"].path, axis=0), axis=1)[-1] > 1e-3


@pytest.mark.parametrize(
    ("label", "changes", "message"),
    [
        ("adam", {"lr": 0.5, "beta1": 1.0}, r"racer 'adam': beta1: 1.0 is out of range"),
        ("adam", {"beta1": 0.5, "gamma": 1}, r"racer 'adam': gamma: adam has no such key"),
        ("adam", {"beta1": 0.5, "label": "x"}, r"racer 'adam': label: adam has no such key"),
        ("adam", {"beta1": 0.5, "schedule": "cosine"}, r"racer 'adam': schedule.steps: missing"),
        ("adam", {"schedule": "warmup(steps=5000)"}, r"racer 'adam': schedule: a warm-up of 5000 is longer"),
        ("adam", {"beta1": 0.5, "batch_size": 10**6}, r"racer 'adam': batch_size: 1000000 is more than the"),
        ("lbfgs", {"lr": 0.5, "history": 3}, r"racer 'lbfgs': history: cannot change in mid-race"),
        ("nobody", {"lr": 0.5}, r"no racer is called 'nobody'"),
    ],
)
def test_what_is_refused_leaves_no_trace(label: str, changes: dict[str, object], message: str) -> None:
    whole = race("logistic", "adam", "lbfgs").advance(3)
    before = [(contents(racer), racer.events, racer.spec, racer.hyperparameters) for racer in whole]
    with pytest.raises(InputError, match=message):
        whole.set(label, changes)
    assert [(contents(racer), racer.events, racer.spec, racer.hyperparameters) for racer in whole] == before


def test_none_goes_back_to_the_scenarios_rate() -> None:
    whole = Race("rosenbrock").advance(1)
    usual = whole["adam"].lr
    whole.set("adam", {"lr": 7.0})
    whole.set("adam", {"lr": None})
    assert (whole["adam"].lr, whole["adam"].events) == (usual, ())


def test_a_restart_and_a_file_take_the_hyperparameters_of_now() -> None:
    whole = race("rosenbrock", "adam").advance(5)
    whole.set("adam", {"beta1": 0.25, "clip": 2.0, "schedule": from_value("cosine(steps=70)")})
    assert whole.scenario.racers[0].text() == "adam:beta1=0.25,clip=2,schedule=cosine(steps=70)"
    again = whole.restarted()
    assert (again["adam"].clip, again["adam"].events) == (2.0, ())


def test_a_racer_that_has_ended_takes_changes_for_the_next_race() -> None:
    whole = race("rosenbrock", "gd:lr=10").advance(10)
    whole.set("gd", {"lr": 1e-3})
    assert whole.restarted().advance(10)["gd"].outcome is None
