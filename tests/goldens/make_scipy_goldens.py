"""Makes scipy.json: how many evaluations SciPy's L-BFGS-B needs, and where it ends, for the comparison with lbfgs.

Run by hand, in an environment of its own (gdtui does not need SciPy):

    python -m venv /tmp/scipy && /tmp/scipy/bin/pip install scipy==1.17.1 numpy
    /tmp/scipy/bin/python tests/goldens/make_scipy_goldens.py

Both codes keep the same number of pairs, but their line searches differ (Moré and Thuente's there, interpolation inside
a growing bracket here), so the iterates do too: what is compared is the work for a given accuracy, and the end. Each
case holds the evaluations until f - f* <= share (f at the start - f*) for every share, and until |g| <= GRADIENT in the
largest component, with the value there. f* is known, or the end of a Newton iteration.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy
from scipy.optimize import minimize

SHARES = (1e-1, 1e-2, 1e-4, 1e-6, 1e-8, 1e-10)
GRADIENT = 1e-8
HISTORIES = (3, 10)
L2 = 0.01

Vector = npt.NDArray[np.float64]
ValueGrad = Callable[[Vector], tuple[float, Vector]]


def rosenbrock(x: Vector) -> tuple[float, Vector]:
    rise, rest = x[1:] - x[:-1] ** 2, 1.0 - x[:-1]
    g = np.zeros_like(x)
    g[:-1] = -400.0 * x[:-1] * rise - 2.0 * rest
    g[1:] += 200.0 * rise
    return float(np.sum(100.0 * rise**2 + rest**2)), g


def quadratic(matrix: Vector) -> ValueGrad:
    return lambda x: (float(0.5 * x @ matrix @ x), matrix @ x)


def logistic(X: Vector, y: Vector) -> ValueGrad:
    """With an intercept, the last parameter, which is not decayed."""

    def value_grad(x: Vector) -> tuple[float, Vector]:
        z = X @ x[:-1] + x[-1]
        residual = 1.0 / (1.0 + np.exp(-z)) - y
        value = np.mean(np.logaddexp(0.0, z) - y * z) + 0.5 * L2 * x[:-1] @ x[:-1]
        return float(value), np.append(X.T @ residual / len(y) + L2 * x[:-1], np.mean(residual))

    return value_grad


def minimum_of_logistic(X: Vector, y: Vector) -> float:
    Z, decay = np.column_stack([X, np.ones(len(y))]), np.append(np.full(X.shape[1], L2), 0.0)
    x = np.zeros(Z.shape[1])
    for _ in range(50):
        p = 1.0 / (1.0 + np.exp(-Z @ x))
        x -= np.linalg.solve((Z.T * (p * (1.0 - p))) @ Z / len(y) + np.diag(decay), Z.T @ (p - y) / len(y) + decay * x)
    return logistic(X, y)(x)[0]


def problems() -> dict[str, tuple[ValueGrad, Vector, float, dict[str, Any]]]:
    """By name: the function, the start, f*, and the data that the tests rebuild it from."""
    draw = np.random.default_rng(0)
    basis = np.linalg.qr(draw.standard_normal((12, 12)))[0].round(6)
    matrix = (basis * np.geomspace(1.0, 1e3, 12)) @ basis.T
    matrix = (0.5 * (matrix + matrix.T)).round(9)
    X = draw.standard_normal((60, 4)).round(6) * [1.0, 3.0, 1.0, 0.3]
    y = (X @ [1.0, -1.0, 0.0, 2.0] + draw.standard_normal(60) > 0.0).astype(float)
    return {
        "rosenbrock-2": (rosenbrock, np.array([-1.2, 1.0]), 0.0, {}),
        "rosenbrock-10": (rosenbrock, np.tile([-1.2, 1.0], 5), 0.0, {}),
        "quadratic-12": (quadratic(matrix), basis.sum(axis=1).round(6), 0.0, {"matrix": matrix.tolist()}),
        "logistic-5": (
            logistic(X, y), np.zeros(5), minimum_of_logistic(X, y), {"X": X.tolist(), "y": y.tolist(), "l2": L2},
        ),
    }  # fmt: skip


def measured(value_grad: ValueGrad, start: Vector, lowest: float, history: int) -> dict[str, Any]:
    seen: list[tuple[float, float]] = []

    def counted(x: Vector) -> tuple[float, Vector]:
        value, g = value_grad(x)
        seen.append((value, float(np.abs(g).max())))
        return value, g

    minimize(counted, start, jac=True, method="L-BFGS-B", options={"maxcor": history, "ftol": 0.0, "gtol": GRADIENT})
    gaps = [value - lowest for value, _ in seen]
    evaluations = [next(i for i, gap in enumerate(gaps, 1) if gap <= share * gaps[0]) for share in SHARES]
    end = next(i for i, (_, size) in enumerate(seen, 1) if size <= GRADIENT)
    return {"history": history, "evaluations": evaluations, "until_gradient": end, "value": seen[end - 1][0]}


def main() -> None:
    described, cases = {}, []
    for name, (value_grad, start, lowest, data) in problems().items():
        described[name] = {"start": start.tolist(), "lowest": lowest, **data}
        for history in HISTORIES:
            cases.append({"problem": name, **measured(value_grad, start, lowest, history)})
            print(cases[-1])
    head = {"library": f"scipy {scipy.__version__}", "shares": SHARES, "gradient": GRADIENT, "problems": described}
    lines = [f" {json.dumps(key)}: {json.dumps(value)}," for key, value in head.items()]
    body = ",\n".join(f"  {json.dumps(case)}" for case in cases)
    text = "\n".join(["{", *lines, ' "cases": [', body, " ]", "}", ""])
    Path(__file__).with_name("scipy.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
