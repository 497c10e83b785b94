"""Adam: averages of the gradient and of its square, both corrected for their start at zero.

    m <- beta1 m + (1 - beta1) g
    v <- beta2 v + (1 - beta2) g^2
    x <- x - lr m' / (sqrt(v') + eps),  m' = m / (1 - beta1^t),  v' = v / (1 - beta2^t)

D. P. Kingma, J. Ba, "Adam: a method for stochastic optimization", 2015, https://arxiv.org/abs/1412.6980. Departure: the
powers are running products, so that a beta changed in mid-race keeps both averages correctly weighted.
"""

from __future__ import annotations

import math

import numpy as np

from gdtui.anatomy import Anatomy, Step, Term, Vector
from gdtui.contracts import Hessian, HessianVector, Hyperparameter, Ints, Optimizer, Reals, ValueGrad, kernel


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
        state[2, 0] = 1.0
        state[2, 1] = 1.0
    state[2, 0] *= beta1
    state[2, 1] *= beta2
    weight1, weight2 = 1.0 - state[2, 0], 1.0 - state[2, 1]
    for i in range(x.shape[0]):
        state[0, i] = beta1 * state[0, i] + (1.0 - beta1) * g[i]
        state[1, i] = beta2 * state[1, i] + (1.0 - beta2) * g[i] * g[i]
        x[i] -= lr * (state[0, i] / weight1) / (math.sqrt(state[1, i] / weight2) + eps)
    return 0


def anatomy(step: Step) -> Anatomy:
    m, v, eps = step.now(0), step.now(1), step.hyper["eps"]
    weight1, weight2 = 1.0 - step.state[2, 0], 1.0 - step.state[2, 1]
    kept, fresh = averaged(step)
    root = np.sqrt(v / weight2)
    terms = (
        *mean_terms(step),
        Term("1−β₁ᵗ", weight1, "weight of m"),
        Term("m̂", m / weight1, "mean gradient, corrected"),
        Term("v", v, "mean squared gradient"),
        Term("1−β₂ᵗ", weight2, "weight of v"),
        Term("√v̂", root, "size of the gradients", "denominator"),
        Term("ε", eps),
        Term("η", step.lr, "learning rate"),
    )
    equations = (
        "m = {β₁m} + {(1−β₁)g}",
        "m̂ = {m}/{1−β₁ᵗ}",
        "√v̂ = √({v}/{1−β₂ᵗ})",
        "Δ = −{η}·{m̂}/({√v̂} + {ε})",
    )
    rate = step.lr / weight1 / (root + eps)
    return Anatomy(terms, equations, mean_parts(-rate * kept, -rate * fresh))


def averaged(step: Step) -> tuple[Vector, Vector]:
    """What the mean gradient kept of itself, and what it took in: its two summands."""
    beta1 = step.hyper["beta1"]
    return beta1 * step.was(0), (1.0 - beta1) * step.gradient


def mean_terms(step: Step) -> tuple[Term, ...]:
    """The terms of the mean gradient, which Adam's descendants share."""
    kept, fresh = averaged(step)
    return (
        Term("g", step.gradient, "gradient"),
        Term("β₁m", kept, "mean gradient kept", "carried"),
        Term("(1−β₁)g", fresh, "gradient taken in", "gradient"),
        Term("m", step.now(0), "mean gradient"),
    )


def mean_parts(kept: Vector, fresh: Vector) -> tuple[Term, ...]:
    """The two parts of a step along the mean gradient."""
    return Term("Δ by β₁m", kept, "the mean gradient", "carried"), Term(
        "Δ by g", fresh, "the newest gradient", "gradient"
    )


OPTIMIZER = Optimizer(
    name="adam",
    title="Adam",
    parent="rmsprop",
    rule=update,
    learning_rate=1e-3,
    formula="m ← β₁m + (1−β₁)g;  v ← β₂v + (1−β₂)g²;  θ ← θ − η m̂/(√v̂ + ε),  m̂ = m/(1−β₁ᵗ), v̂ = v/(1−β₂ᵗ)",
    fixes=(
        "RMSprop's long start and its jumping. Bias correction makes the first step η in every coordinate, whatever "
        "the gradient's scale, and m damps the flips: at the defaults it settles, but for rare bursts of about η."
    ),
    fails=(
        "L2 is scaled away: divided by √v̂ with the rest of the gradient, it decays a weight with large gradients "
        "hardly at all. And it may converge to the worst point: on Reddi's example at β₁ = 0, β₂ = .1."
    ),
    fails_on="traps/adam-l2-scaled-away",
    reference="Kingma & Ba 2015, https://arxiv.org/abs/1412.6980",
    hyperparameters=(
        Hyperparameter("beta1", 0.9, "[0, 1)", "share of the gradient average kept from step to step"),
        Hyperparameter("beta2", 0.999, "[0, 1)", "share of the squared-gradient average kept from step to step"),
        Hyperparameter("eps", 1e-8, "(0, inf)", "added to the denominator, against division by zero"),
    ),
    slots=("mean gradient", "mean squared gradient"),
    scalars=("beta1 power", "beta2 power"),
    order=1,
    anatomy=anatomy,
)
