"""One racer pinned: it stands out in every pane, until it is unpinned or taken out."""

from __future__ import annotations

import numpy as np
import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList

from gdtui.charts.palette import faded, head_colour, racer_colour
from gdtui.frames import Style
from gdtui.tui.messages import ScenarioChosen
from gdtui.tui.panes.contour import ContourPane
from gdtui.tui.panes.loss import LossPane
from gdtui.tui.race_screen import RaceScreen
from tests.tui.apps import (
    check_golden,
    is_settled,
    lines_of,
    opened,
    select_racer,
    shown,
    take_steps,
    wait_until,
)


async def pin(pilot: Pilot[int], screen: RaceScreen, place: int) -> str | None:
    """Press the key with this racer selected; what is pinned then."""
    select_racer(screen, place)
    await pilot.press("P")
    await pilot.pause()
    await wait_until(pilot, lambda: is_settled(screen))
    return screen.pinned


def colours(screen: RaceScreen) -> list[set[int]]:
    """The colour indices on the contour and on the chart of the losses."""
    grids = [screen.query_one(pane).view.grid for pane in (ContourPane, LossPane)]
    return [set() if grid is None else set(np.unique(grid.colours).tolist()) for grid in grids]


def marked(pilot: Pilot[int], mark: str = "▸") -> list[str]:
    """The labels that a pin's mark stands before."""
    found = [line.split(mark)[1].split()[0] for line in lines_of(pilot) if f"{mark}adam" in line or f"{mark}gd" in line]
    return sorted(found)


async def test_a_pinned_racer_stands_out_everywhere_until_it_is_unpinned() -> None:
    async with opened() as (pilot, screen):
        await take_steps(pilot, screen, 400)
        assert await pin(pilot, screen, 5) == "adam"
        assert marked(pilot) == ["adam", "adam"]
        for seen in colours(screen):
            assert head_colour(5) in seen
            assert not {racer_colour(k) for k in range(6)} & seen
            assert {faded(racer_colour(k)) for k in range(6)} & seen
        assert all(letter in shown(screen, pane) for letter in "ABCDEF" for pane in ("loss", "contour"))
        assert await pin(pilot, screen, 0) == "gd"  # the pin moves
        assert marked(pilot) == ["gd", "gd"]
        assert await pin(pilot, screen, 0) is None
        assert marked(pilot) == []
        assert all({racer_colour(k) for k in range(6)} & seen for seen in colours(screen))


async def test_a_pin_survives_a_restart_but_not_the_racer() -> None:
    async with opened() as (pilot, screen):
        await take_steps(pilot, screen, 20)
        assert await pin(pilot, screen, 5) == "adam"
        await pilot.press("r")
        await wait_until(pilot, lambda: screen.published is not None and screen.published.generation == 1)
        await wait_until(pilot, lambda: is_settled(screen))
        assert screen.pinned == "adam"
        select_racer(screen, 5)
        await pilot.press("delete")
        await wait_until(pilot, lambda: screen.pinned is None)
        await wait_until(pilot, lambda: is_settled(screen))
        assert marked(pilot) == []


async def test_a_pin_stays_with_the_label_in_another_scenario() -> None:
    async with opened() as (pilot, screen):
        for name, kept in (("quadratic", True), ("saddle", False)):
            assert await pin(pilot, screen, 0) == "gd"
            screen.post_message(ScenarioChosen(name))
            await wait_until(pilot, lambda name=name: screen.session.race.scenario.name == name and is_settled(screen))
            labels = [racer.label for racer in screen.session.race.snapshot().racers]
            assert screen.pinned == ("gd" if "gd" in labels else None)
            assert kept or screen.pinned in {None, "gd"}
            screen.pinned = None


async def test_the_palette_pins() -> None:
    async with opened() as (pilot, screen):
        commands = {command.title: command.callback for command in pilot.app.get_system_commands(screen)}
        screen.query_one("#racer-list", OptionList).highlighted = 2
        commands["Pin racer"]()
        await wait_until(pilot, lambda: screen.pinned == "nesterov")


async def test_golden_without_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with opened(size=(80, 24)) as (pilot, screen):
        await take_steps(pilot, screen, 500)
        await pin(pilot, screen, 2)
        await wait_until(pilot, lambda: is_settled(screen))
        check_golden("pinned-no-colour-80x24", pilot)


async def test_golden_in_ascii() -> None:
    async with opened(size=(120, 40), style=Style("ascii")) as (pilot, screen):
        await take_steps(pilot, screen, 500)
        await pin(pilot, screen, 2)
        assert "nesterov" in "".join(line for line in lines_of(pilot) if "C>" in line)
        check_golden("pinned-ascii-120x40", pilot)
