"""Clipping: whatever goes in, what comes out is finite, inside, and where it should be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gdtui.charts.clip import clip_polyline, clip_segments, finite_runs, inside, may_cross
from gdtui.contracts import Reals, View

VIEW = View(-2.0, 2.0, -1.0, 3.0)
ANYTHING = st.one_of(st.floats(-5, 5), st.sampled_from([-2.0, 2.0, 3.0, np.nan, np.inf, 1e300, -1e308]), st.floats())
MODERATE = st.floats(-1e4, 1e4, allow_subnormal=False)


def lines(elements: st.SearchStrategy[float], most: int = 12) -> st.SearchStrategy[Reals]:
    return st.integers(0, most).flatmap(lambda m: arrays(np.float64, (m, 2), elements=elements))


@st.composite
def views(draw: st.DrawFn) -> View:
    bounds = st.floats(allow_nan=False, allow_infinity=False)
    x = sorted((draw(bounds), draw(bounds)))
    y = sorted((draw(bounds), draw(bounds)))
    return View(x[0], x[1], y[0], y[1])


@given(lines(ANYTHING), st.one_of(st.just(VIEW), views()))
def test_what_comes_out_is_finite_and_inside(points: Reals, view: View) -> None:
    for part in clip_polyline(points, view):
        assert part.shape[0] >= 1
        assert np.isfinite(part).all()
        assert inside(part, view).all()


@given(lines(ANYTHING))
def test_every_point_in_view_survives_bit_for_bit(points: Reals) -> None:
    kept = {tuple(point) for part in clip_polyline(points, VIEW) for point in part.tolist()}
    assert {tuple(point) for point in points[inside(points, VIEW)].tolist()} <= kept


@given(lines(MODERATE, 2).filter(lambda p: len(p) == 2))
def test_against_the_slow_and_obvious_way(points: Reals) -> None:
    """A thousand points along the segment: those in view lie on the clipped part, and its ends on the segment."""
    share = np.linspace(0.0, 1.0, 1001)[:, None]
    along = points[0] * (1 - share) + points[1] * share
    seen = along[inside(along, VIEW)]
    parts = clip_polyline(points, VIEW)
    assert len(parts) <= 1
    if seen.size:
        assert parts
        low, high = parts[0].min(axis=0) - 1e-9, parts[0].max(axis=0) + 1e-9
        assert ((seen >= low) & (seen <= high)).all()
    step = points[1] - points[0]
    for part in parts:
        off = (part - points[0]) @ np.array([-step[1], step[0]]) / max(float(np.hypot(*step)), 1e-300)
        assert np.abs(off).max() < 1e-9 * max(1.0, np.abs(points).max())


def test_a_line_is_split_where_it_leaves() -> None:
    points = np.array([[0, 0], [1, 1], [4, 1], [4, 2], [0, 2], [np.nan, 0], [-1, 0], [-1, 9], [-1, np.inf], [0.5, 0.5]])
    parts = [part.tolist() for part in clip_polyline(points, VIEW)]
    assert parts == [
        [[0, 0], [1, 1], [2, 1]],
        [[2, 2], [0, 2]],
        [[-1, 0], [-1, 3]],
        [[0.5, 0.5]],
    ]


def test_a_line_through_the_view_without_a_point_in_it() -> None:
    [part] = clip_polyline(np.array([[-4.0, 1.0], [4.0, 1.0]]), VIEW)
    assert part.tolist() == [[-2, 1], [2, 1]]
    assert clip_polyline(np.array([[-4.0, 4.0], [4.0, 4.0]]), VIEW) == []


@pytest.mark.parametrize("far", [1e10, 1e100, 1e300, 1.7e308])
def test_a_jump_to_infinity_leaves_by_the_right_place(far: float) -> None:
    for points in ([[0.0, 1.0], [far, far]], [[far, far], [0.0, 1.0]]):
        [part] = clip_polyline(np.array(points), VIEW)
        assert part[np.argmax(part[:, 0])] == pytest.approx([2.0, 3.0])


def test_no_segments() -> None:
    none = np.zeros((0, 2))
    assert clip_segments(none, none, VIEW)[2].size == 0
    assert may_cross(none, VIEW).size == 0
    assert clip_polyline(none, VIEW) == []
    assert clip_polyline(np.array([[9.0, 9.0]]), VIEW) == []


@given(lines(ANYTHING))
def test_may_cross_never_drops_a_segment_in_view(points: Reals) -> None:
    possible = may_cross(points, VIEW)
    for k in range(len(points) - 1):
        if any(len(part) > 1 for part in clip_polyline(points[k : k + 2], VIEW)):
            assert possible[k]


@given(lines(st.sampled_from([0.0, 1.0, np.nan, np.inf])))
def test_finite_runs_are_the_finite_points_in_order(points: Reals) -> None:
    runs = finite_runs(points)
    assert all(len(run) and np.isfinite(run).all() for run in runs)
    flat = np.concatenate([*runs, np.zeros((0, 2))])
    assert np.array_equal(flat, points[np.isfinite(points).all(axis=1)])
