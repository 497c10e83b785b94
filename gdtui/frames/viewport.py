"""The part of a plane that a contour shows, moved by hand: zoom, pan, and the limits of both.

A move that would leave the limits returns the view it was given: there is no further to go.
"""

from __future__ import annotations

import math

import numpy as np

from gdtui.analysis.planes import FINEST, FURTHEST, Plane
from gdtui.contracts import View

SMALLEST = 1e-150  # of a side, where nothing else bounds it: the squares of smaller numbers vanish


def zoomed(view: View, factor: float, about: tuple[float, float], plane: Plane) -> View:
    """``view`` magnified by ``factor``, where ``about`` stays in its place; below 1 it shows more."""
    x, y = about
    return _allowed(
        View(
            x - (x - view.x_low) / factor,
            x + (view.x_high - x) / factor,
            y - (y - view.y_low) / factor,
            y + (view.y_high - y) / factor,
        ),
        view,
        plane,
    )


def panned(view: View, across: float, up: float, plane: Plane) -> View:
    """``view`` moved by shares of its own width and height."""
    x, y = across * (view.x_high - view.x_low), up * (view.y_high - view.y_low)
    return _allowed(View(view.x_low + x, view.x_high + x, view.y_low + y, view.y_high + y), view, plane)


def widened(view: View, plane: Plane) -> View:
    """``view``, or about its middle the smallest one that is allowed on ``plane``."""
    sides = []
    for low, high in _sides(view):
        least = 1.01 * _least(low, high, plane)
        middle = low / 2 + high / 2
        sides += [low, high] if high - low >= least else [middle - least / 2, middle + least / 2]
    return View(*sides)


def middle(view: View) -> tuple[float, float]:
    """The point in the middle."""
    return view.x_low / 2 + view.x_high / 2, view.y_low / 2 + view.y_high / 2


def magnification(view: View, home: View) -> float:
    """How many times larger things look in ``view`` than in ``home``: the mean of both axes, as factors go."""
    across = (home.x_high - home.x_low) / (view.x_high - view.x_low)
    up = (home.y_high - home.y_low) / (view.y_high - view.y_low)
    return math.sqrt(across) * math.sqrt(up)


def alike(view: View, other: View) -> bool:
    """Whether two views differ by rounding at most."""
    sides = zip(_sides(view), _sides(other), strict=True)
    return all(max(abs(a - low), abs(b - high)) <= 1e-9 * (high - low) for (a, b), (low, high) in sides)


def _sides(view: View) -> tuple[tuple[float, float], tuple[float, float]]:
    return (view.x_low, view.x_high), (view.y_low, view.y_high)


def _allowed(wanted: View, view: View, plane: Plane) -> View:
    """``wanted`` if float64 resolves it and it is not too far out, or at least not more so than ``view``."""
    for (low, high), (old_low, old_high) in zip(_sides(wanted), _sides(view), strict=True):
        if not max(abs(low), abs(high)) <= max(FURTHEST, abs(old_low), abs(old_high)):
            return view
        wide = (high - low) / _least(low, high, plane), (old_high - old_low) / _least(old_low, old_high, plane)
        if not wide[0] >= min(1.0, wide[1]):
            return view
    return wanted


def _least(low: float, high: float, plane: Plane) -> float:
    """The shortest side that is allowed there. The coordinates are added to the origin's, which blur them too."""
    return max(SMALLEST, FINEST * max(abs(low), abs(high), float(np.abs(plane.origin).max(initial=0.0))))
