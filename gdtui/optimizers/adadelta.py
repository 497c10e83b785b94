"""Adadelta: Adagrad with a memory that fades, and the size of its own recent steps for a learning rate.

    s <- rho s + (1 - rho) g^2
    d = sqrt(u + eps) / sqrt(s + eps) g
    u <- rho u + (1 - rho) d^2
    x <- x - lr d

M. D. Zeiler, "ADADELTA: an adaptive learning rate method", 2012, https://arxiv.org/abs/1212.5701. Departure: a step is
multiplied by lr (torch's form; the paper has none), which is 1 unless a schedule or a racer says otherwise.
"""

from __future__ import annotations

import math

import numpy as np

from gdtui.anatomy import Anatomy, Step, Term
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
    rho, eps = hyper[0], hyper[1]
    for i in range(x.shape[0]):
        state[0, i] = rho * state[0, i] + (1.0 - rho) * g[i] * g[i]
        step = math.sqrt(state[1, i] + eps) / math.sqrt(state[0, i] + eps) * g[i]
        state[1, i] = rho * state[1, i] + (1.0 - rho) * step * step
        x[i] -= lr * step
    return 0


def anatomy(step: Step) -> Anatomy:
    g, eps = step.gradient, step.hyper["eps"]
    above, below = np.sqrt(step.was(1) + eps), np.sqrt(step.now(0) + eps)
    d = above / below * g
    terms = (
        Term("g", g, "gradient", "gradient"),
        Term("√(s+ε)", below, "size of the gradients", "denominator"),
        Term("√(u+ε)", above, "size of the last steps"),
        Term("d", d, "step in units of θ"),
        Term("η", step.lr, "learning rate"),
    )
    parts = (Term("−ηd", -step.lr * d, "the gradient", "gradient"),)
    return Anatomy(terms, ("d = {√(u+ε)}/{√(s+ε)}·{g}", "Δ = −{η}·{d}"), parts)


OPTIMIZER = Optimizer(
    name="adadelta",
    title="Adadelta",
    parent="adagrad",
    rule=update,
    learning_rate=1.0,
    formula="s ← ρs + (1−ρ)g²;  d = √(u+ε)/√(s+ε) g;  u ← ρu + (1−ρ)d²;  θ ← θ − ηd",
    fixes=(
        "Adagrad's endless memory, and its η. The squares fade over some 1/(1 − ρ) = 10 steps, and the size of its own "
        "recent steps takes the place of η, so steps come in the units of θ, whatever those of the gradient."
    ),
    fails=(
        "It starts slowly and never settles. The first step is √(ε/(1 − ρ)) = .003 in every coordinate, however steep; "
        "at the end it jumps from side to side of the valley in steps that grow as √(εt)."
    ),
    fails_on="traps/adadelta-slow-start",
    reference="Zeiler 2012, https://arxiv.org/abs/1212.5701",
    settles=False,
    hyperparameters=(
        Hyperparameter("rho", 0.9, "[0, 1)", "share of both squared averages kept from step to step"),
        Hyperparameter("eps", 1e-6, "(0, inf)", "added under both roots; its root sets how long the first steps are"),
    ),
    slots=("mean squared gradient", "mean squared step"),
    anatomy=anatomy,
)
