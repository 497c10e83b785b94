"""The time line: where the race stands in its own time, and the way to any step it has seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from gdtui.engine.driver import DriverState, Published
from gdtui.engine.timeline import Mark, Timeline
from gdtui.frames.timeline import TimeAxis, draw_timeline, time_axis
from gdtui.tui.ink import CellView
from gdtui.tui.messages import StepChosen
from gdtui.tui.panes.pane import Pane

FAR = 8  # columns that a key with shift goes


class TimeLine(Pane, can_focus=True):
    """One row: the steps that were seen, the present one among them, and what happened when."""

    ALLOW_MAXIMIZE = False
    HELP: ClassVar[str] = (
        "A thick line up to the step you see, a thin one to the last that was raced, dots for what nobody has seen. "
        "◆ a change, a racer that joins, leaves, rests or branches off, ◇ another verdict, ✗ diverged, ✓ converged, "
        "■ stopped. A click, "
        "dragging and the keys go to a step: the race is then as it was, to the bit, and going on repeats what you "
        "changed. The first change that you make in the past cuts off what came after it."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "scrub(-1)", "Back", show=False, id="time.left", tooltip="Go back by a column"),
        Binding("right", "scrub(1)", "Forward", show=False, id="time.right", tooltip="Go forward by a column"),
        Binding("shift+left", f"scrub(-{FAR})", "Far back", show=False, id="time.far_left"),
        Binding("shift+right", f"scrub({FAR})", "Far forward", show=False, id="time.far_right"),
        Binding("home", "first", "To the start", show=False, id="time.first", tooltip="Go back to the start"),
        Binding("end", "last", "To the end", show=False, id="time.last", tooltip="Go to the last step that was raced"),
    ]

    def __init__(self, *, ascii_only: bool) -> None:
        super().__init__(id="time-line")
        self._ascii = ascii_only
        self._published: Published | None = None
        self.timeline = Timeline()
        """The time of the race, with all that is marked on it."""
        self._aim: int | None = None
        """The step that was asked for, until the race is there."""
        self._held = False
        """Whether the head is being dragged."""

    def compose(self) -> ComposeResult:
        yield CellView(id="time-line-view")

    def on_mount(self) -> None:
        self.set_title("Time line")

    @property
    def view(self) -> CellView:
        return self.query_one("#time-line-view", CellView)

    def show(self, published: Published, verdicts: Sequence[Mark] = ()) -> None:
        """Show this moment of a race, with marks where a racer's verdict became another, if they are known."""
        before, self._published = self._published, published
        self.timeline = published.timeline.told(verdicts)
        elsewhere = before is not None and before.generation != published.generation
        if elsewhere or published.state is DriverState.RUNNING or published.snapshot.step == self._aim:
            self._aim = None
        self._draw()

    def forget(self) -> None:
        """Nobody waits any more for the step that was asked for."""
        self._aim = None

    @property
    def here(self) -> int:
        """The step that is shown, or that the race is on its way to."""
        return self._aim if self._aim is not None else 0 if self._published is None else self._published.snapshot.step

    def go_to(self, step: int) -> None:
        """Have the race go to a step, or the nearest one that was seen."""
        published = self._published
        if published is None:
            return
        step = min(max(step, self.timeline.first), self.timeline.furthest)
        if step != self.here:
            self._aim = None if step == published.snapshot.step else step
            self.post_message(StepChosen(step))
            self._draw()

    def action_scrub(self, columns: int) -> None:
        axis = self._axis
        if axis is not None:
            here = self.here
            step = axis.step(axis.column(here) + columns)
            self.go_to(min(step, here - 1) if columns < 0 else max(step, here + 1))

    def action_first(self) -> None:
        self.go_to(0)

    def action_last(self) -> None:
        self.go_to(self.timeline.furthest)

    @property
    def _axis(self) -> TimeAxis | None:
        published, width = self._published, self.view.size.width
        return None if published is None or not width else time_axis(published.snapshot, self.timeline, width)

    def _draw(self) -> None:
        published, view = self._published, self.view
        if published is not None and view.size:
            view.show(
                draw_timeline(
                    published.snapshot, self.timeline, view.size.width,
                    step=self._aim, focused=self.has_focus, ascii_only=self._ascii,
                )
            )  # fmt: skip

    def on_focus(self) -> None:
        self._draw()

    def on_blur(self) -> None:
        self._draw()

    def on_cell_view_resized(self, message: CellView.Resized) -> None:
        message.stop()
        self._draw()

    # --- the mouse

    def on_mouse_down(self, event: events.MouseDown) -> None:
        if event.button == 1:
            self._held = True
            self.capture_mouse()
            self._follow(event)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._held:
            self._follow(event)

    def on_mouse_up(self) -> None:
        self._held = False
        self.release_mouse()

    def _follow(self, event: events.MouseEvent) -> None:
        axis = self._axis
        if axis is not None:
            self.go_to(axis.step(int(event.screen_x) - self.view.region.x))
