"""Recordings in the app: written with w, replayed, and raced on from."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static

from gdtui.engine.race import Race
from gdtui.recording import read
from gdtui.recording.replay import RecordedRace
from gdtui.tui.dialogs import Question
from gdtui.tui.panes.time_line import TimeLine
from tests.engine.races import assert_same
from tests.recording.races import file_of
from tests.tui.apps import (
    check_golden,
    is_settled,
    lines_of,
    opened,
    shown,
    state_of,
    step_of,
    take_steps,
    wait_until,
)


def told(pilot: Pilot[int]) -> str:
    return "\n".join(str(notification.message) for notification in pilot.app._notifications)


def replay_of(folder: Path) -> RecordedRace:
    race = Race("saddle").advance(100)
    race.set("gd", {"lr": 0.01})
    return RecordedRace.of(read(file_of(race.advance(100), folder)))


async def test_w_writes_a_recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "taken.gdtui").touch()
    async with opened("saddle") as (pilot, screen):
        await take_steps(pilot, screen, 50)
        await pilot.press("w")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, Question) and bool(pilot.app.screen.query(Input)))
        field = pilot.app.screen.query_one(Input)
        assert field.value == "saddle.gdtui"
        field.value = "taken"
        await pilot.pause()
        assert "is there already" in str(pilot.app.screen.query_one("#verdict", Static).content)
        field.value = "kept"
        await pilot.press("enter")
        await wait_until(pilot, lambda: "Recorded up to step 50" in told(pilot))
    assert_same(read("kept.gdtui").race(), Race("saddle").advance(50))


async def test_a_replay_marks_where_verdicts_became_others(tmp_path: Path) -> None:
    race = Race("quadratic", racers=["rmsprop:lr=0.02"]).advance(3000)
    async with opened(RecordedRace.of(read(file_of(race, tmp_path)))) as (pilot, screen):
        await wait_until(pilot, lambda: any("limit cycle" in mark.text for mark in screen.judge.marks))
        first = screen.judge.marks[0]
        await pilot.press(">")
        await wait_until(pilot, lambda: step_of(screen) == first.step)
        await wait_until(pilot, lambda: first.text in "\n".join(lines_of(pilot)))
        await pilot.press("<")
        await wait_until(pilot, lambda: step_of(screen) == 0 and "◇" in "\n".join(lines_of(pilot)))


async def test_a_replay_is_played_and_scrubbed(tmp_path: Path) -> None:
    async with opened(replay_of(tmp_path)) as (pilot, screen):
        assert "replay · step 0 of 400 · paused" in shown(screen, "status")
        screen.query_one(TimeLine).go_to(99)  # before it, verdicts became others
        await wait_until(pilot, lambda: step_of(screen) == 99)
        await pilot.press("greater_than_sign")
        await wait_until(pilot, lambda: step_of(screen) == 100 and is_settled(screen))
        assert "gd lr 0.05 → 0.01" in shown(screen, "time-line")
        await pilot.press("comma")
        await wait_until(pilot, lambda: step_of(screen) == 99)
        screen.query_one(TimeLine).focus()
        await pilot.press("end")
        await wait_until(pilot, lambda: step_of(screen) == 200 and state_of(screen) == "finished")
        await pilot.press("space")  # from the beginning
        await wait_until(pilot, lambda: screen.published is not None and screen.published.generation == 1)


async def test_what_would_change_a_replay_says_that_it_is_one(tmp_path: Path) -> None:
    async with opened(replay_of(tmp_path)) as (pilot, screen):
        for key in ("e", "n", "a", "b", "w"):
            pilot.app.clear_notifications()
            await pilot.press(key)
            await wait_until(pilot, lambda: "This is a replay" in told(pilot))
            assert pilot.app.screen is screen
        await pilot.press("delete")
        await wait_until(pilot, lambda: "this is a replay" in shown(screen, "status"))
        await pilot.press("c")
        await wait_until(pilot, lambda: "gdtui replay" in "\n".join(lines_of(pilot)))


async def test_capital_g_races_on_from_the_end(tmp_path: Path) -> None:
    async with opened(replay_of(tmp_path), speed=float("inf")) as (pilot, screen):
        await pilot.press("G")
        await wait_until(pilot, lambda: not screen.session.race.is_replay)
        await wait_until(pilot, lambda: step_of(screen) == 400 and state_of(screen) == "finished")
        straight = Race("saddle").advance(100)
        straight.set("gd", {"lr": 0.01})
        assert_same(screen.session.race, straight.advance(300))
        await pilot.press("G")
        await wait_until(pilot, lambda: "This is no replay" in told(pilot))


@pytest.mark.usefixtures("still_life")
async def test_a_replay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gdtui.tui.race_screen._entry", lambda _: "saddle.gdtui")
    async with opened(replay_of(tmp_path), size=(80, 24)) as (pilot, screen):
        await wait_until(pilot, lambda: bool(screen.judge.marks))
        screen.query_one(TimeLine).go_to(120)
        await wait_until(pilot, lambda: step_of(screen) == 120 and is_settled(screen))
        check_golden("replay-80x24", pilot)
