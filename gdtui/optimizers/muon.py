"""Muon: momentum whose matrix is made orthogonal, so that a step is as long in every direction it takes.

    m <- beta m + (1 - beta) g
    U <- beta m / (1 - beta^(t+1)) + (1 - beta) g / (1 - beta^t), as a matrix
    U <- U / (|U|_F + eps), then five times U <- 3.4445 U - 4.775 UU'U + 2.0315 UU'UU'U
    x <- x - lr (sqrt(max(1, cols / rows)) U + weight_decay x)

Blocks of one row or column take AdamW's step, with v' from beta2 as Adam has it and m one step ahead there, too:

    x <- x - lr ((beta1 m / (1 - beta1^(t+1)) + (1 - beta1) g / (1 - beta1^t)) / (sqrt(v') + eps) + weight_decay x)

K. Jordan et al., "Muon: an optimizer for hidden layers in neural networks", 2024,
https://kellerjordan.github.io/posts/muon/, whose lr is the default. Departures, all of them optax's: both averages are
corrected for their start at zero, the root takes the columns for outputs, and vectors share lr and eps. Not optax's:
they share weight_decay, too, and a matrix of one row or column counts as a vector.
"""

from __future__ import annotations

import math

import numpy as np

from gdtui.anatomy import Anatomy, Step, Term
from gdtui.contracts import Hessian, HessianVector, Hyperparameter, Ints, Optimizer, Reals, ValueGrad, kernel
from gdtui.optimizers._matrix import orthogonalise

# Rows of the state. A matrix has no squares: there it keeps the iterate.
MEAN, DIRECTION, SQUARES, GRAM, POLYNOMIAL, ROW, POWERS = range(7)


@kernel
def look_ahead(g: Reals, m: Reals, u: Reals, beta: float, power: float) -> None:
    """Nesterov's momentum: u <- the average m as it will be if g comes again, both corrected; power is beta^t."""
    for i in range(g.shape[0]):
        m[i] = beta * m[i] + (1.0 - beta) * g[i]
        u[i] = beta * (m[i] / (1.0 - power * beta)) + (1.0 - beta) * (g[i] / (1.0 - power))


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
    beta, beta1, beta2, eps, weight_decay = hyper[0], hyper[1], hyper[2], hyper[3], hyper[4]
    powers = state[POWERS]
    for k in range(3):  # beta, beta1 and beta2 come first in hyper
        powers[k] = hyper[k] * (powers[k] if t > 1 else 1.0)
    for block in range(blocks.shape[0]):
        first, rows, cols = blocks[block, 0], blocks[block, 1], blocks[block, 2]
        last = first + rows * cols
        m, u, squares = state[MEAN, first:last], state[DIRECTION, first:last], state[SQUARES, first:last]
        scale = 1.0
        if rows > 1 and cols > 1:
            look_ahead(g[first:last], m, u, beta, powers[0])
            orthogonalise(u, rows, cols, eps, squares, state[GRAM], state[POLYNOMIAL], state[ROW])
            scale = math.sqrt(max(1.0, cols / rows))
        else:
            look_ahead(g[first:last], m, u, beta1, powers[1])
            for i in range(last - first):
                squares[i] = beta2 * squares[i] + (1.0 - beta2) * g[first + i] * g[first + i]
                u[i] /= math.sqrt(squares[i] / (1.0 - powers[2])) + eps
        for i in range(last - first):
            x[first + i] -= lr * (scale * u[i] + weight_decay * x[first + i])
    return 0


def anatomy(step: Step) -> Anatomy:
    g, decay, direction = step.gradient, step.hyper["weight_decay"], step.now(DIRECTION)
    keep, power, scale = np.empty_like(g), np.empty_like(g), np.ones_like(g)
    vectors = False
    for first, rows, cols in step.blocks.tolist():
        block = slice(first, first + rows * cols)
        is_matrix = rows > 1 and cols > 1
        vectors |= not is_matrix
        keep[block] = step.hyper["beta" if is_matrix else "beta1"]
        power[block] = step.state[POWERS, 0 if is_matrix else 1]
        scale[block] = math.sqrt(max(1.0, cols / rows)) if is_matrix else 1.0
    kept, fresh, m = keep * step.was(MEAN), (1.0 - keep) * g, step.now(MEAN)
    terms = (
        Term("g", g, "gradient"),
        Term("βm", kept, "mean gradient kept", "carried"),
        Term("(1−β)g", fresh, "gradient taken in", "gradient"),
        Term("m", m, "mean gradient"),
        Term("βm̂", keep * m / (1.0 - power * keep), "share of the mean ahead"),
        Term("(1−β)ĝ", fresh / (1.0 - power), "share of g, corrected"),
        Term("U", keep * m / (1.0 - power * keep) + fresh / (1.0 - power), "the mean, a step ahead"),
        Term("NS₅(U)", direction, "U, made orthogonal"),
        Term("√max(1, cols/rows)", scale, "scale of its block"),
        Term("θ", step.before, "where it stood"),
        Term("λ", decay, "weight decay"),
        Term("η", step.lr, "learning rate"),
    )
    equations = (
        "m = {βm} + {(1−β)g}",
        "U = {βm̂} + {(1−β)ĝ}",
        "Δ = −{η}·({√max(1, cols/rows)}·{NS₅(U)} + {λ}·{θ})",
    )
    parts = (
        Term("−η√max(1, cols/rows)NS₅(U)", -step.lr * scale * direction, "the orthogonal direction"),
        Term("−ηλθ", -step.lr * decay * step.before, "weight decay", "decay"),
    )
    remark = "blocks of one row or column take AdamW's direction in the place of NS₅(U)" if vectors else ""
    return Anatomy(terms, equations, parts, remark=remark)


OPTIMIZER = Optimizer(
    name="muon",
    title="Muon",
    parent="momentum",
    rule=update,
    learning_rate=0.02,
    formula="m ← βm + (1−β)G;  U = βm̂ + (1−β)Ĝ;  θ ← θ − η(√max(1, cols/rows) NS₅(U/‖U‖) + λθ)",
    fixes=(
        "Momentum's favourites, the few largest singular directions of a matrix: Muon goes about as far in all. When f "
        "passes 2 on StreamRec, momentum has learnt trait 1 of 5 over 3 times as well as trait 5, Muon 1.3 times."
    ),
    fails=(
        "It never settles: a step is as long as η says, however small the gradient. On StreamRec f still jumps between "
        ".369 and .382 at η = 1; .1 gets to .3621. Vectors it leaves to AdamW."
    ),
    fails_on="streamrec",
    shown_by=("muon:lr=1", "momentum:lr=10"),
    reference="Jordan et al. 2024, https://kellerjordan.github.io/posts/muon/",
    settles=False,
    hyperparameters=(
        Hyperparameter("beta", 0.95, "[0, 1)", "share of a matrix's average kept from step to step"),
        Hyperparameter("beta1", 0.9, "[0, 1)", "for vectors: share of the gradient average kept from step to step"),
        Hyperparameter("beta2", 0.999, "[0, 1)", "for vectors: share of the squared-gradient average kept"),
        Hyperparameter("eps", 1e-8, "(0, inf)", "added to denominators: the matrix's norm, and Adam's"),
        Hyperparameter("weight_decay", 0.0, "[0, inf)", "decoupled decay: this times the weights joins the direction"),
    ),
    slots=("mean gradient", "direction", "mean squared gradient or iterate", "Gram matrix", "polynomial", "row"),
    scalars=("beta power", "beta1 power", "beta2 power"),
    matrices=True,
    instead="adamw",
    anatomy=anatomy,
)
