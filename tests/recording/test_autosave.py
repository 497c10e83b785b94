"""Races that are cut off: kept, a few of them, and offered once."""

from __future__ import annotations

from pathlib import Path

import pytest

from gdtui.engine.race import Race
from gdtui.folders import cut_off_races
from gdtui.recording import autosave, read
from gdtui.recording.replay import RecordedRace
from tests.cli.support import invoke
from tests.engine.races import assert_same


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gdtui.folders.platformdirs.user_state_dir", lambda name: str(tmp_path / name))


def test_a_race_that_was_kept_goes_on_and_is_offered_once() -> None:
    assert autosave.offer() is None
    path = autosave.save(Race("saddle").advance(70))
    assert path is not None
    assert cut_off_races() == [path]
    offered = autosave.offer()
    assert offered is not None
    assert_same(offered.race().advance(30), Race("saddle").advance(100))
    assert autosave.offer() is None
    listed = invoke("resume")
    assert (listed.exit_code, listed.stdout) == (0, f"{path}  saddle, step 70\n")
    assert invoke("info", str(path)).exit_code == 0


def test_ten_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    race = Race("saddle").advance(1)
    times = iter(f"20261127-08{minute:02d}00" for minute in range(13))
    monkeypatch.setattr("gdtui.recording.autosave.time.strftime", lambda _: next(times))
    paths = [autosave.save(race.advance(1)) for _ in range(13)]
    assert cut_off_races() == paths[:2:-1]
    assert read(cut_off_races()[0]).step == 14


def test_what_is_not_kept(tmp_path: Path) -> None:
    race = Race("saddle")
    assert autosave.save(race) is None
    race.prepare()
    assert autosave.save(race) is None
    on_a_function = Race(objective=lambda x: (float(x @ x), 2 * x), start=[1.0], racers=["gd"])
    assert autosave.save(on_a_function.advance(3)) is None
    path = autosave.save(race.advance(5))
    assert path is not None
    assert autosave.save(RecordedRace.of(read(path)).advance(3)) is None
    assert cut_off_races() == [path]


def test_a_folder_that_cannot_be_written_to_is_no_trouble(tmp_path: Path) -> None:
    (tmp_path / "gdtui").write_text("in the way")
    assert autosave.save(Race("saddle").advance(3)) is None
    assert autosave.offer() is None
    result = invoke("resume")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "no race was cut off" in result.stderr
