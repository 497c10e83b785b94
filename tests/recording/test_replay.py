"""A recorded race, played: nothing is computed anew, and nothing changes it."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from gdtui.engine.driver import DriverState
from gdtui.engine.race import Race
from gdtui.errors import InputError
from gdtui.recording import read
from gdtui.recording.replay import RecordedRace, ReplayDriver
from tests.engine.test_driver import Audience, Clock
from tests.recording.races import edited_race, file_of, plain


@pytest.fixture
def recorded(tmp_path: Path) -> RecordedRace:
    return RecordedRace.of(read(file_of(edited_race(), tmp_path)))


def test_it_is_played_from_the_start_to_the_end(recorded: RecordedRace) -> None:
    audience, clock = Audience(), Clock()
    driver = ReplayDriver(recorded, audience, clock=clock, speed=math.inf, paused=True)
    driver.start()
    try:
        first = audience.wait_for_state(DriverState.PAUSED)
        assert (first.snapshot.step, first.is_replay) == (0, True)
        told = [(mark.step, mark.text) for mark in first.timeline.marks]
        assert (40, "gd lr 0.001 → 0.002") in told
        assert (70, "twin lr 0.01 → 0.02") in told
        driver.step(5)
        audience.wait_for(lambda seen: seen.snapshot.step == 5)
        driver.go_to(70)
        audience.wait_for(lambda seen: seen.snapshot.step == 70)
        driver.back()
        before = audience.wait_for(lambda seen: seen.snapshot.step == 69)
        assert "twin" not in [racer.label for racer in before.snapshot.racers]
        driver.run()
        last = audience.wait_for_state(DriverState.FINISHED)
        assert last.snapshot.step == recorded.recording.step == 123
        assert plain(last.snapshot) == plain(recorded.recording.snapshot())
        driver.restart()
        audience.wait_for(lambda seen: seen.generation == 1 and seen.state is DriverState.FINISHED)
        driver.order(lambda race: race.set_lr("gd", 1.0))
        assert "this is a replay" in audience.wait_for(lambda seen: bool(seen.reason)).reason
    finally:
        driver.close()


def test_nothing_of_it_can_be_changed(recorded: RecordedRace) -> None:
    recorded.advance(20)
    for change in (
        lambda: recorded.set("gd", {"lr": 0.5}),
        lambda: recorded.add("adam"),
        lambda: recorded.remove("gd"),
        lambda: recorded.bench("gd"),
        lambda: recorded.branch("gd", {}),
        lambda: recorded.restarted([0.0, 0.0]),
    ):
        with pytest.raises(InputError, match="this is a replay, and nothing is raced anew"):
            change()
    assert recorded.step == 20


def test_one_races_on_from_its_end(tmp_path: Path) -> None:
    path = file_of(Race("saddle").advance(100), tmp_path)
    on = RecordedRace.of(read(path)).recording.race()
    assert (on.step, on.is_replay) == (100, False)
