"""Shampoo: Adagrad for matrices, with the roots of whole matrices in the place of coordinates' denominators.

    A <- A + GG',  B <- B + G'G
    x <- x - lr P,  P = (A + eps I)^(-1/4) G (B + eps I)^(-1/4)

G is the gradient of a block as a matrix; every block has its own A, rows x rows, and B, cols x cols.
V. Gupta, T. Koren, Y. Singer, "Shampoo: preconditioned stochastic tensor optimization", 2018,
https://arxiv.org/abs/1802.09568. Departures: a side longer than LONGEST_SIDE has no matrix of its own (the paper's is
then diagonal), and the other side's exponent is -1/2, which keeps the scale of a step. So a vector g is a matrix of one
column: (A + eps I)^(-1/2) g, A <- A + gg'. Where neither side has a matrix the rule is Adagrad, eps under the root.
"""

from __future__ import annotations

import math

import numpy as np

from gdtui.anatomy import Anatomy, Step, Term
from gdtui.contracts import Hessian, HessianVector, Hyperparameter, Ints, Optimizer, Reals, ValueGrad, kernel
from gdtui.optimizers._matrix import add_gram, add_product, inverse_root

LONGEST_SIDE = 64  # a root costs n^3: 2 ms at 64, 60 ms at 200


@kernel
def own(side: int) -> int:
    """The length of a side with a matrix of its own, 0 of any other."""
    return side if 1 < side <= LONGEST_SIDE else 0


@kernel
def rows_of_state(side: int) -> int:
    """What a side takes that has its own matrix: that one's triangle, its root, its eigenvectors, a row of scratch."""
    return 3 * side + 1


def state_shape(n: int, blocks: Ints, hyper: Reals) -> tuple[int, int]:
    height, width = 0, 1
    for _, rows, cols in blocks.tolist():
        left, right = own(rows), own(cols)
        neither = left + right == 0
        height += rows_of_state(left) + rows_of_state(right) + (rows if neither else 0)
        width = max(width, left, right, cols if neither else 0)
    return height, width


@kernel
def diagonal(G: Reals, squares: Reals, lr: float, eps: float, X: Reals) -> None:
    """Adagrad's step, for a block without a matrix."""
    rows, cols = squares.shape
    for i in range(rows):
        for j in range(cols):
            entry = G[i * cols + j]
            squares[i, j] += entry * entry
            X[i * cols + j] -= lr * entry / math.sqrt(squares[i, j] + eps)


@kernel
def update(
    value_grad: ValueGrad,
    hessian: Hessian,
    hessian_vector: HessianVector,
    reals: Reals,
    ints: Ints,
    blocks: Ints,
    batch: Ints,
    noise: Reals,
    x: Reals,
    f: float,
    g: Reals,
    state: Reals,
    hyper: Reals,
    t: int,
    lr: float,
    counts: Ints,
) -> int:
    eps = hyper[0]
    at = 0
    for block in range(blocks.shape[0]):
        first, rows, cols = blocks[block, 0], blocks[block, 1], blocks[block, 2]
        G, X = g[first : first + rows * cols], x[first : first + rows * cols]
        m, n = own(rows), own(cols)
        left = state[at : at + rows_of_state(m), :m]
        at += rows_of_state(m)
        right = state[at : at + rows_of_state(n), :n]
        at += rows_of_state(n)
        if m + n == 0:
            diagonal(G, state[at : at + rows, :cols], lr, eps, X)
            at += rows
            continue
        if m > 0:
            add_gram(G, cols, rows, 1, cols, left, left[3 * m])
            inverse_root(left[:m], eps, n > 0, left[m : 2 * m], left[2 * m : 3 * m], left[3 * m])
        if n > 0:
            add_gram(G, rows, cols, cols, 1, right, right[3 * n])
            inverse_root(right[:n], eps, m > 0, right[n : 2 * n], right[2 * n : 3 * n], right[3 * n])
        add_product(-lr, left[m : 2 * m], G, right[n : 2 * n], X, rows, cols, left[3 * m])
    return 0


def anatomy(step: Step) -> Anatomy:
    g, eps = step.gradient, step.hyper["eps"]
    P, at = np.empty_like(g), 0
    for first, rows, cols in step.blocks.tolist():
        block = slice(first, first + rows * cols)
        G, m, n = g[block].reshape(rows, cols), own(rows), own(cols)
        left = step.state[at : at + rows_of_state(m), :m]
        at += rows_of_state(m)
        right = step.state[at : at + rows_of_state(n), :n]
        at += rows_of_state(n)
        if m + n == 0:
            G = G / np.sqrt(step.state[at : at + rows, :cols] + eps)
            at += rows
        G = left[m : 2 * m] @ G if m > 0 else G
        P[block] = (G @ right[n : 2 * n] if n > 0 else G).ravel()
    terms = (
        Term("G", g, "gradient", "gradient"),
        Term("P", P, "the gradient between roots of A and B"),
        Term("η", step.lr, "learning rate"),
    )
    parts = (Term("−ηP", -step.lr * P, "the gradient", "gradient"),)
    return Anatomy(terms, ("Δ = −{η}·{P}",), parts, remark="P = (A + εI)^(−1/4) G (B + εI)^(−1/4)")


OPTIMIZER = Optimizer(
    name="shampoo",
    title="Shampoo",
    parent="adagrad",
    rule=update,
    learning_rate=1e-2,
    formula="A ← A + GGᵀ;  B ← B + GᵀG;  θ ← θ − η(A + εI)^(−1/4) G (B + εI)^(−1/4)",
    fixes=(
        "Adagrad's axes. It divides coordinate by coordinate; with the roots of whole matrices, turning a problem's "
        "rows or columns only turns the path. The first step is η in every singular direction of G."
    ),
    fails=(
        "It never forgets either: under steady noise the rate falls as 1/√t, and on StreamRec f > 1 after 2,000 steps "
        "at η = .1; η = 4 works. Roots cost n³: a side over 64, as for its users, has none."
    ),
    fails_on="streamrec",
    shown_by=("shampoo:lr=0.1", "adagrad:lr=0.1"),
    reference="Gupta, Koren & Singer 2018, https://arxiv.org/abs/1802.09568",
    hyperparameters=(Hyperparameter("eps", 1e-6, "(0, inf)", "added to every eigenvalue, against division by zero"),),
    state_shape=state_shape,
    matrices=True,
    instead="adagrad",
    state="for r × c weights about 3r² + 3c² numbers: A and B, their roots and eigenvectors",
    anatomy=anatomy,
)
