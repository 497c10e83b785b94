"""The read-out of the loss pane: the pointer or the arrow keys choose a column, the border says what is there."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from gdtui.frames import Style
from gdtui.frames.standings import count, number
from gdtui.tui.panes.loss import LossPane
from gdtui.tui.race_screen import RaceScreen
from tests.tui.apps import is_settled, lines_of, opened, select_racer, shown, take_steps, wait_until


def said(screen: RaceScreen) -> str:
    subtitle = screen.query_one(LossPane)._border_subtitle
    return "" if subtitle is None else subtitle.plain


def line_at(screen: RaceScreen) -> set[int]:
    """The columns with a cell of the line."""
    return {
        column
        for text in shown(screen, "loss").splitlines()[1:-2]
        for column, glyph in enumerate(text)
        if glyph == "│" and column > 6
    }


async def press(pilot: Pilot[int], *keys: str) -> None:
    await pilot.press(*keys)
    await pilot.pause()


async def test_the_pointer_reads_out_the_values_under_it() -> None:
    async with opened() as (pilot, screen):
        await take_steps(pilot, screen, 12_000)
        assert said(screen) == ""
        await pilot.hover("#loss-view", offset=(20, 4))
        await wait_until(pilot, lambda: line_at(screen) == {20})
        loss = screen.query_one(LossPane)
        span = loss._chart.span(20) if loss._chart is not None else None
        assert span is not None
        recorded = screen.session.race.snapshot().racers[0].recorded
        place = int(recorded.steps.searchsorted(span[1], side="right")) - 1
        assert said(screen).startswith(f"step {count(recorded.steps[place])}  A {number(recorded.loss[place])}  B ")
        assert any(said(screen) in line for line in lines_of(pilot))
        await pilot.hover("#loss-view", offset=(21, 6))
        await wait_until(pilot, lambda: line_at(screen) == {21})
        await pilot.hover("#contour-view", offset=(5, 5))
        await wait_until(pilot, lambda: said(screen) == "" and not line_at(screen))


async def test_beside_the_chart_there_is_nothing_to_read() -> None:
    async with opened() as (pilot, screen):
        await pilot.hover("#loss-view", offset=(20, 4))
        await wait_until(pilot, lambda: said(screen).startswith("step "))
        await pilot.hover("#loss-view", offset=(0, 4))
        await wait_until(pilot, lambda: said(screen) == "")


async def test_arrows_move_the_read_out_and_escape_drops_it_first() -> None:
    async with opened() as (pilot, screen):
        await take_steps(pilot, screen, 10_000)
        loss = screen.query_one(LossPane)
        loss.focus()
        await press(pilot, "m")
        await wait_until(pilot, lambda: screen.maximized is loss and is_settled(screen))
        await press(pilot, "left")
        await wait_until(pilot, lambda: "step " in said(screen))
        (first,) = line_at(screen)
        assert abs(first - loss.view.size.width / 2) < 8  # where the race is
        await press(pilot, "left", "left", "shift+left", "right")
        await wait_until(pilot, lambda: line_at(screen) == {first - 9})
        await press(pilot, *["shift+right"] * 20)
        await wait_until(pilot, lambda: line_at(screen) == {loss.view.size.width - 1})
        assert said(screen) == "step 20 000"  # nobody is there yet
        await press(pilot, "escape")
        assert said(screen) == ""
        assert screen.maximized is loss
        await press(pilot, "escape")
        await wait_until(pilot, lambda: screen.maximized is None)


async def test_it_goes_with_the_focus() -> None:
    async with opened() as (pilot, screen):
        await take_steps(pilot, screen, 50)
        screen.query_one(LossPane).focus()
        await press(pilot, "right")
        await wait_until(pilot, lambda: said(screen) != "")
        await press(pilot, "1")
        await wait_until(pilot, lambda: said(screen) == "")


async def test_it_follows_the_race_the_axis_and_the_pin() -> None:
    async with opened() as (pilot, screen):
        await pilot.hover("#loss-view", offset=(20, 4))
        await wait_until(pilot, lambda: said(screen).startswith("step ") and "A" not in said(screen))
        await take_steps(pilot, screen, 12_000)
        await wait_until(pilot, lambda: "A" in said(screen))
        select_racer(screen, 5)
        await press(pilot, "P")
        await wait_until(pilot, lambda: said(screen).split()[3] == "F")
        await press(pilot, "x")
        await wait_until(pilot, lambda: said(screen).startswith("work "))
        await press(pilot, "x", "X")
        await wait_until(pilot, lambda: said(screen).startswith("time "))


async def test_it_is_plain_in_ascii() -> None:
    async with opened(size=(80, 24), style=Style("ascii")) as (pilot, screen):
        await take_steps(pilot, screen, 12_000)
        await pilot.hover("#loss-view", offset=(20, 4))
        await wait_until(pilot, lambda: said(screen) != "")
        assert "".join(lines_of(pilot)).isascii()
        assert any("+- step " in line and " ~ -" in line for line in lines_of(pilot))


async def test_the_pointer_costs_nothing_while_it_rests_and_little_while_it_moves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [1e6]
    async with opened() as (pilot, screen):
        loss = screen.query_one(LossPane)
        monkeypatch.setattr("gdtui.tui.panes.loss.monotonic", lambda: now[0])
        await pilot.hover("#loss-view", offset=(20, 4))
        await wait_until(pilot, lambda: said(screen) != "")
        first, drawn, later = said(screen), [], []
        real = loss._draw
        monkeypatch.setattr(loss, "_draw", lambda: (drawn.append(1), real()))
        monkeypatch.setattr(loss, "set_timer", lambda _, callback: later.append(callback))
        await pilot.hover("#loss-view", offset=(20, 7))
        await pilot.pause()
        assert (drawn, later) == ([], [])
        for column in range(21, 40):
            await pilot.hover("#loss-view", offset=(column, 4))
        assert (drawn, said(screen)) == ([], first)  # no time has gone by
        now[0] += 1.0
        later[0]()
        assert len(drawn) == 1
        assert said(screen) != first
        assert line_at(screen) == {39}
