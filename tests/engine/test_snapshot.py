"""Earlier pictures of a race, made of a later one alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdtui.engine import history
from gdtui.engine.outcome import Outcome
from gdtui.engine.race import Race
from tests.engine.races import BATCH, race

COLUMNS = ("steps", "loss", "loss_low", "loss_high", "grad_norm", "rate", "work", "move", "move_low", "move_high")


def edited(step: int) -> Race:
    """A race at ``step``, with what was changed up to then."""
    whole = race("logistic", "gd:lr=0.1", f"sgd:lr=0.05,batch_size={BATCH}")
    for when, lr in ((10, 0.2), (30, 0.4)):
        if when > step:
            break
        whole.advance(when - whole.step)
        whole.set("gd", {"lr": lr, "schedule": f"cosine(steps={when * 10})"})
    return whole.advance(step - whole.step)


@settings(max_examples=15)
@given(step=st.integers(0, 60))
def test_it_is_what_the_race_showed_then(step: int) -> None:
    later, then = edited(60).snapshot().at(step), edited(step).snapshot()
    assert (later.step, later.limits, later.loss_start) == (then.step, then.limits, then.loss_start)
    for shown, racer in zip(later.racers, then.racers, strict=True):
        assert (shown.step, shown.lr, shown.outcome, shown.events) == (
            racer.step,
            racer.lr,
            racer.outcome,
            racer.events,
        )
        assert (shown.spec.schedule, shown.spec.lr) == (racer.spec.schedule, racer.spec.lr)
        assert shown.theta.tolist() == racer.theta.tolist()
        assert shown.path.tolist() == racer.path.tolist()
        assert (shown.loss, shown.grad_norm) == (float(racer.recorded.loss[-1]), float(racer.recorded.grad_norm[-1]))
        for column in COLUMNS:
            assert getattr(shown.recorded, column).tobytes() == getattr(racer.recorded, column).tobytes()
        assert not shown.path.flags.writeable
        assert shown.recorded.seconds.shape == shown.recorded.steps.shape
        assert (np.diff(shown.recorded.seconds) >= 0.0).all()


def test_between_recorded_steps_it_stands_where_the_last_one_found_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MOST_RECORDS", 16)
    monkeypatch.setattr(history, "LONGEST_PATH", 6)
    picture = race("rosenbrock", "adam:lr=0.01").advance(60).snapshot().racers[0]
    stride = int(picture.recorded.steps[1])
    assert (stride, picture.path_stride) == (4, 16)
    then = picture.at(35)
    assert then.recorded.steps.tolist() == list(range(0, 33, 4))
    assert then.loss == picture.recorded.loss[8]
    assert then.theta.tolist() == race("rosenbrock", "adam:lr=0.01").advance(32)["adam"].theta.tolist()


def test_how_a_racer_ended_is_not_known_before() -> None:
    picture = race("quadratic", "gd:lr=10", "adam").advance(200).snapshot()
    ended = picture.racers[0].step
    assert picture.at(ended).racers[0] is picture.racers[0]
    before = picture.at(ended - 1).racers[0]
    assert (before.outcome, before.note) == (Outcome.RUNNING, "")
    assert picture.at(200) is picture


def test_a_branch_is_there_from_where_it_came_off() -> None:
    whole = race("rosenbrock", "gd").advance(20)
    whole.branch("gd", {"lr": 1e-4}, "slow")
    picture = whole.advance(20).snapshot()
    assert [racer.label for racer in picture.at(19).racers] == ["gd"]
    assert [racer.label for racer in picture.at(20).racers] == ["gd", "slow"]
    assert picture.at(20).racers[1].lr == 1e-4
