"""The quadratic bowl: the one landscape whose races can be predicted step by step, from its eigenvalues.

    f(x) = 1/2 x'Ax - b'x,  A symmetric positive definite;  gradient Ax - b, Hessian A, minimum at A^-1 b

Gradient descent multiplies the error along the i-th eigenvector by 1 - lr lambda_i a step, so the condition number
kappa = L/mu decides how long the valley keeps it: S. Boyd, L. Vandenberghe, "Convex Optimization", 2004, section 9.3,
https://web.stanford.edu/~boyd/cvxbook/.

``reals`` holds A row by row, then b.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gdtui.contracts import Block, Ints, Objective, Option, PlaneValues, Problem, Reals, View, kernel, number
from gdtui.errors import InputError

LARGEST = 1000
KAPPA = 100.0
ROTATION = 30.0
DIMENSION = 2
# How much of the distance from the minimum to the start the view leaves beyond the start.
MARGIN = 1.15


@kernel
def value_grad(x: Reals, reals: Reals, ints: Ints, batch: Ints, noise: Reals, g: Reals) -> float:
    n = x.shape[0]
    value = 0.0
    for i in range(n):
        product = 0.0
        for j in range(n):
            product += reals[i * n + j] * x[j]
        offset = reals[n * n + i]
        g[i] = product - offset
        value += x[i] * (0.5 * product - offset)
    return value


@kernel
def hessian(x: Reals, reals: Reals, ints: Ints, H: Reals) -> None:
    n = x.shape[0]
    for i in range(n):
        for j in range(n):
            H[i, j] = reals[i * n + j]


@kernel
def hessian_vector(x: Reals, reals: Reals, ints: Ints, v: Reals, out: Reals) -> None:
    n = x.shape[0]
    for i in range(n):
        out[i] = 0.0
        for j in range(n):
            out[i] += reals[i * n + j] * v[j]


def build(options: Mapping[str, Any], seed: int) -> Problem:
    _refuse_unused(options)
    if options["matrix"] is not None:
        A, eigenvalues, basis = _decomposed(options["matrix"])
    else:
        eigenvalues = _spectrum(options)
        basis = _basis(eigenvalues.shape[0], options["rotation"], seed)
        A = (basis * eigenvalues) @ basis.T
        A = 0.5 * (A + A.T)
    n = A.shape[0]
    offset = _offset(options["offset"], n)
    optimum = basis @ ((basis.T @ offset) / eigenvalues)
    optimal_value = 0.0 - 0.5 * float(offset @ optimum)  # 0.0 -, for a plain 0 where b is 0
    # One unit along every eigenvector: no method starts with an eigenvector's luck.
    start = optimum + basis.sum(axis=1)
    L, mu = float(eigenvalues.max()), float(eigenvalues.min())
    reach = MARGIN * float(np.linalg.norm(start - optimum))
    return Problem(
        objective="quadratic",
        title=f"Quadratic, κ = {L / mu:.4g}" + (f", n = {n}" if n != 2 else ""),
        value_grad=value_grad,
        hessian=hessian,
        hessian_vector=hessian_vector,
        start=start,
        plane=_plane(np.sqrt(eigenvalues)[:, np.newaxis] * basis.T, optimum, optimal_value),
        blocks=(Block("x", 0, n, 1),),
        reals=np.concatenate([A.ravel(), offset]),
        view=_view(optimum, reach) if n == 2 else None,
        optimum=optimum,
        optimal_value=optimal_value,
        facts={"L": L, "mu": mu, "kappa": L / mu},
        quadratic=True,
        convex=True,
        names=tuple(f"x{i + 1}" for i in range(n)),
    )


def _refuse_unused(options: Mapping[str, Any]) -> None:
    """A matrix says all there is to say of A, and eigenvalues say kappa: what else is set would have no effect."""
    unused: dict[str, float | None]
    if options["matrix"] is not None:
        given, size = "a matrix", len(options["matrix"])
        unused = {"eigenvalues": None, "kappa": KAPPA, "rotation": ROTATION}
    elif options["eigenvalues"] is not None:
        given, size = "eigenvalues", len(options["eigenvalues"])
        unused = {"kappa": KAPPA}
    else:
        return
    for name, default in unused.items():
        if options[name] != default:
            raise InputError(f"has no effect beside {given}", key=name, remedy="leave out one of the two")
    if options["dimension"] not in (DIMENSION, size):
        reason = f"{options['dimension']} does not go with {given} of size {size}"
        raise InputError(reason, key="dimension", remedy="leave it out")


def _spectrum(options: Mapping[str, Any]) -> Reals:
    if options["eigenvalues"] is None:
        return np.geomspace(1.0, options["kappa"], options["dimension"])
    eigenvalues = _numbers(options["eigenvalues"], "eigenvalues", "(0, inf)")
    if not 1 <= eigenvalues.shape[0] <= LARGEST:
        raise InputError(f"{len(eigenvalues)} of them", key="eigenvalues", remedy=f"give 1 to {LARGEST}")
    return eigenvalues


def _basis(n: int, rotation: float, seed: int) -> Reals:
    """An orthogonal basis, float64 ``(n, n)``, a column an eigenvector: turned in 2-D, random beyond."""
    if n == 2:
        c, s = math.cos(math.radians(rotation)), math.sin(math.radians(rotation))
        return np.array([[c, -s], [s, c]])
    if rotation != ROTATION:
        raise InputError(f"turns a plane, and there are {n} dimensions", key="rotation", remedy="leave it out")
    if n == 1:
        return np.ones((1, 1))
    Q, R = np.linalg.qr(np.random.default_rng(seed).standard_normal((n, n)))
    signed: Reals = Q * np.sign(np.diag(R))  # without the signs the basis would not be uniformly distributed
    return signed


def _decomposed(rows: Sequence[Sequence[float]]) -> tuple[Reals, Reals, Reals]:
    """The user's matrix, its eigenvalues and its eigenvectors, refused unless symmetric positive definite."""
    n = len(rows)
    if not 1 <= n <= LARGEST:
        raise InputError(f"it has {n} rows", key="matrix", remedy=f"give 1 to {LARGEST}")
    for i, row in enumerate(rows, 1):
        if len(row) != n:
            reason = f"not square: row {i} has {len(row)} entries and there are {n} rows"
            raise InputError(reason, key="matrix", remedy="give a list of n lists of n numbers")
    A = np.array([_numbers(row, "matrix", "(-inf, inf)") for row in rows])
    skew = np.abs(A - A.T)
    i, j = divmod(int(skew.argmax()), n)
    if skew[i, j] > 1e-12 * np.abs(A).max():
        entries = f"entry ({i + 1}, {j + 1}) is {A[i, j]:g}, entry ({j + 1}, {i + 1}) is {A[j, i]:g}"
        raise InputError(f"not symmetric: {entries}", key="matrix", remedy="use (A + Aᵀ)/2, which gives the same f")
    A = 0.5 * (A + A.T)
    eigenvalues, basis = np.linalg.eigh(A)
    if eigenvalues[0] <= n * np.finfo(float).eps * eigenvalues[-1]:
        reason = f"not positive definite: its smallest eigenvalue is {eigenvalues[0]:.3g}"
        raise InputError(reason, key="matrix", remedy="f has a minimum only if all are positive")
    # LAPACK leaves the eigenvectors' signs open and the start depends on them.
    basis = basis * np.sign(basis[np.abs(basis).argmax(axis=0), np.arange(n)])
    return A, eigenvalues, basis


def _offset(values: Sequence[float] | None, n: int) -> Reals:
    if values is None:
        return np.zeros(n)
    if len(values) != n:
        reason = f"{len(values)} numbers for {n} parameters"
        raise InputError(reason, key="offset", remedy=f"give {n}")
    return _numbers(values, "offset", "(-inf, inf)")


def _numbers(values: Sequence[float], key: str, interval: str) -> Reals:
    try:
        return np.array([number(value, interval) for value in values])
    except InputError as error:
        raise error.at(key=key) from None


def _view(centre: Reals, reach: float) -> View:
    x, y = float(centre[0]), float(centre[1])
    return View(x - reach, x + reach, y - reach, y + reach)


def _plane(root: Reals, optimum: Reals, optimal_value: float) -> PlaneValues:
    """With A = root'root, f is f* plus half a sum of squares, one per eigenvector: no cancellation near the minimum."""

    def plane(origin: Reals, first: Reals, second: Reals, a: Reals, b: Reals) -> Reals:
        total = np.full_like(a, optimal_value)
        for at, along, across in zip(root @ (origin - optimum), root @ first, root @ second, strict=True):
            deviation = at + a * along + b * across
            total += 0.5 * deviation * deviation
        return total

    return plane


OBJECTIVE = Objective(
    name="quadratic",
    title="Quadratic bowl",
    formula="f(θ) = ½ θᵀAθ − bᵀθ",
    build=build,
    options=(
        Option("kappa", "number", KAPPA, "condition number L/μ, with μ = 1 and eigenvalues evenly in log", "[1, 1e12]"),
        Option("dimension", "integer", DIMENSION, "how many parameters", f"[2, {LARGEST}]"),
        Option("rotation", "number", ROTATION, "degrees by which a 2-D valley is turned", "[-360, 360]"),
        Option("eigenvalues", "numbers", None, "the eigenvalues of A, instead of kappa", "(0, inf)"),
        Option("matrix", "matrix", None, "A itself, instead of kappa, rotation and eigenvalues"),
        Option("offset", "numbers", None, "b: moves the minimum to A⁻¹b"),
    ),
    reference="Boyd & Vandenberghe 2004, https://web.stanford.edu/~boyd/cvxbook/",
)
