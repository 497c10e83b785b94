"""The view of the contour, moved by keys, wheel and drag; what is read at the cursor and under the pointer."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from textual import events
from textual.pilot import Pilot

from gdtui.charts.palette import Ink
from gdtui.contracts import Reals, View
from gdtui.engine.race import Race
from gdtui.frames import Style, viewport
from gdtui.tui.ink import CellView
from gdtui.tui.panes.contour import ContourPane
from gdtui.tui.race_screen import RaceScreen
from tests.tui.apps import is_settled, lines_of, opened, select_racer, shown, step_of, take_steps, wait_until
from tests.tui.terminals import Terminal

SPOT = (30, 6)  # a cell of the canvas


def view_of(screen: RaceScreen) -> View:
    picture = screen.query_one(ContourPane).picture
    assert picture is not None
    return picture.grid.view


def title_of(screen: RaceScreen) -> str:
    return str(screen.query_one(ContourPane).border_title)


def said(screen: RaceScreen) -> str:
    return str(screen.query_one(ContourPane).border_subtitle or "")


async def pressed(pilot: Pilot[int], screen: RaceScreen, *keys: str) -> View:
    """The view after some keys."""
    await pilot.press(*keys)
    await wait_until(pilot, lambda: is_settled(screen))
    return view_of(screen)


async def move_mouse(pilot: Pilot[int], cell: tuple[int, int], *, button: int = 0) -> None:
    await pilot._post_mouse_events([events.MouseMove], "#contour-view", cell, button=button)


async def turn_wheel(pilot: Pilot[int], kind: type[events.MouseEvent], times: int = 1) -> None:
    for _ in range(times):
        await pilot._post_mouse_events([kind], "#contour-view", SPOT)


async def test_keys_zoom_about_the_middle_and_move_and_reset_the_view() -> None:
    async with opened() as (pilot, screen):
        home = view_of(screen)
        assert home == View(-2.0, 2.0, -1.0, 3.0)
        assert await pressed(pilot, screen, "z") == View(-1.0, 1.0, 0.0, 2.0)
        assert title_of(screen).startswith("Contour, zoom 2×: Rosenbrock")
        assert await pressed(pilot, screen, "l") == View(-0.5, 1.5, 0.0, 2.0)
        assert await pressed(pilot, screen, "k") == View(-0.5, 1.5, 0.5, 2.5)
        assert await pressed(pilot, screen, "h", "h", "j") == View(-1.5, 0.5, 0.0, 2.0)
        assert await pressed(pilot, screen, "l", "Z") == home
        assert title_of(screen).startswith("Contour: Rosenbrock")
        assert await pressed(pilot, screen, "Z", "Z") == View(-8.0, 8.0, -7.0, 9.0)
        assert title_of(screen).startswith("Contour, zoom 0.25×: ")
        assert await pressed(pilot, screen, "0") == home
        assert await pressed(pilot, screen, "l") == View(-1.0, 3.0, -1.0, 3.0)
        assert title_of(screen).startswith("Contour, moved: ")


async def test_the_cursor_stays_in_its_place_when_the_view_is_zoomed() -> None:
    async with opened() as (pilot, screen):
        contour = screen.query_one(ContourPane)
        await pressed(pilot, screen, "shift+right", "up")
        cursor, before = contour._cursor, view_of(screen)
        assert cursor is not None
        after = await pressed(pilot, screen, "z")
        assert after == viewport.zoomed(before, 2.0, cursor, contour.picture.plane)  # type: ignore[union-attr]
        assert contour._cursor == cursor
        await pressed(pilot, screen, "0", "h", "h", "h", "h")  # which leaves the cursor behind
        assert "┼" not in shown(screen, "contour")
        assert await pressed(pilot, screen, "z") == View(-5.0, -3.0, 0.0, 2.0)


async def test_zooming_ends_at_the_limits_without_a_word() -> None:
    async with opened() as (pilot, screen):
        contour = screen.query_one(ContourPane)
        assert contour.picture is not None
        for factor, key in ((2.0, "z"), (0.5, "Z")):
            view = viewport.zoomed(View(-2.0, 2.0, -1.0, 3.0), 1.0, (1.0, 1.0), contour.picture.plane)
            while (further := viewport.zoomed(view, factor, viewport.middle(view), contour.picture.plane)) != view:
                view = further
            contour._look(view)
            await wait_until(pilot, lambda view=view: is_settled(screen) and view_of(screen) == view)
            assert await pressed(pilot, screen, key) == view
            assert shown(screen, "contour").strip()


async def test_f_shows_every_racer_that_goes_on() -> None:
    async with opened("quadratic") as (pilot, screen):
        await take_steps(pilot, screen, 200)
        view = await pressed(pilot, screen, "f")
        assert screen.published is not None
        for racer in screen.published.snapshot.racers:
            if racer.outcome.value == "running":
                x, y = racer.theta
                assert view.x_low < x < view.x_high
                assert view.y_low < y < view.y_high
        await pilot.press("r")
        await wait_until(pilot, lambda: screen.published is not None and screen.published.generation == 1)
        assert view_of(screen) == view  # a restart keeps it


async def test_a_chosen_view_survives_another_start_and_not_another_scenario() -> None:
    async with opened() as (pilot, screen):
        view = await pressed(pilot, screen, "z", "h")
        await pilot.click("#contour-view", offset=SPOT)
        await wait_until(pilot, lambda: screen.published is not None and screen.published.generation == 1)
        await wait_until(pilot, lambda: is_settled(screen))
        assert view_of(screen) == view
        screen.play(Race("saddle"), None)
        await wait_until(pilot, lambda: "of 400" in shown(screen, "status") and is_settled(screen))
        assert screen.query_one(ContourPane)._chosen is None
        assert "zoom" not in title_of(screen)


async def test_a_plane_is_held_while_the_user_looks_at_a_view_of_it() -> None:
    async with opened("credit") as (pilot, screen):
        contour = screen.query_one(ContourPane)
        await take_steps(pilot, screen, 12)
        plane = contour.picture.plane  # type: ignore[union-attr]
        view = await pressed(pilot, screen, "z")
        await take_steps(pilot, screen, 50)
        assert contour.picture.plane is plane  # type: ignore[union-attr]
        assert view_of(screen) == view
        await pressed(pilot, screen, "0")
        assert contour.picture.plane.fitted_at == 62  # type: ignore[union-attr]
        await pressed(pilot, screen, "z")
        await pilot.press("r")  # which leads to another plane
        await wait_until(pilot, lambda: screen.published is not None and screen.published.generation == 1)
        await wait_until(pilot, lambda: contour._chosen is None)


async def test_a_view_that_grows_by_itself_does_not_while_it_is_the_users() -> None:
    race = Race(objective=lambda x: (float(x @ x), 2.0 * x), start=[1.0, 1.0], racers=["gd:lr=1.05"])
    async with opened(race) as (pilot, screen):
        view = await pressed(pilot, screen, "z")
        await take_steps(pilot, screen, 60)
        assert view_of(screen) == view
        home = await pressed(pilot, screen, "0")
        assert home.x_high - home.x_low > 100.0


async def test_the_wheel_zooms_about_the_pointer_and_several_turns_are_one_picture(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with opened() as (pilot, screen):
        contour = screen.query_one(ContourPane)
        assert contour.picture is not None
        point = contour.picture.chart.cell_to_point(*SPOT)
        assert point is not None
        monkeypatch.setattr("gdtui.tui.panes.contour.WHEEL_SECONDS", 1.0)
        pictures: list[View] = []
        real = contour._take
        monkeypatch.setattr(
            contour._workshop, "_done", lambda built: (pictures.append(built[1].grid.view), real(built))
        )
        await turn_wheel(pilot, events.MouseScrollUp, 4)
        await wait_until(pilot, lambda: is_settled(screen))
        assert len(pictures) == 1
        view = view_of(screen)
        assert view.x_high - view.x_low == pytest.approx(1.0)
        assert viewport.alike(view, viewport.zoomed(View(-2.0, 2.0, -1.0, 3.0), 4.0, point, contour.picture.plane))
        monkeypatch.undo()
        await turn_wheel(pilot, events.MouseScrollDown, 5)
        await wait_until(pilot, lambda: is_settled(screen))
        assert view_of(screen).x_high - view_of(screen).x_low == pytest.approx(2.0**2.5)


async def test_dragging_moves_the_view_and_chooses_no_start() -> None:
    async with opened() as (pilot, screen):
        contour = screen.query_one(ContourPane)
        assert contour.picture is not None
        held = contour.picture.chart.cell_to_point(*SPOT)
        assert held is not None
        await pilot.mouse_down("#contour-view", offset=SPOT)
        for cell in ((31, 6), (35, 8), (38, 9)):
            await move_mouse(pilot, cell, button=1)
        await pilot.mouse_up("#contour-view", offset=(38, 9))
        await wait_until(pilot, lambda: is_settled(screen))
        assert contour.picture.chart.point_to_cell(*held) == (38, 9)
        await move_mouse(pilot, (20, 5))
        await wait_until(pilot, lambda: is_settled(screen))
        assert contour.picture.chart.point_to_cell(*held) == (38, 9)
        await take_steps(pilot, screen, 1)
        assert screen.published is not None
        assert screen.published.generation == 0
        await pilot.click("#contour-view", offset=SPOT)  # the next click is one again
        await wait_until(pilot, lambda: screen.published is not None and screen.published.generation == 1)


async def test_a_drag_that_the_terminal_does_not_end_is_over_with_the_next_move() -> None:
    async with opened() as (pilot, screen):
        await pilot.mouse_down("#contour-view", offset=SPOT)
        await move_mouse(pilot, (20, 4))
        await wait_until(pilot, lambda: is_settled(screen))
        assert view_of(screen) == View(-2.0, 2.0, -1.0, 3.0)


def arrow_cells(screen: RaceScreen) -> str:
    grid = screen.query_one("#contour-view", CellView).grid
    assert grid is not None
    rows, columns = np.nonzero((grid.colours == Ink.WARNING) & (grid.glyphs != ord(" ")))
    return "".join(grid.lines()[y][x] for y, x in zip(rows, columns, strict=True))


@pytest.mark.parametrize("ascii_only", [False, True])
async def test_the_cursor_tells_what_is_there_and_where_it_goes_down(ascii_only: bool) -> None:
    options = {"style": Style("ascii")} if ascii_only else {}
    async with opened(**options) as (pilot, screen):
        await pressed(pilot, screen, "right", "shift+right", "shift+right", "up")
        x, y = screen.query_one(ContourPane)._cursor  # type: ignore[misc]
        value, slope = 100.0 * (y - x * x) ** 2 + (1.0 - x) ** 2, 200.0 * (y - x * x)
        steep = np.hypot(slope, -2.0 * x * slope - 2.0 * (1.0 - x))
        norm = "||g||" if ascii_only else "‖g‖"
        assert said(screen) == f"x1 {x:.2f}  x2 {y:.1f}  f {value:.0f}  {norm} {steep:.0f}"
        assert said(screen) in "\n".join(lines_of(pilot))
        assert ("v" if ascii_only else "↓") in arrow_cells(screen)
        assert len(arrow_cells(screen)) >= 4
        await pressed(pilot, screen, "escape")
        assert said(screen) == ""
        assert arrow_cells(screen) == ""


async def test_the_pointer_tells_too_until_it_leaves() -> None:
    async with opened() as (pilot, screen):
        await move_mouse(pilot, SPOT)
        await wait_until(pilot, lambda: is_settled(screen) and "‖g‖" in said(screen))
        assert "→" in arrow_cells(screen) or "↓" in arrow_cells(screen)
        first = said(screen)
        await move_mouse(pilot, (12, 10))
        await wait_until(pilot, lambda: is_settled(screen) and said(screen) != first)
        await move_mouse(pilot, (1, 6))  # the ruler
        await wait_until(pilot, lambda: said(screen) == "")
        await move_mouse(pilot, SPOT)
        await wait_until(pilot, lambda: said(screen) == first)
        await pilot.hover("#standings")
        await wait_until(pilot, lambda: said(screen) == "")
        assert arrow_cells(screen) == ""


async def test_read_outs_keep_their_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened() as (pilot, screen):
        contour = screen.query_one(ContourPane)
        monkeypatch.setattr("gdtui.tui.probe.monotonic", lambda: 1000.0)  # time stands still
        contour._probe._looked_at = 1000.0
        told: list[str] = []
        real = contour._tell
        monkeypatch.setattr(contour._probe, "_changed", lambda: (real(), told.append(said(screen))))
        for column in range(10, 40):
            contour._pointer = (column, 6)
            contour._point()
        assert told == []
        await wait_until(pilot, lambda: is_settled(screen))
        assert len(told) == 1
        last = contour.picture.chart.cell_to_point(39, 6)  # type: ignore[union-attr]
        assert last is not None
        assert told[0].startswith(f"x1 {last[0]:.2f}")


async def test_a_slow_objective_leaves_the_position_and_one_that_fails_says_so() -> None:
    hold = threading.Event()
    hold.set()
    asked: list[Reals] = []

    def objective(x: Reals) -> tuple[float, Reals]:
        if threading.current_thread().name == "gdtui-charts":
            asked.append(x.copy())
            assert hold.wait(30)
        if x[0] > 1.1:
            raise RuntimeError("out of bounds")
        return float(x @ x), 2.0 * x

    race = Race(objective=objective, start=[1.0, 1.0], racers=["gd:lr=0.1"])
    async with opened(race) as (pilot, screen):
        hold.clear()
        asked.clear()
        await move_mouse(pilot, SPOT)
        await wait_until(pilot, lambda: bool(asked))
        await move_mouse(pilot, (SPOT[0] + 1, 6))
        await wait_until(pilot, lambda: said(screen).endswith("f …"))
        hold.set()
        await wait_until(pilot, lambda: is_settled(screen) and "‖g‖" in said(screen))
        width = screen.query_one("#contour-view", CellView).size.width
        await move_mouse(pilot, (width - 2, 6))
        await wait_until(pilot, lambda: "not defined there" in said(screen))
        assert arrow_cells(screen) == ""


async def test_the_view_is_for_the_contour_alone() -> None:
    async with opened() as (pilot, screen):
        select_racer(screen, 0)
        await pilot.press("2")
        await pilot.pause()
        assert await pressed(pilot, screen, "z", "f", "h") == View(-2.0, 2.0, -1.0, 3.0)
        assert step_of(screen) == 0


async def test_the_views_are_commands_of_the_palette() -> None:
    async with opened() as (pilot, screen):
        commands = {command.title: command for command in pilot.app.get_system_commands(screen)}
        for title in ("Zoom in", "Zoom out", "View left", "Fit the view", "Reset the view"):
            assert title in commands
        commands["Zoom in"].callback()
        await wait_until(pilot, lambda: is_settled(screen) and view_of(screen) == View(-1.0, 1.0, 0.0, 2.0))


async def test_a_small_screen_can_be_zoomed_too() -> None:
    async with opened(size=(80, 24)) as (pilot, screen):
        await pressed(pilot, screen, "z", "z", "right")
        assert title_of(screen).startswith("Contour, zoom 4×: ")
        assert len(said(screen)) <= 36
        assert "‖g‖" in said(screen)
        assert said(screen) in "\n".join(lines_of(pilot))


def place_of(terminal: Terminal, mark: str) -> tuple[int, int] | None:
    """Column and row of a mark in the contour, counted from 0."""
    rows = [line[26:84] for line in terminal.screen.display[1:16]]
    return next(((line.index(mark) + 26, row + 1) for row, line in enumerate(rows) if mark in line), None)


def test_wheel_drag_and_pointer_in_a_real_terminal() -> None:
    with Terminal("--paused", size=(120, 40)) as terminal:
        terminal.wait_for("· paused")
        before = [place_of(terminal, mark) for mark in "★F"]
        assert None not in before
        terminal.type("\x1b[<0;50;6M" + "".join(f"\x1b[<32;{column};6M" for column in range(51, 57)) + "\x1b[<0;56;6m")
        moved = [(column + 6, row) for column, row in before]  # type: ignore[misc]
        terminal.wait_for(lambda: [place_of(terminal, mark) for mark in "★F"] == moved)
        terminal.wait_for("Contour, moved: ")
        terminal.type("Z0")
        terminal.wait_for(lambda: [place_of(terminal, mark) for mark in "★F"] == before)
        terminal.type("\x1b[<64;60;8M" * 4)
        terminal.wait_for("Contour, zoom 4×: ")
        terminal.type("\x1b[<35;61;8M")
        terminal.wait_for(r"x1 \S+  x2 \S+  f \S+  ‖g‖ \S+")
        terminal.type("\x1b[<35;61;38M")
        terminal.wait_for(lambda: "‖g‖" not in terminal.screen.display[17])
        terminal.type("q")
        assert terminal.wait() == 0
