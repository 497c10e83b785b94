"""A race and its two charts as the app has them, from a snapshot to the strips that Textual is given."""

from __future__ import annotations

from dataclasses import replace

from rich.style import Style as Ink
from textual.strip import Strip

from gdtui import scenario as scenarios
from gdtui.charts.cells import CellGrid, changed_runs
from gdtui.charts.sheet import Renderer
from gdtui.engine.race import Race
from gdtui.engine.snapshot import Snapshot
from gdtui.frames import Choice, CurveAxes, Style, build_contour, build_curves, draw_contour
from gdtui.tui.ink import strip_of, styles

# Rates at which nobody arrives or leaves, so that every history is as long as the race.
RACERS = (
    "gd:lr=1e-4", "momentum:lr=2e-5", "nesterov:lr=2e-5", "adagrad:lr=0.01", "rmsprop:lr=1e-4", "adam:lr=1e-4",
    "adamw:lr=1e-4,weight_decay=0", "nadam:lr=1e-4",
)  # fmt: skip
# The charts of the app in terminals of these sizes: contour, loss.
CHARTS = {(80, 24): ((38, 16), (38, 16)), (120, 40): ((58, 16), (58, 11)), (160, 50): ((84, 22), (84, 15))}


class Canvas:
    """A view of cells without a widget: the grid that is shown, and its strips, made anew where it changes."""

    def __init__(self) -> None:
        self.grid: CellGrid | None = None
        self.strips: list[Strip] = []
        self._inks: tuple[Ink, ...] = styles("truecolor")

    def show(self, grid: CellGrid) -> None:
        runs = changed_runs(self.grid, grid)
        if self.grid is None:
            self.strips = [strip_of(grid, row, self._inks) for row in range(grid.shape[0])]
        for row in {row for row, _, _ in runs}:
            self.strips[row] = strip_of(grid, row, self._inks)
        self.grid = grid


class Stage:
    """Both charts of a race of ``racers`` that has gone ``history`` steps, in a terminal of ``size``."""

    def __init__(
        self, size: tuple[int, int] = (160, 50), racers: int = 8, history: int = 100_000, scenario: str = "rosenbrock"
    ) -> None:
        self._contour, self._loss = CHARTS.get(size, (size, size))
        endless = replace(scenarios.load(scenario), tolerance=0.0)
        self.race = Race(endless, racers=list(RACERS[:racers]), steps=10**9).advance(history)
        self.views = Canvas(), Canvas()
        self.snapshot: Snapshot = self.race.snapshot()
        self.now = 0.0
        self.set_up("raster")

    def set_up(self, renderer: Renderer) -> None:
        """Build the still parts."""
        self._style = Style(renderer=renderer)
        self.snapshot = self.race.snapshot()
        self.picture = build_contour(self.race.problem, self.snapshot, *self._contour, style=self._style)
        self.axes = CurveAxes(self.race.problem, Choice())
        self._spec = self.axes.spec(self.snapshot, self.axes.curves(self.snapshot), self._loss, self.now, self._style)
        self.chart = build_curves(self._spec)
        self.frame()

    def advance(self) -> None:
        """Go on as far as a race at full speed does between two frames."""
        self.race.advance(2000)
        self.snapshot = self.race.snapshot()
        self.now += 1 / 30

    def frame(self) -> None:
        """One frame of both charts, from the snapshot to strips."""
        self.views[0].show(draw_contour(self.picture, self.snapshot))
        curves = self.axes.curves(self.snapshot)
        self.axes.spec(self.snapshot, curves, self._loss, self.now, self._style)
        self.views[1].show(self.chart.draw(curves))

    def rescale(self) -> None:
        """A frame for which the loss chart's axes have grown: its still part is built anew."""
        self._spec = replace(self._spec, y_high=self._spec.y_high + 0.1)
        self.chart = build_curves(self._spec)
        self.frame()
