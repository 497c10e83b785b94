"""``gdtui config``, and what the app makes of the configuration."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from gdtui.config import SETTINGS
from tests.cli.support import gdtui, invoke


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's configuration file, with a little of everything."""
    path = tmp_path / "config.toml"
    path.write_text('theme = "light"\nmouse = false\n[keys]\n"race.step" = "f6,full_stop"\n', encoding="utf-8")
    monkeypatch.setenv("GDTUI_CONFIG", str(path))
    monkeypatch.delenv("NO_COLOR", raising=False)
    return path


def test_path_prints_the_path_whether_the_file_exists_or_not(file: Path) -> None:
    assert invoke("config", "path").stdout == f"{file}\n"
    file.unlink()
    result = invoke("config", "path")
    assert (result.exit_code, result.stdout) == (0, f"{file}\n")


def test_path_says_where_there_is_no_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GDTUI_CONFIG")
    monkeypatch.setattr("platformdirs.user_config_dir", lambda _: "~/.config/gdtui")
    result = invoke("config", "path")
    assert result.exit_code == 2
    assert result.stderr == ("gdtui: there is no home folder to keep a configuration in; name a file in GDTUI_CONFIG\n")
    assert invoke("config", "show").exit_code == 0


def test_show_says_what_every_setting_is_and_where_it_came_from(file: Path) -> None:
    result = invoke("config", "show", env={"GDTUI_FPS": "12.5", "NO_COLOR": "1"})
    assert result.exit_code == 0
    rows = [line.split() for line in result.stdout.splitlines()]
    assert rows == [
        ["setting", "value", "from"],
        ["scenario", "rosenbrock", "default"],
        ["theme", "light", str(file)],
        ["color", "none", "NO_COLOR"],
        ["fps", "12.5", "GDTUI_FPS"],
        ["ascii", "automatic", "default"],
        ["mouse", "false", str(file)],
        ["renderer", "fast", "default"],
        ["patterns", "auto", "default"],
        ["keys.race.step", "f6,full_stop", str(file)],
    ]


def test_show_as_json(file: Path) -> None:
    record = json.loads(invoke("config", "show", "--json", env={"GDTUI_ASCII": "true"}).stdout)
    assert record["path"] == str(file)
    assert list(record["settings"]) == list(SETTINGS)
    assert record["settings"]["theme"] == {"value": "light", "source": str(file)}
    assert record["settings"]["fps"] == {"value": None, "source": "default"}
    assert record["settings"]["ascii"] == {"value": True, "source": "GDTUI_ASCII"}
    assert record["keys"] == {"race.step": {"value": "f6,full_stop", "source": str(file)}}


@pytest.mark.parametrize("arguments", [("config", "show"), ("config", "show", "--json"), ()])
def test_a_broken_file_is_one_line(arguments: tuple[str, ...], file: Path) -> None:
    file.write_text("thme = 1")
    result = invoke(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"gdtui: {file}: thme: unknown key; did you mean 'theme'?")
    assert len(result.stderr.splitlines()) == 1


def test_keys_lists_every_binding_with_the_users_own_keys(file: Path) -> None:
    result = invoke("config", "keys")
    assert result.exit_code == 0
    rows = [re.split(" {2,}", line) for line in result.stdout.splitlines()]
    assert rows[0] == ["binding", "keys", "meaning"]
    assert ["race.step", "f6,full_stop", "Pause, and take one step"] in rows
    assert ["race.faster", "plus,equals_sign", "More steps a second"] in rows
    assert {"contour.choose", "editor.apply", "app.help", "app.interrupt"} <= {row[0] for row in rows}
    file.write_text('keys.race.step = "r"')
    refused = invoke("config", "keys")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr.startswith(f"gdtui: {file}: keys.race.step: the key 'r' also means race.restart; ")


def test_a_race_without_a_screen_needs_no_configuration(file: Path) -> None:
    file.write_text("thme = 1")
    assert invoke("run", "saddle", "--steps", "1").exit_code == 0
    assert invoke("config", "path").exit_code == 0


def test_a_subcommand_is_needed() -> None:
    result = invoke("config")
    assert (result.exit_code, result.stderr) == (2, "gdtui: Missing command (see `gdtui config --help`)\n")


def test_an_unknown_scenario_is_laid_at_the_door_of_what_named_it(file: Path) -> None:
    file.write_text('scenario = "sadle"')
    assert invoke().stderr.startswith(f"gdtui: {file}: scenario: unknown scenario 'sadle'; did you mean 'saddle'?")
    named = invoke(env={"GDTUI_SCENARIO": "sadle"}).stderr
    assert named.startswith("gdtui: GDTUI_SCENARIO: scenario: unknown scenario 'sadle'")
    assert invoke("sadle").stderr.startswith("gdtui: unknown scenario 'sadle'")


@pytest.mark.parametrize("arguments", [("path",), ("show",), ("show", "--json")])
def test_nothing_in_names_or_values_reaches_the_terminal_as_it_is(arguments: tuple[str, ...], tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"\x1b]0;x\x07\xff")
    folder.mkdir()
    (folder / "c.toml").write_text('scenario = "\\u001b[31m"\n', encoding="utf-8")
    result = gdtui("config", *arguments, GDTUI_CONFIG=str(folder / "c.toml"))
    assert result.returncode == 0
    assert not set("\x1b\x07") & set(result.stdout)
    assert result.stderr == ""
