"""The saddle: down to it along x, away from it along y, and the gradient vanishes in between.

    f(x, y) = 1/2 (a x^2 - b y^2) + 1/4 c y^4

With c > 0 there are two minima, (0, +-sqrt(b/c)) with f = -b^2/4c and Hessian diag(a, 2b); with c = 0 f is unbounded
below. At the saddle itself the Hessian is diag(a, -b). Why saddles matter: Y. Dauphin et al., "Identifying and
attacking the saddle point problem in high-dimensional non-convex optimization", 2014, https://arxiv.org/abs/1406.2572.

``reals`` holds a, b, c.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from gdtui.contracts import Block, Ints, Objective, Option, PlaneValues, Problem, Reals, View, kernel
from gdtui.errors import InputError

# Almost on the ridge: close enough to be drawn into the saddle, far enough to leave it in the end.
START = (1.0, 1e-3)
SMALLEST_C = 1e-12


@kernel
def value_grad(x: Reals, reals: Reals, ints: Ints, batch: Ints, noise: Reals, g: Reals) -> float:
    a, b, c = reals[0], reals[1], reals[2]
    square = x[1] * x[1]
    g[0] = a * x[0]
    g[1] = x[1] * (c * square - b)
    value: float = 0.5 * a * x[0] * x[0] + square * (0.25 * c * square - 0.5 * b)
    return value


@kernel
def hessian(x: Reals, reals: Reals, ints: Ints, H: Reals) -> None:
    H[0, 0] = reals[0]
    H[0, 1] = H[1, 0] = 0.0
    H[1, 1] = 3.0 * reals[2] * x[1] * x[1] - reals[1]


@kernel
def hessian_vector(x: Reals, reals: Reals, ints: Ints, v: Reals, out: Reals) -> None:
    out[0] = reals[0] * v[0]
    out[1] = (3.0 * reals[2] * x[1] * x[1] - reals[1]) * v[1]


def build(options: Mapping[str, Any], seed: int) -> Problem:
    a, b, c = options["a"], options["b"], options["c"]
    if 0.0 < c < SMALLEST_C:
        remedy = f"give 0 for none, or at least {SMALLEST_C:g}"
        raise InputError(f"{c:g} leaves the minima too far away", key="c", remedy=remedy)
    valley = math.sqrt(b / c) if c > 0.0 else 0.0
    reach = 1.6 * (valley or 1.0)
    return Problem(
        objective="saddle",
        title="Saddle between two minima" if c > 0.0 else "Saddle, unbounded below",
        value_grad=value_grad,
        hessian=hessian,
        hessian_vector=hessian_vector,
        start=np.array(START),
        plane=_plane(a, b, c),
        blocks=(Block("x", 0, 2, 1),),
        reals=np.array([a, b, c]),
        view=View(-1.25, 1.25, -reach, reach),
        optimum=np.array([0.0, valley]) if c > 0.0 else None,
        optimal_value=-0.25 * b * b / c if c > 0.0 else None,
        quadratic=c == 0.0,
        names=("x", "y"),
    )


def _plane(a: float, b: float, c: float) -> PlaneValues:
    def plane(origin: Reals, first: Reals, second: Reals, s: Reals, t: Reals) -> Reals:
        x = origin[0] + s * first[0] + t * second[0]
        square = (origin[1] + s * first[1] + t * second[1]) ** 2
        values: Reals = 0.5 * a * x * x + square * (0.25 * c * square - 0.5 * b)
        return values

    return plane


OBJECTIVE = Objective(
    name="saddle",
    title="Saddle",
    formula="f(x, y) = ½(ax² − by²) + ¼cy⁴",
    build=build,
    options=(
        Option("a", "number", 1.0, "curvature of the valley that leads to the saddle", "(0, 1e12]"),
        Option("b", "number", 1.0, "curvature of the ridge that leads away from it", "(0, 1e12]"),
        Option("c", "number", 1.0, "what bends the ridge up again; 0 = never, f is unbounded below", "[0, 1e12]"),
    ),
    reference="Dauphin et al. 2014, https://arxiv.org/abs/1406.2572",
)
