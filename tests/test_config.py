"""The user's configuration: what is read from where, and what is refused in one line."""

from __future__ import annotations

import dataclasses
import math
import os
import tomllib
from pathlib import Path
from typing import Any, get_args

import platformdirs
import pytest
import tomli_w
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gdtui import config
from gdtui.config import SETTINGS, Config, Theme, load
from gdtui.errors import InputError, clean

# A value of every setting that is not its default, as the file has it and as a variable has it.
OTHER: dict[str, tuple[Any, str]] = {
    "scenario": ("saddle", "saddle"),
    "theme": ("light", "light"),
    "color": ("256", "256"),
    "fps": (30, "30"),
    "ascii": (False, "false"),
    "mouse": (False, "0"),
    "renderer": ("plotext", "plotext"),
    "patterns": ("always", "always"),
}


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*map(config.variable, SETTINGS), config.NO_COLOR):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's configuration file, which does not exist yet."""
    monkeypatch.delenv(config.FILE_VARIABLE)
    monkeypatch.setattr(platformdirs, "user_config_dir", lambda name: str(tmp_path / name))
    (tmp_path / "gdtui").mkdir()
    return tmp_path / "gdtui" / "config.toml"


def refused() -> str:
    """Why the configuration is refused: one line."""
    with pytest.raises(InputError) as caught:
        load()
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


def test_every_setting_has_a_kind_and_a_default() -> None:
    assert set(SETTINGS) == {f.name for f in dataclasses.fields(Config)} - {"keys", "sources"} == set(OTHER)
    assert all(Config.__dataclass_fields__[name].default != OTHER[name][0] for name in SETTINGS)


def test_without_a_file_everything_is_default(file: Path) -> None:
    assert config.path() == file
    assert load() == Config()
    assert {load().source(name) for name in (*SETTINGS, "keys")} == {"default"}


@pytest.mark.parametrize("name", SETTINGS)
def test_the_command_line_beats_the_environment_beats_the_file(
    name: str, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    value, text = OTHER[name]
    file.write_text(tomli_w.dumps({name: value}))
    loaded = load()
    assert loaded == dataclasses.replace(Config(), **{name: value})
    assert loaded.source(name) == str(file)

    file.write_text(tomli_w.dumps({name: getattr(Config(), name)} if getattr(Config(), name) is not None else {}))
    monkeypatch.setenv(config.variable(name), text)
    loaded = load()
    assert getattr(loaded, name) == value
    assert loaded.source(name) == config.variable(name)

    monkeypatch.setenv(config.variable(name), {"fps": "7", "ascii": "1", "mouse": "true"}.get(name, "auto"))
    if name in {"scenario", "fps", "ascii", "mouse"}:
        loaded = load({name: value})
        assert getattr(loaded, name) == value
        assert loaded.source(name) == "command line"


def test_what_is_none_or_empty_is_not_given(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GDTUI_THEME", "")
    assert load({"theme": None, "fps": None}) == Config()


def test_no_color_beats_the_file_and_nothing_else(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text('color = "256"')
    monkeypatch.setenv("NO_COLOR", "")
    assert load().color == "256"
    monkeypatch.setenv("NO_COLOR", "1")
    assert (load().color, load().source("color")) == ("none", "NO_COLOR")
    assert load({"color": "16"}).color == "16"
    monkeypatch.setenv("GDTUI_COLOR", "truecolor")
    assert (load().color, load().source("color")) == ("truecolor", "GDTUI_COLOR")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("thme = 'dark'", "thme: unknown key; did you mean 'theme'? allowed: ascii, color, fps, keys, mouse, "),
        ("theme = 'drak'", "theme: unknown 'drak'; did you mean 'dark'? allowed: dark, light, terminal"),
        ("color = 256", "color: unknown 256; did you mean '256'?"),
        ("theme = [[[1]]]", "theme: unknown [[[1]]]; allowed: dark, light, terminal"),
        ("fps = 0", "fps: 0 is not a number from 1 to 60"),
        ("fps = 60.5", "fps: 60.5 is not a number from 1 to 60"),
        ("fps = nan", "fps: nan is not a number from 1 to 60"),
        ("fps = true", "fps: true is not a number from 1 to 60"),
        ("fps = '30'", "fps: '30' is not a number from 1 to 60"),
        (f"fps = {10**400}", "fps: 1000"),
        ("mouse = 1", "mouse: 1 is not true or false"),
        ("ascii = 'true'", "ascii: 'true' is not true or false"),
        ("scenario = ''", "scenario: '' is not a scenario's name or its file"),
        ("scenario = '~nobody-at-all/x.toml'", "scenario: "),
        ("keys = 3", "keys: is not a table; write [keys]"),
        ("[keys]\nx = 3", "keys.x: 3 is not a key, or keys with commas"),
        ("[keys]\n'race.step' = ''", "keys.race.step: '' is not a key"),
        ("[keys]\n'race.step' = 'f5,'", "keys.race.step: 'f5,' is not a key"),
        ("[keys]\n'race.step' = 'f5'\nrace.step = 'f6'", "keys.race.step: given twice; give it once"),
        ("[keys.race.step]", "keys.race.step: {} is not a key"),
        ("fps = 3\ntheme = x", "is not TOML: Invalid value (at line 2, column 9)"),
        ("theme = 'dark'\ntheme = 'dark'", "is not TOML: Cannot overwrite a value (at end of document)"),
        ("#" + " " * 5_000, "line 1 is too long"),
        ("# \n" * 40_000, "is larger than 64 kB; is it a configuration?"),
    ],
)
def test_a_file_that_cannot_be_right_is_refused_in_one_line(text: str, reason: str, file: Path) -> None:
    file.write_text(text)
    assert refused().startswith(f"{file}: {reason}")


def test_files_that_cannot_be_read(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_bytes(b"theme = '\xff'")
    assert refused() == f"{file}: is not UTF-8 (byte 9); save it as UTF-8"
    monkeypatch.setenv("GDTUI_CONFIG", str(tmp_path))
    assert refused() == f"{tmp_path}: is not a regular file"
    monkeypatch.setenv("GDTUI_CONFIG", str(file / "below"))
    assert refused() == f"{file / 'below'}: Not a directory"


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_without_permission(file: Path) -> None:
    file.write_text("")
    file.chmod(0)
    assert refused() == f"{file}: Permission denied"


def test_a_byte_order_mark_is_no_part_of_the_file(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbffps = 2")
    assert load().fps == 2


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("fps", "fast", "'fast' is not a number from 1 to 60"),
        ("fps", "nan", "'nan' is not a number from 1 to 60"),
        ("fps", "1e400", "'1e400' is not a number from 1 to 60"),
        ("ascii", "null", "'null' is not true or false"),
        ("mouse", "yes", "'yes' is not true or false"),
        ("theme", "\x1b[31m", "unknown '\\x1b[31m'; allowed: dark, light, terminal"),
        ("renderer", "slow", "unknown 'slow'; allowed: fast, plotext"),
    ],
)
def test_a_variable_that_cannot_be_right_is_refused(
    name: str, text: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(config.variable(name), text)
    assert refused() == f"{config.variable(name)}: {reason}"


def test_what_a_program_gives_is_checked_like_everything_else() -> None:
    with pytest.raises(InputError, match=r"^fps: inf is not a number from 1 to 60$"):
        load({"fps": math.inf})


def test_another_file_is_named_by_a_variable(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "other.toml"
    file.write_text("fps = 3")
    monkeypatch.setenv("GDTUI_CONFIG", str(other))
    assert refused() == f"GDTUI_CONFIG: {other}: no such file; make it, or unset it"
    other.write_text("fps = 4")
    assert (load().fps, load().source("fps"), config.path()) == (4, str(other), other)
    monkeypatch.setenv("GDTUI_CONFIG", os.devnull)
    assert load() == Config()
    monkeypatch.setenv("GDTUI_CONFIG", "")
    assert load().fps == 3


@pytest.mark.parametrize("answer", ["~/.config/gdtui", RuntimeError("no home")])
def test_without_a_home_everything_is_default(answer: str | Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def folder(name: str) -> str:
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.delenv("GDTUI_CONFIG")
    monkeypatch.setattr(platformdirs, "user_config_dir", folder)
    assert config.path() is None
    assert load() == Config()


def test_a_scenario_file_is_relative_to_the_configuration(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text('scenario = "races/mine.toml"')
    assert load().scenario == str(file.parent / "races" / "mine.toml")
    file.write_text('scenario = "~/mine.toml"')
    assert load().scenario == str(Path.home() / "mine.toml")
    monkeypatch.setenv("GDTUI_SCENARIO", "mine.toml")
    assert load().scenario == "mine.toml"


def test_keys_are_written_with_quotes_or_without(file: Path) -> None:
    file.write_text('[keys]\n"race.step" = "f6, ."\nrace.toggle = "f5"\n')
    assert load().keys == {"race.step": "f6,.", "race.toggle": "f5"}
    assert load().source("keys") == str(file)


_names = st.sampled_from([*SETTINGS, "keys", "race", "step"]) | st.text(max_size=8)
_values = st.recursive(
    st.sampled_from([*get_args(Theme), "auto", "none", "f5", "rosenbrock", "a.toml"])
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats()
    | st.text(max_size=8)
    | st.datetimes(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_names, inner, max_size=3),
    max_leaves=8,
)
_documents = st.dictionaries(_names, _values, max_size=4).map(tomli_w.dumps) | st.text(max_size=60)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=_documents)
def test_any_document_is_a_configuration_or_an_error_of_one_line(document: str, file: Path) -> None:
    file.write_bytes(document.encode(errors="surrogatepass"))
    try:
        loaded = load()
    except InputError as error:
        line = str(error)
        assert line.startswith(str(file))
        assert len(line.splitlines()) == 1
        assert clean(line, 2_000) == line
    else:
        assert set(tomllib.loads(document.replace("\r\n", "\n"))) == set(loaded.sources)
        assert loaded.fps is None or 1 <= loaded.fps <= 60
