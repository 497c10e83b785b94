"""A bowl whose gradient comes with noise on every step, but not when the full objective is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gdtui.contracts import Block, Ints, Objective, Problem, Reals, kernel


@kernel
def value_grad(x: Reals, reals: Reals, ints: Ints, batch: Ints, noise: Reals, g: Reals) -> float:
    value = 0.0
    for i in range(x.shape[0]):
        g[i] = (i + 1.0) * x[i]
        value += 0.5 * (i + 1.0) * x[i] * x[i]
        if noise.shape[0] > 0:
            g[i] += noise[i]
    return value


def plane(origin: Reals, first: Reals, second: Reals, a: Reals, b: Reals) -> Reals:
    total = np.zeros_like(a)
    for i in range(origin.shape[0]):
        total += 0.5 * (i + 1.0) * (origin[i] + a * first[i] + b * second[i]) ** 2
    return total


def build(options: Mapping[str, Any], seed: int) -> Problem:
    return Problem(
        objective="noisy_bowl",
        title="Noisy bowl",
        value_grad=value_grad,
        start=np.array([1.0, -2.0, 0.5]),
        plane=plane,
        blocks=(Block("x", 0, 3, 1),),
        noise=3,
    )


OBJECTIVE = Objective(name="noisy_bowl", title="Noisy bowl", formula="f(θ) = ½ Σ iθᵢ²", build=build)
