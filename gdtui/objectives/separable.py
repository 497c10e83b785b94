"""Least squares that anybody can solve and not everybody learns from: adaptive methods fit it with the wrong features.

    f(w) = |X w - y|^2,  y_i = 1 for the first of N points, -1 for the others

Point i has the features y_i, 1, 1 and then 1 in places that belong to it alone: one place if y_i = 1, five if y_i = -1.
The first feature says all there is to know. From w = 0, gradient descent tends to the solution of least norm, which
leans on it. A method that divides each coordinate by the size of its own gradients gives rare features the same weight
as this one; a new point has private features of its own, of which nothing was learnt, and so the sum of the second and
third weight decides: every new point is taken for a positive one.
A. Wilson et al., "The marginal value of adaptive gradient methods in machine learning", 2017, section 3.3,
https://arxiv.org/abs/1705.08292. Departure: the places that are 0 in every point are left out.

The held-out points are new ones with as many positives among them. A mini-batch of b points counts N/b times.
``ints`` holds N, then for each point where its private features begin, then where the last ones end; ``reals`` the y.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from gdtui.contracts import Block, Ints, Objective, Option, PlaneValues, Problem, Reals, kernel
from gdtui.errors import InputError

SHARED = 3
RARE, COMMON = 1, 5  # private features of a positive and of a negative point
LARGEST = 1000


@kernel
def value_grad(x: Reals, reals: Reals, ints: Ints, batch: Ints, noise: Reals, g: Reals) -> float:
    points: int = ints[0]
    drawn = batch.shape[0]
    count = drawn if drawn > 0 else points
    weight = points / count
    for j in range(x.shape[0]):
        g[j] = 0.0
    value: float = 0.0
    for k in range(count):
        point = batch[k] if drawn > 0 else k
        y = reals[point]
        residual = y * x[0] + x[1] + x[2] - y
        for j in range(ints[1 + point], ints[2 + point]):
            residual += x[j]
        value += residual * residual
        slope = 2.0 * weight * residual
        g[0] += y * slope
        g[1] += slope
        g[2] += slope
        for j in range(ints[1 + point], ints[2 + point]):
            g[j] += slope
    value *= weight
    return value


@kernel
def hessian(x: Reals, reals: Reals, ints: Ints, H: Reals) -> None:
    n = x.shape[0]
    for i in range(n):
        for j in range(n):
            H[i, j] = 0.0
    for point in range(ints[0]):
        y = reals[point]
        begin, end = ints[1 + point], ints[2 + point]
        for i in range(SHARED):
            for j in range(SHARED):
                H[i, j] += 2.0 * (y if i == 0 else 1.0) * (y if j == 0 else 1.0)
            for j in range(begin, end):
                H[i, j] = H[j, i] = 2.0 * (y if i == 0 else 1.0)
        for i in range(begin, end):
            for j in range(begin, end):
                H[i, j] = 2.0


@kernel
def hessian_vector(x: Reals, reals: Reals, ints: Ints, v: Reals, out: Reals) -> None:
    for j in range(x.shape[0]):
        out[j] = 0.0
    for point in range(ints[0]):
        y = reals[point]
        product = y * v[0] + v[1] + v[2]
        for j in range(ints[1 + point], ints[2 + point]):
            product += v[j]
        out[0] += 2.0 * y * product
        out[1] += 2.0 * product
        out[2] += 2.0 * product
        for j in range(ints[1 + point], ints[2 + point]):
            out[j] += 2.0 * product


def build(options: Mapping[str, Any], seed: int) -> Problem:
    points, positive = options["points"], options["positive"]
    if not points < 2 * positive < 2 * points:
        reason = f"{positive} of {points} points"
        raise InputError(reason, key="positive", remedy="give more than half of the points, and not all")
    y = np.where(np.arange(points) < positive, 1.0, -1.0)
    ends = SHARED + np.cumsum(np.where(y > 0.0, RARE, COMMON))
    X = _matrix(y, ends)
    return Problem(
        objective="separable",
        title=f"Separable points, {positive} of {points} positive",
        value_grad=value_grad,
        hessian=hessian,
        hessian_vector=hessian_vector,
        start=np.zeros(X.shape[1]),
        plane=_plane(X, y),
        blocks=(Block("w", 0, X.shape[1], 1),),
        reals=y,
        ints=np.concatenate([[points, SHARED], ends]).astype(np.int64),
        optimum=np.asarray(np.linalg.lstsq(X, y)[0], dtype=np.float64),
        optimal_value=0.0,
        samples=points,
        test=_test(positive / points),
        facts={"L": 2.0 * float(np.linalg.norm(X, 2)) ** 2},
        quadratic=True,
        convex=True,
        names=tuple(f"w{j + 1}" for j in range(X.shape[1])),
    )


def _matrix(y: Reals, ends: Ints) -> Reals:
    """The features of all points, float64 ``(N, n)``."""
    X = np.zeros((len(y), ends[-1]))
    X[:, :SHARED] = 1.0
    X[:, 0] = y
    for row, begin, end in zip(X, [SHARED, *ends[:-1]], ends, strict=True):
        row[begin:end] = 1.0
    return X


def _plane(X: Reals, y: Reals) -> PlaneValues:
    def plane(origin: Reals, first: Reals, second: Reals, a: Reals, b: Reals) -> Reals:
        total = np.zeros_like(a)
        for at, along, across in zip(X @ origin - y, X @ first, X @ second, strict=True):
            residual = at + a * along + b * across
            total += residual * residual
        return total

    return plane


def _test(positive: float) -> Callable[[Reals], Mapping[str, float]]:
    """The measures on new points, of which a share is ``positive``: their private features have no weight yet."""

    def test(w: Reals) -> Mapping[str, float]:
        yes, no = w[1] + w[2] + w[0], w[1] + w[2] - w[0]
        loss = positive * (yes - 1.0) ** 2 + (1.0 - positive) * (no + 1.0) ** 2
        return {"loss": float(loss), "accuracy": float(positive * (yes > 0.0) + (1.0 - positive) * (no < 0.0))}

    return test


OBJECTIVE = Objective(
    name="separable",
    title="Separable least squares",
    formula="f(w) = ‖Xw − y‖², xᵢ = (yᵢ, 1, 1, private features of its own)",
    build=build,
    options=(
        Option("points", "integer", 50, "N, how many points there are to learn from", f"[3, {LARGEST}]"),
        Option("positive", "integer", 30, "how many of them are positive: more than half", f"[2, {LARGEST}]"),
    ),
    reference="Wilson et al. 2017, https://arxiv.org/abs/1705.08292",
)
