"""RAdam: Adam that trusts its denominators only once they rest on enough gradients.

    m <- beta1 m + (1 - beta1) g
    v <- beta2 v + (1 - beta2) g^2
    rho_inf = 2 / (1 - beta2) - 1,  rho_t = rho_inf - 2 t beta2^t / (1 - beta2^t)
    x <- x - lr m' r_t / (sqrt(v) + eps) sqrt(1 - beta2^t)  if rho_t > 5, else  x <- x - lr m'
    r_t^2 = (rho_t - 4) (rho_t - 2) rho_inf / ((rho_inf - 4) (rho_inf - 2) rho_t),  m' = m / (1 - beta1^t)

L. Liu et al., "On the variance of the adaptive learning rate and beyond", 2020, https://arxiv.org/abs/1908.03265.
Departures: steps are rectified from rho_t > 5 on (torch's; the paper's 4); eps, which the paper lacks, is torch's.
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
        state[2, 0] = 1.0
    state[2, 0] *= beta1
    # The total weight of the squares in v, 1 - beta2^t, and this times their mean age. As sums of positive terms they
    # keep their digits, which rho_t, a difference of two numbers near rho_inf, loses as beta2 nears 1.
    state[2, 1] = beta2 * state[2, 1] + (1.0 - beta2)
    state[2, 2] = beta2 * state[2, 2] + state[2, 1]
    weight1, weight2 = 1.0 - state[2, 0], state[2, 1]
    longest = 2.0 / (1.0 - beta2) - 1.0
    # Never more than longest, as it would be for a while after beta2 was lowered in mid-race.
    length = min(2.0 * state[2, 2] / weight2 - 1.0, longest)
    rectified = length > 5.0
    rate = lr / weight1
    if rectified:
        share = (length - 4.0) * (length - 2.0) * longest / ((longest - 4.0) * (longest - 2.0) * length)
        rate *= math.sqrt(share * weight2)
    for i in range(x.shape[0]):
        state[0, i] = beta1 * state[0, i] + (1.0 - beta1) * g[i]
        state[1, i] = beta2 * state[1, i] + (1.0 - beta2) * g[i] * g[i]
        x[i] -= rate * state[0, i] / (math.sqrt(state[1, i]) + eps if rectified else 1.0)
    return 0


def anatomy(step: Step) -> Anatomy:
    beta2, eps = step.hyper["beta2"], step.hyper["eps"]
    weight1, weight2 = 1.0 - step.state[2, 0], float(step.state[2, 1])
    longest = 2.0 / (1.0 - beta2) - 1.0
    length = min(2.0 * float(step.state[2, 2]) / weight2 - 1.0, longest)
    kept, fresh = adam.averaged(step)
    terms: tuple[Term, ...] = (
        *adam.mean_terms(step),
        Term("1−β₁ᵗ", weight1, "weight of m"),
        Term("m̂", step.now(0) / weight1, "mean gradient, corrected"),
        Term("ρₜ", length, "steps that v rests on"),
        Term("η", step.lr, "learning rate"),
    )
    equations: tuple[str, ...] = ("m = {β₁m} + {(1−β₁)g}", "m̂ = {m}/{1−β₁ᵗ}")
    if length <= 5.0:
        parts = adam.mean_parts(-step.lr / weight1 * kept, -step.lr / weight1 * fresh)
        remark = "ρₜ is not above 5, so that no denominator is trusted yet"
        return Anatomy(terms, (*equations, "Δ = −{η}·{m̂}"), parts, remark=remark)
    share = (length - 4.0) * (length - 2.0) * longest / ((longest - 4.0) * (longest - 2.0) * length)
    rectifier, root = math.sqrt(share), np.sqrt(step.now(1))
    terms = (
        *terms,
        Term("√v", root, "size of the gradients", "denominator"),
        Term("rₜ", rectifier, "how far v is trusted"),
        Term("√(1−β₂ᵗ)", math.sqrt(weight2), "correction of √v"),
        Term("ε", eps),
    )
    rate = step.lr / weight1 * rectifier * math.sqrt(weight2) / (root + eps)
    equations = (*equations, "Δ = −{η}·{m̂}·{rₜ}·{√(1−β₂ᵗ)}/({√v} + {ε})")
    return Anatomy(terms, equations, adam.mean_parts(-rate * kept, -rate * fresh))


OPTIMIZER = Optimizer(
    name="radam",
    title="RAdam",
    parent="adam",
    rule=update,
    learning_rate=1e-3,
    formula="θ ← θ − η m̂ rₜ√(1−β₂ᵗ)/(√v + ε) if ρₜ > 5, else θ − η m̂,  ρₜ = ρ∞ − 2tβ₂ᵗ/(1−β₂ᵗ), ρ∞ = 2/(1−β₂) − 1",
    fixes=(
        "Adam's first steps, divided by a v that rests on a handful of gradients. These go without v; then the rate "
        "rises with what v rests on, .026 of Adam's at step 6, half at 560: a warm-up without a schedule."
    ),
    fails=(
        "Its first five steps are raw momentum, as long as the slope is steep. On Rosenbrock at η = .01 they throw it "
        "out at once, where Adam moves by .01 a coordinate. η ≤ .005 survives."
    ),
    fails_on="traps/radam-first-steps",
    reference="Liu et al. 2020, https://arxiv.org/abs/1908.03265",
    hyperparameters=adam.OPTIMIZER.hyperparameters,
    slots=adam.OPTIMIZER.slots,
    scalars=("beta1 power", "weight of the squares", "summed age of the squares"),
    anatomy=anatomy,
)
