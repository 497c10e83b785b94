"""Time in the app: back and forward, along the time line, to what happened, and off on a branch."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static

from gdtui.analysis.turns import Turns
from gdtui.engine.driver import Published
from gdtui.engine.race import Race
from gdtui.engine.timeline import Kind, Mark
from gdtui.frames.timeline import time_axis
from gdtui.tui.editor import RacerEditor
from gdtui.tui.panes.loss import LossPane
from gdtui.tui.panes.time_line import TimeLine
from gdtui.tui.race_screen import RaceScreen
from tests.engine.races import contents
from tests.tui.apps import (
    check_golden,
    is_settled,
    opened,
    select_racer,
    shown,
    state_of,
    step_of,
    take_steps,
    wait_until,
)
from tests.tui.stage import fill, said


def published(screen: RaceScreen) -> Published:
    assert screen.published is not None
    return screen.published


async def stands_at(pilot: Pilot[int], screen: RaceScreen, step: int) -> None:
    await wait_until(pilot, lambda: step_of(screen) == step and is_settled(screen))


async def editing(pilot: Pilot[int]) -> RacerEditor:
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, RacerEditor) and bool(pilot.app.screen.query(Input)))
    await pilot.pause()
    editor = pilot.app.screen
    assert isinstance(editor, RacerEditor)
    return editor


async def test_comma_goes_back_and_full_stop_on_again() -> None:
    async with opened() as (pilot, screen):
        await take_steps(pilot, screen, 60)
        picture = shown(screen, "contour"), shown(screen, "loss"), shown(screen, "standings")
        await pilot.press(*["comma"] * 10)
        await stands_at(pilot, screen, 50)
        assert "10 steps back" in shown(screen, "time-line")
        assert shown(screen, "contour") != picture[0]
        await pilot.press(*["full_stop"] * 10)
        await stands_at(pilot, screen, 60)
        assert (shown(screen, "contour"), shown(screen, "loss"), shown(screen, "standings")) == picture
        assert [contents(r) for r in screen.session.race] == [contents(r) for r in Race("rosenbrock").advance(60)]


async def test_comma_pauses_a_race_and_space_races_on_from_there() -> None:
    async with opened(speed=1000.0) as (pilot, screen):
        await pilot.press("space")
        await wait_until(pilot, lambda: step_of(screen) > 20)
        await pilot.press("comma")
        await wait_until(pilot, lambda: state_of(screen) == "paused" and is_settled(screen))
        assert published(screen).timeline.furthest == step_of(screen) + 1
        here = step_of(screen)
        await pilot.press("space")
        await wait_until(pilot, lambda: step_of(screen) > here + 1)
        assert published(screen).timeline.furthest == step_of(screen)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_time_line_scrubs(size: tuple[int, int]) -> None:
    async with opened("saddle", size=size) as (pilot, screen):
        await take_steps(pilot, screen, 400)
        line = screen.query_one(TimeLine)
        assert line.size.height == 1
        axis = time_axis(published(screen).snapshot, published(screen).timeline, line.view.size.width)
        line.focus()
        await pilot.press("home")
        await stands_at(pilot, screen, 0)
        await pilot.press("right", "right")
        await stands_at(pilot, screen, axis.step(axis.begin + 2))
        await pilot.press("shift+right", "left")
        await stands_at(pilot, screen, axis.step(axis.begin + 9))
        await pilot.press("end")
        await stands_at(pilot, screen, published(screen).timeline.furthest)
        column = axis.begin + axis.width // 2
        await pilot.click(line.view, offset=(column, 0))
        await stands_at(pilot, screen, axis.step(column))
        await pilot.mouse_down(line.view, offset=(column, 0))
        await pilot.hover(line.view, offset=(column + 3, 0))
        await pilot.hover(line.view, offset=(column + 5, 0))
        await stands_at(pilot, screen, axis.step(column + 5))
        await pilot.mouse_up(line.view, offset=(column + 5, 0))
        await pilot.hover(line.view, offset=(column, 0))
        await pilot.pause()
        assert step_of(screen) == axis.step(column + 5)
        await pilot.click(line.view, offset=(axis.begin + axis.width - 1, 0))  # nobody has been there
        await stands_at(pilot, screen, published(screen).timeline.furthest)


async def test_to_what_happened_and_back() -> None:
    async with opened("quadratic", size=(160, 45)) as (pilot, screen):
        await take_steps(pilot, screen, 30)
        screen.session.driver.order(lambda race: race.set("gd", {"lr": 1e-3}))
        screen.session.driver.order(lambda race: race.remove("momentum"))
        await take_steps(pilot, screen, 30)
        await pilot.press("less_than_sign")
        await stands_at(pilot, screen, 30)
        assert "gd lr 0.019 → 0.001; momentum leaves" in shown(screen, "time-line")
        await pilot.press("less_than_sign", "less_than_sign")
        await stands_at(pilot, screen, 0)
        assert "◆" in shown(screen, "time-line")
        assert "momentum" in [racer.label for racer in published(screen).snapshot.racers]
        await pilot.press("greater_than_sign")
        await stands_at(pilot, screen, 30)
        assert "momentum" not in [racer.label for racer in published(screen).snapshot.racers]
        await pilot.press("greater_than_sign")
        await stands_at(pilot, screen, 60)


async def test_where_a_verdict_changes_there_is_a_mark() -> None:
    async with opened() as (pilot, screen):
        await take_steps(pilot, screen, 60)
        line = screen.query_one(TimeLine)
        marks = [Mark(20, Kind.VERDICT, "gd zig-zags", 0), Mark(90, Kind.VERDICT, "gd converges", 0)]
        line.show(published(screen), marks)
        await pilot.press("less_than_sign")
        await stands_at(pilot, screen, 20)
        line.show(published(screen), marks)
        assert "gd zig-zags" in shown(screen, "time-line")
        await pilot.press("greater_than_sign")  # nobody has been at 90
        await stands_at(pilot, screen, 60)


async def test_a_key_after_another_overtakes_it() -> None:
    async with opened() as (pilot, screen):
        await take_steps(pilot, screen, 60)
        screen.query_one(TimeLine).go_to(30)
        await pilot.press("comma")
        await stands_at(pilot, screen, 29)
        assert screen.query_one(TimeLine).here == 29


async def test_a_change_in_the_past_is_said_to_cut_off_the_future() -> None:
    async with opened() as (pilot, screen):
        await take_steps(pilot, screen, 60)
        await pilot.press("comma", "comma")
        await stands_at(pilot, screen, 58)
        screen.session.driver.order(lambda race: race.bench("gd"))
        await wait_until(pilot, lambda: published(screen).timeline.furthest == 58 and is_settled(screen))
        assert "time forks at step 58: the steps up to 60 are gone" in shown(screen, "status")


async def test_b_branches_off_a_racer() -> None:
    async with opened(size=(160, 45)) as (pilot, screen):
        await take_steps(pilot, screen, 60)
        select_racer(screen, 2)
        label = published(screen).snapshot.racers[2].label
        await pilot.press("b")
        editor = await editing(pilot)
        assert f"branches off {label} after step 60: all as it is" in said(editor, "#verdict")
        await fill(pilot, editor, "lr", "0.0005")
        await fill(pilot, editor, "label", "other")
        assert f"other branches off {label} after step 60: lr" in said(editor, "#verdict")
        await pilot.press("enter")
        await wait_until(pilot, lambda: len(published(screen).snapshot.racers) == 7)
        await take_steps(pilot, screen, 20)
        twin = published(screen).snapshot.racers[6]
        assert twin.label == "other"
        assert twin.lr == 0.0005
        assert f"branched off {label} at step 60" in shown(screen, "standings")
        alone = Race("rosenbrock").advance(80)
        assert contents(screen.session.race[label]) == contents(alone[label])
        axes = screen.query_one(LossPane)._axes
        assert axes is not None
        curves = {curve.label: curve for curve in axes.curves(published(screen).snapshot)}
        assert curves["other"].x.tolist() == list(range(60, 81))
        assert curves["other"].changes == (0,)
        await pilot.press("c")
        await wait_until(pilot, lambda: pilot.app.screen is not screen and bool(pilot.app.screen.query(Static)))
        text = " ".join(str(widget.content) for widget in pilot.app.screen.query(Static))
        assert f"other branched off {label} at step 60: this races it from the start." in text


async def test_nothing_branches_off_what_has_ended() -> None:
    async with opened("saddle") as (pilot, screen):
        await take_steps(pilot, screen, 400)
        await pilot.press("b")
        await pilot.pause()
        assert pilot.app.screen is screen
        assert any("go back (,) and branch there" in str(n.message) for n in pilot.app._notifications)


async def test_a_paused_time_line_costs_nothing() -> None:
    async with opened() as (pilot, screen):
        await take_steps(pilot, screen, 60)
        line = screen.query_one(TimeLine)
        grid = line.view.grid
        await pilot.pause(0.1)
        assert line.view.grid is grid


@pytest.mark.usefixtures("still_life")
@pytest.mark.parametrize("ascii_only", [False, True])
async def test_a_race_with_a_past_and_a_branch(ascii_only: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    from gdtui.frames import Style

    monkeypatch.setattr(Turns, "marks", ())  # what is looked at on the way depends on the time it takes

    style = Style("ascii") if ascii_only else Style()
    size = (80, 24) if ascii_only else (120, 40)
    async with opened(size=size, style=style) as (pilot, screen):
        await take_steps(pilot, screen, 4000)
        screen.session.driver.branch("gd", {"lr": 2e-3}, "bold")
        screen.session.driver.order(lambda race: race.set("adam", {"lr": 0.02}))
        await take_steps(pilot, screen, 8000)
        screen.query_one(TimeLine).go_to(9000)
        await stands_at(pilot, screen, 9000)
        screen.query_one(TimeLine).focus()
        await pilot.pause()
        check_golden(f"time-{'ascii-' if ascii_only else ''}{size[0]}x{size[1]}", pilot)
