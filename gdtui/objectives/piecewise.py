"""A convex slope of two curvatures, on which the best heavy ball for a quadratic goes round in a circle for ever.

    f'(x) = 25 x       for x < 1
          = x + 24     for 1 <= x < 2
          = 25 x - 24  for x >= 2

f is 1-strongly convex, its gradient has Lipschitz constant 25, and its minimum is 0, at 0. With the constants that are
the best on a quadratic of these curvatures, lr 1/9 and beta 4/9, momentum that starts at 3.3 is drawn into a cycle of
three points: L. Lessard, B. Recht, A. Packard, "Analysis and design of optimization algorithms via integral quadratic
constraints", 2016, section 4.6, https://arxiv.org/abs/1408.3595.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gdtui.contracts import Block, Ints, Objective, Problem, Reals, kernel

START = 3.3
L, MU = 25.0, 1.0


@kernel
def value_grad(x: Reals, reals: Reals, ints: Ints, batch: Ints, noise: Reals, g: Reals) -> float:
    at: float = x[0]
    if at < 1.0:
        g[0] = 25.0 * at
        value = 12.5 * at * at
    elif at < 2.0:
        g[0] = at + 24.0
        value = 0.5 * at * at + 24.0 * at - 12.0
    else:
        g[0] = 25.0 * at - 24.0
        value = 12.5 * at * at - 24.0 * at + 36.0
    return value


@kernel
def hessian(x: Reals, reals: Reals, ints: Ints, H: Reals) -> None:
    H[0, 0] = 1.0 if 1.0 <= x[0] < 2.0 else 25.0


@kernel
def hessian_vector(x: Reals, reals: Reals, ints: Ints, v: Reals, out: Reals) -> None:
    out[0] = v[0] if 1.0 <= x[0] < 2.0 else 25.0 * v[0]


def build(options: Mapping[str, Any], seed: int) -> Problem:
    return Problem(
        objective="piecewise",
        title="Two curvatures, one slope",
        value_grad=value_grad,
        hessian=hessian,
        hessian_vector=hessian_vector,
        start=np.array([START]),
        plane=_plane,
        blocks=(Block("x", 0, 1, 1),),
        optimum=np.zeros(1),
        optimal_value=0.0,
        facts={"L": L, "mu": MU, "kappa": L / MU},
        convex=True,
        names=("x",),
    )


def _plane(origin: Reals, first: Reals, second: Reals, a: Reals, b: Reals) -> Reals:
    x = origin[0] + a * first[0] + b * second[0]
    flat, far = 0.5 * x * x + 24.0 * x - 12.0, 12.5 * x * x - 24.0 * x + 36.0
    values: Reals = np.where(x < 1.0, 12.5 * x * x, np.where(x < 2.0, flat, far))
    return values


OBJECTIVE = Objective(
    name="piecewise",
    title="Piecewise quadratic slope",
    formula="f'(x) = 25x for x < 1, x + 24 for 1 ≤ x < 2, 25x − 24 for x ≥ 2",
    build=build,
    reference="Lessard, Recht & Packard 2016, https://arxiv.org/abs/1408.3595",
)
