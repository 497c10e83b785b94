"""AMSGrad: Adam that divides by the largest average of squared gradients so far, not by the present one.

    m <- beta1 m + (1 - beta1) g
    v <- beta2 v + (1 - beta2) g^2
    w <- max(w, v)
    x <- x - lr m' / (sqrt(w') + eps),  m' = m / (1 - beta1^t),  w' = w / (1 - beta2^t)

S. J. Reddi, S. Kale, S. Kumar, "On the convergence of Adam and beyond", 2018, https://openreview.net/forum?id=ryQu7f-RZ.
Departure: m and w are corrected for their start at zero, w after the maximum is taken (torch's form; the paper corrects
neither, optax takes the maximum of the corrected v). So the rate may still rise while the correction wears off.
"""

from __future__ import annotations

import math

import numpy as np

from gdtui.anatomy import Anatomy, Step, Term
from gdtui.contracts import Hessian, HessianVector, Ints, Optimizer, Reals, ValueGrad, kernel
from gdtui.optimizers import adam


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
    beta1, beta2, eps = hyper[0], hyper[1], hyper[2]
    if t == 1:
        state[3, 0] = 1.0
        state[3, 1] = 1.0
    state[3, 0] *= beta1
    state[3, 1] *= beta2
    weight1, weight2 = 1.0 - state[3, 0], 1.0 - state[3, 1]
    for i in range(x.shape[0]):
        state[0, i] = beta1 * state[0, i] + (1.0 - beta1) * g[i]
        state[1, i] = beta2 * state[1, i] + (1.0 - beta2) * g[i] * g[i]
        if state[1, i] > state[2, i]:
            state[2, i] = state[1, i]
        x[i] -= lr * (state[0, i] / weight1) / (math.sqrt(state[2, i] / weight2) + eps)
    return 0


def anatomy(step: Step) -> Anatomy:
    m, w, eps = step.now(0), step.now(2), step.hyper["eps"]
    weight1, weight2 = 1.0 - step.state[3, 0], 1.0 - step.state[3, 1]
    kept, fresh = adam.averaged(step)
    root = np.sqrt(w / weight2)
    terms = (
        *adam.mean_terms(step),
        Term("1−β₁ᵗ", weight1, "weight of m"),
        Term("m̂", m / weight1, "mean gradient, corrected"),
        Term("v", step.now(1), "mean squared gradient"),
        Term("w", w, "largest v so far"),
        Term("1−β₂ᵗ", weight2, "weight of v"),
        Term("√ŵ", root, "size of the gradients", "denominator"),
        Term("ε", eps),
        Term("η", step.lr, "learning rate"),
    )
    equations = (
        "m = {β₁m} + {(1−β₁)g}",
        "m̂ = {m}/{1−β₁ᵗ}",
        "√ŵ = √({w}/{1−β₂ᵗ})",
        "Δ = −{η}·{m̂}/({√ŵ} + {ε})",
    )
    rate = step.lr / weight1 / (root + eps)
    return Anatomy(terms, equations, adam.mean_parts(-rate * kept, -rate * fresh))


OPTIMIZER = Optimizer(
    name="amsgrad",
    title="AMSGrad",
    parent="adam",
    rule=update,
    learning_rate=1e-3,
    formula="m, v as Adam;  w ← max(w, v);  θ ← θ − η m̂/(√ŵ + ε),  m̂ = m/(1−β₁ᵗ), ŵ = w/(1−β₂ᵗ)",
    fixes=(
        "Adam's way to the worst point. With no forgetting, many small gradients cannot outvote a rare large one: on "
        "Reddi's example at β₁ = 0, β₂ = .1 it ends at the best point, −1, and Adam at the worst, +1."
    ),
    fails=(
        "It never forgets a large gradient, though it be the first. On Rosenbrock at η = .001, ‖g₀‖ = 233 holds it at "
        "f = 1.6 after 20,000 steps; Adam passes 1e-20 in 14,000."
    ),
    fails_on="rosenbrock",
    shown_by=("amsgrad:lr=0.001", "adam:lr=0.001"),
    reference="Reddi, Kale & Kumar 2018, https://openreview.net/forum?id=ryQu7f-RZ",
    hyperparameters=adam.OPTIMIZER.hyperparameters,
    slots=(*adam.OPTIMIZER.slots, "largest mean squared gradient"),
    scalars=adam.OPTIMIZER.scalars,
    anatomy=anatomy,
)
