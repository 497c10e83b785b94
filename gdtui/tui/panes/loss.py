"""The loss pane: every racer's loss by step, over the whole budget."""

from __future__ import annotations

from time import monotonic
from typing import ClassVar

from textual.app import ComposeResult
from textual.timer import Timer

from gdtui.charts.loss import LossChart, LossSpec
from gdtui.contracts import Problem
from gdtui.engine.driver import Published
from gdtui.frames import LossAxes, Style, build_loss
from gdtui.tui.chart_thread import ChartThread, Workshop
from gdtui.tui.ink import CellView
from gdtui.tui.messages import Built, ChartDrawn
from gdtui.tui.panes.pane import Pane


class LossPane(Pane):
    """Loss curves, on a logarithmic or a linear axis."""

    HELP: ClassVar[str] = (
        "The full objective by step. A dim band is what a racer swept between recorded steps; an arrow at the top is a "
        "racer that left the picture. On a log axis the known minimum, where there is one, is taken off."
    )

    def __init__(self, charts: ChartThread, style: Style) -> None:
        super().__init__(id="loss")
        self._style = style
        self._log = True
        """What the user chose last."""
        self._axes: LossAxes | None = None
        self._later: Timer | None = None
        self._race: tuple[Problem, int] | None = None
        self._published: Published | None = None
        self._chart: LossChart | None = None
        self._wanted: LossSpec | None = None
        self._workshop: Workshop[LossChart] = Workshop(self, charts, self._take)

    def compose(self) -> ComposeResult:
        yield CellView(id="loss-view")

    @property
    def view(self) -> CellView:
        return self.query_one("#loss-view", CellView)

    def show(self, published: Published, problem: Problem) -> None:
        """Show this moment of a race on ``problem``."""
        if self._race != (problem, published.generation):
            self._race, self._axes = (problem, published.generation), LossAxes(problem)
            self._axes.use(log=self._log)
        self._published = published
        self._draw()

    def toggle_log(self) -> None:
        """Between a logarithmic and a linear axis."""
        if self._axes is not None:
            self._log = not self._axes.log
            self._axes.use(log=self._log)
            self._draw()

    def _draw(self) -> None:
        size = self.view.size
        if self._published is None or self._axes is None or size.width < 2 or size.height < 2:
            return
        snapshot = self._published.snapshot
        curves = self._axes.curves(snapshot)
        spec = self._axes.spec(snapshot, curves, (size.width, size.height), monotonic(), self._style)
        self.set_title(self._axes.title)
        drawn = None if self._chart is None else self._chart.spec
        if spec not in (drawn, self._wanted):
            self._wanted = spec
            (self._workshop.want if drawn or self._workshop.busy else self._workshop.have)(lambda: build_loss(spec))
        if self._chart is not None and self._chart.spec.log == self._axes.log:
            self.view.show(self._chart.draw(curves))
        if self._axes.behind and self._later is None:
            self._later = self.set_timer(1.0, self._catch_up)

    def _catch_up(self) -> None:
        # The last picture of a race may come sooner after the one before than the axes may grow again.
        self._later = None
        self._draw()

    def _take(self, chart: LossChart) -> None:
        if self._chart is None:
            self.post_message(ChartDrawn())
        self._chart = chart
        self._draw()

    def on_built(self, message: Built) -> None:
        message.stop()
        message.apply()

    def on_cell_view_resized(self, message: CellView.Resized) -> None:
        message.stop()
        self._draw()
