"""Adam: averages of the gradient and of its square, both corrected for their start at zero.

    m <- beta1 m + (1 - beta1) g
    v <- beta2 v + (1 - beta2) g^2
    x <- x - lr m' / (sqrt(v') + eps),  m' = m / (1 - beta1^t),  v' = v / (1 - beta2^t)

D. P. Kingma, J. Ba, "Adam: a method for stochastic optimization", 2015, https://arxiv.org/abs/1412.6980. Departure: the
powers are running products, so that a beta changed in mid-race keeps both averages correctly weighted.
"""

from __future__ import annotations

import math

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
)
