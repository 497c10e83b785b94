"""One whole picture of a race, without a terminal: contour, loss, standings and status in one grid of cells.

A camera takes one picture, or many of one race as it goes on. Axes and planes then change as they do in the app, by the
time of the film and not by that of the machine, so the same race makes the same film.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gdtui.analysis.race_verdicts import of_snapshot
from gdtui.analysis.steady_verdicts import LOOK_INTERVAL, SteadyVerdicts
from gdtui.analysis.verdict import Verdict
from gdtui.charts.cells import CellGrid, displayable, one_line
from gdtui.charts.loss import LossChart
from gdtui.charts.palette import Ink
from gdtui.charts.plain import plain_cells
from gdtui.contracts import Problem
from gdtui.engine.driver import DriverState, Published
from gdtui.engine.outcome import Outcome
from gdtui.engine.snapshot import Snapshot
from gdtui.errors import clean
from gdtui.frames.contour import (
    GROWTH_INTERVAL,
    ContourPicture,
    build_contour,
    draw_contour,
    is_due,
    is_left,
    refined,
)
from gdtui.frames.curves import Choice, CurveAxes, build_curves
from gdtui.frames.layout import Box, Layout, layout
from gdtui.frames.standings import count, standings, status_line
from gdtui.frames.style import Style

_TITLE_FRAME = 6  # columns that corners, lines and blanks take beside a title
_ROUND, _PLAIN = tuple("╭╮╰╯─│"), tuple("++++-|")


class Camera:
    """Takes pictures of a race on ``problem``, of ``size`` columns and rows.

    ``remark`` stands at the end of the last row; ``tolerance`` is the race's. Times are the film's, in seconds,
    and never go back.
    """

    def __init__(
        self,
        problem: Problem,
        size: tuple[int, int],
        *,
        seed: int = 0,
        style: Style = Style(),  # noqa: B008 - frozen
        pinned: str | None = None,
        remark: str = "",
        tolerance: float = 1e-12,
    ) -> None:
        self.size, self._tolerance = size, tolerance
        self._problem, self._seed, self._style = problem, seed, style
        self._pinned, self._remark = pinned, remark
        self._axes = CurveAxes(problem, Choice())
        self._contour: ContourPicture | None = None
        self._built_at = 0.0
        self._chart: LossChart | None = None
        self._steady = SteadyVerdicts()
        self._verdicts: Mapping[str, Verdict] = {}
        self._looked_at: float | None = None

    def take(self, published: Published, now: float = 0.0) -> CellGrid:
        """The race as ``published``, at ``now``."""
        width, height = self.size
        snapshot, plain = published.snapshot, self._style.raster == "ascii"
        parts = layout(width, height, len(snapshot.racers))
        grid = CellGrid.blank(width, height)
        self._draw_contour(grid, parts, snapshot, now)
        self._draw_loss(grid, parts, snapshot, now)
        verdicts = self._judge(published, now)
        rows = standings(published, *parts.standings.inside, verdicts=verdicts, pinned=self._pinned, ascii_only=plain)
        _frame(grid, parts.standings, "Standings", rows, plain=plain)
        remark = one_line(self._remark, width, ascii_only=plain)
        grid.paste(status_line(published, width, hint=remark, ascii_only=plain), height - 1, 0)
        return _in_ascii(grid) if plain else displayable(grid)

    def _judge(self, published: Published, now: float) -> Mapping[str, Verdict]:
        running = published.state is DriverState.RUNNING
        if not running or self._looked_at is None or now >= self._looked_at + LOOK_INTERVAL:
            self._looked_at = now
            verdicts = of_snapshot(published.snapshot, self._tolerance, self._problem)
            self._verdicts = self._steady.see(published.snapshot, verdicts, running=running)
        return self._verdicts

    def _draw_contour(self, grid: CellGrid, parts: Layout, snapshot: Snapshot, now: float) -> None:
        size = parts.contour.inside
        picture = self._contour
        if (
            picture is None
            or picture.chart.sheet.shape != size[::-1]
            or is_due(picture, self._problem, snapshot)
            or (is_left(picture, self._problem, snapshot) and now >= self._built_at + GROWTH_INTERVAL)
        ):
            picture = self._build(size, snapshot, now)
        shown = draw_contour(picture, snapshot, style=self._style, pinned=self._pinned)
        _frame(grid, parts.contour, picture.title, shown, plain=self._style.raster == "ascii")

    def _build(self, size: tuple[int, int], snapshot: Snapshot, now: float) -> ContourPicture:
        picture = build_contour(
            self._problem, snapshot, *size, seed=self._seed, style=self._style, previous=self._contour
        )
        if not picture.refinement.is_done:
            picture.refinement.finish()
            picture = refined(picture)
        self._contour, self._built_at = picture, now
        return picture

    def _draw_loss(self, grid: CellGrid, parts: Layout, snapshot: Snapshot, now: float) -> None:
        box, axes = parts.loss, self._axes
        curves = axes.curves(snapshot, self._style, self._pinned)
        spec = axes.spec(snapshot, curves, box.inside, now, self._style)
        if self._chart is None or self._chart.spec != spec:
            self._chart = build_curves(spec)
        title = axes.title(box.width - _TITLE_FRAME)
        _frame(grid, box, title, self._chart.draw(curves), plain=self._style.raster == "ascii")


def _frame(grid: CellGrid, box: Box, title: str, inside: CellGrid, *, plain: bool) -> None:
    """Draw a part of a picture with a border, and its title in it."""
    left, right, lower_left, lower_right, across, down = _PLAIN if plain else _ROUND
    bottom, end = box.row + box.height - 1, box.column + box.width - 1
    grid.write(box.row, box.column, left + across * (box.width - 2) + right, Ink.FRAME)
    grid.write(bottom, box.column, lower_left + across * (box.width - 2) + lower_right, Ink.FRAME)
    for row in range(box.row + 1, bottom):
        grid.write(row, box.column, down, Ink.FRAME)
        grid.write(row, end, down, Ink.FRAME)
    shown = one_line(title, box.width - _TITLE_FRAME, ascii_only=plain)
    if shown:
        grid.write(box.row, box.column + 2, f" {shown} ", Ink.TEXT)
    grid.paste(inside, box.row + 1, box.column + 1)


def _in_ascii(grid: CellGrid) -> CellGrid:
    known, places = np.unique(displayable(grid).glyphs, return_inverse=True)
    plain = np.array([ord(plain_cells(chr(code))) for code in known.tolist()], dtype=np.uint32)
    return CellGrid(plain[places].reshape(grid.shape), grid.colours)


def as_seen(snapshot: Snapshot, rate: float | None = None) -> Published:
    """A moment of a race as the app would publish it: running at a ``rate`` of steps a second, at rest or finished."""
    racing = [racer for racer in snapshot.racers if not racer.benched]
    is_over = all(racer.outcome is not Outcome.RUNNING for racer in racing)
    if is_over or (snapshot.budget is not None and snapshot.step >= snapshot.budget):
        state = DriverState.FINISHED
    else:
        state = DriverState.PAUSED if rate is None else DriverState.RUNNING
    return Published(snapshot, state, rate or 0.0, rate or 0.0, 0)


def title_of(title: str, step: int | None = None) -> str:
    """What a file is called within: what races there, and at which step."""
    return clean(f"gdtui: {title}" + (f", step {count(step)}" if step is not None else ""), 200)
