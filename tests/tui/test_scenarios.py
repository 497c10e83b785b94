"""Going from one scenario to another, and what goes wrong on the way."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList

import gdtui
from gdtui.engine.race import Race
from gdtui.folders import trap_names
from gdtui.tui.panes.contour import ContourPane
from gdtui.tui.race_screen import RaceScreen
from tests.cli.support import scenario_file
from tests.tui.apps import SIX, is_settled, lines_of, opened, shown, step_of, take_steps, wait_until


def choose(screen: RaceScreen, name: str) -> None:
    """Choose a scenario as enter does."""
    options = screen.query_one("#scenario-list", OptionList)
    options.highlighted = next(k for k in range(options.option_count) if options.get_option_at_index(k).id == name)
    options.action_select()


def text_of(pilot: Pilot[int]) -> str:
    return " ".join(" ".join(lines_of(pilot)).split())


async def to(pilot: Pilot[int], screen: RaceScreen, name: str) -> None:
    before = screen.session.race
    choose(screen, name)
    await wait_until(pilot, lambda: screen.session.race is not before and is_settled(screen))
    assert screen.session.race.scenario.name == name


async def test_every_built_in_scenario_can_be_opened() -> None:
    async with opened(speed=1.0) as (pilot, screen):
        for name in (*SIX, "rosenbrock"):
            await to(pilot, screen, name)
            picture = screen.query_one(ContourPane).picture
            assert picture is not None
            assert picture.plane.origin.shape == (screen.session.race.problem.n,)
            assert f"▸ {name}" in "\n".join(lines_of(pilot))
        assert "Rosenbrock" in str(screen.query_one(ContourPane).border_title)


async def test_a_trap_is_opened_from_the_palette_and_then_listed() -> None:
    async with opened("saddle", speed=1.0) as (pilot, screen):
        commands = {command.title: command.callback for command in pilot.app.get_system_commands(screen)}
        assert len([title for title in commands if title.startswith("Trap: ")]) == len(trap_names())
        before = screen.session.race
        commands["Trap: adaptive-generalise-worse"]()
        await wait_until(pilot, lambda: screen.session.race is not before and is_settled(screen))
        assert screen.session.race.scenario.name == "traps/adaptive-generalise-worse"
        assert "▸ adaptive-generalise-w…" in "\n".join(lines_of(pilot)), "in one row, without the folder"
        await to(pilot, screen, "quadratic")
        await to(pilot, screen, "traps/adaptive-generalise-worse")
        assert screen.query_one("#scenario-list", OptionList).option_count == len(SIX) + 1


async def test_a_trap_that_the_app_was_opened_with_is_listed_first() -> None:
    async with opened("traps/gd-zig-zag", speed=1.0) as (pilot, screen):
        options = screen.query_one("#scenario-list", OptionList)
        assert [options.get_option_at_index(k).id for k in range(2)] == ["traps/gd-zig-zag", SIX[0]]
        assert "▸ gd-zig-zag" in "\n".join(lines_of(pilot))
        await to(pilot, screen, "saddle")
        await to(pilot, screen, "traps/gd-zig-zag")


async def test_the_last_of_quick_choices_is_the_one_that_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = threading.Event()
    real = Race.__init__

    def delayed(race: Race, scenario: object = None, **options: object) -> None:
        if scenario == "credit":
            slow.wait(20)
        real(race, scenario, **options)  # type: ignore[arg-type]

    async with opened(speed=1.0) as (pilot, screen):
        monkeypatch.setattr(Race, "__init__", delayed)
        choose(screen, "credit")
        await pilot.pause()
        choose(screen, "saddle")
        await wait_until(pilot, lambda: screen.session.race.scenario.name == "saddle")
        slow.set()
        for name in ("streamrec", "quadratic", "streamrec", "saddle", "credit", "quadratic"):
            choose(screen, name)
            await pilot.pause()
        await wait_until(pilot, lambda: screen.session.race.scenario.name == "quadratic" and is_settled(screen))
        await take_steps(pilot, screen, 3)
        assert screen.session.race.scenario.name == "quadratic"
        assert "Quadratic" in str(screen.query_one(ContourPane).border_title)


async def test_a_file_of_ones_own_is_listed_and_can_be_returned_to(tmp_path: Path) -> None:
    path = scenario_file(tmp_path, name="rosenbrock.toml")  # the name of a built-in
    async with opened(Race(path), speed=1.0) as (pilot, screen):
        assert "▸ rosenbrock.toml" in "\n".join(lines_of(pilot))
        await to(pilot, screen, "rosenbrock")
        assert len(screen.session.race) == 6
        await to(pilot, screen, "saddle")
        choose(screen, "rosenbrock.toml")
        await wait_until(pilot, lambda: screen.session.race.scenario.where == path)
        assert screen.session.race.labels == ("gd", "fast")


async def test_a_python_function_is_listed_and_can_be_returned_to() -> None:
    def saddle(x):  # type: ignore[no-untyped-def]
        return float(x @ x), 2 * x

    race = gdtui.Race(objective=saddle, start=[1.0, 2.0, 3.0], racers=["gd:lr=0.1"])
    async with opened(race, speed=1.0) as (pilot, screen):
        await to(pilot, screen, "saddle")
        assert screen.session.race.problem.n == 2
        choose(screen, "saddle()")
        await wait_until(pilot, lambda: screen.session.race.problem.n == 3 and is_settled(screen))


async def test_a_file_that_vanished_is_an_error_in_place(tmp_path: Path) -> None:
    path = scenario_file(tmp_path)
    async with opened(Race(path), speed=1.0) as (pilot, screen):
        await to(pilot, screen, "saddle")
        Path(path).unlink()
        choose(screen, "race.toml")
        await wait_until(pilot, lambda: "no such file" in text_of(pilot))
        assert screen.session.race.scenario.name == "saddle"
        await to(pilot, screen, "quadratic")


async def test_data_that_is_missing_is_an_error_in_place(tmp_path: Path) -> None:
    data = tmp_path / "loans.csv"
    data.write_text("x,bad\n" + "".join(f"{k},{k % 2}\n" for k in range(40)), encoding="utf-8")
    text = (
        'steps = 10\n[objective]\nname = "logistic"\ndata = "loans.csv"\ntarget = "bad"\npositive = "1"\n'
        '[[racers]]\noptimizer = "gd"\n'
    )
    path = scenario_file(tmp_path, text)
    async with opened(Race(path), speed=1.0) as (pilot, screen):
        await to(pilot, screen, "saddle")
        data.unlink()
        choose(screen, "race.toml")
        await wait_until(pilot, lambda: "loans.csv" in text_of(pilot) and "Not possible" in text_of(pilot))
        assert screen.session.race.scenario.name == "saddle"


async def test_an_objective_that_fails_says_so_and_the_app_goes_on() -> None:
    def fails(x):  # type: ignore[no-untyped-def]
        if x[0] < 0.99:
            raise ValueError("[red]no[/]\x1b[31m way\n")
        return float(x @ x), 2 * x

    race = gdtui.Race(objective=fails, start=[1.0, 1.0], racers=["gd:lr=0.1"])
    async with opened(race) as (pilot, screen):
        assert screen.query_one(ContourPane).picture is not None  # where it fails the chart is empty
        screen.session.driver.step(5)
        await wait_until(pilot, lambda: "failed" in shown(screen, "status"))
        await wait_until(pilot, lambda: "ValueError: [red]no[/]" in shown(screen, "status"))
        assert "\x1b" not in "".join(lines_of(pilot))
        await to(pilot, screen, "saddle")
        await wait_until(pilot, lambda: step_of(screen) >= 0)


@pytest.mark.parametrize("scenario", ["credit", "streamrec"])
async def test_the_plane_is_fitted_to_the_paths_and_its_title_says_so(scenario: str) -> None:
    async with opened(scenario) as (pilot, screen):
        contour = screen.query_one(ContourPane)
        assert str(contour.border_title).startswith("Contour, the steepest and a random direction")
        await take_steps(pilot, screen, 16)
        await wait_until(pilot, lambda: "of the paths' variance" in str(contour.border_title))
        await wait_until(pilot, lambda: is_settled(screen))
        assert "PC1" in shown(screen, "contour")
        assert contour.picture is not None
        assert contour.picture.plane.fitted_at == 16
