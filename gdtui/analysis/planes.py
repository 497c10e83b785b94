"""Flat views of a race: which plane of the parameter space a contour chart shows, and the objective on it.

With two parameters the plane is theirs. With more it is spanned by the first two principal components of the paths
(H. Li et al., "Visualizing the loss landscape of neural nets", 2018, https://arxiv.org/abs/1712.09913): uncentred, of
the differences from the best racer's point. Before there is a path: the steepest direction and a seeded orthogonal one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from gdtui.contracts import Ints, Problem, Reals, View

POINTS_PER_PATH = 48  # of each racer, that enter the fit
MARGIN = 0.12  # of a side, around what must be seen
FINEST = 1e-12  # of the largest coordinate: a narrower axis has no ticks that float64 tells apart
FURTHEST = 1e150  # what lies beyond is left out of a view: its squares overflow


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """``origin + a first + b second``: origin and the orthonormal directions are float64 ``(n,)``.

    ``explained`` are the shares of the paths' variance along the two directions, None where the plane was not fitted to
    paths. ``fitted_at`` is the step of the fit.
    """

    origin: Reals
    first: Reals
    second: Reals
    x_label: str
    y_label: str
    explained: tuple[float, float] | None = None
    fitted_at: int = 0

    def project(self, points: Reals) -> Reals:
        """Plane coordinates ``(m, 2)`` of points ``(m, n)``."""
        difference = points - self.origin
        return np.column_stack((difference @ self.first, difference @ self.second))

    def point(self, a: float, b: float) -> Reals:
        """The point ``(n,)`` at plane coordinates (a, b)."""
        return self.origin + a * self.first + b * self.second

    def distance(self, theta: Reals) -> float:
        """How far ``theta`` lies off the plane."""
        a, b = self.project(theta[np.newaxis])[0]
        return float(np.linalg.norm(theta - self.point(a, b)))


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """The objective on a rectangle of a plane: ``values[j, i]`` at ``(a[i], b[j])``; infinities and NaN are kept."""

    plane: Plane
    view: View
    a: Reals
    b: Reals
    values: Reals


def coordinate_plane(problem: Problem) -> Plane:
    """The plane of the two parameters; with one parameter, its line drawn broad."""
    first, second = np.zeros(problem.n), np.zeros(problem.n)
    first[0] = 1.0
    if problem.n > 1:
        second[1] = 1.0
    x_label, y_label = problem.names[:2] if len(problem.names) >= 2 else ("θ1", "θ2")
    return Plane(np.zeros(problem.n), first, second, x_label, y_label)


def steepest_plane(problem: Problem, seed: int) -> Plane:
    """The plane through the start along the gradient there and a seeded direction orthogonal to it."""
    gradient = np.zeros(problem.n)
    none = np.empty(0, dtype=np.int64)
    with np.errstate(all="ignore"):
        problem.value_grad(problem.start, problem.reals, problem.ints, none, np.empty(0), gradient)
    generator = np.random.Generator(np.random.PCG64(seed))
    first = _unit(gradient, generator)
    random = generator.standard_normal(problem.n)
    second = _unit(random - (random @ first) * first, generator)
    return Plane(problem.start.copy(), first, second, "steepest", "random")


def principal_plane(paths: Sequence[Reals], best: Reals, step: int, previous: Plane) -> Plane:
    """The plane of the first two principal components of ``paths``, each ``(m, n)``, about the point ``best``.

    The signs of the directions follow the previous plane, so that a refit does not mirror the picture. Where the paths
    span less than two directions the previous plane stays.
    """
    with np.errstate(all="ignore"):
        rows = np.concatenate([path[_spread(len(path))] for path in paths]) - best
        rows = rows[np.isfinite(rows).all(axis=1)]
        few = rows.shape[0] < rows.shape[1]
        products = rows @ rows.T if few else rows.T @ rows  # the smaller of the two has the same spectrum
    if rows.shape[0] < 3 or not np.isfinite(products).all():
        return replace(previous, fitted_at=step)
    eigenvalues, vectors = np.linalg.eigh(products)
    total = float(np.trace(products))
    if total <= 0.0 or eigenvalues[-2] <= 1e-12 * total:
        return replace(previous, fitted_at=step)
    directions = [vectors[:, -k] @ rows / np.sqrt(eigenvalues[-k]) if few else vectors[:, -k] for k in (1, 2)]
    olds = (previous.first, previous.second)
    first, second = (d if d @ old >= 0.0 else -d for d, old in zip(directions, olds, strict=True))
    second = second - (second @ first) * first
    shares = (float(eigenvalues[-1]) / total, float(eigenvalues[-2]) / total)
    return Plane(
        origin=best.copy(), first=first, second=second / np.linalg.norm(second), explained=shares, fitted_at=step,
        x_label=f"PC1 ({shares[0]:.0%})", y_label=f"PC2 ({shares[1]:.0%})",
    )  # fmt: skip


def view_around(points: Reals, aspect: float = 1.0) -> View:
    """A rectangle around plane points ``(m, 2)`` with a margin; ``aspect`` is the least height per width."""
    finite = points[(np.abs(points) <= FURTHEST).all(axis=1)]
    if finite.shape[0] == 0:
        finite = np.zeros((1, 2))
    low, high = finite.min(axis=0), finite.max(axis=0)
    size = high - low
    largest = float(size.max())
    if largest <= 0.0:
        largest = max(1.0, float(np.abs(finite).max()))
    # A path along one direction still needs a rectangle with an inside, and one that float64 resolves.
    size = np.maximum(size, np.array([0.25, 0.25 * aspect]) * largest)
    size = np.maximum(size, FINEST * np.abs(finite).max(axis=0))
    centre = (low + high) / 2.0
    reach = size * (0.5 + MARGIN)
    return View(centre[0] - reach[0], centre[0] + reach[0], centre[1] - reach[1], centre[1] + reach[1])


def _unit(direction: Reals, generator: np.random.Generator) -> Reals:
    length = float(np.linalg.norm(direction))
    if not np.isfinite(length) or length == 0.0:
        direction = generator.standard_normal(direction.size)
        length = float(np.linalg.norm(direction))
    unit: Reals = direction / length
    return unit


def _spread(count: int) -> Ints:
    chosen: Ints = np.unique(np.linspace(0, count - 1, min(count, POINTS_PER_PATH)).astype(np.int64))
    return chosen
