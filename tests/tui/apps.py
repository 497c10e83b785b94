"""Driving the app inside a test: races that take the steps they are told to, and screens as text."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from rich.style import Style as RichStyle
from textual.pilot import Pilot
from textual.widgets import OptionList

from gdtui.engine.race import Race
from gdtui.registry import FamilyNode, family
from gdtui.tui.app import GdtuiApp
from gdtui.tui.ink import CellView
from gdtui.tui.panes.contour import ContourPane
from gdtui.tui.panes.loss import LossPane
from gdtui.tui.race_screen import RaceScreen

GOLDEN = Path(__file__).parent / "golden"
EIGHT = ("gd", "sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw")
SIX = ("credit", "credit-2d", "quadratic", "rosenbrock", "saddle", "streamrec")
_PATIENCE = 30.0
_KEYS = [".", *(chr(code) for code in range(ord("!"), 0x17F) if chr(code).isprintable() and chr(code) not in ". ")]


@asynccontextmanager
async def opened(
    race: Race | str = "rosenbrock", size: tuple[int, int] = (120, 40), **options: Any
) -> AsyncIterator[tuple[Pilot[int], RaceScreen]]:
    """The app on a race, paused at step 0, its first frame drawn."""
    race = Race(race) if isinstance(race, str) else race
    app = GdtuiApp(race, **{"paused": True, **options})
    async with app.run_test(size=size, notifications=True) as pilot:
        screen = app.screen
        assert isinstance(screen, RaceScreen)
        await wait_until(pilot, lambda: is_settled(screen) and state_of(screen) != "compiling")
        yield pilot, screen


async def wait_until(pilot: Pilot[int], condition: Callable[[], bool]) -> None:
    """Let the app run until the condition holds."""
    loop = pilot.app._loop
    assert loop is not None
    ends = loop.time() + _PATIENCE
    while not condition():
        assert loop.time() < ends, "the condition never held:\n" + "\n".join(lines_of(pilot))
        await pilot.pause(0.005)


async def take_steps(pilot: Pilot[int], screen: RaceScreen, steps: int) -> None:
    """Take steps, and wait until they are drawn."""
    target = (0 if screen.published is None else screen.published.snapshot.step) + steps
    screen.session.driver.step(steps)
    await wait_until(pilot, lambda: step_of(screen) == target and is_settled(screen))


def step_of(screen: RaceScreen) -> int:
    """The step that the screen shows."""
    return -1 if screen.published is None else screen.published.snapshot.step


def state_of(screen: RaceScreen) -> str:
    """The word for what the race does."""
    return "" if screen.published is None else screen.published.state.value


def is_settled(screen: RaceScreen) -> bool:
    """Whether everything that was published is drawn, and every chart that was wanted is built."""
    contour, loss = screen.query_one(ContourPane), screen.query_one(LossPane)
    drawn = screen.published is screen._drawn is screen._numbered and not (screen._has_news or screen.judge.busy)
    looks = contour._soon is None and not (contour._probe.busy or contour._refiner.busy)
    charts = contour.picture is not None and looks and loss._chart is not None and loss._axes is not None
    drawn = drawn and not screen._theories.busy
    return charts and drawn and not (contour._workshop.busy or loss._workshop.busy or loss._axes.behind)


def shown(screen: RaceScreen, name: str) -> str:
    """The text of a cell view: contour, loss, standings or status."""
    grid = screen.query_one(f"#{name}-view" if name != "status" else "#status", CellView).grid
    return "" if grid is None else "\n".join(grid.lines())


def select_racer(screen: RaceScreen, place: int) -> None:
    screen.query_one("#racer-list", OptionList).highlighted = place


def lines_of(pilot: Pilot[int]) -> list[str]:
    """The rows of the screen as text."""
    return [strip.text for strip in pilot.app.screen._compositor.render_strips()]


def screen_text(pilot: Pilot[int]) -> str:
    """The screen as characters, then as one letter for each cell's style, then what the letters stand for."""
    rows, styles = [], []
    letters: dict[str, str] = {}
    for strip in pilot.app.screen._compositor.render_strips():
        rows.append(strip.text.rstrip())
        marks = []
        for segment in strip:
            style = _described(segment.style or RichStyle.null(), blank=not segment.text.strip())
            letter = letters.setdefault(style, _KEYS[len(letters)])
            marks.append(letter * segment.cell_length)
        styles.append("".join(marks))
    legend = [f"{letter} {style}" for style, letter in letters.items()]
    return "\n".join([*rows, "-" * 8, *styles, "-" * 8, *legend]) + "\n"


def _described(style: RichStyle, *, blank: bool) -> str:
    """A style in words; a blank cell shows no foreground."""
    words = [name for name in ("bold", "dim", "reverse", "underline") if getattr(style, name)]
    colour = "" if (blank and not style.reverse) or style.color is None else style.color.name
    background = "default" if style.bgcolor is None else style.bgcolor.name
    return " ".join([*words, colour, "on", background]).strip()


def check_golden(name: str, pilot: Pilot[int]) -> None:
    """Compare with ``golden/name.txt``; GDTUI_UPDATE_GOLDEN=1 writes it instead, to be looked at before it is kept."""
    path, text = GOLDEN / f"{name}.txt", screen_text(pilot)
    if os.environ.get("GDTUI_UPDATE_GOLDEN") == "1":
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text


def first_eight() -> tuple[FamilyNode, ...]:
    """The family tree of the first optimizers, so that a new one does not change every picture."""

    def pruned(node: FamilyNode) -> FamilyNode:
        children = tuple(pruned(child) for child in node.children if child.optimizer.name in EIGHT)
        return FamilyNode(node.optimizer, children)

    return tuple(pruned(node) for node in family() if node.optimizer.name in EIGHT)


@pytest.fixture
def still_life(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a later version may add to a picture is left out."""
    monkeypatch.setattr("gdtui.tui.panes.family.family", first_eight)
    monkeypatch.setattr("gdtui.tui.race_screen.builtin_names", lambda: SIX)
