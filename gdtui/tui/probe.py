"""Measures the objective where the user points: off the event loop, the newest place only, and not too often."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from textual.timer import Timer
from textual.widget import Widget

from gdtui.analysis.planes import Plane
from gdtui.contracts import Problem
from gdtui.frames.readout import Reading, measure
from gdtui.tui.chart_thread import ChartThread, Workshop
from gdtui.tui.terminal import PacedApp

INTERVAL = 0.125  # seconds between two read-outs: more often nobody can read them, and a slow line would fill up


@dataclass(frozen=True, slots=True)
class Place:
    """Where the user points. Without ``compiled`` kernels there is no gradient yet."""

    problem: Problem
    plane: Plane
    a: float
    b: float
    compiled: bool


class Probe:
    """``changed`` is called on the event loop when there is something else to show."""

    def __init__(self, pane: Widget, charts: ChartThread, changed: Callable[[], None]) -> None:
        self._pane, self._changed = pane, changed
        self._workshop: Workshop[tuple[Place, Reading]] = Workshop(pane, charts, self._take)
        self._place: Place | None = None
        self._timer: Timer | None = None
        self._looked_at = 0.0
        self.reading: Reading | None = None
        """What is known of the place pointed at last."""
        self.is_known = False
        """Whether the objective has been measured there."""

    @property
    def busy(self) -> bool:
        """Whether there is something still to be measured."""
        return self._timer is not None or self._workshop.busy

    def point(self, place: Place | None) -> None:
        """Point at a place, or nowhere."""
        if place == self._place:
            return
        before, self._place = self._place, place
        if place is None:
            self._stop()
            if self.reading is not None:
                self.reading, self.is_known = None, False
                self._changed()
            return
        if before is not None and (before.problem is not place.problem or before.plane is not place.plane):
            self.reading = None
        if self._timer is None:
            self._wait(self._looked_at + INTERVAL - monotonic())

    def _wait(self, seconds: float) -> None:
        if seconds > 0.0:
            self._timer = self._pane.set_timer(seconds, self._due)
        else:
            self._look()

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def _due(self) -> None:
        self._timer = None
        self._look()

    def _look(self) -> None:
        place, app = self._place, self._pane.app
        if place is None:
            return
        if isinstance(app, PacedApp) and not app.may_draw():
            self._wait(INTERVAL)
            return
        self._looked_at = monotonic()
        if self._workshop.busy:
            # The objective takes its time: meanwhile the position is known.
            self.reading, self.is_known = Reading(place.a, place.b), False
            self._show()

        def job() -> tuple[Place, Reading]:
            return place, measure(place.problem, place.plane, place.a, place.b, gradient=place.compiled)

        self._workshop.want(job)

    def _take(self, measured: tuple[Place, Reading]) -> None:
        place, reading = measured
        now = self._place
        if now is not None and now.problem is place.problem and now.plane is place.plane:
            self.reading, self.is_known = reading, True
            self._show()

    def _show(self) -> None:
        app = self._pane.app
        if isinstance(app, PacedApp):
            app.frame_begins()
        self._changed()
