"""Which command a line means, and how failures are said."""

from __future__ import annotations

import math
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import gdtui.api
from gdtui import __version__
from gdtui.config import Config
from gdtui.errors import InputError
from tests.cli.support import gdtui as run_gdtui
from tests.cli.support import invoke, scenario_file


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[tuple[gdtui.api.Race, dict[str, Any]]]:
    """The races the app was opened on, with the settings it was opened with, in place of the app."""
    calls: list[tuple[gdtui.api.Race, dict[str, Any]]] = []

    def open_app(race: gdtui.api.Race, **settings: Any) -> int:
        calls.append((race, settings))
        return 0

    monkeypatch.setattr(gdtui.api, "open_app", open_app)
    monkeypatch.delenv("NO_COLOR", raising=False)
    return calls


SETTINGS = {"speed": None, "paused": False, "config": Config()}


def test_without_a_word_the_app_opens_rosenbrock(shown: list[Any]) -> None:
    assert invoke().exit_code == 0
    race, settings = shown[0]
    assert race.scenario.name == "rosenbrock"
    assert len(race) == 6
    assert settings == SETTINGS


def test_a_scenario_needs_no_command(shown: list[Any]) -> None:
    assert invoke("saddle", "--paused", "--speed", "max", "--fps", "5").exit_code == 0
    race, settings = shown[0]
    assert race.scenario.name == "saddle"
    assert settings == SETTINGS | {"paused": True, "speed": math.inf, "config": Config("saddle", fps=5.0)}


def test_options_may_come_before_the_scenario(shown: list[Any]) -> None:
    arguments = ["--racer", "adam:lr=0.1", "--racer", "gd", "--seed", "3", "--start", "-1.2,1", "--steps", "1e3"]
    assert invoke(*arguments, "--renderer", "plotext", "--ascii", "--speed", "30", "rosenbrock").exit_code == 0
    race, settings = shown[0]
    assert race.labels == ("adam", "gd")
    assert (race.scenario.seed, race.scenario.start, race.budget) == (3, (-1.2, 1.0), 1000)
    assert settings == SETTINGS | {"config": Config(renderer="plotext", ascii=True), "speed": 30.0}


def test_every_setting_has_an_option(shown: list[Any]) -> None:
    arguments = ["--theme", "light", "--color", "16", "--patterns", "always", "--no-ascii", "--no-mouse", "--fps", "60"]
    assert invoke(*arguments).exit_code == 0
    config = shown[0][1]["config"]
    assert config == Config(theme="light", color="16", patterns="always", ascii=False, mouse=False, fps=60.0)
    assert set(config.sources.values()) == {"command line"}


def test_options_beat_variables(shown: list[Any]) -> None:
    variables = {"GDTUI_SCENARIO": "saddle", "GDTUI_MOUSE": "0", "GDTUI_ASCII": "1", "NO_COLOR": "1"}
    assert invoke("--mouse", "--color", "auto", env=variables).exit_code == 0
    race, settings = shown[0]
    assert race.scenario.name == "saddle"
    assert settings["config"] == Config("saddle", mouse=True, ascii=True, color="auto")


def test_show_takes_the_rest_from_the_environment(shown: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GDTUI_FPS", "20")
    monkeypatch.setenv("GDTUI_THEME", "light")
    race = gdtui.api.Race("saddle")
    assert race.show(theme="terminal", color="none", mouse=False, ascii_only=True, renderer="plotext") == 0
    expected = Config(theme="terminal", color="none", mouse=False, ascii=True, renderer="plotext", fps=20.0)
    assert shown == [(race, SETTINGS | {"config": expected})]
    with pytest.raises(InputError, match=r"fps: 100 is not a number from 1 to 60"):
        race.show(frame_rate=100)


def test_options_without_a_scenario_mean_the_default(shown: list[Any]) -> None:
    assert invoke("--racer", "adam", "--paused").exit_code == 0
    assert shown[0][0].scenario.name == "rosenbrock"


def test_a_file_named_like_a_command(shown: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario_file(tmp_path, name="run.toml")
    monkeypatch.chdir(tmp_path)
    assert invoke("./run.toml").exit_code == 0
    assert shown[0][0].labels == ("gd", "fast")


def test_the_exit_code_of_the_app_is_the_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gdtui.api, "open_app", lambda *_, **__: 3)
    assert invoke("saddle").exit_code == 3


def test_version() -> None:
    result = invoke("--version")
    assert (result.exit_code, result.stdout) == (0, f"gdtui {__version__}\n")


@pytest.mark.parametrize("arguments", [("--help",), ("-h",)])
def test_help_names_commands_and_the_options_of_the_app(arguments: tuple[str, ...]) -> None:
    result = invoke(*arguments)
    assert result.exit_code == 0
    assert result.stdout.startswith("Usage: gdtui [SCENARIO] [OPTIONS]\n       gdtui COMMAND")
    for word in ("run", "list", "check", "--racer", "--speed", "--paused", "--renderer", "--version"):
        assert word in result.stdout


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--nope"], "No such option '--nope'"),
        (["run", "--nope"], "No such option '--nope'"),
        (["run"], "Missing argument 'SCENARIO'"),
        (["list"], "Choose from: scenarios, objectives, optimizers, schedules"),
        (["list", "colours"], "'colours' is not one of 'scenarios', 'objectives', 'optimizers', 'schedules'"),
        (["check"], "Missing argument 'FILE…'"),
        (["rosenbrock", "again"], "unexpected extra argument"),
        (["--speed", "0"], "'0' is not a speed"),
        (["--speed", "inf"], "'inf' is not a speed"),
        (["--speed", "nan"], "'nan' is not a speed"),
        (["--speed", "fast"], "'fast' is not a speed"),
        (["--fps", "0"], "not in the range"),
        (["--fps", "61"], "not in the range"),
        (["--theme", "pink"], "'pink' is not one of 'dark', 'light', 'terminal'"),
        (["--renderer", "slow"], "'slow' is not one of 'fast', 'plotext'"),
        (["run", "rosenbrock", "--steps", "true"], "'true' is not a whole number"),
        (["run", "rosenbrock", "--steps", "1.5"], "'1.5' is not a whole number"),
        (["run", "rosenbrock", "--steps", "nan"], "'nan' is not a whole number"),
        (["run", "rosenbrock", "--seed", "1e400"], "'1e400' is not a whole number"),
        (["run", "rosenbrock", "--start", "nan,1"], "not a list of numbers"),
        (["run", "rosenbrock", "--start", ""], "not a list of numbers"),
        (["run", "rosenbrock", "--start", "1,,2"], "not a list of numbers"),
        (["run", "rosenbrock", "--json", "--csv"], "--json and --csv exclude each other"),
        (["run", "rosenbrock", "--every", "2"], "--every goes with --csv"),
        (["run", "rosenbrock", "--json", "--every", "2"], "--every goes with --csv"),
        (["run", "rosenbrock", "--csv", "--every", "0"], "--every 0 is out of range"),
    ],
)
def test_a_line_that_cannot_be_read_is_refused_in_one_line(arguments: list[str], reason: str) -> None:
    result = invoke(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("gdtui: ")
    assert reason in line
    assert re.search(r"[^.] \(see `gdtui[a-z ]* --help`\)$", line)


def test_control_characters_of_the_command_line_do_not_reach_the_terminal() -> None:
    result = run_gdtui("run", "\x1b]0;title\x07\x9b2J\u202e")
    assert result.returncode == 2
    assert not set("\x1b\x07\x9b\u202e") & set(result.stderr)
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("arguments", [(), ("saddle", "--paused")])
def test_without_a_terminal_the_app_hints_at_run(arguments: tuple[str, ...]) -> None:
    result = run_gdtui(*arguments, TERM="xterm-256color")
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.startswith("gdtui: stdin is not a terminal; `gdtui run ")
    assert len(result.stderr.splitlines()) == 1


class _Terminal:
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("term", ["dumb", "", None])
def test_a_dumb_terminal_is_refused(term: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", _Terminal())
    monkeypatch.setattr(sys, "stdout", _Terminal())
    monkeypatch.delenv("TERM", raising=False)
    if term is not None:
        monkeypatch.setenv("TERM", term)
    with pytest.raises(InputError, match=r"cannot show the app; `gdtui run saddle` races without a screen"):
        gdtui.api.Race("saddle").show()


def test_a_python_objective_is_told_of_advance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    race = gdtui.api.Race(objective=lambda theta: (float(theta @ theta), 2 * theta), start=[1.0], racers=["gd"])
    with pytest.raises(InputError, match=r"stdin is not a terminal; advance\(\) races without a screen"):
        race.show()


def test_an_unexpected_error_leaves_a_report(tmp_path: Path) -> None:
    plugins = tmp_path / "objectives"
    plugins.mkdir()
    (plugins / "broken.py").write_text(
        "from gdtui.contracts import Objective\n"
        "def build(options, seed):\n    raise ZeroDivisionError('of all things')\n"
        "OBJECTIVE = Objective(name='broken', title='', formula='', build=build)\n",
        encoding="utf-8",
    )
    scenario = scenario_file(tmp_path, 'steps = 1\n[objective]\nname = "broken"\n[[racers]]\noptimizer = "gd"\n')
    result = run_gdtui("run", scenario, GDTUI_PLUGINS=str(tmp_path), XDG_STATE_HOME=str(tmp_path / "state"))
    assert result.returncode == 70
    assert result.stdout == ""
    start = "gdtui: an unexpected ZeroDivisionError; the report is in "
    assert result.stderr.startswith(start)
    assert len(result.stderr.splitlines()) == 1
    report = Path(result.stderr.removeprefix(start).strip())
    assert report.is_relative_to(tmp_path)
    assert "of all things" in report.read_text(encoding="utf-8")


@pytest.fixture
def streaming() -> Iterator[subprocess.Popen[str]]:
    """A process that streams the rows of a race without an end to a pipe, and heeds ctrl+c."""
    # A program that a shell runs in the background ignores ctrl+c, and its children inherit that.
    heed = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    command = f"{heed}; from gdtui.cli import main; main(prog_name='gdtui')"
    arguments = ["run", "rosenbrock", "--racer", "gd:lr=1e-5", "--steps", "1e12", "--csv", "--every", "1000"]
    with subprocess.Popen(
        [sys.executable, "-c", command, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.kill()


def test_a_closed_pipe_is_quiet(streaming: subprocess.Popen[str]) -> None:
    assert streaming.stdout is not None
    assert streaming.stderr is not None
    assert streaming.stdout.readline().startswith("step,label,")
    streaming.stdout.close()
    assert streaming.stderr.read() == ""
    assert streaming.wait(60) == 141


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_said_in_a_line() -> None:
    command = "from gdtui.cli import main; main(prog_name='gdtui')"
    with Path("/dev/full").open("w") as full:
        result = subprocess.run(
            [sys.executable, "-c", command, "run", "saddle", "--json"],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=60,
        )  # fmt: skip
    assert (result.returncode, result.stderr) == (74, "gdtui: cannot write the results: No space left on device\n")


def test_ctrl_c_ends_a_race_in_a_line_and_keeps_the_rows_so_far(streaming: subprocess.Popen[str]) -> None:
    assert streaming.stdout is not None
    assert streaming.stdout.readline().startswith("step,label,")
    assert streaming.stdout.readline().startswith("0,gd,")
    os.kill(streaming.pid, signal.SIGINT)
    rest, errors = streaming.communicate(timeout=60)
    assert streaming.returncode == 130
    assert errors.startswith("gdtui: interrupted at step ")
    assert len(errors.splitlines()) == 1
    assert all(line.count(",") == 6 for line in rest.splitlines())
    assert rest.endswith("\n") or rest == ""


def test_a_locale_without_greek_letters_gets_the_table_all_the_same() -> None:
    result = run_gdtui("run", "saddle", "--steps", "5", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert result.returncode == 0
    assert "|g|" in result.stdout


def test_a_progress_bar_is_for_terminals_and_goes_to_stderr() -> None:
    master, slave = pty.openpty()
    try:
        result = subprocess.run(
            [sys.executable, "-c", "from gdtui.cli import main; main(prog_name='gdtui')", "run", "saddle", "--json"],
            stdout=subprocess.PIPE, stderr=slave, text=True, check=True, timeout=60,
        )  # fmt: skip
        shown = os.read(master, 65536).decode()
    finally:
        os.close(master)
        os.close(slave)
    assert result.stdout.startswith('{"scenario":"saddle"')
    assert "compiling" in shown
    assert "100%" in shown
