"""Random problems for the properties, drawn from hypothesis's seeds, and the same problems in other coordinates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

from gdtui.contracts import Block, Ints, Problem, Reals
from tests.optimizers import drive

STEPS = 25
N = 3

examples = settings(max_examples=15)
few_examples = settings(max_examples=6)
seeds = st.integers(0, 2**32 - 1)
rates = st.floats(1e-4, 0.05)


def orthogonal(seed: int, n: int = N) -> Reals:
    return np.linalg.qr(np.random.default_rng([seed, 1]).standard_normal((n, n)))[0]


def random_quadratic(seed: int, n: int = N, kappa: float = 10.0) -> tuple[Reals, Reals]:
    """A symmetric positive definite matrix with eigenvalues from 1 to ``kappa``, and a start."""
    draw = np.random.default_rng(seed)
    basis = orthogonal(seed, n)
    matrix = (basis * draw.uniform(1.0, kappa, n)) @ basis.T
    return (matrix + matrix.T) / 2, draw.uniform(0.5, 2.0, n) * draw.choice([-1.0, 1.0], n)


def moved(matrix: Reals, start: Reals, by: Reals) -> Problem:
    """The same quadratic in coordinates changed by an orthogonal matrix."""
    return drive.quadratic(by @ matrix @ by.T, by @ start)


def quartic(seed: int, n: int = N, through: Reals | None = None) -> Problem:
    """The sum of c z²/2 + z⁴/4 over the coordinates of z = ``through`` x: convex, with a Hessian that changes."""
    draw, B = np.random.default_rng(seed), np.eye(n) if through is None else through
    curvature, start = draw.uniform(1.0, 10.0, n), draw.uniform(0.5, 2.0, n) * draw.choice([-1.0, 1.0], n)

    def value_grad(x: Reals, reals: Reals, ints: Ints, batch: Ints, noise: Reals, g: Reals) -> float:
        z = B @ x
        g[:] = B.T @ (curvature * z + z**3)
        return float(np.sum(curvature * z**2 / 2 + z**4 / 4))

    def hessian(x: Reals, reals: Reals, ints: Ints, H: Reals) -> None:
        H[:] = (B.T * (curvature + 3 * (B @ x) ** 2)) @ B

    return drive.made(value_grad, np.linalg.solve(B, start), hessian=hessian)


def separable(curvatures: Sequence[float] | Reals, start: Sequence[float] | Reals) -> Problem:
    """The quadratic with these curvatures along the axes."""
    return drive.quadratic(np.diag(curvatures), start)


def with_gradients(gradients: Reals, start: Reals) -> Problem:
    """The step's row of ``gradients``, wherever the iterate is."""

    def value_grad(x: Reals, reals: Reals, ints: Ints, batch: Ints, noise: Reals, g: Reals) -> float:
        g[:] = gradients[batch[0] - 1]
        return 0.0

    return drive.made(value_grad, start, time_dependent=True)


def in_vectors(problem: Problem, *sizes: int) -> Problem:
    """The same problem with its parameters in vector blocks of these sizes."""
    return drive.in_blocks(problem, *((size, 1) for size in sizes))


def rearranged(problem: Problem, matrix: Reals, seed: int, *, signs: bool) -> tuple[Problem, Reals]:
    """A quadratic in blocks after a change of names that respects them, and the change P: x becomes P x.

    With ``signs`` rows and columns of blocks change their signs, else blocks, rows and columns their order.
    """
    draw, sign = np.random.default_rng([seed, 2]), np.ones(problem.n)
    places: list[Ints] = []
    blocks: list[Block] = []
    order = range(len(problem.blocks)) if signs else draw.permutation(len(problem.blocks))
    for block in (problem.blocks[k] for k in order):
        place = block.offset + np.arange(block.rows * block.cols).reshape(block.rows, block.cols)
        if signs:
            rows, cols = (draw.choice([-1.0, 1.0], size) for size in place.shape)
            sign[place] = np.outer(rows, cols)
        else:
            place = place[draw.permutation(block.rows)][:, draw.permutation(block.cols)]
        blocks.append(replace(block, offset=sum(map(len, places))))
        places.append(place.ravel())
    P = (np.eye(problem.n) * sign)[np.concatenate(places)]
    return replace(moved(matrix, problem.start, P), blocks=tuple(blocks)), P


def bowl_with_noise(n: int, weight: float = 1.0) -> Problem:
    """``weight`` x^2/2 in every coordinate, from 0, with unit gradient noise: n independent chains."""

    def value_grad(x: Reals, reals: Reals, ints: Ints, batch: Ints, noise: Reals, g: Reals) -> float:
        g[:] = weight * x + noise
        return float(x @ x) / 2

    return drive.made(value_grad, np.zeros(n), noise=n)
