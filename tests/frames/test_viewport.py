"""Zoom and pan of a view: laws of the arithmetic, and its limits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdtui.analysis.planes import FINEST, FURTHEST, Plane
from gdtui.charts.geometry import Canvas, fraction, proper
from gdtui.charts.ticks import ticks
from gdtui.contracts import View
from gdtui.frames.viewport import alike, magnification, middle, panned, widened, zoomed

PLANE = Plane(np.zeros(2), np.array([1.0, 0.0]), np.array([0.0, 1.0]), "a", "b")
FAR = Plane(np.array([1e6, 0.0, 3.0]), np.eye(3)[0], np.eye(3)[1], "a", "b")
SQUARE = View(-2.0, 2.0, -1.0, 3.0)

lengths = st.floats(-6.0, 6.0).map(lambda e: 10.0**e)
shares = st.floats(0.0, 1.0)
factors = st.sampled_from([2.0, 0.5, 2.0**0.5, 0.5**0.5])


@st.composite
def views(draw: st.DrawFn) -> View:
    """Views whose sides float64 resolves well."""
    wide, high = draw(lengths), draw(lengths)
    x, y = draw(st.floats(-50.0, 50.0)) * wide, draw(st.floats(-50.0, 50.0)) * high
    return View(x, x + wide, y, y + high)


def place(view: View, across: float, up: float) -> tuple[float, float]:
    return (
        view.x_low + across * (view.x_high - view.x_low),
        view.y_low + up * (view.y_high - view.y_low),
    )


@given(views(), shares, shares, factors)
def test_zooming_in_and_out_leads_back(view: View, across: float, up: float, factor: float) -> None:
    about = place(view, across, up)
    there = zoomed(view, factor, about, PLANE)
    assert there != view
    assert alike(zoomed(there, 1.0 / factor, about, PLANE), view)
    assert magnification(there, view) == pytest.approx(factor)


@given(views(), shares, shares, factors)
def test_the_point_under_the_pointer_stays_there(view: View, across: float, up: float, factor: float) -> None:
    x, y = place(view, across, up)
    there = zoomed(view, factor, (x, y), PLANE)
    assert fraction(x, there.x_low, there.x_high) == pytest.approx(across, abs=1e-9)
    assert fraction(y, there.y_low, there.y_high) == pytest.approx(up, abs=1e-9)


@given(views(), st.floats(-1.0, 1.0), st.floats(-1.0, 1.0))
def test_panning_there_and_back(view: View, across: float, up: float) -> None:
    there = panned(view, across, up, PLANE)
    assert alike(panned(there, -across, -up, PLANE), view)
    assert there.x_high - there.x_low == pytest.approx(view.x_high - view.x_low)
    assert middle(there)[1] - middle(view)[1] == pytest.approx(up * (view.y_high - view.y_low), rel=1e-6, abs=1e-9)


moves = st.lists(
    st.one_of(
        st.tuples(st.just("zoom"), st.floats(0.1, 50.0), shares, shares),
        st.tuples(st.just("pan"), st.floats(-3.0, 3.0), st.floats(-3.0, 3.0), st.just(0.0)),
    ),
    max_size=60,
)


@given(views(), moves, st.sampled_from([PLANE, FAR]))
def test_no_sequence_of_moves_leads_to_a_view_that_cannot_be_drawn(
    view: View, sequence: list[tuple[str, float, float, float]], plane: Plane
) -> None:
    view = widened(view, plane)
    for kind, first, second, third in sequence:
        if kind == "zoom":
            view = zoomed(view, first, place(view, second, third), plane)
        else:
            view = panned(view, first, second, plane)
        assert proper(view) == view
        assert max(abs(bound) for bound in (view.x_low, view.x_high, view.y_low, view.y_high)) <= FURTHEST
        corner = plane.point(view.x_low, view.y_low)
        assert (plane.point(view.x_high, view.y_high) != corner)[:2].all()


@pytest.mark.parametrize("about", [(1.0, 1.0), (-2.0, 3.0), (0.0, 0.0)])
@pytest.mark.parametrize("factor", [2.0, 0.5])
def test_zooming_ends_somewhere_with_ticks_on_both_axes(about: tuple[float, float], factor: float) -> None:
    view = SQUARE
    for _ in range(2000):
        view = zoomed(view, factor, about, PLANE)
    assert zoomed(view, factor, about, PLANE) is view
    assert ticks(view.x_low, view.x_high, 50, "linear")
    assert ticks(view.y_low, view.y_high, 16, "linear", lambda _: 3)
    if factor > 1.0 and about == (1.0, 1.0):
        assert FINEST <= view.x_high - view.x_low <= 4.0 * FINEST
    assert Canvas(view, 0, 0, 50, 16).point_to_cell(*middle(view)) in {(24, 7), (24, 8), (25, 7), (25, 8)}


def test_a_fine_view_does_not_leave_for_where_it_is_not_resolved() -> None:
    fine = View(1.0, 1.0 + 2e-12, 0.0, 1.0)
    assert panned(fine, 2e12, 0.0, PLANE) is fine
    assert panned(fine, 1.0, 0.0, PLANE) != fine
    assert zoomed(View(0.0, 1e-5, 0.0, 1e-5), 100.0, (0.0, 0.0), FAR) == View(0.0, 1e-5, 0.0, 1e-5)


def test_what_lies_beyond_the_limits_can_be_left_but_not_entered() -> None:
    huge = View(-1e200, 1e200, -1.0, 1.0)
    assert zoomed(huge, 0.5, (0.0, 0.0), PLANE) is huge
    assert zoomed(huge, 2.0, (0.0, 0.0), PLANE) == View(-5e199, 5e199, -0.5, 0.5)
    assert zoomed(SQUARE, 2.0, (float("nan"), 0.0), PLANE) is SQUARE
    assert panned(SQUARE, float("inf"), 0.0, PLANE) is SQUARE


def test_a_view_too_fine_is_widened_about_its_middle() -> None:
    wide = widened(View(1.0, 1.0 + 1e-15, -2.0, 2.0), PLANE)
    assert wide.x_low < 1.0 < wide.x_high
    assert (wide.y_low, wide.y_high) == (-2.0, 2.0)
    assert zoomed(wide, 2.0, (1.0, 0.0), PLANE) is wide
