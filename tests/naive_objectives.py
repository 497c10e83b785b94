"""A slow, obvious NumPy twin of every objective, written from its formula and sharing nothing with gdtui.

Each returns the value and the gradient at ``x``.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]
Matrix = npt.NDArray[np.float64]


def rosenbrock(x: Vector) -> tuple[float, Vector]:
    here, after = x[:-1], x[1:]
    gradient = np.zeros_like(x)
    gradient[:-1] = -400.0 * here * (after - here**2) - 2.0 * (1.0 - here)
    gradient[1:] += 200.0 * (after - here**2)
    return float(np.sum(100.0 * (after - here**2) ** 2 + (1.0 - here) ** 2)), gradient


def quadratic(x: Vector, A: Matrix, b: Vector) -> tuple[float, Vector]:
    return float(0.5 * x @ A @ x - b @ x), A @ x - b


def saddle(x: Vector, a: float, b: float, c: float) -> tuple[float, Vector]:
    value = 0.5 * (a * x[0] ** 2 - b * x[1] ** 2) + 0.25 * c * x[1] ** 4
    return float(value), np.array([a * x[0], -b * x[1] + c * x[1] ** 3])


def monkey_saddle(z: complex) -> tuple[float, complex]:
    """The real part of z^3, and its gradient as a complex number."""
    return (z**3).real, (3.0 * z**2).conjugate()


def piecewise(x: float) -> tuple[float, float]:
    """The value is the slope's integral from 0, piece by piece."""
    pieces = [(-np.inf, 1.0, 25.0, 0.0), (1.0, 2.0, 1.0, 24.0), (2.0, np.inf, 25.0, -24.0)]
    total = 0.0
    for low, high, curvature, offset in pieces:
        begin, end = max(low, min(0.0, x)), min(high, max(0.0, x))
        if begin < end:
            total += (0.5 * curvature * end**2 + offset * end) - (0.5 * curvature * begin**2 + offset * begin)
    ((curvature, offset),) = [(c, o) for low, high, c, o in pieces if low <= x < high]
    return abs(total) if x > 0.0 else -total, curvature * x + offset


def separable(points: int, positive: int) -> tuple[Matrix, Vector]:
    """The features and the labels, column by column as in Wilson et al. 2017, without the columns of zeros."""
    y = np.array([1.0] * positive + [-1.0] * (points - positive))
    X = np.zeros((points, 3 + 5 * points))
    for i in range(points):
        X[i, :3] = y[i], 1.0, 1.0
        X[i, 3 + 5 * i : 3 + 5 * i + (1 if y[i] == 1.0 else 5)] = 1.0
    return X[:, X.any(axis=0)], y


def logistic(x: Vector, X: Matrix, y: Vector, l2: float) -> tuple[float, Vector]:
    w, z = x[:-1], X @ x[:-1] + x[-1]
    probability = 1.0 / (1.0 + np.exp(-z))
    value = np.mean(np.logaddexp(0.0, z) - y * z) + 0.5 * l2 * w @ w
    return float(value), np.append(X.T @ (probability - y) / len(y) + l2 * w, np.mean(probability - y))


def matrix_factorisation(x: Vector, R: Matrix, rank: int, l2: float) -> tuple[float, Vector]:
    """``R`` is the whole matrix, NaN where nothing was observed."""
    users = R.shape[0]
    U, V = x[: users * rank].reshape(users, rank), x[users * rank :].reshape(R.shape[1], rank)
    residual = np.where(np.isnan(R), 0.0, U @ V.T - R)
    count = np.count_nonzero(~np.isnan(R))
    value = 0.5 * np.sum(residual**2) / count + 0.5 * l2 * (np.sum(U**2) + np.sum(V**2))
    return float(value), np.concatenate(
        [(residual @ V / count + l2 * U).ravel(), (residual.T @ U / count + l2 * V).ravel()]
    )


def auc(scores: Vector, y: Vector) -> float:
    """Every pair of a yes and a no, counted."""
    yes, no = scores[y == 1.0][:, np.newaxis], scores[y == 0.0]
    return float(np.mean((yes > no) + 0.5 * (yes == no)))
