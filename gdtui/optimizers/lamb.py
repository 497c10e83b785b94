"""LAMB: AdamW's direction, with a step as long, in every block, as the block's weights times lr.

    m <- beta1 m + (1 - beta1) g
    v <- beta2 v + (1 - beta2) g^2
    r = m' / (sqrt(v') + eps) + weight_decay x,  m' = m / (1 - beta1^t),  v' = v / (1 - beta2^t)
    x_b <- x_b - lr |x_b| / |r_b| r_b  for every block b; the ratio is 1 where either norm is 0

Y. You et al., "Large batch optimization for deep learning: training BERT in 76 minutes", 2020,
https://arxiv.org/abs/1904.00962. Departure: the ratio is not clipped (optax's form; the paper leaves a scaling function
open).
"""

from __future__ import annotations

import math

import numpy as np

from gdtui.anatomy import Anatomy, Step, Term
from gdtui.contracts import Hessian, HessianVector, Hyperparameter, Ints, Optimizer, Reals, ValueGrad, kernel
from gdtui.optimizers import adam
from gdtui.optimizers._linear_algebra import dot
from gdtui.optimizers._matrix import norm


@kernel
def length(a: Reals) -> float:
    """|a|, also where its square would be beyond the numbers, or 0: small weights are not weights of zero."""
    squares = dot(a, a)
    return math.sqrt(squares) if 1e-280 < squares < 1e280 else norm(a)


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
    beta1, beta2, eps, weight_decay = hyper[0], hyper[1], hyper[2], hyper[3]
    if t == 1:
        state[3, 0] = 1.0
        state[3, 1] = 1.0
    state[3, 0] *= beta1
    state[3, 1] *= beta2
    weight1, weight2 = 1.0 - state[3, 0], 1.0 - state[3, 1]
    for block in range(blocks.shape[0]):
        first = blocks[block, 0]
        last = first + blocks[block, 1] * blocks[block, 2]
        for i in range(first, last):
            state[0, i] = beta1 * state[0, i] + (1.0 - beta1) * g[i]
            state[1, i] = beta2 * state[1, i] + (1.0 - beta2) * g[i] * g[i]
            direction = (state[0, i] / weight1) / (math.sqrt(state[1, i] / weight2) + eps)
            state[2, i] = direction + weight_decay * x[i]
        weights, step = length(x[first:last]), length(state[2, first:last])
        ratio = weights / step if weights != 0.0 and step != 0.0 else 1.0
        for i in range(first, last):
            x[i] -= lr * ratio * state[2, i]
    return 0


def anatomy(step: Step) -> Anatomy:
    eps, decay = step.hyper["eps"], step.hyper["weight_decay"]
    weight1, weight2 = 1.0 - step.state[3, 0], 1.0 - step.state[3, 1]
    kept, fresh = adam.averaged(step)
    root, r = np.sqrt(step.now(1) / weight2), step.now(2)
    ratio = np.ones_like(r)
    for first, rows, cols in step.blocks.tolist():
        block = slice(first, first + rows * cols)
        weights, direction = length(step.before[block]), length(r[block])
        ratio[block] = weights / direction if weights != 0.0 and direction != 0.0 else 1.0
    terms = (
        *adam.mean_terms(step),
        Term("1−β₁ᵗ", weight1, "weight of m"),
        Term("m̂", step.now(0) / weight1, "mean gradient, corrected"),
        Term("v", step.now(1), "mean squared gradient"),
        Term("1−β₂ᵗ", weight2, "weight of v"),
        Term("√v̂", root, "size of the gradients", "denominator"),
        Term("ε", eps),
        Term("θ", step.before, "where it stood"),
        Term("λ", decay, "weight decay"),
        Term("r", r, "direction"),
        Term("‖θ_b‖/‖r_b‖", ratio, "trust ratio of its block"),
        Term("η", step.lr, "learning rate"),
    )
    equations = (
        "m = {β₁m} + {(1−β₁)g}",
        "m̂ = {m}/{1−β₁ᵗ}",
        "√v̂ = √({v}/{1−β₂ᵗ})",
        "r = {m̂}/({√v̂} + {ε}) + {λ}·{θ}",
        "Δ = −{η}·{‖θ_b‖/‖r_b‖}·{r}",
    )
    rate = step.lr * ratio / weight1 / (root + eps)
    decayed = Term("−ηλθ‖θ_b‖/‖r_b‖", -step.lr * ratio * decay * step.before, "weight decay", "decay")
    return Anatomy(terms, equations, (*adam.mean_parts(-rate * kept, -rate * fresh), decayed))


OPTIMIZER = Optimizer(
    name="lamb",
    title="LAMB",
    parent="adamw",
    rule=update,
    learning_rate=1e-3,
    formula="r = m̂/(√v̂ + ε) + λθ;  per block θ_b ← θ_b − η(‖θ_b‖/‖r_b‖) r_b",
    fixes=(
        "One η for blocks of any size. Each moves by η times its own norm a step, so that all change in the same "
        "proportion, whatever their units: what lets layers share an η when batches and rates are huge."
    ),
    fails=(
        "It holds small weights: from .001 half-way to 1 takes 625 steps at η = .01, Adam's 55; one weight alone never "
        "changes sign. And it never settles: to the end a step is as long as η times its block's weights."
    ),
    fails_on="traps/lamb-small-weights",
    settles=False,
    reference="You et al. 2020, https://arxiv.org/abs/1904.00962",
    hyperparameters=(
        *adam.OPTIMIZER.hyperparameters[:2],
        Hyperparameter("eps", 1e-6, "(0, inf)", "added to the denominator, against division by zero"),
        Hyperparameter("weight_decay", 0.0, "[0, inf)", "decoupled decay: this times the weights joins the direction"),
    ),
    slots=(*adam.OPTIMIZER.slots, "direction"),
    scalars=adam.OPTIMIZER.scalars,
    anatomy=anatomy,
)
