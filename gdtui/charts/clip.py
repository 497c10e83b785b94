"""Lines cut to a view, exactly: what comes out is finite and inside, whatever goes in.

The cut is the one of Y.-D. Liang and B. A. Barsky, "A new concept and method for line clipping", 1984,
https://doi.org/10.1145/357332.357333, on all segments at once.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gdtui.contracts import Reals, View

Mask = npt.NDArray[np.bool_]


def finite_runs(points: Reals) -> list[Reals]:
    """The longest stretches of ``points`` ``(m, 2)`` without a NaN or an infinity, in order."""
    finite = np.isfinite(points).all(axis=1)
    edges = np.flatnonzero(np.diff(finite, prepend=False, append=False))
    return [points[a:b] for a, b in edges.reshape(-1, 2).tolist()]


def inside(points: Reals, view: View) -> Mask:
    """Which of the points ``(m, 2)`` lie in the view, its border included; NaN and infinities do not."""
    x, y = points[:, 0], points[:, 1]
    return (x >= view.x_low) & (x <= view.x_high) & (y >= view.y_low) & (y <= view.y_high)


def may_cross(points: Reals, view: View) -> Mask:
    """Which segments between neighbours of ``points`` ``(m, 2)`` are finite and not wholly on one side of the view."""
    result = np.ones(max(len(points) - 1, 0), dtype=np.bool_)
    for values, low, high in ((points[:, 0], view.x_low, view.x_high), (points[:, 1], view.y_low, view.y_high)):
        finite, below, above = np.isfinite(values), values < low, values > high
        result &= finite[:-1] & finite[1:] & ~(below[:-1] & below[1:]) & ~(above[:-1] & above[1:])
    return result


def clip_segments(starts: Reals, ends: Reals, view: View) -> tuple[Reals, Reals, Mask]:
    """Segments, two arrays ``(k, 2)`` of finite points, cut to the view, and which of them touch it at all.

    Of a segment that does not, the result is of no use. An endpoint inside the view comes back bit for bit.
    """
    low, high = np.array([view.x_low, view.y_low]), np.array([view.x_high, view.y_high])
    # Measured from the end nearer to the view: from the far one, 1e300 away, every crossing would cancel to noise.
    away = [np.maximum(np.maximum(low / 4 - p / 4, p / 4 - high / 4).max(axis=1), 0.0) for p in (starts, ends)]
    swapped = (away[1] < away[0])[:, None]
    origin, target = np.where(swapped, ends, starts), np.where(swapped, starts, ends)
    # Quarters, so that no difference of two finite numbers overflows.
    step = target / 4 - origin / 4
    with np.errstate(divide="ignore", invalid="ignore", over="ignore", under="ignore"):
        to_low, to_high = (low / 4 - origin / 4) / step, (high / 4 - origin / 4) / step
    still = step == 0.0
    between = (origin >= low) & (origin <= high)
    enters = np.where(still, np.where(between, -np.inf, np.inf), np.minimum(to_low, to_high))
    leaves = np.where(still, np.where(between, np.inf, -np.inf), np.maximum(to_low, to_high))
    first = np.maximum(enters.max(axis=1), 0.0)[:, None]
    last = np.minimum(leaves.min(axis=1), 1.0)[:, None]
    touches: Mask = (first <= last)[:, 0]
    near, far = (
        np.where(kept[:, None], point, np.clip((origin / 4 + np.clip(share, 0.0, 1.0) * step) * 4, low, high))
        for kept, point, share in ((inside(origin, view), origin, first), (inside(target, view), target, last))
    )
    return np.where(swapped, far, near), np.where(swapped, near, far), touches


def clip_polyline(points: Reals, view: View) -> list[Reals]:
    """The parts of a line through ``points`` ``(m, 2)`` that lie in the view, as arrays ``(k, 2)``, k >= 1.

    The line is broken at every point that is not finite and wherever it leaves the view. A point in view without a
    neighbour is a part of its own.
    """
    parts: list[Reals] = []
    for run in finite_runs(points):
        within = inside(run, view)
        if within.all():
            parts.append(run)
            continue
        starts, ends, touches = clip_segments(run[:-1], run[1:], view)
        # A part goes on over a point that lies in view, and ends where a segment was cut.
        chain = np.flatnonzero(touches)
        if chain.size == 0:
            continue
        joined = (np.diff(chain) == 1) & within[chain[1:]]
        for piece in np.split(chain, np.flatnonzero(~joined) + 1):
            parts.append(np.concatenate((starts[piece[:1]], ends[piece])))
    return parts
