"""What reproduces a race: the command, and the scenario file."""

from __future__ import annotations

import os
import shlex
from dataclasses import replace
from pathlib import Path

import click
import numpy as np
import pytest
from textual.widgets import Input

import gdtui
from gdtui.cli import main
from gdtui.engine.race import Race
from gdtui.errors import InputError
from gdtui.scenario import Scenario
from gdtui.tui import reproduce
from gdtui.tui.dialogs import Question, Reading
from tests.cli.support import scenario_file
from tests.tui.apps import lines_of, opened, take_steps, wait_until
from tests.tui.test_keys import answer

LABELS = ["plain", "two words", "[red]x[/]", "it's", "a$b", "a:b=c", "größe", "-x"]


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """A command line as gdtui reads it: the race it would show."""
    races: list[Race] = []
    monkeypatch.setattr("gdtui.api.open_app", lambda race, **_: races.append(race) or 0)

    def run(command: str) -> Race:
        words = shlex.split(command)
        assert words[0] == "gdtui"
        with pytest.raises((SystemExit, click.exceptions.Exit)):
            main(words[1:], prog_name="gdtui")
        return races.pop()

    return run


def same(a: Scenario, b: Scenario) -> bool:
    """Whether two scenarios make the same race, bit for bit."""
    rates = [tuple(s.rate_of(spec) for spec in s.racers) for s in (a, b)]
    plain = [replace(s, name="", title="", where="", expectations=(), racers=(), learning_rates={}) for s in (a, b)]
    hyper = [tuple((r.optimizer, r.label, r.batch_size, dict(r.hyperparameters)) for r in s.racers) for s in (a, b)]
    return plain[0] == plain[1] and rates[0] == rates[1] and hyper[0] == hyper[1]


@pytest.mark.parametrize("name", ["rosenbrock", "quadratic", "saddle", "credit-2d", "credit", "streamrec"])
def test_the_command_reads_back_to_the_same_scenario(name: str, typed) -> None:  # type: ignore[no-untyped-def]
    race = Race(name, seed=7, steps=123)
    race.set_lr(race.labels[0], 0.1 + 0.2)
    race.add("adam:lr=0.0123,beta1=0.85,label=late")
    race.remove(race.labels[1])
    command = reproduce.command_line(race)
    assert command.startswith(f"gdtui {name} ")
    assert same(typed(command).scenario, race.scenario)


@pytest.mark.parametrize("label", LABELS)
def test_labels_survive_the_shell(label: str, typed) -> None:  # type: ignore[no-untyped-def]
    race = Race("rosenbrock", racers=[f"adam:label={label}"])
    assert typed(reproduce.command_line(race)).labels == (label,)


def test_the_command_keeps_a_chosen_start_to_the_bit(typed) -> None:  # type: ignore[no-untyped-def]
    race = Race("rosenbrock").restarted([-1.0 / 3.0, 1e-17])
    again = typed(reproduce.command_line(race))
    np.testing.assert_array_equal(again.problem.start, race.problem.start)
    assert again.advance(50)["adam"].loss.tolist() == race.advance(50)["adam"].loss.tolist()


def test_the_command_names_a_file_by_its_path(tmp_path: Path, typed) -> None:  # type: ignore[no-untyped-def]
    path = scenario_file(tmp_path, name="my race.toml")
    race = Race(path)
    assert same(typed(reproduce.command_line(race)).scenario, race.scenario)


def test_no_command_is_as_long_as_seven_thousand_numbers() -> None:
    race = Race("streamrec")
    race = race.restarted((race.problem.start + 0.5).tolist())
    with pytest.raises(InputError, match=r"the command has .* characters"):
        reproduce.command_line(race)


def test_a_saved_race_loads_to_the_same_race(tmp_path: Path) -> None:
    race = Race("rosenbrock", seed=3).restarted([0.25, 1.0 / 3.0])
    race.set_lr("gd", 0.1 + 0.2)
    race.add("rmsprop:lr=0.5,label=[red]x[/]")
    path = reproduce.save(race, str(tmp_path / "mine"))
    assert path == tmp_path / "mine.toml"
    again = Race(path)
    assert same(again.scenario, race.scenario)
    assert again.advance(40)["adam"].loss.tolist() == race.restarted().advance(40)["adam"].loss.tolist()


def test_a_race_on_data_is_saved_with_the_way_to_its_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = reproduce.save(Race("credit"), str(tmp_path / "credit-mine.toml"))
    monkeypatch.chdir(tmp_path)
    assert same(Race(path).scenario, Race("credit").scenario)


def test_an_existing_file_is_never_touched(tmp_path: Path) -> None:
    there = tmp_path / "there.toml"
    there.write_text("mine", encoding="utf-8")
    (tmp_path / "link.toml").symlink_to(tmp_path / "nowhere.toml")
    for name in ("there", "there.toml", "link"):
        with pytest.raises(InputError, match="is there already"):
            reproduce.save(Race("saddle"), str(tmp_path / name))
    assert there.read_text(encoding="utf-8") == "mine"
    assert not (tmp_path / "nowhere.toml").exists()


@pytest.mark.parametrize(
    "name",
    ["", "\0", ".", "..", "/", "no/such/folder/x", "x" * 300, "~nobody-at-all/x", "a/../..", "/dev/null/x", "é" * 200],
)
def test_a_name_that_cannot_be_written_to_is_refused_with_a_reason(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError):
        reproduce.check_file_name(name)
    with pytest.raises(InputError):
        reproduce.save(Race("saddle"), name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_to(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(InputError, match="Permission denied"):
        reproduce.save(Race("saddle"), str(tmp_path / "x"))


def test_what_could_not_be_read_back_is_not_kept(tmp_path: Path) -> None:
    race = Race("streamrec")
    race = race.restarted((race.problem.start + 0.5).tolist())
    with pytest.raises(InputError, match="larger than"):
        reproduce.save(race, str(tmp_path / "large"))
    assert list(tmp_path.iterdir()) == []


async def test_c_shows_the_command_and_puts_it_on_the_clipboard(typed) -> None:  # type: ignore[no-untyped-def]
    async with opened("saddle", size=(200, 50)) as (pilot, screen):
        await take_steps(pilot, screen, 5)
        await pilot.press("c")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, Reading))
        assert same(typed(pilot.app.clipboard).scenario, screen.session.race.scenario)
        await pilot.pause()
        text = "\n".join(lines_of(pilot))
        assert "gdtui saddle --racer gd" in text
        assert "OSC 52" in text


async def test_c_says_when_learning_rates_were_changed_on_the_way() -> None:
    async with opened("saddle") as (pilot, screen):
        await take_steps(pilot, screen, 5)
        screen.session.driver.order(lambda race: race.set_lr("gd", 0.01))
        await take_steps(pilot, screen, 5)
        await pilot.press("c")
        await wait_until(pilot, lambda: "changed during this race" in "\n".join(lines_of(pilot)))


async def test_c_after_the_file_has_gone_says_so_and_the_race_goes_on(tmp_path: Path) -> None:
    path = scenario_file(tmp_path)
    async with opened(Race(path)) as (pilot, screen):
        Path(path).unlink()
        await pilot.press("c")
        await wait_until(pilot, lambda: "no such file" in " ".join(" ".join(lines_of(pilot)).split()))
        await take_steps(pilot, screen, 2)


async def test_s_saves_under_the_name_that_was_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with opened("saddle") as (pilot, screen):
        await pilot.press("s")
        verdict = await answer(pilot, "mine")
        assert verdict == f"saves to {tmp_path / 'mine.toml'}"
        await wait_until(pilot, lambda: (tmp_path / "mine.toml").exists())
        assert same(Race("mine.toml").scenario, screen.session.race.scenario)
        await pilot.press("s")
        assert "is there already" in await answer(pilot, "mine")
        pilot.app.screen.query_one(Input).value = "no/such/folder/x"
        await pilot.pause()
        assert isinstance(pilot.app.screen, Question)
        for text in ("~nobody-at-all/x", "x" * 300, ".."):
            pilot.app.screen.query_one(Input).value = text
            await pilot.pause()
        await pilot.press("escape")
        await wait_until(pilot, lambda: pilot.app.screen is screen)


async def test_a_race_on_a_python_function_has_neither() -> None:
    race = gdtui.Race(objective=lambda x: (float(x @ x), 2 * x), start=[1.0, 2.0], racers=["gd:lr=0.1"])
    async with opened(race) as (pilot, screen):
        for key, what in (("c", "has no command"), ("s", "has no scenario file")):
            await pilot.press(key)
            await wait_until(pilot, lambda what=what: what in " ".join(" ".join(lines_of(pilot)).split()))
        await take_steps(pilot, screen, 3)
