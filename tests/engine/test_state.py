"""A racer's state is all of it: what goes on from one is equal to the bit to what was never interrupted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdtui.engine import history
from gdtui.engine.race import Race
from gdtui.engine.state import RaceState
from gdtui.errors import InputError
from tests.engine.races import ALGEBRAIC, BATCH, OPTIMIZERS, assert_same, contents, fit, race

STEPS = st.integers(0, 60)
SPECS = {
    "full batch": ("rosenbrock", ""),
    "mini-batch": ("logistic", f":batch_size={BATCH}"),
    "matrices": (ALGEBRAIC["matrix factorisation"], ""),
}


@pytest.fixture
def small_histories() -> Iterator[None]:
    """Histories so short that they merge several times within a test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(history, "MOST_RECORDS", 16)
        patch.setattr("gdtui.engine.state.MOST_RECORDS", 16)
        patch.setattr(history, "LONGEST_PATH", 6)
        yield


@pytest.mark.usefixtures("small_histories")
@pytest.mark.parametrize("kind", SPECS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_back_and_forward_again_changes_nothing(optimizer: str, kind: str) -> None:
    objective, suffix = SPECS[kind]
    if optimizer not in fit(objective):
        pytest.skip(f"{optimizer} asks for more than {objective} has")

    @settings(max_examples=4)
    @given(before=STEPS, between=STEPS, after=STEPS)
    def check(before: int, between: int, after: int) -> None:
        straight = race(objective, optimizer + suffix).advance(before + after)
        back = race(objective, optimizer + suffix).advance(before)
        state = back.state()
        back.advance(between).restore(state)
        assert back.step == before
        assert_same(straight, back.advance(after))
        elsewhere = race(objective, optimizer + suffix)
        elsewhere.restore(state)
        assert_same(straight, elsewhere.advance(after))

    check()


def test_a_state_has_the_edits_and_what_a_schedule_remembers() -> None:
    def edited(schedule: str) -> Race:
        whole = race("rosenbrock", "gd:lr=1e-3", f"adam:lr=0.01,schedule={schedule}").advance(40)
        whole.set("gd", {"lr": 2e-3, "clip": 10.0})
        whole.set("adam", {"beta1": 0.8})
        return whole.advance(17)

    for schedule in ("plateau(patience=2,every=5)", "cosine(steps=90)"):
        straight, other = edited(schedule), race("rosenbrock", "gd", "adam")
        other.restore(straight.state())
        assert_same(straight.advance(60), other.advance(60))
        assert [racer.events for racer in straight] == [racer.events for racer in other]
        assert [racer.spec for racer in straight] == [racer.spec for racer in other]
        assert other.scenario.racers == straight.scenario.racers


def test_how_a_racer_ended_is_part_of_it() -> None:
    ended = race("quadratic", "gd:lr=10", "newton", "lbfgs").advance(200)
    other = race("quadratic", "gd", "newton", "lbfgs")
    other.restore(ended.state())
    assert_same(ended, other)
    assert {racer.outcome for racer in other} == {racer.outcome for racer in ended}
    assert [racer.outcome is None for racer in other.advance(10)] == [racer.outcome is None for racer in ended]


def test_what_was_shown_before_stays() -> None:
    whole = race("rosenbrock", "adam").advance(30)
    picture, state = whole.snapshot(), whole.state()
    arrays = (picture.racers[0].recorded.loss, state.racers["adam"].records, state.racers["adam"].x)
    before = [array.tobytes() for array in arrays]
    whole.advance(30).restore(state)
    whole.advance(100)
    after = [array.tobytes() for array in arrays]
    assert before == after
    with pytest.raises(ValueError, match="read-only"):
        state.racers["adam"].records[0, 0] = 1.0


WRONG: dict[str, dict[str, Any]] = {
    "x": {"x": np.zeros(3)},
    "rule": {"rule": np.zeros((5, 2))},
    "cursor": {"cursor": np.zeros(3, dtype=np.int64)},
    "records": {"records": np.zeros((2, 4))},
    "path": {"path": np.zeros((2, 3))},
    "memory": {"memory": np.zeros(7)},
    "more rows than its cursor says": {"records": np.zeros((90, 9))},
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_state_of_another_shape_is_refused_and_changes_nothing(wrong: str) -> None:
    whole = race("rosenbrock", "adam").advance(20)
    state, before = whole.state().racers["adam"], contents(whole["adam"])
    with pytest.raises(InputError, match="adam"):
        whole.restore(RaceState(20, {"adam": replace(state, **WRONG[wrong])}))
    assert contents(whole["adam"]) == before


def test_a_state_of_other_racers_is_refused() -> None:
    whole = race("rosenbrock", "adam").advance(20)
    with pytest.raises(InputError, match="same racers"):
        whole.restore(race("rosenbrock", "gd").state())
    with pytest.raises(InputError, match="one of gd, not of adam"):
        whole.restore(race("rosenbrock", "gd:label=adam").state())
