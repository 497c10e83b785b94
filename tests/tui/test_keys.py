"""Every key of the race screen, and what it does to the race."""

from __future__ import annotations

import pytest
from textual.dom import DOMNode
from textual.pilot import Pilot
from textual.widgets import Input, Static

from gdtui.tui.bindings import bindings_of
from gdtui.tui.dialogs import Question, Reading
from gdtui.tui.panes.contour import ContourPane
from gdtui.tui.panes.loss import LossPane
from gdtui.tui.panes.pane import Pane
from gdtui.tui.race_screen import RaceScreen
from tests.tui.apps import (
    is_settled,
    lines_of,
    opened,
    select_racer,
    shown,
    state_of,
    step_of,
    take_steps,
    wait_until,
)

CURSOR = "┼"


def racer(screen: RaceScreen, label: str):  # type: ignore[no-untyped-def]
    assert screen.published is not None
    return next(r for r in screen.published.snapshot.racers if r.label == label)


def labels(screen: RaceScreen) -> list[str]:
    assert screen.published is not None
    return [r.label for r in screen.published.snapshot.racers]


async def answer(pilot: Pilot[int], text: str) -> str:
    """Type an answer into the open question; returns the verdict on it."""
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, Question) and bool(pilot.app.screen.query(Input)))
    pilot.app.screen.query_one(Input).value = text
    await pilot.pause()
    verdict = str(pilot.app.screen.query_one("#verdict", Static).content)
    await pilot.press("enter")
    await pilot.pause()
    return verdict


async def test_space_runs_and_pauses() -> None:
    async with opened(speed=100.0) as (pilot, screen):
        assert step_of(screen) == 0
        await pilot.press("space")
        await wait_until(pilot, lambda: state_of(screen) == "running" and step_of(screen) > 2)
        await pilot.press("space")
        await wait_until(pilot, lambda: state_of(screen) == "paused" and is_settled(screen))
        assert f"step {step_of(screen)} of" in shown(screen, "status")
        assert "fps" not in shown(screen, "status")


async def test_space_races_again_after_the_end() -> None:
    async with opened("saddle", speed=float("inf")) as (pilot, screen):
        await take_steps(pilot, screen, 400)
        assert state_of(screen) == "finished"
        await pilot.press("space")
        await wait_until(pilot, lambda: screen.published is not None and screen.published.generation == 1)
        await wait_until(pilot, lambda: state_of(screen) == "finished")


async def test_full_stop_takes_one_step_and_pauses() -> None:
    async with opened() as (pilot, screen):
        await pilot.press("full_stop", "full_stop")
        await wait_until(pilot, lambda: step_of(screen) == 2)
        assert state_of(screen) == "paused"


async def test_plus_and_minus_change_the_speed() -> None:
    async with opened(speed=10.0) as (pilot, screen):
        rates = []
        for key in ("plus", "equals_sign", "minus", "minus", "minus"):
            before = screen.published
            await pilot.press(key)
            await wait_until(pilot, lambda before=before: screen.published is not before)
            assert screen.published is not None
            rates.append(screen.published.rate)
        assert rates == [30.0, 100.0, 30.0, 10.0, 3.0]


async def test_r_races_again_from_the_start() -> None:
    async with opened(speed=1.0) as (pilot, screen):
        await take_steps(pilot, screen, 30)
        await pilot.press("r")
        await wait_until(pilot, lambda: screen.published is not None and screen.published.generation == 1)
        assert step_of(screen) < 30
        assert state_of(screen) in {"running", "compiling"}


async def test_delete_takes_the_selected_racer_out_but_never_the_last() -> None:
    async with opened() as (pilot, screen):
        select_racer(screen, 2)
        await pilot.press("delete")
        await wait_until(pilot, lambda: "nesterov" not in labels(screen))
        for left in (4, 3, 2, 1):
            await pilot.press("delete")
            await wait_until(pilot, lambda left=left: len(labels(screen)) == left)
        await pilot.press("delete")
        await wait_until(pilot, lambda: "the last racer stays" in shown(screen, "status"))
        assert len(labels(screen)) == 1


async def test_enter_lets_a_racer_rest_and_come_back() -> None:
    async with opened() as (pilot, screen):
        await pilot.press("2")
        await pilot.pause()
        await pilot.press("down", "enter")
        await wait_until(pilot, lambda: racer(screen, "momentum").benched)
        await take_steps(pilot, screen, 20)
        assert racer(screen, "momentum").step == 0
        assert "resting" in shown(screen, "standings")
        assert "B" not in shown(screen, "contour")
        await pilot.press("enter")
        await wait_until(pilot, lambda: racer(screen, "momentum").step == 20)


async def test_arrows_and_enter_choose_the_start() -> None:
    async with opened() as (pilot, screen):
        await take_steps(pilot, screen, 9)
        contour = screen.query_one(ContourPane)
        assert contour.has_focus
        await pilot.press("right", "right", "shift+right", "up", "shift+down")
        assert CURSOR in shown(screen, "contour")
        assert contour.picture is not None
        assert contour._cursor is not None
        chosen = contour.picture.plane.point(*contour._cursor)
        await pilot.press("enter")
        await wait_until(pilot, lambda: screen.published is not None and screen.published.generation == 1)
        await wait_until(pilot, lambda: is_settled(screen))
        assert step_of(screen) == 0
        assert screen.session.race.scenario.start == tuple(chosen.tolist())
        assert CURSOR not in shown(screen, "contour")


async def test_escape_drops_the_cursor_first_and_then_leaves_the_maximised_pane() -> None:
    async with opened() as (pilot, screen):
        await pilot.press("m")
        assert screen.maximized is screen.query_one(ContourPane)
        await pilot.press("left")
        assert CURSOR in shown(screen, "contour")
        await pilot.press("escape")
        await pilot.pause()
        assert CURSOR not in shown(screen, "contour")
        await pilot.press("escape")
        await wait_until(pilot, lambda: screen.maximized is None)


async def test_a_click_on_the_contour_chooses_the_start() -> None:
    async with opened() as (pilot, screen):
        contour = screen.query_one(ContourPane)
        assert contour.picture is not None
        expected = contour.picture.chart.cell_to_point(30, 6)
        await pilot.click("#contour-view", offset=(30, 6))
        await wait_until(pilot, lambda: screen.published is not None and screen.published.generation == 1)
        assert screen.session.race.scenario.start == expected
        await pilot.click("#contour-view", offset=(0, 0))  # on the ruler: nothing to choose there
        await take_steps(pilot, screen, 1)
        assert screen.published is not None
        assert screen.published.generation == 1


async def test_a_click_on_a_fitted_plane_chooses_a_start_on_that_plane() -> None:
    async with opened("credit") as (pilot, screen):
        await take_steps(pilot, screen, 12)
        picture = screen.query_one(ContourPane).picture
        assert picture is not None
        point = picture.chart.cell_to_point(20, 5)
        assert point is not None
        await pilot.click("#contour-view", offset=(20, 5))
        await wait_until(pilot, lambda: screen.published is not None and screen.published.generation == 1)
        start = screen.session.race.problem.start
        assert start == pytest.approx(picture.plane.point(*point))


async def test_y_changes_the_axis_and_the_choice_survives_a_restart() -> None:
    async with opened() as (pilot, screen):
        loss = screen.query_one(LossPane)
        assert str(loss.border_title) == "Loss (log) by step"
        await pilot.press("y")
        await wait_until(pilot, lambda: is_settled(screen))
        assert str(loss.border_title) == "Loss (linear) by step"
        await pilot.click("#contour-view", offset=(30, 6))
        await wait_until(pilot, lambda: screen.published is not None and screen.published.generation == 1)
        await wait_until(pilot, lambda: is_settled(screen))
        assert str(loss.border_title) == "Loss (linear) by step"


async def test_m_gives_the_focused_pane_the_whole_screen_and_takes_it_back() -> None:
    async with opened() as (pilot, screen):
        for key, name in (("1", "scenarios"), ("2", "racers"), ("3", "family")):
            await pilot.press(key)
            await pilot.pause()
            await pilot.press("m")
            await pilot.pause()
            assert screen.maximized is screen.query_one(f"#{name}", Pane)
            await pilot.press("m")
            await pilot.pause()
            assert screen.maximized is None


@pytest.mark.parametrize(("key", "pane"), [("1", "#scenarios"), ("2", "#racers"), ("3", "#family")])
async def test_digits_open_and_close_panes_over_the_compact_layout(key: str, pane: str) -> None:
    async with opened(size=(80, 24)) as (pilot, screen):
        assert not screen.query_one(pane).region
        for close in (key, "escape", "tab"):
            await pilot.press(key)
            await wait_until(pilot, lambda: screen.query_one(pane).has_focus_within)
            await wait_until(pilot, lambda: bool(screen.query_one(pane).region))
            while not screen.query_one(ContourPane).has_focus:  # tab may pass another pane of the column first
                await pilot.press(close)
                await pilot.pause()
            await wait_until(pilot, lambda: not screen.query_one(pane).region)


async def test_help_lists_every_binding() -> None:
    async with opened(size=(120, 140)) as (pilot, screen):
        await pilot.press("question_mark")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, Reading))
        await pilot.pause()
        text = "\n".join(lines_of(pilot))
        owners: list[type[DOMNode]] = [RaceScreen, *(type(pane) for pane in screen.query(Pane))]
        tooltips = {binding.tooltip for owner in owners for binding in bindings_of(owner)}
        for tooltip in filter(None, tooltips):
            assert tooltip in text
        assert "esc closes" in text
        await pilot.press("question_mark")
        await wait_until(pilot, lambda: pilot.app.screen is screen)


def test_every_binding_has_an_id_and_a_tooltip() -> None:
    bindings = list(bindings_of(RaceScreen))
    assert all(binding.id and binding.tooltip for binding in bindings)
    assert not {"ctrl+h", "ctrl+i", "ctrl+j", "ctrl+m", "ctrl+s", "ctrl+q"} & {binding.key for binding in bindings}


async def test_every_action_is_a_command_of_the_palette() -> None:
    async with opened() as (pilot, screen):
        commands = [command.title for command in pilot.app.get_system_commands(screen)]
        assert len(commands) == len(set(commands))
        named = {b.description for b in bindings_of(RaceScreen) if b.action != "app.quit"}
        assert named <= set(commands)


async def test_keys_can_be_remapped() -> None:
    async with opened(keymap={"race.step": "f5"}) as (pilot, screen):
        await pilot.press("f5")
        await wait_until(pilot, lambda: step_of(screen) == 1)
        await pilot.press("full_stop")
        await pilot.press("question_mark")
        await wait_until(pilot, lambda: "f5" in "\n".join(lines_of(pilot)))
        assert step_of(screen) == 1


async def test_q_leaves() -> None:
    async with opened() as (pilot, _):
        await pilot.press("q")
        await wait_until(pilot, lambda: pilot.app._exit)
        assert pilot.app.return_code == 0
