"""The program in a terminal: whatever ends it leaves the terminal as it was, and nothing holds its keys up."""

from __future__ import annotations

import random
import re
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.tui.terminals import COMPILED, PROGRAM, Terminal

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals")
SHELL = """
import os, sys, termios, time
from gdtui.cli import main
before = termios.tcgetattr(0)
try:
    main(sys.argv[1:], prog_name="gdtui")
except SystemExit as end:
    code = end.code
same = termios.tcgetattr(0) == before
attributes = list(before)
attributes[3] &= ~(termios.ICANON | termios.ECHO)
attributes[6][termios.VMIN] = 0
attributes[6][termios.VTIME] = 1
termios.tcsetattr(0, termios.TCSANOW, attributes)
print("code", code, "attributes", same, "left", os.read(0, 100))
"""


def running(*arguments: str, **options: object) -> Terminal:
    terminal = Terminal(*arguments, **options)  # type: ignore[arg-type]
    terminal.wait_for(r"·\s(running|paused|finished)|\|\s(running|paused|finished)")
    return terminal


def test_q_leaves_a_terminal_as_it_was_and_types_nothing_into_the_shell() -> None:
    with Terminal("--speed", "300", program=SHELL, environment=COMPILED) as terminal:
        terminal.wait_for("running")
        terminal.type("q")
        terminal.wait_for("code 0 attributes True left b''")
        assert terminal.wait() == 0
        assert terminal.modes_left_on() == set()


def test_comma_goes_back_and_a_click_on_the_time_line_goes_anywhere() -> None:
    with running("saddle", "--paused") as terminal:
        terminal.type("." * 5 + "," * 3)
        terminal.wait_for("3 steps back")
        terminal.wait_for("step 2 of")
        terminal.type(",,,<")
        terminal.wait_for("step 0 of")
        terminal.type(">")
        terminal.wait_for("step 5 of")
        terminal.click(7, 28)  # the first column of the line, above the status
        terminal.wait_for("step 0 of")
        terminal.type("q")
        assert terminal.wait() == 0
        assert terminal.modes_left_on() == set()


@pytest.mark.parametrize(("before", "seen"), [("\x1b[12;34R" * 3 + ".", "step 1 of"), ("e", "Edit A")])
def test_ctrl_c_leaves_from_everywhere_when_it_is_pressed_again(before: str, seen: str) -> None:
    """Also after reports that nobody asked for, which are not taken for keys."""
    with running("--paused") as terminal:
        terminal.type(before)
        terminal.wait_for(seen)
        terminal.type("\x03")
        terminal.wait_for("again to leave")
        terminal.type("\x03")
        assert terminal.wait_for(terminal.has_ended, 10.0) < 3.0
        assert terminal.wait() == 128 + signal.SIGINT
        assert terminal.modes_left_on() == set()


@pytest.mark.parametrize("how", ["term", "hang up", "stalled"])
def test_a_race_that_is_cut_off_is_offered_at_the_next_start(how: str, tmp_path: Path) -> None:
    environment = {"XDG_STATE_HOME": str(tmp_path)}
    with running("saddle", "--speed", "100", environment=environment) as terminal:
        terminal.wait_for(r"step \d\d of")
        if how == "hang up":
            terminal.hang_up()
        else:
            terminal.read = how != "stalled"
            terminal.kill(signal.SIGTERM)
        assert terminal.wait_for(terminal.has_ended, 10.0) < 3.0
    (kept,) = tmp_path.rglob("*.gdtui")
    with running("--paused", "--speed", "max", environment=environment) as terminal:
        terminal.wait_for("saddle was cut off at step")
        terminal.type("G")
        terminal.wait_for(r"step \d+ of 400")
        terminal.wait_for("finished")
        terminal.type("q")
        assert terminal.wait() == 0
    with running("--paused", environment=environment) as terminal:
        terminal.run_for(0.5)
        assert "cut off" not in terminal.text
    assert list(tmp_path.rglob("*.gdtui")) == [kept]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT])
def test_a_signal_ends_it_with_the_terminal_restored(number: signal.Signals) -> None:
    with running("--speed", "300") as terminal:
        terminal.kill(number)
        assert terminal.wait_for(terminal.has_ended, 10.0) < 3.0
        assert terminal.wait() == 128 + number
        assert terminal.modes_left_on() == set()


def test_a_signal_ends_it_though_the_terminal_reads_nothing() -> None:
    with running("--speed", "300") as terminal:
        terminal.read = False
        for _ in range(20):  # fills every buffer on the way, and the event loop waits for room in them
            terminal.type("?q")
            terminal.wait_for(lambda: True)
            time.sleep(0.02)
        terminal.kill(signal.SIGTERM)
        assert terminal.wait_for(terminal.has_ended, 8.0) < 5.0
        assert terminal.code == 128 + signal.SIGTERM


@pytest.mark.parametrize("ignored", [None, signal.SIGHUP], ids=["hangup", "nohup"])
def test_a_terminal_that_is_gone_ends_it(ignored: int | None) -> None:
    with running("--speed", "300", ignored=ignored) as terminal:
        terminal.hang_up()
        assert terminal.wait_for(terminal.has_ended, 10.0) < 3.0
        assert terminal.code == 128 + signal.SIGHUP


def test_ctrl_z_and_fg() -> None:
    with Terminal(program="import os; os.execvp('sh', ['sh', '-i'])", environment={"PS1": "ready> "}) as terminal:
        terminal.wait_for("ready> ")
        terminal.type(f'exec 2>&1; {sys.executable} -c "{PROGRAM}" --speed 100\n')
        terminal.wait_for("steps/s")
        terminal.type("\x1a")
        terminal.wait_for("(?i)stopped|suspended")
        assert terminal.modes_left_on() <= {"bracketed paste"}
        terminal.screen.reset()  # what the shell leaves on the screen is not the app's to know
        terminal.type("fg\n")
        terminal.wait_for("steps/s")
        terminal.wait_for("Family tree")
        terminal.wait_for("Standings")
        prompts = terminal.output.count(b"ready> ")
        terminal.type("q")
        terminal.wait_for(lambda: terminal.output.count(b"ready> ") > prompts)
        assert terminal.modes_left_on() <= {"bracketed paste"}
        terminal.type("exit\n")
        assert terminal.wait() == 0


def test_a_terminal_that_is_too_small_shows_a_sentence() -> None:
    with Terminal("--paused", size=(60, 10)) as terminal:
        terminal.wait_for("at least 80×24")
        assert "Standings" not in terminal.text
        terminal.resize(100, 30)
        terminal.wait_for("Standings")
        terminal.type("q")
        assert terminal.wait() == 0


def test_a_window_that_is_dragged_is_laid_out_a_few_times_only() -> None:
    with running("quadratic", "--paused", size=(120, 40)) as terminal:
        before = len(terminal.output)
        for turn in range(60):  # sixty sizes in three seconds
            terminal.resize(100 + turn % 50, 30 + turn % 20)
            terminal.run_for(0.05)
        terminal.resize(120, 40)
        terminal.wait_for("Standings")
        terminal.run_for(0.5)
        assert len(terminal.output) - before < 300_000  # a whole screen takes about 45 kB
        assert "│" in terminal.screen.display[20][119]
        terminal.type("q")
        assert terminal.wait() == 0


def test_it_survives_a_storm_of_resizes() -> None:
    generator = random.Random(0)
    with running("quadratic", "--speed", "300") as terminal:
        for turn in range(15):
            terminal.resize(generator.randint(1, 200), generator.randint(1, 60))
            terminal.type(generator.choice([".", "m", "1", "?", "\x1b", "y", "\x1b[A"]))
            terminal.run_for(0.03)
            assert not terminal.has_ended(), turn
        terminal.resize(120, 40)
        for _ in range(3):  # out of whatever is open; two at once would be another key
            terminal.type("\x1b")
            terminal.run_for(0.3)
        terminal.wait_for("Standings")
        terminal.wait_for(r"step [\d ]+ of 1 000")
        terminal.type("q")
        assert terminal.wait() == 0


def test_keys_are_quick_on_a_slow_line() -> None:
    with running("--speed", "300", size=(120, 40), rate=20_000, environment=COMPILED) as terminal:
        terminal.run_for(1.0)
        for _ in range(2):
            terminal.type(" ")
            assert terminal.wait_for(r"· paused") < 1.5
            terminal.type(" ")
            assert terminal.wait_for(r"· running") < 1.5
        assert len(terminal.output) < 200_000
        terminal.type("q")
        assert terminal.wait(10) == 0


def test_answers_that_come_in_two_parts_are_no_keys() -> None:
    """A digit is a key, and so is escape: they must not come out of half an answer."""
    with Terminal("--speed", "30", answers="in parts") as terminal:
        terminal.wait_for("running")
        terminal.wait_for(r"step [1-9]\d of")
        assert terminal.screen.display[0].count("Contour") == 1
        focused = terminal.text
        terminal.wait_for(r"step [1-9]\d\d of")
        terminal.type("q")
        assert terminal.wait(10) == 0
        assert "Scenario" in focused
        assert terminal.modes_left_on() == set()


def test_a_slow_line_is_said_to_be_slow() -> None:
    with running("--speed", "300", size=(120, 40), rate=2_500) as terminal:
        terminal.wait_for(r"link slow: \d fps", 60.0)
        terminal.read = False
        terminal.kill(signal.SIGTERM)
        assert terminal.wait_for(terminal.has_ended, 10.0) < 3.0


def test_a_terminal_that_never_answers_is_played_to_all_the_same() -> None:
    with Terminal("--speed", "300", answers=False) as terminal:
        first = terminal.wait_for(r"step [\d ]+ of")
        terminal.type(" ")
        terminal.wait_for("· paused", 12.0)
        terminal.type("q")
        assert terminal.wait(10) == 0
        assert first < 20.0
        assert terminal.modes_left_on() == set()


@pytest.mark.parametrize("arguments", [("--ascii",), ()])
def test_where_the_locale_has_only_ascii_nothing_else_is_sent(arguments: tuple[str, ...]) -> None:
    """Nor a colour, where none is wanted."""
    environment = {"NO_COLOR": "1"} | ({} if arguments else {"LC_ALL": "C"})
    with running("--paused", *arguments, environment=environment) as terminal:
        terminal.type("?")
        terminal.wait_for("Help")
        terminal.type("qq")
        assert terminal.wait() == 0
        assert bytes(terminal.output).isascii()
        codes = {code for found in re.findall(rb"\x1b\[([0-9;]*)m", terminal.output) for code in found.split(b";")}
        assert codes <= {b"0", b"1", b"2", b"7", b"39", b"49"}  # weight and reverse, on the terminal's own colours


def test_an_unexpected_error_names_a_report_and_leaves_the_terminal_as_it_was(tmp_path: Path) -> None:
    program = (
        "from gdtui.tui.race_screen import RaceScreen\n"
        "def action_log(self): raise RuntimeError('broken')\n"
        "RaceScreen.action_log = action_log\n" + PROGRAM
    )
    with running("--paused", program=program, environment={"XDG_STATE_HOME": str(tmp_path)}) as terminal:
        terminal.type("y")
        assert terminal.wait() == 70
        assert terminal.modes_left_on() == set()
        assert b"an unexpected RuntimeError; the report is in" in terminal.output
        assert b"Traceback" not in terminal.output
    report = next(path for path in tmp_path.rglob("*.txt"))
    assert "broken" in report.read_text(encoding="utf-8")
