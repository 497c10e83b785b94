"""The game that Adam loses: one large slope up in three steps, two small ones down, and always the same best point.

    f_t(x) = C x  if t mod 3 = 1, else -x;  x in [-1, 1], C > 2;  on average f(x) = (C - 2)/3 x

The best fixed point is -1. Adam with beta1 = 0 and beta2 = 1/(1 + C^2) divides the large gradient by its own size and
the small ones by nearly theirs, so that the two small steps win and it ends at +1, the worst point. AMSGrad, which
never forgets the largest square, ends at -1, and so does Adam at its default beta2.
S. Reddi, S. Kale, S. Kumar, "On the convergence of Adam and beyond", 2018, section 3,
https://openreview.net/forum?id=ryQu7f-RZ.

``reals`` holds C. After each step the point is projected onto [-1, 1].
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gdtui.contracts import Block, Ints, Objective, Option, PlaneValues, Problem, Reals, kernel

PERIOD = 3


@kernel
def value_grad(x: Reals, reals: Reals, ints: Ints, batch: Ints, noise: Reals, g: Reals) -> float:
    slope: float = reals[0]
    if batch.shape[0] == 0:
        slope = (slope - 2.0) / 3.0
    elif batch[0] % PERIOD != 1:
        slope = -1.0
    g[0] = slope
    value: float = slope * x[0]
    return value


@kernel
def hessian(x: Reals, reals: Reals, ints: Ints, H: Reals) -> None:
    H[0, 0] = 0.0


@kernel
def hessian_vector(x: Reals, reals: Reals, ints: Ints, v: Reals, out: Reals) -> None:
    # Not simply 0: what is no number stays none.
    out[0] = 0.0 * v[0]


def build(options: Mapping[str, Any], seed: int) -> Problem:
    C = options["C"]
    return Problem(
        objective="online",
        title=f"Three slopes in turn, C = {C:.4g}",
        value_grad=value_grad,
        hessian=hessian,
        hessian_vector=hessian_vector,
        start=np.zeros(1),
        plane=_plane((C - 2.0) / 3.0),
        blocks=(Block("x", 0, 1, 1),),
        reals=np.array([C]),
        time_dependent=True,
        quadratic=True,
        convex=True,
        names=("x",),
        bounds=(-1.0, 1.0),
    )


def _plane(slope: float) -> PlaneValues:
    def plane(origin: Reals, first: Reals, second: Reals, a: Reals, b: Reals) -> Reals:
        values: Reals = slope * (origin[0] + a * first[0] + b * second[0])
        return values

    return plane


OBJECTIVE = Objective(
    name="online",
    title="Slopes that change by step",
    formula="fₜ(x) = Cx if t mod 3 = 1, else −x, for x in [−1, 1]",
    build=build,
    options=(Option("C", "number", 3.0, "the slope of every third step", "(2, 1e6]"),),
    reference="Reddi, Kale & Kumar 2018, https://openreview.net/forum?id=ryQu7f-RZ",
)
