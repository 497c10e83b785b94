"""The contour pane: the objective as iso-lines, the racers' paths over it, and a cursor to choose a start with."""

from __future__ import annotations

from time import monotonic
from typing import ClassVar

from textual import events
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.timer import Timer

from gdtui.contracts import Problem
from gdtui.engine.driver import Published
from gdtui.frames import ContourPicture, Style, build_contour, draw_contour, is_due, is_left
from gdtui.tui.chart_thread import ChartThread, Workshop
from gdtui.tui.ink import CellView
from gdtui.tui.messages import Built, ChartDrawn, StartChosen
from gdtui.tui.panes.pane import Pane

GROWTH_INTERVAL = 1.0  # seconds between two growths of a view: axes must not jitter


class ContourPane(Pane, can_focus=True):
    """Paths and heads over the iso-lines."""

    HELP: ClassVar[str] = (
        "Iso-lines of the objective, blue is low. A letter is where a racer stands, × the start, ★ the minimum; an "
        "arrow at the edge points to a racer out of view. Click, or move the cursor and press enter, to race anew."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(0, -1)", "Cursor up", show=False, id="contour.up", tooltip="Move the start cursor"),
        Binding("down", "move(0, 1)", "Cursor down", show=False, id="contour.down", tooltip="Move the start cursor"),
        Binding("left", "move(-1, 0)", "Cursor left", show=False, id="contour.left", tooltip="Move the start cursor"),
        Binding("right", "move(1, 0)", "Cursor right", show=False, id="contour.right", tooltip="Move the start cursor"),
        Binding("shift+up", "move(0, -4)", "Far up", show=False, id="contour.far_up"),
        Binding("shift+down", "move(0, 4)", "Far down", show=False, id="contour.far_down"),
        Binding("shift+left", "move(-8, 0)", "Far left", show=False, id="contour.far_left"),
        Binding("shift+right", "move(8, 0)", "Far right", show=False, id="contour.far_right"),
        Binding("enter", "choose", "Start here", id="contour.choose", tooltip="Race again from the cursor"),
        Binding("escape", "forget", "Drop the cursor", show=False, id="contour.forget", tooltip="Drop the cursor"),
    ]

    def __init__(self, charts: ChartThread, style: Style) -> None:
        super().__init__(id="contour")
        self.picture: ContourPicture | None = None
        self._style = style
        self._problem: Problem | None = None
        self._drawn: Problem | None = None
        self._seed = 0
        self._published: Published | None = None
        self._cursor: tuple[float, float] | None = None
        self._built_at = 0.0
        self._later: Timer | None = None
        self._workshop: Workshop[tuple[Problem, ContourPicture]] = Workshop(self, charts, self._take)

    def compose(self) -> ComposeResult:
        yield CellView(id="contour-view")

    @property
    def view(self) -> CellView:
        return self.query_one("#contour-view", CellView)

    def show(self, published: Published, problem: Problem, seed: int) -> None:
        """Show this moment of a race on ``problem``."""
        before, self._published = self._published, published
        restarted = before is not None and before.generation != published.generation and problem.n > 2
        if problem is not self._problem or restarted:
            self._problem, self._seed, self._cursor = problem, seed, None
            self._drawn = None
            self._want()
        self._keep_up()
        self._draw()

    def _keep_up(self) -> None:
        """Have the picture built anew where the paths have outgrown it: at once, or when a view may grow again."""
        picture, problem, published = self.picture, self._problem, self._published
        if picture is None or problem is None or published is None:
            return
        if self._drawn is not problem or self._workshop.busy:
            return  # what is being built will look again
        if is_due(picture, problem, published.snapshot):
            self._want()
        elif is_left(picture, problem, published.snapshot):
            early = self._built_at + GROWTH_INTERVAL - monotonic()
            if early <= 0.0:
                self._want()
            elif self._later is None:
                self._later = self.set_timer(early, self._catch_up)

    def _catch_up(self) -> None:
        self._later = None
        self._keep_up()

    def _want(self) -> None:
        problem, published, size = self._problem, self._published, self.view.size
        if problem is None or published is None or size.width < 2 or size.height < 2:
            return
        previous = self.picture if self._drawn is problem else None
        style, seed, snapshot = self._style, self._seed, published.snapshot

        def job() -> tuple[Problem, ContourPicture]:
            picture = build_contour(
                problem, snapshot, size.width, size.height, seed=seed, style=style, previous=previous
            )
            return problem, picture

        if self.picture is None and not self._workshop.busy:
            self._workshop.have(job)
        else:
            self._workshop.want(job)

    def _take(self, built: tuple[Problem, ContourPicture]) -> None:
        problem, picture = built
        if problem is not self._problem:
            return
        if self.picture is None:
            self.post_message(ChartDrawn())
        self.picture, self._drawn, self._built_at = picture, problem, monotonic()
        self.set_title(picture.title)
        self._draw()
        size = self.view.size
        if self._workshop.busy:
            return
        if picture.chart.sheet.shape != (size.height, size.width):
            self._want()
        else:
            self._keep_up()

    def _draw(self) -> None:
        # Until a new problem's picture is built, the last one of the old problem stays.
        if self.picture is not None and self._drawn is self._problem and self._published is not None:
            self.view.show(draw_contour(self.picture, self._published.snapshot, self._cursor, self._style))

    def restyle(self, style: Style) -> None:
        """Draw lines with or without patterns from now on."""
        self._style = style
        self._draw()

    def on_built(self, message: Built) -> None:
        message.stop()
        message.apply()

    def on_cell_view_resized(self, message: CellView.Resized) -> None:
        message.stop()
        self._want()

    def action_move(self, columns: int, rows: int) -> None:
        if self.picture is None:
            return
        chart = self.picture.chart
        at = self._cursor or self.picture.start
        column, row = chart.point_to_cell(*at) or (chart.canvas.column, chart.canvas.row)
        canvas = chart.canvas
        column = min(max(column + columns, canvas.column), canvas.column + canvas.width - 1)
        row = min(max(row + rows, canvas.row), canvas.row + canvas.height - 1)
        self._cursor = chart.cell_to_point(column, row)
        self._draw()

    def action_choose(self) -> None:
        if self.picture is not None and self._cursor is not None:
            self.post_message(StartChosen(self.picture, *self._cursor))
            self._forget()

    def action_forget(self) -> None:
        if self._cursor is None:
            raise SkipAction  # the key then leaves what the screen has open
        self._forget()

    def _forget(self) -> None:
        self._cursor = None
        self._draw()

    def on_blur(self) -> None:
        self._forget()

    def on_click(self, event: events.Click) -> None:
        if self.picture is None or event.widget is not self.view:
            return
        point = self.picture.chart.cell_to_point(event.x, event.y)
        if point is not None:
            self.post_message(StartChosen(self.picture, *point))
