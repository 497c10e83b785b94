"""Paths thinned as they grow: the same picture as of the whole path, however it came."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gdtui.analysis.planes import Plane
from gdtui.charts.cells import CellGrid
from gdtui.charts.geometry import Canvas
from gdtui.charts.raster import Raster, Stroke
from gdtui.contracts import Reals, View
from gdtui.engine.race import Race
from gdtui.engine.snapshot import RacerSnapshot
from gdtui.frames import build_contour, draw_contour
from gdtui.frames.trails import TRAIL, Trails
from tests.frames.snapshots import history, racer

CANVAS = Canvas(View(-1.0, 1.0, -1.0, 1.0), 0, 0, 30, 12)
PLANE = Plane(np.zeros(2), np.array([1.0, 0.0]), np.array([0.0, 1.0]), "x", "y")


def at(path: Reals, count: int, head: Reals) -> RacerSnapshot:
    """A racer when its path had ``count`` points, in the array that it goes on in."""
    return replace(racer(0, history([1.0])), path=path[:count], theta=head)


def dots(points: Reals) -> list[str]:
    """A line through these points, drawn."""
    raster, grid = Raster(CANVAS, "braille"), CellGrid.blank(CANVAS.width, CANVAS.height)
    raster.draw([Stroke(points, 1)])
    raster.stamp(grid)
    return grid.lines()


def trail_start(points: Reals) -> int:
    """The obvious way: back from the head until the trail is long enough."""
    length = 0.0
    for k in range(len(points) - 1, 0, -1):
        step = float(np.hypot(*((points[k] - points[k - 1]) / 2.0)))
        length += step if step < 1e6 else 1e6
        if not length < TRAIL:
            return k - 1
    return 0


NUMBERS = st.one_of(st.floats(-1.5, 1.5), st.sampled_from([0.0, 0.01, np.nan, 1e300, -1e300]))
PATHS = st.integers(1, 40).flatmap(lambda m: arrays(np.float64, (m, 2), elements=NUMBERS))


@settings(max_examples=200)
@given(PATHS, st.lists(st.integers(0, 40), max_size=5))
def test_a_path_that_grew_is_drawn_as_the_whole_path(points: Reals, counts: list[int]) -> None:
    path, head = np.array(points), points[-1]
    trails = Trails(PLANE, CANVAS, "braille")
    for count in sorted({min(count, len(path)) for count in counts} - {0} | {len(path)}):
        wake, trail = trails.of(at(path, count, path[count - 1]))
    whole = np.concatenate((points, head[np.newaxis]))
    cut = trail_start(whole)
    assert dots(np.concatenate((wake, trail))) == dots(whole)
    assert dots(trail) == dots(whole[cut:]) or np.isclose(_length(whole[cut:]), TRAIL, atol=0.1)
    fresh = Trails(PLANE, CANVAS, "braille").of(at(path, len(path), head))
    np.testing.assert_array_equal(fresh[0], wake)
    np.testing.assert_array_equal(fresh[1], trail)


def _length(points: Reals) -> float:
    return float(sum(np.hypot(*((b - a) / 2.0)) for a, b in pairwise(points)))


def test_points_in_one_dot_are_kept_once() -> None:
    path = np.column_stack((np.linspace(0.0, 0.01, 1000), np.zeros(1000)))
    wake, trail = Trails(PLANE, CANVAS, "braille").of(at(path, 1000, path[-1]))
    assert len(wake) + len(trail) < 8


def test_a_race_drawn_all_along_ends_with_the_picture_of_one_drawn_at_its_end() -> None:
    """Through the merges of its history, a rest, and a racer that is taken out."""
    race = Race("rosenbrock", steps=100_000)
    picture = build_contour(race.problem, race.snapshot(), 60, 20)
    for steps in (1, 5, 100, 4000, 100, 5000, 20_000):
        race.advance(steps)
        drawn = draw_contour(picture, race.snapshot())
        fresh = draw_contour(build_contour(race.problem, race.snapshot(), 60, 20), race.snapshot())
        assert drawn.lines() == fresh.lines()
        np.testing.assert_array_equal(drawn.colours, fresh.colours)
    race.remove("momentum")
    race.bench("adam")
    drawn = draw_contour(picture, race.snapshot())
    fresh = draw_contour(build_contour(race.problem, race.snapshot(), 60, 20), race.snapshot())
    assert drawn.lines() == fresh.lines()
