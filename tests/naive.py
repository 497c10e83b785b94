"""A slow, obvious NumPy twin of every update rule, written from its paper's formula and sharing nothing with gdtui.

A twin is called like its optimizer. It takes ``gradient``, a function from a point to the gradient there, the start,
the learning rate and the hyperparameters by name, and yields the iterates after steps 1, 2, 3, …
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]
Gradient = Callable[[Vector], Vector]


def gd(gradient: Gradient, x: Vector, lr: float) -> Iterator[Vector]:
    while True:
        x = x - lr * gradient(x)
        yield x


# What makes it stochastic is the gradient it is given.
sgd = gd


def momentum(gradient: Gradient, x: Vector, lr: float, beta: float) -> Iterator[Vector]:
    v = np.zeros_like(x)
    while True:
        v = beta * v + gradient(x)
        x = x - lr * v
        yield x


def nesterov(gradient: Gradient, x: Vector, lr: float, beta: float) -> Iterator[Vector]:
    # In Nesterov's own variables: extrapolate along the last step, then step down the gradient from there.
    before = x
    while True:
        ahead = x + beta * (x - before)
        before, x = x, ahead - lr * gradient(ahead)
        yield x


def adagrad(gradient: Gradient, x: Vector, lr: float, eps: float) -> Iterator[Vector]:
    seen: list[Vector] = []
    while True:
        seen.append(gradient(x))
        x = x - lr * seen[-1] / (np.sqrt(np.sum(np.square(seen), axis=0)) + eps)
        yield x


def rmsprop(gradient: Gradient, x: Vector, lr: float, rho: float, eps: float) -> Iterator[Vector]:
    s = np.zeros_like(x)
    while True:
        g = gradient(x)
        s = rho * s + (1 - rho) * g**2
        x = x - lr * g / (np.sqrt(s) + eps)
        yield x


def adam(gradient: Gradient, x: Vector, lr: float, beta1: float, beta2: float, eps: float) -> Iterator[Vector]:
    return adamw(gradient, x, lr, beta1, beta2, eps, weight_decay=0.0)


def adamw(
    gradient: Gradient, x: Vector, lr: float, beta1: float, beta2: float, eps: float, weight_decay: float
) -> Iterator[Vector]:
    m, v = np.zeros_like(x), np.zeros_like(x)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat = m / (1 - beta1**t)
        v_hat = v / (1 - beta2**t)
        x = x - lr * (m_hat / (np.sqrt(v_hat) + eps) + weight_decay * x)
        yield x
