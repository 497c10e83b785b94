"""Adagrad: every coordinate has its own learning rate, divided by the root of its squared gradients so far.

    G <- G + g^2
    x <- x - lr g / (sqrt(G) + eps)

J. Duchi, E. Hazan, Y. Singer, "Adaptive subgradient methods for online learning and stochastic optimization", JMLR 12,
2011, https://jmlr.org/papers/v12/duchi11a.html. Departure: the diagonal form alone, eps outside the root (torch's).
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
    eps = hyper[0]
    for i in range(x.shape[0]):
        state[0, i] += g[i] * g[i]
        x[i] -= lr * g[i] / (math.sqrt(state[0, i]) + eps)
    return 0


def anatomy(step: Step) -> Anatomy:
    g, eps = step.gradient, step.hyper["eps"]
    root = np.sqrt(step.now(0))
    terms = (
        Term("g", g, "gradient", "gradient"),
        Term("G", step.now(0), "squared gradients so far"),
        Term("√G", root, "its root", "denominator"),
        Term("ε", eps),
        Term("η", step.lr, "learning rate"),
    )
    equations = ("√G = √({G})", "Δ = −{η}·{g}/({√G} + {ε})")
    return Anatomy(terms, equations, (Term("−ηg/(√G + ε)", -step.lr * g / (root + eps), "the gradient", "gradient"),))


OPTIMIZER = Optimizer(
    name="adagrad",
    title="Adagrad",
    parent="sgd",
    rule=update,
    learning_rate=1e-2,
    formula="G ← G + g²;  θ ← θ − ηg/(√G + ε)",
    fixes=(
        "One η for all coordinates. Each divides by the root of its own squared gradients: rare features still take "
        "long steps, and a badly scaled axis no longer dictates the rate. The first step is η everywhere."
    ),
    fails=(
        "It never forgets. On Rosenbrock ‖g₀‖ = 233 stays in the denominators: at η = .01, f > 2 after 20,000 steps. "
        "Under steady noise the rate falls as 1/√t, to .01η at step 10⁴."
    ),
    fails_on="traps/adagrad-never-forgets",
    reference="Duchi, Hazan & Singer 2011, https://jmlr.org/papers/v12/duchi11a.html",
    hyperparameters=(Hyperparameter("eps", 1e-10, "(0, inf)", "added to the denominator, against division by zero"),),
    slots=("squared gradients",),
    order=2,
    anatomy=anatomy,
)
