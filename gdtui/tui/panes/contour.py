"""The contour pane: the objective as iso-lines, the racers' paths over it, and a cursor to choose a start with.

The view can be zoomed and moved; what the objective is at the cursor or under the pointer stands in the lower border.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from time import monotonic
from typing import ClassVar

from textual import events
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.timer import Timer

from gdtui.analysis.why import Explanation
from gdtui.contracts import Problem, View
from gdtui.engine.driver import DriverState, Published
from gdtui.frames import ContourPicture, Style, build_contour, draw_contour, is_due, is_left, racers_view, viewport
from gdtui.frames.contour import GROWTH_INTERVAL
from gdtui.frames.readout import readout
from gdtui.frames.step_arrows import StepArrows
from gdtui.tui.chart_thread import ChartThread, Workshop
from gdtui.tui.ink import CellView
from gdtui.tui.messages import ChartDrawn, StartChosen
from gdtui.tui.panes.pane import Pane
from gdtui.tui.probe import Place, Probe
from gdtui.tui.refiner import Refiner

ZOOM, WHEEL_ZOOM, PAN = 2.0, 2.0**0.5, 0.25  # of a key, of a step of the wheel; and of a key, in views
REFIT_SECONDS = 2.0  # before the plane changes, when it is not worth while to refine the picture of it
WHEEL_SECONDS = 0.05  # that a turn of the wheel, or a drag, gathers before there is a new picture of it


@dataclass(frozen=True, slots=True)
class _Drag:
    """A view being dragged: the cell it is held by, and what it and the picture were when it was taken hold of."""

    cell: tuple[int, int]
    view: View
    picture: ContourPicture


class ContourPane(Pane, can_focus=True):
    """Paths and heads over the iso-lines."""

    HELP: ClassVar[str] = (
        "Iso-lines of the objective, blue is low. A letter is where a racer stands, × the start, ★ the minimum; an "
        "arrow at the edge points to a racer out of view. Click, or move the cursor and press enter, to race anew. The "
        "wheel zooms, dragging moves the view. At the cursor or the pointer an arrow goes downhill, −∇f on this plane; "
        "f and the length of the whole gradient stand in the lower border."
    )
    VIEW_BINDINGS: ClassVar[list[BindingType]] = [
        Binding("z", "zoom(1)", "Zoom in", show=False, id="contour.zoom_in", tooltip="Zoom in, about the cursor"),
        Binding("Z", "zoom(-1)", "Zoom out", show=False, id="contour.zoom_out", tooltip="Zoom out"),
        Binding("h", "pan(-1, 0)", "View left", show=False, id="contour.pan_left", tooltip="Move the view"),
        Binding("j", "pan(0, -1)", "View down", show=False, id="contour.pan_down", tooltip="Move the view"),
        Binding("k", "pan(0, 1)", "View up", show=False, id="contour.pan_up", tooltip="Move the view"),
        Binding("l", "pan(1, 0)", "View right", show=False, id="contour.pan_right", tooltip="Move the view"),
        Binding("f", "fit", "Fit the view", show=False, id="contour.fit", tooltip="Fit the view to the racers"),
        Binding("0", "home", "Reset the view", show=False, id="contour.home", tooltip="Back to the view before"),
    ]
    """Those that do something without a cursor too, and so are commands of the palette."""
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
        *VIEW_BINDINGS,
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
        self._pinned: str | None = None
        self._built_at = 0.0
        self._later: Timer | None = None
        self._chosen: View | None = None
        """The view that the user chose, which then neither grows nor gets another plane."""
        self._soon: Timer | None = None
        self._drag: _Drag | None = None
        self._dragged = False
        """Whether the button went down in another cell than it is in now, or was: that is no click."""
        self._pointer: tuple[int, int] | None = None
        """The cell under the mouse."""
        self._step = StepArrows()
        self._probe = Probe(self, charts, self._tell)
        self._refiner = Refiner(self, charts, self._may_refine, self._show_refined)
        self._workshop: Workshop[tuple[Problem, ContourPicture]] = Workshop(self, charts, self._take)

    def compose(self) -> ComposeResult:
        yield CellView(id="contour-view")

    @property
    def view(self) -> CellView:
        return self.query_one("#contour-view", CellView)

    def show(self, published: Published, problem: Problem, seed: int, pinned: str | None = None) -> None:
        """Show this moment of a race on ``problem``; the racer labelled ``pinned`` stands out."""
        before, self._published, self._pinned = self._published, published, pinned
        restarted = before is not None and before.generation != published.generation and problem.n > 2
        if problem is not self._problem or restarted:
            # From another start it is the same landscape, and where there is but one plane, the same picture of it.
            same = self._problem is not None and problem.reals is self._problem.reals and problem.n <= 2
            self._chosen = self._chosen if same else None
            self._problem, self._seed, self._cursor = problem, seed, None
            self._drawn, self._drag = None, None
            self._want()
        self._keep_up()
        self._point()
        self._refiner.refine(self.picture)
        self._draw()

    def _keep_up(self) -> None:
        """Have the picture built anew where the paths have outgrown it: at once, or when a view may grow again."""
        picture, problem, published = self.picture, self._problem, self._published
        if picture is None or problem is None or published is None:
            return
        if self._drawn is not problem or self._workshop.busy or self._chosen is not None:
            return  # what is being built will look again, and what the user chose stays
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
        if self._soon is not None:
            self._soon.stop()
            self._soon = None
        problem, published, size = self._problem, self._published, self.view.size
        if problem is None or published is None or size.width < 2 or size.height < 2:
            return
        previous = self.picture if self._drawn is problem else None
        style, seed, snapshot, chosen = self._style, self._seed, published.snapshot, self._chosen

        def job() -> tuple[Problem, ContourPicture]:
            picture = build_contour(
                problem, snapshot, size.width, size.height, seed=seed, style=style, previous=previous, chosen=chosen
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
        elif self._chosen is not None and self._drawn is problem and picture.plane is not self.picture.plane:
            self._want()  # a refit that was under way when the user chose a view of the plane there was
            return
        self.picture, self._drawn, self._built_at = picture, problem, monotonic()
        self._refiner.refine(picture)
        self._head()
        self._point()
        self._tell()
        if self._workshop.busy:
            return
        if not self._fits(picture):
            self._want()
        else:
            self._keep_up()

    def _fits(self, picture: ContourPicture) -> bool:
        return picture.chart.sheet.shape == (self.view.size.height, self.view.size.width)

    def _may_refine(self) -> bool:
        """Whether the picture is here to stay for a while: nothing else is being built, and no other plane is near."""
        picture, problem, published = self.picture, self._problem, self._published
        if picture is None or problem is None or published is None or self._drawn is not problem:
            return False
        if self._workshop.busy or self._soon is not None or not self._fits(picture):
            return False
        running = published.state is DriverState.RUNNING and self._chosen is None
        return not is_due(picture, problem, published.snapshot, published.rate * REFIT_SECONDS if running else 0.0)

    def _show_refined(self, picture: ContourPicture) -> None:
        if picture is not self.picture:
            self.picture = picture
            self._draw()
        self._head()

    def _head(self) -> None:
        if self.picture is not None:
            what, _, where = self.picture.title.partition(": ")
            share = self._refiner.told
            self.set_title(f"{what}: {where}" if share is None else f"{what}, refining {share:.0%}: {where}")

    def _draw(self) -> None:
        # Until a new problem's picture is built, the last one of the old problem stays.
        if self.picture and self._drawn and self._drawn is self._problem and self._published is not None:
            reading = self._probe.reading
            arrow = None if reading is None else reading.descent
            snapshot, step = self._published.snapshot, self._step.on(self.picture, self._drawn)
            self.view.show(draw_contour(self.picture, snapshot, self._cursor, self._style, arrow, self._pinned, step))

    def explain(self, explanation: Explanation | None, index: int = 0) -> None:
        """Draw the arrows of a step of the racer at that place of the race, or none."""
        self._step.explain(explanation, index)
        self._draw()

    def restyle(self, style: Style) -> None:
        """Draw lines with or without patterns from now on."""
        self._style = style
        self._draw()

    def on_cell_view_resized(self, message: CellView.Resized) -> None:
        message.stop()
        self._want()

    # --- the cursor, and the start chosen with it

    def action_move(self, columns: int, rows: int) -> None:
        if self.picture is None:
            return
        chart = self.picture.chart
        at = self._cursor or self.picture.start
        canvas = chart.canvas
        middle = canvas.column + canvas.width // 2, canvas.row + canvas.height // 2
        column, row = chart.point_to_cell(*at) or middle
        column = min(max(column + columns, canvas.column), canvas.column + canvas.width - 1)
        row = min(max(row + rows, canvas.row), canvas.row + canvas.height - 1)
        self._cursor, self._pointer = chart.cell_to_point(column, row), None
        self._point()
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
        self._point()
        self._draw()

    def on_blur(self) -> None:
        self._forget()

    # --- the view

    @property
    def _looking_at(self) -> View | None:
        """The view there is, or that is being built."""
        if self.picture is None or self._drawn is not self._problem:
            return None
        return self._chosen or self.picture.home

    def _look(self, view: View, *, soon: bool = False) -> None:
        """Show another view of the plane, at once or, with others that come meanwhile, ``soon``."""
        if self.picture is None or view == self._looking_at:
            return
        self._chosen = None if viewport.alike(view, self.picture.home) else view
        if not soon:
            self._want()
        elif self._soon is None:
            self._soon = self.set_timer(WHEEL_SECONDS, self._want)

    def _zoom(self, factor: float, about: tuple[float, float] | None, *, soon: bool = False) -> None:
        view = self._looking_at
        if self.picture is not None and view is not None:
            about = about or viewport.middle(view)
            self._look(viewport.zoomed(view, factor, about, self.picture.plane), soon=soon)

    def action_zoom(self, times: int) -> None:
        at_cursor = None
        if self.picture is not None and self._cursor is not None and self.picture.chart.point_to_cell(*self._cursor):
            at_cursor = self._cursor
        self._zoom(ZOOM**times, at_cursor)

    def action_pan(self, across: int, up: int) -> None:
        view = self._looking_at
        if self.picture is not None and view is not None:
            self._look(viewport.panned(view, PAN * across, PAN * up, self.picture.plane))

    def action_fit(self) -> None:
        if self.picture is not None and self._looking_at is not None and self._published is not None:
            self._look(racers_view(self.picture, self._published.snapshot))

    def action_home(self) -> None:
        if self.picture is not None and self._looking_at is not None:
            self._look(self.picture.home)

    # --- the mouse

    def _cell(self, event: events.MouseEvent) -> tuple[int, int]:
        """The cell of the view that it happened in; not every event names the widget it is relative to."""
        origin = self.view.region.offset
        return event.screen_x - origin.x, event.screen_y - origin.y

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._wheel(event, WHEEL_ZOOM)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._wheel(event, 1.0 / WHEEL_ZOOM)

    def _wheel(self, event: events.MouseEvent, factor: float) -> None:
        view = self._looking_at
        if self.picture is None or view is None:
            return
        # The chart may still be the one before the last turn of the wheel.
        about = replace(self.picture.chart.canvas, view=view).cell_to_point(*self._cell(event))
        if about is not None:
            event.stop()
            self._zoom(factor, about, soon=True)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        view, self._drag, self._dragged = self._looking_at, None, False
        if self.picture is None or view is None or event.button != 1:
            return
        cell = self._cell(event)
        if self.picture.chart.cell_to_point(*cell) is not None:
            self._drag = _Drag(cell, view, self.picture)
            self.view.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        column, row = self._pointer = self._cell(event)
        if event.button != 1:
            self._drag = None  # the button may have been let go outside the terminal
        drag = self._drag
        if drag is not None and (self._dragged or self._pointer != drag.cell):
            self._dragged = True
            canvas = drag.picture.chart.canvas
            across = (drag.cell[0] - column) / max(canvas.width - 1, 1)
            up = (row - drag.cell[1]) / max(canvas.height - 1, 1)
            self._look(viewport.panned(drag.view, across, up, drag.picture.plane), soon=True)
        self._point()

    def on_mouse_up(self) -> None:
        self._drag = None
        self.view.release_mouse()

    def on_click(self, event: events.Click) -> None:
        dragged, self._dragged = self._dragged, False
        if self.picture is None or dragged:
            return
        point = self.picture.chart.cell_to_point(*self._cell(event))
        if point is not None:
            self.post_message(StartChosen(self.picture, *point))

    def on_leave(self, event: events.Leave) -> None:
        if event.node is self.view:
            self._pointer = None
            self._point()

    # --- what there is at the pointer, or else at the cursor

    def _point(self) -> None:
        picture, problem, published = self.picture, self._problem, self._published
        if picture is None or problem is None or published is None or self._drawn is not problem:
            self._probe.point(None)
            return
        under = None if self._pointer is None else picture.chart.cell_to_point(*self._pointer)
        at = under or self._cursor
        compiled = published.state is not DriverState.COMPILING
        self._probe.point(None if at is None else Place(problem, picture.plane, *at, compiled))

    def _tell(self) -> None:
        """Show what the probe has found."""
        reading, picture = self._probe.reading, self.picture
        text = ""
        if reading is not None and picture is not None:
            room = self.size.width - 2  # the corners of the border are no place for text
            text = readout(
                reading, picture.plane, picture.chart.canvas, room, known=self._probe.is_known,
                ascii_only=self._style.raster == "ascii",
            )  # fmt: skip
        self.set_subtitle(text)
        self._draw()
