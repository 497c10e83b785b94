"""Races agree with recordings as far as a tolerance asks: numbers up to a step, and then how the racers come in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdtui import recording
from gdtui.engine.race import Race
from gdtui.errors import InputError
from gdtui.recording import Recording
from gdtui.recording.agreement import Disagreement, Tolerance, disagreement
from tests.recording.races import file_of

OUTCOMES = Tolerance(outcomes=True)
Recorded = Callable[..., Recording]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """Make the recording of a race on a bowl, which each racer descends at a rate of its own."""

    def make(steps: int = 40, slope: float = 1.0, scale: float = 1.0, **rates: float) -> Recording:
        def bowl(theta: Any) -> tuple[float, Any]:
            return 0.5 * scale * float(theta @ theta), slope * scale * theta

        racers = [f"gd:lr={lr},label={label}" for label, lr in (rates or {"gd": 0.1}).items()]
        race = Race(objective=bowl, start=[1.0, 2.0], racers=racers, steps=steps).advance(steps)
        return recording.read(file_of(race, tmp_path_factory.mktemp("races"), times=False))

    return make


def without_settings(found: Disagreement) -> tuple[object, ...]:
    return found.partings, found.endings, found.overtakings


@pytest.mark.parametrize("tolerance", [Tolerance(), Tolerance(rtol=0.0, atol=0.0), Tolerance(steps=3), OUTCOMES])
def test_a_race_agrees_with_itself(recorded: Recorded, tolerance: Tolerance) -> None:
    assert not disagreement(recorded(a=0.1, b=1.9), recorded(a=0.1, b=1.9), tolerance)


@given(rtol=st.floats(0.0, 1e-2), atol=st.floats(0.0, 1e-2), steps=st.none() | st.integers(0, 50))
def test_numbers_part_where_they_are_further_apart_than_is_allowed(
    recorded: Recorded, rtol: float, atol: float, steps: int | None
) -> None:
    run, other = recorded(slope=1.001), recorded()
    tolerance = Tolerance(rtol=rtol, atol=atol, steps=steps)
    ours, theirs = (read.last.racers["gd"] for read in (run, other))
    beyond = (np.abs(ours.path - theirs.path) > atol + rtol * np.abs(theirs.path)).any(axis=1)
    expected = [step for step in np.flatnonzero(beyond) if steps is None or step <= steps]
    found = [p.step for p in disagreement(run, other, tolerance).partings if p.quantity.startswith("theta")]
    assert found == expected[:1]


def test_words_and_quotients_are_not_compared(recorded: Recorded) -> None:
    names = {parting.quantity for parting in disagreement(recorded(slope=1.1), recorded(), Tolerance()).partings}
    assert names == {"loss", "grad_norm", "theta[0]"}


def test_ends_have_to_be_the_same_where_numbers_are_compared_up_to_there(recorded: Recorded) -> None:
    run, other = recorded(steps=200, gd=0.9), recorded(steps=200, gd=0.91)
    (ending,) = disagreement(run, other, Tolerance(rtol=1.0, atol=1.0)).endings
    assert ending.left.startswith("converged at step ")
    assert ending.left != ending.right
    assert not disagreement(run, other, Tolerance(steps=0)).endings
    assert not disagreement(run, other, OUTCOMES).endings


def test_outcomes_are_not_alike_at_twice_the_step(recorded: Recorded) -> None:
    soon, late = recorded(steps=400, gd=0.9), recorded(steps=400, gd=0.2)
    (ending,) = disagreement(soon, late, OUTCOMES).endings
    assert ending.racer == "gd"
    assert [side.split(" at ")[0] for side in (ending.left, ending.right)] == ["converged", "converged"]


def test_nor_where_a_racer_diverges(recorded: Recorded) -> None:
    (ending,) = disagreement(recorded(gd=3.5), recorded(gd=1.5), OUTCOMES).endings
    assert ending.left.startswith("diverged at step ")
    assert ending.right == "exhausted at step 40"


@pytest.mark.parametrize(
    ("ours", "theirs", "fails"),
    [
        ({"a": 0.1, "b": 0.05}, {"a": 0.05, "b": 0.1}, True),
        ({"a": 0.1, "b": 0.05}, {"a": 0.06, "b": 0.05}, False),  # ahead in both
        ({"a": 0.1, "b": 0.1001}, {"a": 0.1001, "b": 0.1}, False),  # never far ahead
        ({"a": 0.1, "b": 0.05}, {"a": 0.1, "b": 0.1001}, True),  # far ahead in one of them
    ],
)
def test_who_is_far_ahead_must_not_be_behind(
    recorded: Recorded, ours: dict[str, float], theirs: dict[str, float], fails: bool
) -> None:
    overtakings = disagreement(recorded(**ours), recorded(**theirs), OUTCOMES).overtakings
    assert [(o.first, o.second) for o in overtakings] == [("a", "b")] * fails
    for o in overtakings:
        assert (o.run[0] < o.run[1]) is not (o.recorded[0] < o.recorded[1])


def test_racers_that_converged_are_both_there(recorded: Recorded) -> None:
    run, other = recorded(steps=400, a=0.5, b=0.4), recorded(steps=400, a=0.4, b=0.5)
    assert without_settings(disagreement(run, other, OUTCOMES)) == ((), (), ())


def test_what_is_within_atol_is_no_lead(recorded: Recorded) -> None:
    run, other = recorded(a=0.1, b=0.05), recorded(a=0.05, b=0.1)
    assert disagreement(run, other, Tolerance(outcomes=True, atol=0.0)).overtakings
    assert not disagreement(run, other, Tolerance(outcomes=True, atol=1.0)).overtakings


def test_other_settings_make_another_race(recorded: Recorded) -> None:
    found = disagreement(recorded(steps=41), recorded(), OUTCOMES)
    assert [(s.name, s.left, s.right) for s in found.settings] == [("steps", "41", "40")]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"rtol": -1e-9}, "rtol: "),
        ({"atol": float("nan")}, "atol: nan is not finite"),
        ({"steps": 2.5}, "steps: 2.5 is not a whole number"),
        ({"rtol": "little"}, "rtol: 'little' is not a number"),
        ({"outcomes": "yes"}, "outcomes: is neither true nor false"),
    ],
)
def test_a_tolerance_is_checked(given: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Tolerance(**given)


def test_a_recording_of_another_folder_is_as_good(recorded: Recorded, tmp_path: Path) -> None:
    read = recorded()
    copy = tmp_path / "copy.gdtui"
    copy.write_bytes(read.path.read_bytes())
    assert not disagreement(recording.read(copy), read, Tolerance(rtol=0.0, atol=0.0))
