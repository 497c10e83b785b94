"""The racers' paths as they are drawn on one contour: projected, measured and thinned once, not at every frame.

A path only grows at its end, until its history merges rows and begins a new array. So what was made of the points seen
before is kept, and a frame costs what is new in it, however long the race has run.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from gdtui.analysis.planes import Plane
from gdtui.charts.geometry import Canvas
from gdtui.charts.raster import DOTS, RasterMode
from gdtui.contracts import Reals
from gdtui.engine.snapshot import RacerSnapshot
from gdtui.frames.branches import own_path

TRAIL = 1.5  # views: the length of path behind a head that is drawn bright; the wake behind it is dimmed
_JUMP = 1e6  # views: the length of a step to or from a point that is not finite, so that no trail reaches across it


@dataclass(eq=False)
class _Thinned:
    """What is kept of one path: of points in one dot the first, and how far along the path each is, in views."""

    source: object
    seen: int = 0
    size: int = 0
    points: Reals = field(default_factory=lambda: np.empty((64, 2)))
    along: Reals = field(default_factory=lambda: np.empty(64))
    last: Reals = field(default_factory=lambda: np.full(2, np.nan))
    total: float = 0.0

    def keep(self, points: Reals, along: Reals) -> None:
        """Add points behind the others; there is always room for one more."""
        end = self.size + len(points)
        if end + 1 > len(self.points):
            room = max(2 * len(self.points), end + 1)
            self.points = np.concatenate((self.points[: self.size], np.empty((room - self.size, 2))))
            self.along = np.concatenate((self.along[: self.size], np.empty(room - self.size)))
        self.points[self.size : end], self.along[self.size : end] = points, along
        self.size = end


class Trails:
    """The paths on one plane and canvas, by racer."""

    def __init__(self, plane: Plane, canvas: Canvas, mode: RasterMode) -> None:
        self._plane, self._canvas, self._dots = plane, canvas, DOTS[mode]
        view = canvas.view
        self._size = np.array([view.x_high - view.x_low, view.y_high - view.y_low])
        self._thinned: dict[str, _Thinned] = {}

    def of(self, racer: RacerSnapshot) -> tuple[Reals, Reals]:
        """The wake and the bright trail of a racer, ``(m, 2)`` each, to be drawn before the next call."""
        path = own_path(racer)
        source = path.base
        thinned = self._thinned.get(racer.label)
        if thinned is None or source is None or thinned.source is not source or thinned.seen > len(path):
            thinned = self._thinned[racer.label] = _Thinned(source)
        if thinned.seen < len(path):
            self._extend(thinned, self._plane.project(path[thinned.seen :]))
            thinned.seen = len(path)
        head = self._plane.project(racer.theta[np.newaxis])[0]
        size = thinned.size
        thinned.points[size] = head
        end = thinned.total + float(self._lengths(thinned.last, head[np.newaxis])[0])
        cut = max(0, int(np.searchsorted(thinned.along[:size], end - TRAIL, side="right")) - 1)
        return thinned.points[: cut + 1], thinned.points[cut : size + 1]

    def _extend(self, thinned: _Thinned, points: Reals) -> None:
        """Add what is new of a path. A point in the dot of the one before adds nothing to a picture."""
        before = np.concatenate((thinned.last[np.newaxis], points[:-1]))
        with np.errstate(over="ignore", invalid="ignore"):
            dots = [self._cells(part) for part in (before, points)]
            # The difference of infinities is NaN, and kept.
            moved = (dots[1] - dots[0] != 0.0).any(axis=1)
        along = self._lengths(thinned.last, points)
        if not thinned.size:
            moved[0], along[0] = True, 0.0
        along = np.cumsum(along) + thinned.total
        thinned.total = float(along[-1])
        thinned.keep(points[moved], along[moved])
        thinned.last = points[-1]

    def _cells(self, points: Reals) -> Reals:
        across, down = self._dots
        x, y = self._canvas.across(points[:, 0]) * across, self._canvas.down(points[:, 1]) * down
        return np.floor(np.column_stack((x, y)))

    def _lengths(self, last: Reals, points: Reals) -> Reals:
        """How long each step is, in views, the first from ``last``."""
        with np.errstate(over="ignore", invalid="ignore"):
            steps = np.diff(np.concatenate((last[np.newaxis], points)), axis=0) / self._size
            lengths = np.hypot(steps[:, 0], steps[:, 1])
        return np.where(lengths < _JUMP, lengths, _JUMP)
