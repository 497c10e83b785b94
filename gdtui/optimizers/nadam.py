"""NAdam: Adam that looks ahead as Nesterov does, with a momentum that grows from beta1/2 to beta1.

    m <- beta1 m + (1 - beta1) g
    v <- beta2 v + (1 - beta2) g^2
    x <- x - lr [mu_(t+1) m / (1 - mu_1 ... mu_(t+1)) + (1 - mu_t) g / (1 - mu_1 ... mu_t)] / (sqrt(v') + eps)
    mu_t = beta1 (1 - 0.96^(psi t) / 2),  v' = v / (1 - beta2^t)

T. Dozat, "Incorporating Nesterov momentum into Adam", 2016, https://openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ.
Departures, both torch's: m is averaged with beta1 and only weighed with mu, and psi is given where the paper has 1/250.
"""

from __future__ import annotations

import math

import numpy as np

from gdtui.anatomy import Anatomy, Step, Term
from gdtui.contracts import Hessian, HessianVector, Hyperparameter, Ints, Optimizer, Reals, ValueGrad, kernel
from gdtui.optimizers import adam

# The base that the paper gives to the momentum's growth. A power with a variable exponent has other bits compiled and
# plain, exp has the same.
LOG_BASE = math.log(0.96)


@kernel
def momentum(beta1: float, psi: float, t: int) -> float:
    return beta1 * (1.0 - 0.5 * math.exp(LOG_BASE * psi * t))


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
    beta1, beta2, eps, psi = hyper[0], hyper[1], hyper[2], hyper[3]
    if t == 1:
        state[2, 0] = 1.0
        state[2, 1] = 1.0
    now, ahead = momentum(beta1, psi, t), momentum(beta1, psi, t + 1)
    state[2, 0] *= now
    state[2, 1] *= beta2
    along, down = ahead / (1.0 - state[2, 0] * ahead), (1.0 - now) / (1.0 - state[2, 0])
    weight2 = 1.0 - state[2, 1]
    for i in range(x.shape[0]):
        state[0, i] = beta1 * state[0, i] + (1.0 - beta1) * g[i]
        state[1, i] = beta2 * state[1, i] + (1.0 - beta2) * g[i] * g[i]
        x[i] -= lr * (along * state[0, i] + down * g[i]) / (math.sqrt(state[1, i] / weight2) + eps)
    return 0


def anatomy(step: Step) -> Anatomy:
    beta1, eps, psi = step.hyper["beta1"], step.hyper["eps"], step.hyper["psi"]
    now, ahead, product = momentum(beta1, psi, step.t), momentum(beta1, psi, step.t + 1), float(step.state[2, 0])
    along, down = ahead / (1.0 - product * ahead), (1.0 - now) / (1.0 - product)
    weight2 = 1.0 - step.state[2, 1]
    kept, fresh = adam.averaged(step)
    root = np.sqrt(step.now(1) / weight2)
    terms = (
        *adam.mean_terms(step),
        Term("μₜ₊₁/(1−Πₜ₊₁)", along, "weight of m"),
        Term("(1−μₜ)/(1−Πₜ)", down, "weight of g"),
        Term("v", step.now(1), "mean squared gradient"),
        Term("1−β₂ᵗ", weight2, "weight of v"),
        Term("√v̂", root, "size of the gradients", "denominator"),
        Term("ε", eps),
        Term("η", step.lr, "learning rate"),
    )
    equations = (
        "m = {β₁m} + {(1−β₁)g}",
        "√v̂ = √({v}/{1−β₂ᵗ})",
        "Δ = −{η}·({μₜ₊₁/(1−Πₜ₊₁)}·{m} + {(1−μₜ)/(1−Πₜ)}·{g})/({√v̂} + {ε})",
    )
    rate = step.lr / (root + eps)
    gradient = along * fresh + down * step.gradient
    return Anatomy(terms, equations, adam.mean_parts(-rate * along * kept, -rate * gradient))


OPTIMIZER = Optimizer(
    name="nadam",
    title="NAdam",
    parent="adam",
    rule=update,
    learning_rate=2e-3,
    formula="θ ← θ − η[μₜ₊₁m/(1−Πμᵢ, i≤t+1) + (1−μₜ)g/(1−Πμᵢ, i≤t)]/(√v̂ + ε),  μₜ = β₁(1 − ½·.96^ψt)",
    fixes=(
        "Adam's late braking. It looks ahead without a second gradient: the newest one counts once more. In the valley "
        "with κ = 100, from 1 at η = .1, Adam shoots past the minimum by .27, NAdam by .07."
    ),
    fails=(
        "It may never settle. On Rosenbrock at η = .01 it ends jumping from side to side of the minimum, .074η away in "
        "every coordinate (at β₁ = .9), and f stays near 5e-4. Adam settles there."
    ),
    fails_on="rosenbrock",
    shown_by=("nadam:lr=0.01", "adam:lr=0.01"),
    reference="Dozat 2016, https://openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ",
    hyperparameters=(
        *adam.OPTIMIZER.hyperparameters,
        Hyperparameter("psi", 4e-3, "[0, inf)", "how fast the momentum grows from half of beta1 to all of it"),
    ),
    slots=adam.OPTIMIZER.slots,
    scalars=("mu product", "beta2 power"),
    anatomy=anatomy,
)
