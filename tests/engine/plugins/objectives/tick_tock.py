"""A time-dependent objective: the minimum stands at +1 on odd steps and at -1 on even ones; at 0 as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gdtui.contracts import Block, Ints, Objective, Problem, Reals, kernel


@kernel
def value_grad(x: Reals, reals: Reals, ints: Ints, batch: Ints, noise: Reals, g: Reals) -> float:
    minimum = 0.0
    if batch.shape[0] > 0:
        minimum = 2.0 * (batch[0] % 2) - 1.0
    g[0] = x[0] - minimum
    return 0.5 * g[0] * g[0]


def plane(origin: Reals, first: Reals, second: Reals, a: Reals, b: Reals) -> Reals:
    values: Reals = 0.5 * (origin[0] + a * first[0] + b * second[0]) ** 2
    return values


def build(options: Mapping[str, Any], seed: int) -> Problem:
    return Problem(
        objective="tick_tock",
        title="Tick tock",
        value_grad=value_grad,
        start=np.array([2.0]),
        plane=plane,
        blocks=(Block("x", 0, 1, 1),),
        time_dependent=True,
    )


OBJECTIVE = Objective(name="tick_tock", title="Tick tock", formula="f(θ) = ½(θ ∓ 1)²", build=build)
