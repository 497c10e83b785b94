"""The loss pane: every racer's loss by step, over the whole budget; or another quantity, over another."""

from __future__ import annotations

from dataclasses import replace
from time import monotonic
from typing import ClassVar

from textual.app import ComposeResult
from textual.timer import Timer

from gdtui.charts.loss import LossChart, LossSpec
from gdtui.contracts import Problem
from gdtui.engine.driver import Published
from gdtui.frames import Choice, CurveAxes, Kind, Style, build_curves
from gdtui.tui.chart_thread import ChartThread, Workshop
from gdtui.tui.ink import CellView
from gdtui.tui.messages import Built, ChartDrawn
from gdtui.tui.panes.pane import Pane

FRAME = 4  # columns that the border takes from its title


class LossPane(Pane, can_focus=True):
    """Curves of all racers, on a logarithmic or a linear axis."""

    HELP: ClassVar[str] = (
        "Every racer's loss, the full objective, over its steps, its work or its own computing time; or the length of "
        "the full gradient, the learning rate, dotted where a schedule says what is to come, or the effective step: "
        "how far a step went per unit of gradient, in a dim band from the least to the most over the coordinates. "
        "Otherwise a band is what a racer swept between recorded steps. ◆ is where a hyperparameter changed, an arrow "
        "where a racer left the picture. On a log axis the known minimum, where there is one, is taken off the loss."
    )

    def __init__(self, charts: ChartThread, style: Style) -> None:
        super().__init__(id="loss")
        self._style = style
        self._choice = Choice()
        """What the user chose last."""
        self._axes: CurveAxes | None = None
        self._later: Timer | None = None
        self._race: tuple[Problem, int] | None = None
        self._published: Published | None = None
        self._chart: LossChart | None = None
        self._kind: Kind | None = None
        """What the chart was built for."""
        self._wanted: LossSpec | None = None
        self._workshop: Workshop[tuple[Kind, LossChart]] = Workshop(self, charts, self._take)

    def compose(self) -> ComposeResult:
        yield CellView(id="loss-view")

    @property
    def view(self) -> CellView:
        return self.query_one("#loss-view", CellView)

    def show(self, published: Published, problem: Problem) -> None:
        """Show this moment of a race on ``problem``."""
        if self._race != (problem, published.generation):
            self._race, self._axes = (problem, published.generation), CurveAxes(problem, self._choice)
        self._published = published
        self._draw()

    def toggle_log(self) -> None:
        """Between a logarithmic and a linear axis, for the quantity that is shown."""
        if self._axes is not None:
            self._choose(self._choice.with_log(not self._axes.log))

    def next_quantity(self) -> None:
        """From the loss to the gradient norm, the learning rate, the effective step, and back."""
        self._choose(replace(self._choice, quantity=self._choice.quantity.next()))

    def next_abscissa(self) -> None:
        """From steps to work, to seconds, and back."""
        self._choose(replace(self._choice, abscissa=self._choice.abscissa.next()))

    def restyle(self, style: Style) -> None:
        """Draw lines with or without patterns from now on."""
        self._style = style
        self._draw()

    def _choose(self, choice: Choice) -> None:
        self._choice = choice
        if self._axes is not None:
            self._axes.choose(choice)
            self._draw()

    def _draw(self) -> None:
        size = self.view.size
        if self._published is None or self._axes is None or size.width < 2 or size.height < 2:
            return
        snapshot, axes = self._published.snapshot, self._axes
        curves = axes.curves(snapshot, self._style)
        spec = axes.spec(snapshot, curves, (size.width, size.height), monotonic(), self._style)
        kind, drawn = axes.kind, None if self._chart is None else self._chart.spec
        if spec not in (drawn, self._wanted):
            self._wanted = spec
            start = self._workshop.want if drawn or self._workshop.busy else self._workshop.have
            start(lambda: (kind, build_curves(spec)))
        if self._chart is not None and (drawn == spec or self._kind == kind):
            # Limits that lag behind are no harm, but on the axes of another quantity the curves would be wrong.
            self._kind = kind
            self.set_title(axes.title(size.width - FRAME))
            self.view.show(self._chart.draw(curves))
        if axes.behind and self._later is None:
            self._later = self.set_timer(1.0, self._catch_up)

    def _catch_up(self) -> None:
        # The last picture of a race may come sooner after the one before than the axes may grow again.
        self._later = None
        self._draw()

    def _take(self, built: tuple[Kind, LossChart]) -> None:
        if self._chart is None:
            self.post_message(ChartDrawn())
        self._kind, self._chart = built
        self._draw()

    def on_built(self, message: Built) -> None:
        message.stop()
        message.apply()

    def on_cell_view_resized(self, message: CellView.Resized) -> None:
        message.stop()
        self._draw()
