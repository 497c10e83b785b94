"""Lion: of every gradient only the sign counts, so every coordinate moves by lr a step.

    d = beta1 m + (1 - beta1) g
    x <- x - lr (sign(d) + weight_decay x)
    m <- beta2 m + (1 - beta2) g

X. Chen et al., "Symbolic discovery of optimization algorithms", 2023, https://arxiv.org/abs/2302.06675. Its search
starts from AdamW, hence the parent. Departure: weight_decay is 0 unless set.
"""

from __future__ import annotations

import numpy as np

from gdtui.anatomy import Anatomy, Step, Term
from gdtui.contracts import Hessian, HessianVector, Hyperparameter, Ints, Optimizer, Reals, ValueGrad, kernel


@kernel
def sign(value: float) -> float:
    # What is neither above nor below is itself: zero stays zero, and a NaN is not lost.
    return 1.0 if value > 0.0 else -1.0 if value < 0.0 else value


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
    beta1, beta2, weight_decay = hyper[0], hyper[1], hyper[2]
    for i in range(x.shape[0]):
        direction = sign(beta1 * state[0, i] + (1.0 - beta1) * g[i])
        x[i] -= lr * (direction + weight_decay * x[i])
        state[0, i] = beta2 * state[0, i] + (1.0 - beta2) * g[i]
    return 0


def anatomy(step: Step) -> Anatomy:
    g, beta1, decay = step.gradient, step.hyper["beta1"], step.hyper["weight_decay"]
    kept, fresh = beta1 * step.was(0), (1.0 - beta1) * g
    signs = np.sign(kept + fresh)
    terms = (
        Term("g", g, "gradient"),
        Term("β₁m", kept, "mean gradient's share", "carried"),
        Term("(1−β₁)g", fresh, "gradient's share", "gradient"),
        Term("d", kept + fresh, "what has a sign"),
        Term("sign(d)", signs, "its sign"),
        Term("θ", step.before, "where it stood"),
        Term("λ", decay, "weight decay"),
        Term("η", step.lr, "learning rate"),
    )
    parts = (
        Term("−η sign(d)", -step.lr * signs, "the sign"),
        Term("−ηλθ", -step.lr * decay * step.before, "weight decay", "decay"),
    )
    return Anatomy(terms, ("d = {β₁m} + {(1−β₁)g}", "Δ = −{η}·({sign(d)} + {λ}·{θ})"), parts)


OPTIMIZER = Optimizer(
    name="lion",
    title="Lion",
    parent="adamw",
    rule=update,
    learning_rate=1e-4,
    formula="θ ← θ − η(sign(β₁m + (1−β₁)g) + λθ);  m ← β₂m + (1−β₂)g",
    fixes=(
        "AdamW's second average and its ε. Only the sign of the averaged gradient counts: half the memory, no scale of "
        "the gradient to mind, and every coordinate moves by η in every step."
    ),
    fails=(
        "Every step is as long as the first, at the minimum too. It ends jumping about it for ever, up to 3η away on "
        "the built-in quadratic; only a falling η brings it nearer."
    ),
    fails_on="quadratic",
    reference="Chen et al. 2023, https://arxiv.org/abs/2302.06675",
    settles=False,
    hyperparameters=(
        Hyperparameter("beta1", 0.9, "[0, 1)", "share of the gradient average in the step's direction"),
        Hyperparameter("beta2", 0.99, "[0, 1)", "share of the gradient average kept from step to step"),
        Hyperparameter(
            "weight_decay", 0.0, "[0, inf)", "decoupled decay: every weight shrinks by lr times this a step"
        ),
    ),
    slots=("mean gradient",),
    anatomy=anatomy,
)
