"""A bowl whose gradient comes with noise: what a constant learning rate leaves of the distance to the minimum.

    f(x) = 1/2 sum of lambda_i x_i^2;  a step sees the gradient lambda_i x_i + s z_i, with z_i standard normal

Every coordinate is a chain of its own, and with equal curvatures all have the same law: their mean square is measured
in one race. At the constant step h = lr lambda of a coordinate, its variance ends at

    lr s^2 (1 + beta) / (lambda (1 - beta) (2 (1 + beta) - h))

under momentum, and with beta = 0 under plain stochastic gradient descent: S. Mandt, M. Hoffman, D. Blei, "Stochastic
gradient descent as approximate Bayesian inference", 2017, https://arxiv.org/abs/1704.04289. The value seen with the
noise has the term s z'x, so that it goes with the gradient. With ``common`` noise z is the same in all coordinates:
then they are runs that differ in their starts alone, and their difference shows what acts on them beside the noise.

``reals`` holds the lambda_i, then s.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gdtui.contracts import Block, Ints, Objective, Option, PlaneValues, Problem, Reals, View, kernel
from gdtui.errors import InputError

LARGEST = 1000
DIMENSION = 2
REACH = 3.0


@kernel
def value_grad(x: Reals, reals: Reals, ints: Ints, batch: Ints, noise: Reals, g: Reals) -> float:
    n = x.shape[0]
    value = 0.0
    for i in range(n):
        slope = reals[i] * x[i]
        g[i] = slope
        value += 0.5 * slope * x[i]
    drawn = noise.shape[0]
    if drawn > 0:
        for i in range(n):
            push = reals[n] * noise[i if drawn > 1 else 0]
            g[i] += push
            value += push * x[i]
    return value


@kernel
def hessian(x: Reals, reals: Reals, ints: Ints, H: Reals) -> None:
    n = x.shape[0]
    for i in range(n):
        for j in range(n):
            H[i, j] = 0.0
        H[i, i] = reals[i]


@kernel
def hessian_vector(x: Reals, reals: Reals, ints: Ints, v: Reals, out: Reals) -> None:
    for i in range(x.shape[0]):
        out[i] = reals[i] * v[i]


def build(options: Mapping[str, Any], seed: int) -> Problem:
    eigenvalues = _eigenvalues(options)
    n = len(eigenvalues)
    L, mu = float(eigenvalues.max()), float(eigenvalues.min())
    return Problem(
        objective="noisy_quadratic",
        title=f"Noisy bowl, s = {options['noise']:.4g}" + (f", n = {n}" if n != 2 else ""),
        value_grad=value_grad,
        hessian=hessian,
        hessian_vector=hessian_vector,
        start=np.ones(n),
        plane=_plane(eigenvalues),
        blocks=(Block("x", 0, n, 1),),
        reals=np.append(eigenvalues, options["noise"]),
        view=View(-REACH, REACH, -REACH, REACH) if n == 2 else None,
        optimum=np.zeros(n),
        optimal_value=0.0,
        noise=1 if options["common"] else n,
        facts={"L": L, "mu": mu, "kappa": L / mu, "noise": float(options["noise"])},
        quadratic=True,
        convex=True,
        names=tuple(f"x{i + 1}" for i in range(n)),
    )


def _eigenvalues(options: Mapping[str, Any]) -> Reals:
    given, dimension = options["eigenvalues"], options["dimension"]
    if given is None:
        return np.ones(dimension)
    if not 1 <= len(given) <= LARGEST:
        raise InputError(f"{len(given)} of them", key="eigenvalues", remedy=f"give 1 to {LARGEST}")
    if dimension not in (DIMENSION, len(given)):
        reason = f"{dimension} does not go with {len(given)} eigenvalues"
        raise InputError(reason, key="dimension", remedy="leave it out")
    return np.array(given, dtype=float)


def _plane(eigenvalues: Reals) -> PlaneValues:
    def plane(origin: Reals, first: Reals, second: Reals, a: Reals, b: Reals) -> Reals:
        total = np.zeros_like(a)
        for curvature, at, along, across in zip(eigenvalues, origin, first, second, strict=True):
            x = at + a * along + b * across
            total += 0.5 * curvature * x * x
        return total

    return plane


OBJECTIVE = Objective(
    name="noisy_quadratic",
    title="Noisy quadratic bowl",
    formula="f(θ) = ½ Σ λᵢθᵢ², gradient λᵢθᵢ + s·zᵢ with zᵢ ~ N(0, 1)",
    build=build,
    options=(
        Option("dimension", "integer", DIMENSION, "how many parameters, each of curvature 1", f"[1, {LARGEST}]"),
        Option("eigenvalues", "numbers", None, "the curvatures λᵢ, instead of dimension", "[1e-12, 1e12]"),
        Option("noise", "number", 1.0, "s, the standard deviation of each coordinate's gradient", "[0, 1e12]"),
        Option("common", "flag", False, "the same noise in every coordinate"),
    ),
    reference="Mandt, Hoffman & Blei 2017, https://arxiv.org/abs/1704.04289",
)
