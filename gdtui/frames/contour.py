"""The contour of a race: the plane it is drawn on, the objective there, and every racer's path over it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from gdtui.analysis.planes import (
    FURTHEST,
    Grid,
    Plane,
    coordinate_plane,
    principal_plane,
    steepest_plane,
    view_around,
)
from gdtui.analysis.refinement import Refinement
from gdtui.charts.cells import CellGrid
from gdtui.charts.contour import Arrow, ContourChart, ContourSpec, Displacement, Mark, PathLayer
from gdtui.charts.palette import line_pattern, racer_colour, racer_letter
from gdtui.charts.ticks import short
from gdtui.contracts import Problem, Reals, View, is_kernel
from gdtui.engine.outcome import Outcome
from gdtui.engine.snapshot import RacerSnapshot, Snapshot
from gdtui.frames.style import Style
from gdtui.frames.trails import Trails
from gdtui.frames.viewport import magnification, widened
from gdtui.frames.weights import weights

GROWTH_INTERVAL = 1.0  # seconds between two growths of a view: axes must not jitter
RECENT = 4  # one part in so many of a path, at its end, is its last part
FIRST_REFIT = 3  # steps: fewer do not span a plane


@dataclass(frozen=True, slots=True, eq=False)
class ContourPicture:
    """The still part of a contour at one size: the plane, the objective on it, and the chart made of them.

    ``home`` is the view it has where the user chose none. A ``refinement`` that is not done has more to show later.
    """

    grid: Grid
    chart: ContourChart
    title: str
    home: View
    optimum: tuple[float, float] | None
    start: tuple[float, float]
    trails: Trails
    refinement: Refinement

    @property
    def plane(self) -> Plane:
        return self.grid.plane


def is_due(picture: ContourPicture, problem: Problem, snapshot: Snapshot, ahead: float = 0.0) -> bool:
    """Whether the contour should be built anew: the paths have doubled since its plane was fitted to them.

    Or will have, so many steps ``ahead``.
    """
    return problem.n > 2 and snapshot.step + ahead >= max(FIRST_REFIT, 2 * picture.plane.fitted_at)


def is_left(picture: ContourPicture, problem: Problem, snapshot: Snapshot) -> bool:
    """Whether a racer that goes on has left a view that may grow, which it may where no scenario set it."""
    if problem.n == 2 and problem.view is not None:
        return False
    view = picture.home
    heads = [picture.plane.project(racer.theta[np.newaxis])[0] for racer in _on_view(snapshot)]
    return any(
        max(abs(a), abs(b)) <= FURTHEST and not (view.x_low <= a <= view.x_high and view.y_low <= b <= view.y_high)
        for a, b in heads
    )


def build_contour(
    problem: Problem,
    snapshot: Snapshot,
    width: int,
    height: int,
    *,
    seed: int = 0,
    style: Style = Style(),  # noqa: B008 - frozen
    previous: ContourPicture | None = None,
    chosen: View | None = None,
) -> ContourPicture:
    """The still part of the contour of ``problem`` at this size; ``previous`` is kept as far as it still fits.

    ``chosen`` is the view that the user chose on the plane of ``previous``, which is then kept in any case.
    """
    if previous is None:
        plane = coordinate_plane(problem) if problem.n <= 2 else steepest_plane(problem, seed)
    else:
        plane = previous.plane
    racing = _on_view(snapshot)
    fits = previous is not None and (chosen is not None or not is_due(previous, problem, snapshot))
    if not fits and problem.n > 2 and snapshot.step >= FIRST_REFIT:
        paths = [np.concatenate([racer.path, racer.theta[np.newaxis]]) for racer in racing]
        plane = principal_plane(paths, _best(racing).theta, snapshot.step, plane)
    optimum = None if problem.optimum is None else _pair(plane.project(problem.optimum[np.newaxis]))
    start = _pair(plane.project(problem.start[np.newaxis]))
    if problem.n == 2 and problem.view is not None:
        home = problem.view
    elif fits and previous is not None and not is_left(previous, problem, snapshot):
        home = previous.home
    else:
        seen = [np.array([start]), *(plane.project(racer.path) for racer in racing)]
        seen += [plane.project(racer.theta[np.newaxis]) for racer in racing]
        if fits and previous is not None:  # a view only grows until the next fit
            old = previous.home
            seen.append(np.array([(old.x_low, old.y_low), (old.x_high, old.y_high)]))
        if optimum is not None and problem.n <= 2:
            seen.append(np.array([optimum]))
        home = view_around(np.concatenate(seen))
    view = chosen or home
    refinement = Refinement(problem, plane, view, 2 * width, 3 * height, vectorised=is_kernel(problem.value_grad))
    grid = refinement.grid
    spec = ContourSpec(
        grid.a, grid.b, grid.values, view, width, height, x_label=plane.x_label, y_label=plane.y_label,
        raster=style.raster, renderer=style.renderer,
    )  # fmt: skip
    chart, title = ContourChart(spec), contour_title(problem, plane, view, home)
    trails = Trails(plane, chart.canvas, style.raster)
    return ContourPicture(grid, chart, title, home, optimum, start, trails, refinement)


def refined(picture: ContourPicture) -> ContourPicture:
    """The picture with the finest grid there is by now."""
    grid = picture.refinement.grid
    spec = replace(picture.chart.spec, a=grid.a, b=grid.b, values=grid.values)
    return replace(picture, grid=grid, chart=ContourChart(spec))


def racers_view(picture: ContourPicture, snapshot: Snapshot) -> View:
    """A view of the racers and of the last part of their paths, on the plane of ``picture``."""
    seen = []
    for racer in _on_view(snapshot):
        recent = racer.path[len(racer.path) - len(racer.path) // RECENT :]
        seen += [picture.plane.project(recent), picture.plane.project(racer.theta[np.newaxis])]
    return widened(view_around(np.concatenate(seen)), picture.plane)


def contour_title(problem: Problem, plane: Plane, view: View | None = None, home: View | None = None) -> str:
    """What the contour shows, in a line: of a ``view`` that is not the one it has by itself, how much larger it is."""
    moved = ""
    if view is not None and home is not None and view != home:
        times = short(magnification(view, home), 2)
        moved = ", moved" if times == "1" else f", zoom {times}×"
    if problem.n <= 2:
        return f"Contour{moved}: {problem.title}"
    if plane.explained is None:
        return f"Contour{moved}, the steepest and a random direction: {problem.title}"
    return f"Contour{moved}, {sum(plane.explained):.0%} of the paths' variance: {problem.title}"


def draw_contour(
    picture: ContourPicture,
    snapshot: Snapshot,
    cursor: tuple[float, float] | None = None,
    style: Style = Style(),  # noqa: B008 - frozen
    arrow: Arrow | None = None,
    pinned: str | None = None,
    displacements: Sequence[Displacement] = (),
) -> CellGrid:
    """The contour with every racer's path and head, the optimum and the start.

    Also a cursor if one is being moved, an arrow where the user points, and those of a step. The racer labelled
    ``pinned`` is drawn last and stands out.
    """
    wakes, layers, weighed = [], [], weights(snapshot, pinned)
    for racer in snapshot.racers:
        if racer.benched:
            continue
        colour, letter = racer_colour(racer.index), racer_letter(racer.index)
        retired = racer.outcome is Outcome.DIVERGED
        wake, trail = picture.trails.of(racer)
        pattern, weight = line_pattern(racer.index, style.patterns), weighed[racer.label]
        faint = weight != "strong"
        wakes.append(PathLayer(wake, colour, letter, head=False, retired=faint, pattern=pattern))
        layers.append(PathLayer(trail, colour, letter, retired=retired, pattern=pattern, weight=weight))
    marks = [Mark(*picture.start, "start")]
    if picture.optimum is not None:
        marks.append(Mark(*picture.optimum, "optimum"))
    if cursor is not None:
        marks.append(Mark(*cursor, "cursor"))
    order = sorted(range(len(layers)), key=lambda k: layers[k].weight == "strong")
    return picture.chart.draw([*(wakes[k] for k in order), *(layers[k] for k in order)], marks, arrow, displacements)


def _on_view(snapshot: Snapshot) -> list[RacerSnapshot]:
    """The racers a view should hold: not those that rest or have blown up, unless nobody else is there."""
    calm = [r for r in snapshot.racers if not r.benched and r.outcome is not Outcome.DIVERGED]
    return calm or list(snapshot.racers)


def _best(racers: Sequence[RacerSnapshot]) -> RacerSnapshot:
    return min(racers, key=lambda racer: racer.loss if racer.loss is not None else np.inf)


def _pair(points: Reals) -> tuple[float, float]:
    return float(points[0, 0]), float(points[0, 1])
