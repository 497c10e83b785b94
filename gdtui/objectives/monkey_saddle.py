"""The monkey saddle: three valleys and three ridges meet where not only the gradient but the Hessian vanishes.

    f(x, y) = x^3 - 3 x y^2;  gradient (3 x^2 - 3 y^2, -6 x y);  Hessian 6 [[x, -y], [-y, -x]]

At the origin nothing of second order tells which way is down: Newton's step is not defined there, and gradient descent
comes near it only as 1/t. Away from it the eigenvalues are +-6 |(x, y)|, and f is unbounded below along three rays.
D. Hilbert, S. Cohn-Vossen, "Geometry and the imagination", 1952, section 29,
https://archive.org/details/geometryimaginat00davi_0.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gdtui.contracts import Block, Ints, Objective, Problem, Reals, View, kernel

# Almost on the ridge that leads down to the origin from the right.
START = (1.0, 1e-3)
REACH = 1.25


@kernel
def value_grad(x: Reals, reals: Reals, ints: Ints, batch: Ints, noise: Reals, g: Reals) -> float:
    xx, yy = x[0] * x[0], x[1] * x[1]
    g[0] = 3.0 * (xx - yy)
    g[1] = -6.0 * x[0] * x[1]
    value: float = x[0] * (xx - 3.0 * yy)
    return value


@kernel
def hessian(x: Reals, reals: Reals, ints: Ints, H: Reals) -> None:
    H[0, 0] = 6.0 * x[0]
    H[0, 1] = H[1, 0] = -6.0 * x[1]
    H[1, 1] = -6.0 * x[0]


@kernel
def hessian_vector(x: Reals, reals: Reals, ints: Ints, v: Reals, out: Reals) -> None:
    out[0] = 6.0 * (x[0] * v[0] - x[1] * v[1])
    out[1] = -6.0 * (x[1] * v[0] + x[0] * v[1])


def build(options: Mapping[str, Any], seed: int) -> Problem:
    return Problem(
        objective="monkey_saddle",
        title="Monkey saddle, unbounded below",
        value_grad=value_grad,
        hessian=hessian,
        hessian_vector=hessian_vector,
        start=np.array(START),
        plane=_plane,
        blocks=(Block("x", 0, 2, 1),),
        view=View(-REACH, REACH, -REACH, REACH),
        names=("x", "y"),
    )


def _plane(origin: Reals, first: Reals, second: Reals, a: Reals, b: Reals) -> Reals:
    x, y = (origin[i] + a * first[i] + b * second[i] for i in range(2))
    values: Reals = x * (x * x - 3.0 * y * y)
    return values


OBJECTIVE = Objective(
    name="monkey_saddle",
    title="Monkey saddle",
    formula="f(x, y) = x³ − 3xy²",
    build=build,
    reference="Hilbert & Cohn-Vossen 1952, https://archive.org/details/geometryimaginat00davi_0",
)
