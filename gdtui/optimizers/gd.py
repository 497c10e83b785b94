"""Gradient descent: a step down the slope, as long as the slope is steep.

    x <- x - lr g

A. Cauchy, "Méthode générale pour la résolution des systèmes d'équations simultanées", 1847,
https://gallica.bnf.fr/ark:/12148/bpt6k2982c/f540. Departure: lr is given, Cauchy searches along the gradient for it.
"""

from __future__ import annotations

from gdtui.anatomy import Anatomy, Step, Term
from gdtui.contracts import Hessian, HessianVector, Ints, Optimizer, Reals, ValueGrad, kernel


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
    for i in range(x.shape[0]):
        x[i] -= lr * g[i]
    return 0


def anatomy(step: Step) -> Anatomy:
    g = step.gradient
    terms = (Term("g", g, "gradient", "gradient"), Term("η", step.lr, "learning rate"))
    return Anatomy(terms, ("Δ = −{η}·{g}",), (Term("−ηg", -step.lr * g, "the gradient", "gradient"),))


OPTIMIZER = Optimizer(
    name="gd",
    title="gradient descent",
    parent=None,
    rule=update,
    learning_rate=1e-3,
    formula="θ ← θ − ηg",
    fixes=(
        "The first root: all it needs is a gradient. With η = 1/L no step goes uphill; on a quadratic the best "
        "constant step, 2/(L + μ), shrinks the error by (κ − 1)/(κ + 1) a step."
    ),
    fails=(
        "Narrow valleys. The steepest direction forbids η ≥ 2/L, the flattest has to live with it: at κ = 100 a "
        "factor of ten costs 115 steps at best. Near the limit it zig-zags, beyond it diverges."
    ),
    fails_on="traps/gd-zig-zag",
    reference="Cauchy 1847, https://gallica.bnf.fr/ark:/12148/bpt6k2982c/f540",
    order=1,
    anatomy=anatomy,
)
