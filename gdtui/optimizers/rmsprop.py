"""RMSprop: Adagrad with a memory that fades.

    s <- rho s + (1 - rho) g^2
    x <- x - lr g / (sqrt(s) + eps)

G. Hinton, "Neural networks for machine learning", lecture 6e, 2012,
https://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf. Departure: rho is .99 (torch's), not .9.
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
        x[i] -= lr * g[i] / (math.sqrt(state[0, i]) + eps)
    return 0


def anatomy(step: Step) -> Anatomy:
    g, eps = step.gradient, step.hyper["eps"]
    root = np.sqrt(step.now(0))
    terms = (
        Term("g", g, "gradient", "gradient"),
        Term("s", step.now(0), "mean squared gradient"),
        Term("√s", root, "its root", "denominator"),
        Term("ε", eps),
        Term("η", step.lr, "learning rate"),
    )
    equations = ("√s = √({s})", "Δ = −{η}·{g}/({√s} + {ε})")
    return Anatomy(terms, equations, (Term("−ηg/(√s + ε)", -step.lr * g / (root + eps), "the gradient", "gradient"),))


OPTIMIZER = Optimizer(
    name="rmsprop",
    title="RMSprop",
    parent="adagrad",
    rule=update,
    learning_rate=1e-2,
    formula="s ← ρs + (1−ρ)g²;  θ ← θ − ηg/(√s + ε)",
    fixes=(
        "Adagrad's endless memory. The squared gradients fade over about 1/(1 − ρ) = 100 steps, so the rate recovers: "
        "Rosenbrock falls below 1e-3 at η = .001, where Adagrad at .01 stays above 2."
    ),
    fails=(
        "It starts too long and never settles. s starts at 0, so the first step is η/√(1 − ρ) = 10η; at constant η "
        "it ends jumping from side to side of the minimum, η/2 away in every coordinate."
    ),
    fails_on="traps/rmsprop-never-settles",
    reference="Hinton 2012, https://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf",
    settles=False,
    hyperparameters=(
        Hyperparameter("rho", 0.99, "[0, 1)", "share of the squared-gradient average kept from step to step"),
        Hyperparameter("eps", 1e-8, "(0, inf)", "added to the denominator, against division by zero"),
    ),
    slots=("mean squared gradient",),
    order=1,
    anatomy=anatomy,
)
