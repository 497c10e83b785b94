"""The screen of a training log: its curves, the verdict with what it rests on, and what is wrong with the file."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.reactive import var
from textual.widgets import Static

from gdtui.frames import Style
from gdtui.tui import help_text
from gdtui.tui.chart_thread import ChartThread
from gdtui.tui.dialogs import Reading
from gdtui.tui.ink import CellView
from gdtui.tui.messages import Built
from gdtui.tui.paced_screen import TOO_SMALL, PacedScreen
from gdtui.tui.panes.log import LogPane, RunsPane, StoryPane, VerdictPane
from gdtui.tui.terminal import PacedApp
from gdtui.tui.watch_status import status_line
from gdtui.tui.watcher import Sight, Watcher

CLOCK_INTERVAL = 5.0  # seconds between two looks at whether a log has been quiet for another minute


class SightPublished(Message):
    """The logs have news. Late ones merge into the last."""

    def __init__(self, sight: Sight) -> None:
        super().__init__()
        self.sight = sight

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, SightPublished)


class WatchScreen(PacedScreen):
    """A chart over the runs, the verdict on the selected one and its changes, and a status line."""

    CHARTS = 1
    HELP = "A training log is followed while it grows; every number on screen was logged, or follows from what was."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "log", "Log/linear", id="loss.log", tooltip="A logarithmic or a linear y axis"),
        Binding(
            "v", "quantity", "What to plot", id="loss.quantity",
            tooltip="Plot loss, gradient norm, learning rate or update norm, as far as they were logged",
        ),
        Binding("X", "log_x", "Log/linear x", id="loss.log_x", tooltip="Logarithmic or linear steps"),
        Binding("o", "smoothing", "Smooth", id="loss.smoothing", tooltip="Smooth noisy curves: lightly, strongly, off"),
        Binding("P", "pin", "Pin run", id="racer.pin", tooltip="Have the selected run stand out, or no more"),
        Binding("m", "maximise", "Maximise", id="pane.maximise", tooltip="Give the focused pane the whole screen"),
        Binding("escape", "close", "Close", show=False, id="pane.close", tooltip="Leave a maximised pane"),
        Binding("question_mark", "help", "Help", id="app.help", tooltip="What the keys do"),
        Binding("q", "app.quit", "Quit", id="app.quit", tooltip="Leave"),
    ]  # fmt: skip

    sight: var[Sight | None] = var(None, init=False)

    def __init__(self, watcher: Watcher, *, style: Style, keymap: Mapping[str, str]) -> None:
        super().__init__()
        self._watcher, self._style, self._keymap = watcher, style, keymap
        self._ascii = style.raster == "ascii"
        self._charts = ChartThread()
        self._latest: Sight | None = None
        self._covered = False
        self._drawn: Sight | None = None
        self._pinned: int | None = None

    def compose(self) -> ComposeResult:
        yield LogPane(self._charts, self._style)
        with Horizontal(id="log-texts"):
            yield RunsPane(ascii_only=self._ascii)
            yield VerdictPane(ascii_only=self._ascii, id="verdict-pane")
            yield StoryPane(ascii_only=self._ascii, id="story")
        yield CellView(id="status")
        yield Static(TOO_SMALL.format("gdtui diagnose"), id="too-small", markup=False)

    def on_mount(self) -> None:
        self.query_one(VerdictPane).set_title("Verdict")
        self.query_one(LogPane).set_title("Loss")
        self.query_one(LogPane).focus()
        self.set_interval(CLOCK_INTERVAL, self._show_status)
        self._watcher.start(self._receive, self._fail)

    def _begin(self) -> None:
        """Nothing waits for the first frame: what is drawn first is what was read first."""

    def on_unmount(self) -> None:
        self._watcher.close()
        self._charts.close()

    def _receive(self, sight: Sight) -> None:
        self._latest = sight
        # Under a dialog any message to this screen has Textual repaint all of it: it stands still, and catches up.
        if not self._covered:
            self.post_message(SightPublished(sight))

    def _fail(self, error: Exception) -> None:
        def on_the_loop() -> None:
            raise error

        self.post_message(Built(on_the_loop))

    def on_sight_published(self, message: SightPublished) -> None:
        message.stop()
        self.sight = message.sight

    def on_screen_suspend(self) -> None:
        self._covered = True

    def on_screen_resume(self) -> None:
        self._covered = False
        if self._latest is not None:
            self.post_message(SightPublished(self._latest))
            self.call_later(self.frame_read)  # what came last may have come too late to be drawn

    def restyle(self, change: Callable[[Style], Style]) -> None:
        self._style = change(self._style)
        self.query_one(LogPane).restyle(self._style)

    def watch_sight(self) -> None:
        self._draw()

    @property
    def _is_behind(self) -> bool:
        return self.sight is not self._drawn

    def _draw(self) -> None:
        sight = self.sight
        if sight is None or not self.is_active or not self._may_draw():
            return
        self._drawn = sight
        runs = list(sight.runs())
        self.set_class(len(runs) > 1, "-several")
        if self._pinned is not None and self._pinned >= len(runs):
            self._pinned = None
        self.query_one(LogPane).show([(label, run.run.series) for label, _, run in runs], self._pinned)
        self.query_one(RunsPane).show([(label, run) for label, _, run in runs])
        self._show_words()
        self._show_status()
        if not runs:  # there is no chart to wait for
            self._raise_curtain()

    def _show_words(self) -> None:
        """What is said of the selected run."""
        sight = self._drawn
        if sight is None:
            return
        runs = list(sight.runs())
        verdict, changes = self.query_one(VerdictPane), self.query_one(StoryPane)
        if not runs:
            verdict.wait(sight.fault)
            changes.show([])
            return
        label, log, run = runs[min(self.query_one(RunsPane).selected, len(runs) - 1)]
        # Where there is no room for a pane of their own the changes follow the verdict.
        verdict.judge(label, log, run, with_changes=self._is_compact and len(runs) > 1)
        changes.tell(run)

    def _show_status(self) -> None:
        sight = self._drawn
        if sight is not None and self.is_active:
            view = self.query_one("#status", CellView)
            slow = isinstance(self.app, PacedApp) and self.app.is_link_slow
            hint = "? help" if self._is_compact else "? help  ^p palette"
            view.show(
                status_line(sight, view.size.width, now=time.time(), hint=hint, slow=slow, ascii_only=self._ascii)
            )

    def on_cell_view_resized(self, message: CellView.Resized) -> None:
        message.stop()
        self._show_words()
        self._show_status()

    def on_runs_pane_selected(self, message: RunsPane.Selected) -> None:
        message.stop()
        self._show_words()

    def action_log(self) -> None:
        self.query_one(LogPane).toggle_log()

    def action_log_x(self) -> None:
        self.query_one(LogPane).toggle_log_x()

    def action_quantity(self) -> None:
        self.query_one(LogPane).next_quantity()

    def action_smoothing(self) -> None:
        self.query_one(LogPane).next_smoothing()

    def action_pin(self) -> None:
        selected = self.query_one(RunsPane).selected
        if self.has_class("-several"):
            self._pinned = None if self._pinned == selected else selected
            self._drawn = None  # though the logs have no news
            self._draw()

    def action_close(self) -> None:
        if self.maximized is not None:
            self.minimize()

    def action_help(self) -> None:
        self.app.push_screen(Reading("Help", help_text.page(self, self._keymap, ascii_only=self._ascii)))
