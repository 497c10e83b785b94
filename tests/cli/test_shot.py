"""``gdtui shot``: pictures in files and on stdout."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from gdtui.cli.footage import opened
from gdtui.engine.race import Race
from gdtui.recording import files, write
from tests.cli.support import ROOT, SCENARIO, invoke, scenario_file
from tests.tui.terminals import Terminal

SADDLE = ("shot", "saddle", "--at", "30", "--size", "60x20")


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_ending_says_what_is_written() -> None:
    for name in ("a.txt", "a.ansi", "a.html", "a.svg", "b.SVG"):
        result = invoke(*SADDLE, "-o", name)
        assert (result.exit_code, result.output) == (0, "")
    text = Path("a.txt").read_text("utf-8")
    assert text.splitlines()[0].startswith("╭─ Contour: Saddle")
    assert text.splitlines()[-1].startswith(" step 30 of 400 · paused")
    assert len(text.splitlines()) == 20
    assert "\x1b[" in Path("a.ansi").read_text("utf-8")
    assert Path("a.html").read_text("utf-8").startswith("<!DOCTYPE html>")
    assert ElementTree.fromstring(Path("a.svg").read_text("utf-8")).tag.endswith("svg")
    assert Path("a.svg").read_bytes() == Path("b.SVG").read_bytes()


def test_the_same_command_writes_the_same_bytes_wherever_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    invoke(*SADDLE, "-o", "a.svg")
    Path("config.toml").write_text('theme = "light"\ncolor = "16"\nascii = true\n')
    for name, value in (("GDTUI_CONFIG", "config.toml"), ("NO_COLOR", "1"), ("LC_ALL", "C"), ("TERM", "dumb")):
        monkeypatch.setenv(name, value)
    invoke(*SADDLE, "-o", "b.svg")
    assert Path("a.svg").read_bytes() == Path("b.svg").read_bytes()


def test_a_picture_is_of_the_end_unless_a_step_is_given() -> None:
    end, begin = invoke("shot", "saddle"), invoke("shot", "saddle", "--at", "0")
    assert " step 400 of 400 · finished" in end.stdout
    assert " step 0 of 400 · paused" in begin.stdout
    assert len(end.stdout.splitlines()) == 40
    assert "\x1b" not in end.stdout
    early = invoke("shot", "quadratic", "--racer", "newton")
    assert "converged at step" in early.stdout
    late = invoke("shot", "quadratic", "--racer", "newton", "--at", "500")
    assert " step 500 of 1 000 · finished" in late.stdout


def test_it_looks_as_asked_for() -> None:
    text = invoke(*SADDLE, "--ascii").stdout
    assert text.isascii()
    assert text == invoke(*SADDLE, "--raster", "ascii").stdout
    assert "▸adam" in invoke(*SADDLE, "--pin", "adam", "--racer", "adam", "--racer", "gd").stdout
    assert set("▀▄█▌▐") & set(invoke(*SADDLE, "--raster", "block").stdout)
    sixteen = invoke(*SADDLE, "--format", "ansi", "--color", "16", "--theme", "light").stdout
    assert "\x1b[107;" in sixteen
    assert "38;" not in sixteen
    none = invoke(*SADDLE, "--format", "ansi", "--color", "none").stdout
    assert {code for found in re.findall(r"\x1b\[([0-9;]*)m", none) for code in found.split(";")} == {"0", "1", "2"}
    own = invoke(*SADDLE, "--format", "ansi", "--theme", "terminal").stdout
    assert "38;" not in own
    assert "48;" not in own


def test_a_hostile_scenario_is_text_in_every_format() -> None:
    text = SCENARIO.replace("Two racers", "<script>alert(1)</script>\\u001b[2J").replace("fast", '<b>&\\"')
    path = scenario_file(Path(), text)
    for kind in ("svg", "html", "ansi", "txt"):
        shown = invoke("shot", path, "--at", "5", "--format", kind).stdout
        assert "\x1b[2J" not in shown
        assert kind not in {"svg", "html"} or ("<script>" not in shown and "<b>&" not in shown)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-o", "a.png"), "--output a.png: unknown ending .png; known: .svg, .html, .ansi, .txt; or give --format"),
        (("-o", "a"), "--output a: no ending; known: .svg, .html, .ansi, .txt; or give --format"),
        (("-o", "no/a.svg"), "no/a.svg: there is no such folder"),
        (("-o", "folder.svg"), "folder.svg: is a folder"),
        (("-o", "/dev/null", "--format", "svg"), "/dev/null: is not a regular file"),
        (("-o", "there.svg"), "there.svg: is there already; choose another name, or replace it by --force"),
        (("--at", "401"), "--at: 401 is beyond the last step, 400"),
        (("--at", "-1"), "--at -1 is out of range"),
        (("--at", "1.5"), "'1.5' is not a whole number"),
        (("--size", "39x20"), "give a size from 40x12 to 400x200"),
        (("--size", "401x20"), "give a size from 40x12 to 400x200"),
        (("--size", "60"), "'60' is not a size"),
        (("--size", "9999999999x20"), "is not a size"),
        (("--pin", "nobody"), "--pin: no racer is called 'nobody'"),
        (("--ascii", "--raster", "block"), "--ascii and --raster block exclude each other"),
        (("--theme", "blue"), "'blue' is not one of"),
    ],
)
def test_what_cannot_be_is_refused_in_a_line(arguments: tuple[str, ...], message: str) -> None:
    Path("folder.svg").mkdir()
    Path("there.svg").write_text("mine")
    before = sorted(Path().iterdir())
    result = invoke("shot", "saddle", *arguments)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert message in result.stderr
    assert sorted(Path().iterdir()) == before
    assert Path("there.svg").read_text() == "mine"


def test_an_existing_file_is_replaced_when_forced_and_what_a_link_points_to_is_not() -> None:
    Path("there.txt").write_text("mine")
    Path("link.txt").symlink_to("there.txt")
    for name in ("there.txt", "link.txt"):
        assert invoke(*SADDLE, "-o", name).exit_code == 2
    assert invoke(*SADDLE, "-o", "link.txt", "--force").exit_code == 0
    assert "Saddle" in Path("link.txt").read_text("utf-8")
    assert Path("there.txt").read_text() == "mine"
    assert sorted(path.name for path in Path().iterdir()) == ["link.txt", "there.txt"]


def test_a_file_is_written_whole_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files.os, "fsync", full)
    Path("there.txt").write_text("mine")
    result = invoke(*SADDLE, "-o", "there.txt", "--force")
    assert (result.exit_code, result.stderr) == (74, "gdtui: there.txt: cannot be written: No space left on device\n")
    assert [path.name for path in Path().iterdir()] == ["there.txt"]
    assert Path("there.txt").read_text() == "mine"


@pytest.mark.parametrize("name", ["a\0b.txt", "x" * 300 + ".txt", "a\nb\x1b[2J.txt"])
def test_a_name_may_be_anything_a_shell_lets_through(name: str) -> None:
    result = invoke(*SADDLE, "-o", name)
    assert result.exit_code in {0, 2, 74}
    assert result.stderr.count("\n") == (result.exit_code != 0)
    assert "\x1b" not in result.stderr
    assert not list(Path().glob(".*"))


def test_moments_of_a_race_can_be_seen_in_any_order() -> None:
    footage = opened("quadratic", racers=["gd:lr=0.01"])
    first = footage.at(50)
    assert footage.at(20).step == 20
    again = footage.at(50)
    assert again.racers[0].loss == first.racers[0].loss
    assert footage.end() == 1000
    assert footage.at(400).racers[0].step == 400


def test_on_a_terminal_it_has_its_size_and_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    with Terminal(
        "shot", "saddle", "--at", "30", size=(70, 24), environment={"COLORTERM": "", "NO_COLOR": ""}
    ) as shown:
        assert shown.wait() == 0
        lines = [line.rstrip() for line in shown.screen.display]
        assert lines[0].startswith("╭─ Contour: Saddle")
        assert lines[0].endswith("╮")
        assert lines[22].startswith(" step 30 of 400 · paused")
        assert b"38;5;" in shown.output
        assert b"38;2;" not in shown.output


@pytest.mark.parametrize("name", ["a.gdtui", "a.gdtui.journal"])
def test_a_recording_is_shown_as_its_race_was(name: str) -> None:
    race = Race("saddle", racers=["gd:lr=0.05", "adam:lr=0.02"]).advance(120)
    write(name, race)
    recorded, raced = (
        invoke("shot", *what, "--size", "60x20", "--format", "ansi").stdout
        for what in ((name,), ("saddle", "--racer", "gd:lr=0.05", "--racer", "adam:lr=0.02", "--at", "120"))
    )
    assert recorded == raced
    assert " step 30 of 400 · paused" in invoke("shot", name, "--at", "30").stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("a.gdtui", "--racer", "adam"), "a.gdtui: --racer: what is recorded stays as it is; leave it out"),
        (("a.gdtui", "--steps", "9"), "a.gdtui: --steps: what is recorded stays as it is; leave it out"),
        (("a.gdtui", "--at", "6"), "--at: 6 is beyond the last step, 5"),
        (("b.gdtui",), "b.gdtui"),
        (("none.gdtui",), "none.gdtui"),
    ],
)
def test_a_recording_that_cannot_be_shown_is_refused_in_a_line(arguments: tuple[str, ...], message: str) -> None:
    write("a.gdtui", Race("saddle").advance(5))
    Path("b.gdtui").write_bytes(Path("a.gdtui").read_bytes()[:-40])
    result = invoke("shot", *arguments)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert message in result.stderr
