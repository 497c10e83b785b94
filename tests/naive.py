"""A slow, obvious NumPy twin of every update rule, written from its paper's formula and sharing nothing with gdtui.

A twin is called like its optimizer. It takes ``gradient``, a function from a point to the gradient there, the start,
the learning rate and the hyperparameters by name, and yields the iterates after steps 1, 2, 3, … A twin that looks at
more than gradients takes ``value`` and ``hessian``, functions of a point as well, or ``blocks``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import count

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]
Gradient = Callable[[Vector], Vector]
Value = Callable[[Vector], float]
Hessian = Callable[[Vector], Vector]
# A block as a matrix: where it lies in x, its rows and its columns.
Block = tuple[slice, int, int]
ONE_VECTOR: tuple[Block, ...] = ((slice(None), -1, 1),)


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


def adadelta(gradient: Gradient, x: Vector, lr: float, rho: float, eps: float) -> Iterator[Vector]:
    s, u = np.zeros_like(x), np.zeros_like(x)
    while True:
        g = gradient(x)
        s = rho * s + (1 - rho) * g**2
        step = np.sqrt(u + eps) / np.sqrt(s + eps) * g
        u = rho * u + (1 - rho) * step**2
        x = x - lr * step
        yield x


def amsgrad(gradient: Gradient, x: Vector, lr: float, beta1: float, beta2: float, eps: float) -> Iterator[Vector]:
    m, v = np.zeros_like(x), [np.zeros_like(x)]
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        v.append(beta2 * v[-1] + (1 - beta2) * g**2)
        largest = np.max(v, axis=0)
        x = x - lr * (m / (1 - beta1**t)) / (np.sqrt(largest / (1 - beta2**t)) + eps)
        yield x


def nadam(
    gradient: Gradient, x: Vector, lr: float, beta1: float, beta2: float, eps: float, psi: float
) -> Iterator[Vector]:
    m, v = np.zeros_like(x), np.zeros_like(x)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        mu = beta1 * (1 - 0.5 * 0.96 ** (psi * np.arange(1, t + 2)))
        ahead = mu[t] * m / (1 - np.prod(mu)) + (1 - mu[t - 1]) * g / (1 - np.prod(mu[:t]))
        x = x - lr * ahead / (np.sqrt(v / (1 - beta2**t)) + eps)
        yield x


def radam(gradient: Gradient, x: Vector, lr: float, beta1: float, beta2: float, eps: float) -> Iterator[Vector]:
    m, v = np.zeros_like(x), np.zeros_like(x)
    rho_inf = 2 / (1 - beta2) - 1
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat = m / (1 - beta1**t)
        rho = rho_inf - 2 * t * beta2**t / (1 - beta2**t)
        if rho > 5:
            r = np.sqrt((rho - 4) * (rho - 2) * rho_inf / ((rho_inf - 4) * (rho_inf - 2) * rho))
            x = x - lr * m_hat * r * np.sqrt(1 - beta2**t) / (np.sqrt(v) + eps)
        else:
            x = x - lr * m_hat
        yield x


def lamb(
    gradient: Gradient,
    x: Vector,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    weight_decay: float,
    blocks: Sequence[Block] = ONE_VECTOR,
) -> Iterator[Vector]:
    m, v = np.zeros_like(x), np.zeros_like(x)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        r = (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps) + weight_decay * x
        x = x.copy()
        for block, _, _ in blocks:
            weights, steps = np.linalg.norm(x[block]), np.linalg.norm(r[block])
            x[block] -= lr * (weights / steps if weights and steps else 1.0) * r[block]
        yield x


def lion(gradient: Gradient, x: Vector, lr: float, beta1: float, beta2: float, weight_decay: float) -> Iterator[Vector]:
    m = np.zeros_like(x)
    while True:
        g = gradient(x)
        x = x - lr * (np.sign(beta1 * m + (1 - beta1) * g) + weight_decay * x)
        m = beta2 * m + (1 - beta2) * g
        yield x


def newton(
    gradient: Gradient, x: Vector, lr: float, damping: float, search: float, value: Value, hessian: Hessian
) -> Iterator[Vector]:
    while True:
        g, H = gradient(x), hessian(x)
        shift = damping
        while search and np.linalg.eigvalsh(H)[0] + shift <= 0:
            shift = max(2 * shift, 1e-3 * np.abs(H).max())
        p = np.linalg.solve(H + shift * np.eye(len(x)), g)
        a, f = lr, value(x)
        if search and value(x - a * p) > f - 1e-4 * a * g @ p + 1e-13 * abs(f):
            while value(x - a * p) > f - 1e-4 * a * g @ p:
                a = a / 2
        x = x - a * p
        yield x


def saddle_free_newton(gradient: Gradient, x: Vector, lr: float, damping: float, hessian: Hessian) -> Iterator[Vector]:
    while True:
        eigenvalues, basis = np.linalg.eigh(hessian(x))
        absolute = basis @ np.diag(np.maximum(np.abs(eigenvalues), damping)) @ basis.T
        x = x - lr * np.linalg.solve(absolute, gradient(x))
        yield x


def lbfgs(gradient: Gradient, x: Vector, lr: float, history: float, value: Value) -> Iterator[Vector]:
    pairs: list[tuple[Vector, Vector]] = []

    def dot(a: Vector, b: Vector) -> float:
        # Not a @ b, which may fuse or reorder: along Rosenbrock's valley a last bit of s'y grows 100,000-fold.
        return float(np.sum(a * b))

    while True:
        g = gradient(x)
        d, shares = -g, []
        for s, y in reversed(pairs):
            shares.append(dot(s, d) / dot(s, y))
            d = d - shares[-1] * y
        if pairs:
            s, y = pairs[-1]
            d = dot(s, y) / dot(y, y) * d
        for s, y in pairs:
            d = d + (shares.pop() - dot(y, d) / dot(s, y)) * s
        first = lr if pairs or dot(g, g) <= 1 else lr / np.sqrt(dot(g, g))

        def phi(a: float, x: Vector = x, d: Vector = d) -> tuple[float, float]:
            return value(x + a * d), dot(gradient(x + a * d), d)

        a = strong_wolfe(phi, first) if dot(g, d) < 0 else 0.0
        before, x = x, x + a * d
        s, y = x - before, gradient(x) - g
        if a == 0:
            pairs = []
        elif dot(s, y) > 1e-10 * np.linalg.norm(s) * np.linalg.norm(y):
            pairs = [*pairs, (s, y)][-int(history) :]
        yield x


def strong_wolfe(phi: Callable[[float], tuple[float, float]], a: float) -> float:
    """Nocedal & Wright, algorithms 3.5 and 3.6, for at most 30 trials, with a rise by 1e-13 counting as none."""
    f, slope = phi(0)
    rounding = 1e-13 * abs(f)
    low, high = 0.0, np.inf
    for _ in range(30):
        f_a, slope_a = phi(a)
        if f_a > f + 1e-4 * a * slope + rounding or f_a > phi(low)[0] + rounding:
            high = a
        elif abs(slope_a) <= 0.9 * abs(slope):
            return a
        else:
            if np.sign(slope_a) == np.sign(high - low):
                high = low
            low = a
        a = 4 * a if high == np.inf else cubic_minimum(low, high, *phi(low), *phi(high))
    return low if phi(low)[0] < f else 0.0


def cubic_minimum(a: float, b: float, f_a: float, slope_a: float, f_b: float, slope_b: float) -> float:
    """Nocedal & Wright, equation 3.59, held off the ends of the bracket by a tenth of it."""
    d1 = slope_a + slope_b - 3 * (f_a - f_b) / (a - b)
    square = d1**2 - slope_a * slope_b
    if square < 0:
        return (a + b) / 2
    d2 = np.sign(b - a) * np.sqrt(square)
    lowest = b - (b - a) * (slope_b + d2 - d1) / (slope_b - slope_a + 2 * d2)
    ends = sorted([a + 0.1 * (b - a), b - 0.1 * (b - a)])
    return float(np.clip(lowest, *ends))


def shampoo(
    gradient: Gradient, x: Vector, lr: float, eps: float, blocks: Sequence[Block] = ONE_VECTOR, longest: int = 64
) -> Iterator[Vector]:
    seen: list[Vector] = []
    while True:
        seen.append(gradient(x))
        x = x.copy()
        for block, rows, cols in blocks:
            matrices = [g[block].reshape(rows, cols) for g in seen]
            step = matrices[-1]
            own = [1 < side <= longest for side in step.shape]
            if not any(own):
                step = step / np.sqrt(np.sum(np.square(matrices), axis=0) + eps)
            if own[0]:
                step = gram_power(np.hstack(matrices), eps, -1 / (2 * sum(own))) @ step
            if own[1]:
                step = step @ gram_power(np.vstack(matrices).T, eps, -1 / (2 * sum(own)))
            x[block] -= lr * step.ravel()
        yield x


def gram_power(H: Vector, eps: float, exponent: float) -> Vector:
    """(HH' + eps I)^exponent, from the singular values: HH' itself would have lost the small ones to rounding."""
    n = len(H)
    basis, s, _ = np.linalg.svd(np.hstack([H, np.zeros((n, n))]), full_matrices=False)
    return (basis * (s**2 + eps) ** exponent) @ basis.T


def muon(
    gradient: Gradient,
    x: Vector,
    lr: float,
    beta: float,
    beta1: float,
    beta2: float,
    eps: float,
    weight_decay: float,
    blocks: Sequence[Block] = ONE_VECTOR,
) -> Iterator[Vector]:
    m, m1, v = np.zeros_like(x), np.zeros_like(x), np.zeros_like(x)
    for t in count(1):
        g = gradient(x)
        m = beta * m + (1 - beta) * g
        m1 = beta1 * m1 + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        ahead = beta * m / (1 - beta ** (t + 1)) + (1 - beta) * g / (1 - beta**t)
        ahead1 = beta1 * m1 / (1 - beta1 ** (t + 1)) + (1 - beta1) * g / (1 - beta1**t)
        step = ahead1 / (np.sqrt(v / (1 - beta2**t)) + eps)
        for block, rows, cols in blocks:
            X = ahead[block].reshape(rows, cols)
            if min(X.shape) > 1:
                X = X / (np.linalg.norm(X) + eps)
                for _ in range(5):
                    X = 3.4445 * X - 4.775 * X @ X.T @ X + 2.0315 * X @ X.T @ X @ X.T @ X
                step[block] = np.sqrt(max(1, cols / rows)) * X.ravel()
        x = x - lr * (step + weight_decay * x)
        yield x
