"""What a constant learning rate does to a quadratic: limits, rates, best settings and noise floors, in closed form.

Along an eigenvector of curvature lambda a step of gd, momentum or nesterov is a 2 x 2 matrix on (x, lr v), which
depends on h = lr lambda and beta alone. For these rules (v <- beta v + g, x <- x - lr v; nesterov's g at x - lr beta v)
its characteristic polynomial is

    momentum   z^2 - (1 + beta - h) z + beta
    nesterov   z^2 - (1 + beta)(1 - h) z + beta (1 - h)

and gd, sgd too, is either of them at beta = 0. The larger root in size is what one step makes of the error in the end.
It falls and then rises with h, so that over a spectrum the worst lies at mu or at L.

B. T. Polyak, "Some methods of speeding up the convergence of iteration methods", 1964,
https://doi.org/10.1016/0041-5553(64)90137-5; L. Lessard, B. Recht, A. Packard, "Analysis and design of optimization
algorithms via integral quadratic constraints", 2016, section 4.3 and table 1, https://arxiv.org/abs/1408.3595.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

import numpy as np

from gdtui.contracts import Reals

METHODS: Final = ("gd", "sgd", "momentum", "nesterov")
"""The optimizers this module knows, by name."""


def step_matrix(method: str, h: float, beta: float) -> Reals:
    """One step on (x, lr v) along an eigenvector, float64 ``(2, 2)``; ``h`` is learning rate times curvature."""
    if method == "nesterov":
        kept = beta * (1.0 - h)
        return np.array([[1.0 - h, -kept], [h, kept]])
    return np.array([[1.0 - h, -beta], [h, beta]])


def radius(method: str, h: float, beta: float) -> float:
    """The factor by which a step shrinks (or grows) the error along an eigenvector in the end."""
    # (trace / 2)^2 - determinant is written as a product: the difference costs half the digits at small h.
    if method == "nesterov":
        trace, determinant = (1.0 + beta) * (1.0 - h), beta * (1.0 - h)
        discriminant = (1.0 - h) * ((1.0 - beta) ** 2 - (1.0 + beta) ** 2 * h)
    else:
        trace, determinant = 1.0 + beta - h, beta
        discriminant = (h - (1.0 - math.sqrt(beta)) ** 2) * (h - (1.0 + math.sqrt(beta)) ** 2)
    if discriminant <= 0.0:  # two conjugate roots
        return math.sqrt(abs(determinant))
    return 0.5 * (abs(trace) + math.sqrt(discriminant))


def swing(method: str, h: float, beta: float) -> float | None:
    """In how many steps the loss along an eigenvector goes up and down once; None where it does not swing."""
    kept = beta * (1.0 - h) if method == "nesterov" else beta
    trace = (1.0 + beta) * (1.0 - h) if method == "nesterov" else 1.0 + beta - h
    if not trace * trace < 4.0 * kept:
        return None
    angle = math.acos(0.5 * trace / math.sqrt(kept))
    return math.pi / min(angle, math.pi - angle)


def limit(method: str, L: float, beta: float) -> float:
    """The learning rate from which on the largest curvature ``L`` makes the error grow."""
    room = 1.0 + 2.0 * beta if method == "nesterov" else 1.0
    return 2.0 * (1.0 + beta) / (room * L)


def rate(method: str, lr: float, beta: float, least: float, most: float) -> float:
    """The factor a step in ``|x - x*|``, in the end, over curvatures from ``least`` to ``most``."""
    return max(radius(method, lr * least, beta), radius(method, lr * most, beta))


def best(method: str, least: float, most: float) -> dict[str, float]:
    """The hyperparameters with the best rate over positive curvatures from ``least`` to ``most``."""
    if method in {"gd", "sgd"}:
        return {"lr": 2.0 / (most + least)}
    if method == "momentum":
        root = math.sqrt(most / least)
        return {
            "lr": 4.0 / (math.sqrt(most) + math.sqrt(least)) ** 2,
            "beta": ((root - 1.0) / (root + 1.0)) ** 2,
        }
    root = math.sqrt(3.0 * most / least + 1.0)
    return {"lr": 4.0 / (3.0 * most + least), "beta": (root - 2.0) / (root + 2.0)}


def noise_variance(method: str, lr: float, beta: float, curvature: float, deviation: float) -> float:
    """Where the variance of ``x`` along an eigenvector ends under gradient noise of that standard deviation.

    The noise is new at every step. Infinite where the step is beyond its limit.
    """
    h = lr * curvature
    if not 0.0 < h < curvature * limit(method, curvature, beta):
        return math.inf
    if method == "nesterov":
        kept, room = beta * (1.0 - h), 2.0 * (1.0 + beta) - h * (1.0 + 2.0 * beta)
    else:
        kept, room = beta, 2.0 * (1.0 + beta) - h
    return lr * deviation**2 * (1.0 + kept) / (curvature * (1.0 - kept) * room)


def noise_floor(method: str, lr: float, beta: float, spectrum: Iterable[float], deviation: float) -> float:
    """The mean of the loss above its minimum where noise and descent balance."""
    return sum(
        0.5 * curvature * noise_variance(method, lr, beta, curvature, deviation)
        for curvature in spectrum
        if curvature > 0.0
    )
