"""What the README says, held against what the program does."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import click
import pytest

from gdtui.cli import main
from gdtui.cli.app import app
from tests.cli.support import ROOT, invoke, scenario_file

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)


def blocks(language: str) -> list[str]:
    return [text for found, text in BLOCKS if found == language]


def test_the_first_blocks_are_the_two_commands_of_one_line_each() -> None:
    (first, start), (second, tests) = BLOCKS[:2]
    assert (first, second) == ("sh", "sh")
    assert start.count("\n") == tests.count("\n") == 1
    assert start.startswith("python3 -m venv ")
    assert tests.startswith("python3 -m venv ")
    assert start.rstrip().endswith("/gdtui")
    assert tests.rstrip().endswith("/pytest")


def test_one_sentence_and_a_picture_come_before_them() -> None:
    title, sentence, picture = re.split(r"\n\n", README)[:3]
    assert title == "# gdtui"
    assert sentence.count(".") == 1
    assert re.fullmatch(r"!\[[^\]]+\]\(screenshots/[\w-]+\.svg\)", picture)


@pytest.mark.parametrize("command", [app, *main.commands.values()], ids=lambda command: command.name)
def test_every_option_is_described(command: click.Command) -> None:
    table = [line for line in README.splitlines() if line.startswith("| `--")]
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert any(f"`{option}" in line for option in parameter.opts for line in table), parameter.opts


def test_every_option_that_is_described_exists() -> None:
    known = {option for command in (app, *main.commands.values()) for p in command.params for option in p.opts}
    described = set(re.findall(r"^\| `(--[a-z-]+)", README, flags=re.MULTILINE))
    assert described - known == set()


def test_every_command_is_described() -> None:
    for name in main.commands:
        assert re.search(rf"^gdtui {name} ", README, flags=re.MULTILINE)


def test_the_scenario_file_is_a_scenario_and_holds_what_it_expects(tmp_path: Any) -> None:
    (text,) = (block for block in blocks("toml") if "[objective]" in block)
    path = scenario_file(tmp_path, text)
    result = invoke("run", path)
    assert (result.exit_code, result.stderr) == (0, "")
    assert invoke("check", path).exit_code == 0


def test_the_scenario_file_shows_every_key_there_is() -> None:
    from gdtui.expectation import COORDINATES, QUANTITIES, TAKES, ExpectTable
    from gdtui.scenario import _File

    (text,) = (block for block in blocks("toml") if "[objective]" in block)
    assert set(tomllib.loads(text)) == set(_File.__struct_fields__)
    assert all(quantity in text for quantity in QUANTITIES)
    assert all(take in README for take in (*TAKES, *COORDINATES))
    assert all(f"`{key}" in README or key in text for key in ExpectTable.__struct_encode_fields__)


def test_the_configuration_is_one_and_shows_every_setting(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from gdtui.config import SETTINGS, load, variable
    from gdtui.tui import keymap

    (text,) = (block for block in blocks("toml") if "[keys]" in block)
    monkeypatch.setenv("GDTUI_CONFIG", scenario_file(tmp_path, text, "config.toml"))
    loaded = load()
    assert set(loaded.sources) >= {*SETTINGS, "keys"} - {"color"}  # NO_COLOR may be set
    keymap.check(loaded.keys, "README.md")
    assert all(f"`{variable(name)}`" in README for name in SETTINGS)


@pytest.mark.parametrize("code", blocks("python"))
def test_the_python_examples_run(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(code, "README.md", "exec"), {})
    assert capsys.readouterr().out


def test_every_key_is_described() -> None:
    from textual.binding import Binding

    from gdtui.tui.race_screen import RaceScreen

    shown = {
        "full_stop": "`.`",
        "minus": "`-`",
        "plus": "`+`",
        "question_mark": "`?`",
        "delete": "del",
        "escape": "esc",
    }
    keys = [line for line in README.splitlines() if line.startswith("| ")]
    for binding in Binding.make_bindings(RaceScreen.BINDINGS):
        name = shown.get(binding.key, f"`{binding.key}`" if len(binding.key) == 1 else binding.key)
        if binding.tooltip and binding.key != "equals_sign":
            assert any(name in line.split("|")[1] for line in keys), binding.key


def test_linked_files_exist() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    assert [link for link in links if not (ROOT / link).exists()] == []
