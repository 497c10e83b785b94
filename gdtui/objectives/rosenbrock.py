"""Rosenbrock's valley: a curved, flat-bottomed ravine, easy to enter and hard to follow.

    f(x) = sum over i < n of 100 (x[i+1] - x[i]^2)^2 + (1 - x[i])^2

H. H. Rosenbrock, "An automatic method for finding the greatest or least value of a function", 1960,
https://doi.org/10.1093/comjnl/3.3.175. Any n >= 2 (the chained form); the minimum is 0 at x = 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from gdtui.contracts import Block, Ints, Objective, Option, Problem, Reals, View, kernel

CLASSIC_START = (-1.2, 1.0)


@kernel
def value_grad(x: Reals, reals: Reals, ints: Ints, batch: Ints, noise: Reals, g: Reals) -> float:
    value = 0.0
    for i in range(x.shape[0]):
        g[i] = 0.0
    for i in range(x.shape[0] - 1):
        rise = x[i + 1] - x[i] * x[i]
        rest = 1.0 - x[i]
        value += 100.0 * rise * rise + rest * rest
        g[i] += -400.0 * x[i] * rise - 2.0 * rest
        g[i + 1] += 200.0 * rise
    return value


@kernel
def hessian(x: Reals, reals: Reals, ints: Ints, H: Reals) -> None:
    """Tridiagonal: every term of the sum couples two neighbours."""
    n = x.shape[0]
    for i in range(n):
        for j in range(n):
            H[i, j] = 0.0
    for i in range(n - 1):
        H[i, i] += 1200.0 * x[i] * x[i] - 400.0 * x[i + 1] + 2.0
        H[i, i + 1] = H[i + 1, i] = -400.0 * x[i]
        H[i + 1, i + 1] += 200.0


@kernel
def hessian_vector(x: Reals, reals: Reals, ints: Ints, v: Reals, out: Reals) -> None:
    n = x.shape[0]
    for i in range(n):
        out[i] = 0.0
    for i in range(n - 1):
        bend = -400.0 * x[i]
        out[i] += (1200.0 * x[i] * x[i] - 400.0 * x[i + 1] + 2.0) * v[i] + bend * v[i + 1]
        out[i + 1] += bend * v[i] + 200.0 * v[i + 1]


def plane(origin: Reals, first: Reals, second: Reals, a: Reals, b: Reals) -> Reals:
    points = [origin[i] + a * first[i] + b * second[i] for i in range(origin.shape[0])]
    total = np.zeros_like(a)
    for x, y in pairwise(points):
        total += 100.0 * (y - x * x) ** 2 + (1.0 - x) ** 2
    return total


def build(options: Mapping[str, Any], seed: int) -> Problem:
    n = options["dimension"]
    return Problem(
        objective="rosenbrock",
        title="Rosenbrock, κ ≈ 2508 at the minimum" if n == 2 else f"Rosenbrock, n = {n}",
        value_grad=value_grad,
        hessian=hessian,
        hessian_vector=hessian_vector,
        start=np.array([CLASSIC_START[i % 2] for i in range(n)]),
        plane=plane,
        blocks=(Block("x", 0, n, 1),),
        view=View(-2.0, 2.0, -1.0, 3.0) if n == 2 else None,
        optimum=np.ones(n),
        optimal_value=0.0,
        names=tuple(f"x{i + 1}" for i in range(n)),
    )


OBJECTIVE = Objective(
    name="rosenbrock",
    title="Rosenbrock's valley",
    formula="f(θ) = Σ 100(θᵢ₊₁ − θᵢ²)² + (1 − θᵢ)²",
    build=build,
    options=(Option("dimension", "integer", 2, "how many parameters", "[2, 10000]"),),
    reference="Rosenbrock 1960, https://doi.org/10.1093/comjnl/3.3.175",
)
