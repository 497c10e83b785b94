"""The program in a terminal, as the configuration has it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.tui.terminals import Terminal

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals")
DRAWN = r"(·|\|)\s(running|paused|finished)"


@pytest.mark.parametrize(("text", "heard"), [("mouse = false", False), ("", True)])
def test_the_mouse_is_left_to_the_terminal(text: str, heard: bool, tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text(text, encoding="utf-8")
    with Terminal("--paused", environment={"GDTUI_CONFIG": str(tmp_path / "c.toml")}) as terminal:
        terminal.wait_for(DRAWN)
        assert (b"\x1b[?1000h" in terminal.output) == heard
        terminal.type("q")
        assert terminal.wait() == 0
        assert terminal.modes_left_on() == set()


@pytest.mark.parametrize(
    ("arguments", "variable", "is_ascii"), [((), None, True), (("--no-ascii",), "1", False), ((), "0", False)]
)
def test_whether_to_draw_with_ascii_beats_the_locale(
    arguments: tuple[str, ...], variable: str | None, is_ascii: bool
) -> None:
    environment = {"LC_ALL": "C", "GDTUI_ASCII": variable}
    with Terminal("--paused", *arguments, environment=environment) as terminal:
        terminal.wait_for(DRAWN)
        terminal.type("q")
        assert terminal.wait() == 0
        assert bytes(terminal.output).isascii() == is_ascii


def test_the_scenario_and_the_keys_are_the_configured_ones(tmp_path: Path) -> None:
    text = 'scenario = "saddle"\n[keys]\n"race.step" = "u"\n'
    (tmp_path / "c.toml").write_text(text, encoding="utf-8")
    with Terminal("--paused", environment={"GDTUI_CONFIG": str(tmp_path / "c.toml")}) as terminal:
        terminal.wait_for("step 0 of")
        terminal.wait_for("Contour: .*[Ss]addle")
        terminal.type("uu")
        terminal.wait_for("step 2 of")
        terminal.type("q")
        assert terminal.wait() == 0


def test_keys_that_cannot_be_are_a_line_and_not_an_app(tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text('keys.race.stop = "w"', encoding="utf-8")
    with Terminal(environment={"GDTUI_CONFIG": str(tmp_path / "c.toml")}) as terminal:
        assert terminal.wait() == 2
        assert b"keys.race.stop: unknown; did you mean 'race.step'?" in terminal.output
        assert terminal.output.count(b"\n") == 1
        assert b"\x1b[?1049h" not in terminal.output
