"""A screen of charts that draws when the terminal has read what was drawn before, and not before it has a chart."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import ClassVar

from textual.screen import Screen
from textual.timer import Timer

from gdtui.frames import Style
from gdtui.tui.messages import Built, ChartDrawn
from gdtui.tui.panes.pane import Pane
from gdtui.tui.terminal import PacedApp

CURTAIN_SECONDS = 1.5  # that the first frame waits for its charts at the most
RETRY_INTERVAL = 0.5  # seconds until a frame that was held back asks again
SMALLEST = (80, 24)  # columns and rows
TOO_SMALL = "gdtui needs a terminal of at least 80×24 cells. This one is smaller: enlarge it, or run `{}` instead."


class PacedScreen(Screen[None]):
    """What the race's screen and that of a log have in common."""

    ESCAPE_TO_MINIMIZE = False  # a pane may have something of its own to leave first
    CHARTS: ClassVar[int]
    """How many charts the first frame waits for."""
    HELP: ClassVar[str]
    """What the screen is about, in a sentence."""

    HORIZONTAL_BREAKPOINTS = [(0, "-too-narrow"), (SMALLEST[0], "-compact-width"), (100, "-standard"), (160, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-too-low"), (SMALLEST[1], "-compact-height"), (30, "-standard-height"), (38, "-tall")]  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__()
        self._retry: Timer | None = None
        self._curtain = ExitStack()
        self._charts_drawn, self.is_unveiled = 0, False

    def on_mount(self) -> None:
        # Nothing is shown before the charts are: one frame with all there is, in place of several with gaps.
        self._curtain.enter_context(self.app.batch_update())
        self.set_timer(CURTAIN_SECONDS, self._raise_curtain)

    def on_chart_drawn(self, message: ChartDrawn) -> None:
        message.stop()
        self._charts_drawn += 1
        if self._charts_drawn == self.CHARTS:
            self._raise_curtain()

    def _raise_curtain(self) -> None:
        if self.is_unveiled:
            return
        self.is_unveiled = True
        self._curtain.close()
        self.refresh()
        self.call_after_refresh(self._begin)

    def on_resize(self) -> None:
        if self.size.width < SMALLEST[0] or self.size.height < SMALLEST[1]:
            self._raise_curtain()

    @property
    def _is_compact(self) -> bool:
        return self.has_class("-compact-width") or self.has_class("-compact-height")

    def _may_draw(self) -> bool:
        app = self.app
        if isinstance(app, PacedApp):
            if not app.may_draw():
                if self._retry is None:
                    self._retry = self.set_timer(app.rest() or RETRY_INTERVAL, self.frame_read)
                return False
            app.frame_begins()
        return True

    def frame_read(self) -> None:
        """The terminal has read the last frame, or has had time to: draw what came meanwhile."""
        if self._retry is not None:
            self._retry.stop()
            self._retry = None
        if self._is_behind:
            self._draw()

    def action_maximise(self) -> None:
        focused = self.focused
        pane = None if focused is None else next((w for w in focused.ancestors_with_self if isinstance(w, Pane)), None)
        if self.maximized is not None:
            self.minimize()
        elif pane is not None:
            self.maximize(pane, container=False)

    def on_built(self, message: Built) -> None:
        message.stop()
        message.apply()

    def restyle(self, change: Callable[[Style], Style]) -> None:
        """Draw the charts in another style from now on."""
        raise NotImplementedError

    def _begin(self) -> None:
        """Start what is to be shown: the first frame is on the screen."""
        raise NotImplementedError

    @property
    def _is_behind(self) -> bool:
        """Whether there is anything newer to be drawn."""
        raise NotImplementedError

    def _draw(self) -> None:
        """Draw what is newest, if :meth:`_may_draw` allows it."""
        raise NotImplementedError
