"""The page "why this step" and its arrows: about whom, when, and at what cost."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot

from gdtui.charts.contour import Displacement
from gdtui.contracts import Reals
from gdtui.engine.race import Race
from gdtui.frames import Style
from gdtui.tui import why_actions
from gdtui.tui.panes.contour import ContourPane
from gdtui.tui.panes.family import FamilyPane
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


def page(screen: RaceScreen) -> str:
    content = screen.query_one(FamilyPane).details.content_of(why_actions.WHY)
    return "" if content is None else content.plain


def arrows(screen: RaceScreen) -> tuple[Displacement, ...]:
    pane = screen.query_one(ContourPane)
    assert pane.picture is not None
    assert pane._problem is not None
    return pane._step.on(pane.picture, pane._problem)


async def read(pilot: Pilot[int], screen: RaceScreen, *words: str) -> None:
    """Wait until the page says this, and all of it is drawn."""
    await wait_until(pilot, lambda: all(word in page(screen) for word in words) and is_settled(screen))
    await pilot.pause()


async def test_the_key_opens_the_page_about_the_selected_racer_and_closes_it() -> None:
    async with opened() as (pilot, screen):
        await take_steps(pilot, screen, 60)
        select_racer(screen, 1)
        await pilot.press("W")
        await read(pilot, screen, "B momentum, step 60")
        assert any("Why this step" in line for line in lines_of(pilot))
        assert "v −ηβv ×" in shown(screen, "contour")
        await pilot.press("W")
        await wait_until(pilot, lambda: arrows(screen) == ())
        assert "−ηβv" not in shown(screen, "contour")
        assert not any("Why this step" in line for line in lines_of(pilot))


async def test_the_pinned_racer_goes_before_the_selected_one() -> None:
    async with opened() as (pilot, screen):
        await take_steps(pilot, screen, 20)
        select_racer(screen, 2)
        await pilot.press("P", "W")
        await read(pilot, screen, "C nesterov, step 20")
        select_racer(screen, 0)
        await pilot.pause()
        assert "C nesterov" in page(screen)
        select_racer(screen, 2)
        await pilot.press("P")
        select_racer(screen, 0)
        await read(pilot, screen, "A gd, step 20")


async def test_it_follows_the_race_at_most_four_times_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float] = []
    explained = why_actions._explained

    def counted(racer: Any) -> Any:
        asked.append(racer.step)
        return explained(racer)

    monkeypatch.setattr(why_actions, "_explained", counted)
    async with opened(speed=100.0) as (pilot, screen):
        await pilot.press("W", "space")
        await wait_until(pilot, lambda: len(asked) >= 4)
        loop = pilot.app._loop
        assert loop is not None
        began, before = loop.time(), len(asked)
        await wait_until(pilot, lambda: len(asked) >= before + 3)
        assert loop.time() - began >= 2 * 0.25 * 0.9
        await pilot.press("space")
        await wait_until(pilot, lambda: screen.published is not None and screen.published.state.value == "paused")
        await read(pilot, screen, f"step {screen.published.snapshot.step}" if screen.published else "")
        asked.clear()
        for key in ("2", "1", "y"):  # nothing that a paused race is asked of takes it apart again
            await pilot.press(key)
        await pilot.pause()
        assert asked == []


async def test_nothing_is_taken_apart_while_the_page_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(racer: Any) -> Any:
        raise AssertionError("nobody asked")

    monkeypatch.setattr(why_actions, "_explained", refused)
    async with opened() as (pilot, screen):
        await take_steps(pilot, screen, 20)
        await pilot.press("P")
        await take_steps(pilot, screen, 1)
        assert page(screen) == ""


async def test_before_the_first_step_there_is_nothing_to_say() -> None:
    async with opened() as (pilot, screen):
        await pilot.press("W")
        await read(pilot, screen, "A gd", "It has not taken a step yet.")
        await take_steps(pilot, screen, 1)
        await read(pilot, screen, "step 1", "Δ = −η·g")
        await pilot.press("r")
        await wait_until(pilot, lambda: "step 1\n" not in page(screen))


async def test_another_race_has_arrows_of_its_own() -> None:
    async with opened() as (pilot, screen):
        await take_steps(pilot, screen, 5)
        await pilot.press("W")
        await read(pilot, screen, "step 5")
        screen.play(Race("streamrec", racers=["momentum"]), None)
        await wait_until(pilot, lambda: "A momentum" in page(screen))
        screen.session.driver.pause()


async def test_a_large_state_is_set_aside_from_the_next_step_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gdtui.engine.racer.KEPT_BYTES", 8)
    async with opened(Race("rosenbrock", racers=["adam"])) as (pilot, screen):
        await take_steps(pilot, screen, 3)
        await pilot.press("W")
        await read(pilot, screen, "was not set aside")
        racer = next(iter(screen.session.race))
        await wait_until(pilot, lambda: racer.watched)
        await take_steps(pilot, screen, 1)
        await read(pilot, screen, "step 4", "β₁m")
        await pilot.press("W")
        await wait_until(pilot, lambda: not racer.watched)


async def test_an_objective_that_raises_is_a_line_on_the_page() -> None:
    raising = []

    def fickle(theta: Reals) -> tuple[float, Reals]:
        if raising:
            raise RuntimeError("not [bold]today[/]")
        return float(theta @ theta), 2.0 * theta

    async with opened(Race(objective=fickle, start=[1.0, 2.0], racers=["gd"])) as (pilot, screen):
        await take_steps(pilot, screen, 3)
        raising.append(True)
        await pilot.press("W")
        await read(pilot, screen, "RuntimeError: not [bold]today[/]")
        assert arrows(screen) == ()


async def test_the_page_is_written_for_the_width_of_its_column(monkeypatch: pytest.MonkeyPatch) -> None:
    widths: list[int] = []
    written = why_actions.why_page

    def noted(explanation: Any, who: str, width: int, *, ascii_only: bool) -> Any:
        widths.append(width)
        return written(explanation, who, width, ascii_only=ascii_only)

    monkeypatch.setattr(why_actions, "why_page", noted)
    async with opened() as (pilot, screen):
        await take_steps(pilot, screen, 60)
        await pilot.press("W")
        await read(pilot, screen, "step 60")
        await pilot.resize_terminal(170, 50)
        await wait_until(pilot, lambda: widths[-1] > widths[0])
        assert widths[-1] <= screen.query_one(FamilyPane).details.size.width - 2


@pytest.mark.usefixtures("still_life")
@pytest.mark.parametrize("ascii_only", [False, True])
async def test_the_screen(ascii_only: bool) -> None:
    async with opened(style=Style("ascii") if ascii_only else Style()) as (pilot, screen):
        await take_steps(pilot, screen, 60)
        select_racer(screen, 1)
        await pilot.press("P", "W")
        await read(pilot, screen, "B momentum, step 60")
        if ascii_only:
            assert "".join(lines_of(pilot)).isascii()
        check_golden("why-ascii-120x40" if ascii_only else "why-120x40", pilot)


@pytest.mark.usefixtures("still_life")
async def test_the_compact_screen_has_the_page_over_it_and_the_arrows_below() -> None:
    async with opened(size=(80, 24)) as (pilot, screen):
        await take_steps(pilot, screen, 60)
        await pilot.press("W")
        await read(pilot, screen, "step 60")
        await wait_until(pilot, lambda: any("Why this step" in line for line in lines_of(pilot)))
        await pilot.press("escape")
        await pilot.pause()
        assert "Δ = −ηg" in shown(screen, "contour")
