"""A stage for the editor of a racer: an app with nothing else in it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from textual.app import App
from textual.filter import LineFilter
from textual.pilot import Pilot
from textual.widgets import Input, Static

from gdtui import registry, specs
from gdtui.charts.palette import racer_colour
from gdtui.frames.terminals import colour_depth
from gdtui.tui import app as whole
from gdtui.tui import colours
from gdtui.tui.draft import Draft
from gdtui.tui.editor import RacerEditor
from gdtui.tui.fields import Row
from gdtui.tui.ink import CellView
from gdtui.tui.plain import PlainFilter
from tests.tui.apps import (
    lines_of,
    wait_until,
)


class Stage(App[int]):
    """Nothing but an editor, in the style of the app."""

    CSS_PATH = whole.__file__.replace("app.py", "gdtui.tcss")

    def __init__(self, draft: Draft, *, ascii_only: bool = False) -> None:
        depth = colour_depth()
        super().__init__(ansi_color=colours.keeps_ansi(depth))
        colours.dress(self, "dark", depth)
        self.draft, self.ascii_only = draft, ascii_only
        self.outcome: bool | None = None

    def on_mount(self) -> None:
        editor = RacerEditor("Edit F adam", self.draft, colour=racer_colour(5), ascii_only=self.ascii_only)
        self.push_screen(editor, lambda wanted: setattr(self, "outcome", wanted))

    def get_line_filters(self) -> Sequence[LineFilter]:
        return [
            *super().get_line_filters(),
            *colours.filters(self),
            *([PlainFilter()] if self.ascii_only else []),
        ]


def draft_of(text: str = "adam:lr=0.01", *, step: int = 3000, label: str = "") -> Draft:
    spec = specs.parse(text)
    rate = registry.optimizer(spec.optimizer).learning_rate
    return Draft(spec, rate=rate, budget=20_000, step=step, label=label)


@asynccontextmanager
async def staged(
    draft: Draft, size: tuple[int, int] = (80, 24), *, ascii_only: bool = False
) -> AsyncIterator[tuple[Pilot[int], RacerEditor]]:
    stage = Stage(draft, ascii_only=ascii_only)
    async with stage.run_test(size=size) as pilot:
        await wait_until(pilot, lambda: isinstance(stage.screen.focused, Input))
        await pilot.pause()
        editor = stage.screen
        assert isinstance(editor, RacerEditor)
        yield pilot, editor


def outcome(pilot: Pilot[int]) -> bool | None:
    """How the editor was left: True to apply, None not yet."""
    assert isinstance(pilot.app, Stage)
    return pilot.app.outcome


def row_of(editor: RacerEditor, key: str) -> Row:
    return next(row for row in editor.query(Row) if row.entry.key == key)


def focused(editor: RacerEditor) -> str:
    return next(row.entry.key for row in editor.query(Row) if row.field is editor.focused)


def said(editor: RacerEditor, name: str) -> str:
    return str(editor.query_one(name, Static).content)


def line(pilot: Pilot[int], name: str) -> str:
    """The row of the screen that begins with a name, marks aside."""
    return next(text for text in lines_of(pilot) if text.lstrip("│ ▸*✗").startswith(f"{name} "))


def plotted(editor: RacerEditor) -> str:
    grid = editor.query_one("#editor-plot", CellView).grid
    assert grid is not None
    return "\n".join(grid.lines())


async def fill(pilot: Pilot[int], editor: RacerEditor, key: str, text: str) -> None:
    """Put a text into a field."""
    editor.set_focus(row_of(editor, key).field)
    row_of(editor, key).field.value = text
    await pilot.pause()
