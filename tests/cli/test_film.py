"""``gdtui film``: films of whole races."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyte
import pytest

from gdtui.charts.shades import Colouring
from gdtui.cli.footage import opened
from gdtui.cli.looks import look
from gdtui.engine.race import Race
from gdtui.frames.picture import Camera, as_seen
from gdtui.recording import write
from tests.cli.support import ROOT, SCENARIO, gdtui, invoke, scenario_file
from tests.frames.grids import Shown
from tests.tui.terminals import Terminal

SADDLE = ("film", "saddle", "--size", "60x20", "--frames", "12")


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def top(empty_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a process of its own finds the package."""
    monkeypatch.chdir(ROOT)


def film_of(*arguments: str) -> tuple[dict[str, Any], list[tuple[float, str, str]]]:
    result = invoke(*arguments, "-o", "-")
    assert (result.exit_code, result.stderr) == (0, "")
    header, *events = map(json.loads, result.stdout.splitlines())
    return header, events


def test_a_film_shows_the_race_from_its_start_to_its_end() -> None:
    header, events = film_of(*SADDLE)
    assert (header["width"], header["height"], header["title"]) == (60, 20, "gdtui: Saddle between two minima")
    screen = pyte.Screen(60, 20)
    stream = pyte.Stream(screen)
    rows = []
    for _, _, data in events:
        stream.feed(data)
        rows.append(screen.display[-1].strip())
    assert rows[0].startswith("step 0 of 400 · ")
    assert "steps/s · running" in rows[0]
    assert rows[-1].startswith("step 400 of 400 · finished")
    assert [time for time, _, _ in events] == [k / 10 for k in range(13)]


def test_the_last_frame_is_the_picture_of_the_end() -> None:
    _, events = film_of(*SADDLE)
    shown = Shown(60, 20)
    for _, _, data in events:
        shown.feed(data)
    footage = opened("saddle")
    last = footage.at(footage.end())
    grid = Camera(footage.problem, (60, 20), remark="saddle, seed 0").take(as_seen(last))
    assert shown.screen.display[:2] == grid.lines()[:2]  # below, the axes are those that grew with the film
    assert shown.screen.display[-1] == grid.lines()[-1]
    assert look("-", size=None, theme=None, color=None, patterns=None, raster=None, ascii_only=False, renderer=None,
                pin=None).colouring == Colouring()  # fmt: skip


@pytest.mark.usefixtures("top")
def test_the_same_command_writes_the_same_bytes_in_any_process(tmp_path: Path) -> None:
    first, second = tmp_path / "a.cast", tmp_path / "b.cast"
    assert invoke(*SADDLE, "-o", str(first)).exit_code == 0
    assert gdtui(*SADDLE, "-o", str(second), NO_COLOR="1", TERM="dumb").returncode == 0
    assert first.read_bytes() == second.read_bytes()
    assert sorted(tmp_path.iterdir()) == [first, second]


def test_its_length_and_pace_are_as_asked_for() -> None:
    asked = ("--duration", "1.5", "--fps", "4", "--evenly", "--ascii", "--steps", "50")
    _, events = film_of("film", "saddle", *asked)
    assert events[-1][0] == 1.5
    assert len(events) == 7
    assert "of 50 |" in events[0][2]
    assert all(data.isascii() for _, _, data in events)
    one = film_of("film", "saddle", "--frames", "1")[1]
    assert [time for time, _, _ in one] == [0.0, 0.1]
    assert "step 400 of 400 · " in one[0][2]


def test_a_race_that_is_over_early_ends_the_film() -> None:
    _, events = film_of("film", "quadratic", "--racer", "newton", "--frames", "4", "--size", "60x20")
    assert "finished" in "".join(data for _, _, data in events)
    assert "step 1 000" not in "".join(data for _, _, data in events)


def test_a_recording_is_filmed_as_its_race() -> None:
    write("a.gdtui", Race("saddle").advance(400))
    recorded, raced = film_of("film", "a.gdtui", *SADDLE[2:])[1], film_of(*SADDLE)[1]
    assert recorded == raced


def test_held_out_measures_are_in_it() -> None:
    _, events = film_of("film", "credit", "--steps", "5", "--racer", "gd", "--frames", "3", "--size", "140x30")
    assert "test AUC" in events[0][2]


def test_a_hostile_scenario_is_text() -> None:
    text = SCENARIO.replace("Two racers", "\\u001b[2J<b>\\u2028").replace("fast", "a\\\\b")
    header, events = film_of("film", scenario_file(Path(), text), "--frames", "2")
    assert header["title"] == "gdtui: \ufffd[2J<b>\ufffd"
    assert sum(data.count("\x1b[2J") for _, _, data in events) == 1  # that of the film itself


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-o", "a.svg"), "--output a.svg: a film ends in .cast"),
        (("-o", "no/a.cast"), "no/a.cast: there is no such folder"),
        (("-o", "there.cast"), "there.cast: is there already"),
        ((), "Missing option '-o'"),
        (("-o", "a.cast", "--frames", "0"), "--frames 0 is out of range"),
        (("-o", "a.cast", "--frames", "20001"), "--frames 20001 is out of range"),
        (("-o", "a.cast", "--duration", "0"), "--duration 0 is out of range"),
        (("-o", "a.cast", "--duration", "inf"), "--duration inf is out of range"),
        (("-o", "a.cast", "--duration", "nan"), "--duration nan is out of range"),
        (("-o", "a.cast", "--duration", "9", "--frames", "9"), "--duration and --frames exclude each other"),
        (("-o", "a.cast", "--fps", "0"), "--fps 0 is out of range; give 1 to 60"),
        (("-o", "a.cast", "--fps", "nan"), "--fps nan is out of range"),
        (("-o", "-x.cast"), "-o needs a file, and -x.cast looks like an option"),
        (("-o", "a.cast", "--pin", "nobody"), "--pin: no racer is called 'nobody'"),
    ],
)
def test_what_cannot_be_is_refused_in_a_line(arguments: tuple[str, ...], message: str) -> None:
    Path("there.cast").write_text("mine")
    result = invoke("film", "saddle", *arguments)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert message in result.stderr
    assert [(path.name, path.read_text()) for path in Path().iterdir()] == [("there.cast", "mine")]


@pytest.mark.usefixtures("top")
def test_a_terminal_is_not_sent_a_film() -> None:
    with Terminal("film", "saddle", "-o", "-") as shown:
        assert shown.wait() == 2
        assert "a film is not for reading" in shown.text


@pytest.mark.usefixtures("top")
def test_ctrl_c_leaves_no_file_behind(tmp_path: Path) -> None:
    race = ("rosenbrock", "--racer", "rmsprop", "--steps", "1e9")
    with Terminal("film", *race, "-o", str(tmp_path / "a.cast")) as shown:
        shown.wait_for(lambda: b"rosenbrock" in shown.output)
        shown.type("\x03")
        assert shown.wait() == 130
    assert list(tmp_path.iterdir()) == []
