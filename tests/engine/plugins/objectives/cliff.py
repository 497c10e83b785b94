"""A slope that raises an exception below zero, has an infinite gradient at zero, and is finite there."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from gdtui.contracts import Block, Ints, Objective, Problem, Reals, kernel


@kernel
def value_grad(x: Reals, reals: Reals, ints: Ints, batch: Ints, noise: Reals, g: Reals) -> float:
    if x[0] < 0.0:
        raise ValueError("over the cliff")
    g[0] = 1.0 if x[0] > 0.0 else math.inf
    return x[0]


def plane(origin: Reals, first: Reals, second: Reals, a: Reals, b: Reals) -> Reals:
    values: Reals = origin[0] + a * first[0] + b * second[0]
    return values


def build(options: Mapping[str, Any], seed: int) -> Problem:
    return Problem(
        objective="cliff",
        title="Cliff",
        value_grad=value_grad,
        start=np.array([1.0]),
        plane=plane,
        blocks=(Block("x", 0, 1, 1),),
    )


OBJECTIVE = Objective(name="cliff", title="Cliff", formula="f(θ) = θ", build=build)
