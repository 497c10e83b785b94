"""Refines a coarse picture of a costly objective: in slices, so that other charts get their turn in between."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from textual.widget import Widget

from gdtui.frames import ContourPicture, refined
from gdtui.tui.chart_thread import ChartThread, Workshop

SLICE = 0.05  # seconds of the chart thread at a time
CHART_INTERVAL = 0.5  # seconds between two finer charts of one picture
QUIET = 0.3  # seconds that a refinement takes before it is spoken of


class Refiner:
    """``may`` says whether to go on; ``show`` is called with the picture, a finer one or one that is further on."""

    def __init__(
        self, pane: Widget, charts: ChartThread, may: Callable[[], bool], show: Callable[[ContourPicture], None]
    ) -> None:
        self._may, self._show = may, show
        self._workshop: Workshop[tuple[ContourPicture, ContourPicture]] = Workshop(pane, charts, self._take)
        self._picture: ContourPicture | None = None
        self._began = self._charted = 0.0

    @property
    def busy(self) -> bool:
        """Whether a slice is under way."""
        return self._workshop.busy

    @property
    def told(self) -> float | None:
        """How much is done, in steps of a tenth; None where there is nothing to tell."""
        picture = self._picture
        if picture is None or not self.busy or monotonic() - self._began < QUIET:
            return None
        return int(10.0 * picture.refinement.progress) / 10.0

    def refine(self, picture: ContourPicture | None) -> None:
        """Have this picture refined, in place of any other, as far as that is worth while."""
        if picture is not self._picture:
            self._picture = picture
            self._began = self._charted = monotonic()
        if not self.busy:
            self._go_on()

    def _go_on(self) -> None:
        picture = self._picture
        if picture is None or not self._may():
            return
        refinement = picture.refinement
        is_finer = refinement.grid is not picture.grid
        if is_finer and (refinement.is_done or monotonic() - self._charted >= CHART_INTERVAL):
            self._workshop.want(lambda: (picture, refined(picture)))
        elif not refinement.is_done:
            self._workshop.want(lambda: (picture, _advanced(picture)))

    def _take(self, result: tuple[ContourPicture, ContourPicture]) -> None:
        before, after = result
        if before is self._picture:
            if after is not before:
                self._picture, self._charted = after, monotonic()
            self._go_on()
            self._show(after)
        else:
            self._go_on()


def _advanced(picture: ContourPicture) -> ContourPicture:
    picture.refinement.advance(SLICE)
    return picture
