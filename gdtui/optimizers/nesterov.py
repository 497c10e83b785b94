"""Nesterov's momentum: the gradient is taken where the velocity is about to carry the iterate.

    g <- gradient at x - lr beta v
    v <- beta v + g
    x <- x - lr v

Y. Nesterov, "A method for solving the convex programming problem with convergence rate O(1/k^2)", 1983,
https://www.mathnet.ru/eng/dan46009. Departures: beta is constant; x is the point before the look-ahead, where torch
keeps the look-ahead point x - lr beta v itself.
"""

from __future__ import annotations

from dataclasses import replace

from gdtui.anatomy import Anatomy, Step
from gdtui.contracts import Charge, Hessian, HessianVector, Hyperparameter, Ints, Optimizer, Reals, ValueGrad, kernel
from gdtui.optimizers import momentum


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
    beta = hyper[0]
    for i in range(x.shape[0]):
        state[1, i] = x[i] - lr * beta * state[0, i]
    value_grad(state[1], reals, ints, batch, noise, g)
    counts[1] += 1
    for i in range(x.shape[0]):
        state[0, i] = beta * state[0, i] + g[i]
        x[i] -= lr * state[0, i]
    return 0


def anatomy(step: Step) -> Anatomy:
    remark = "g is the gradient at the look-ahead, θ − ηβv"
    return replace(momentum.anatomy(step), at=step.now(1), remark=remark)


OPTIMIZER = Optimizer(
    name="nesterov",
    title="Nesterov momentum",
    parent="momentum",
    rule=update,
    learning_rate=1e-3,
    formula="g at θ − ηβv;  v ← βv + g;  θ ← θ − ηv",
    fixes=(
        "Momentum's late braking. It feels the far slope a step before it gets there: along curvature λ the velocity "
        "keeps β(1 − ηλ) of itself, not β, so steep directions settle quickly."
    ),
    fails=(
        "The right β, (√κ − 1)/(√κ + 1), takes a κ that nobody knows: above it f falls in ripples, below it crawls. "
        "And η has less room than with momentum: 1.36/L, not 3.8/L, at β = .9."
    ),
    fails_on="traps/nesterov-ripples",
    reference="Nesterov 1983, https://www.mathnet.ru/eng/dan46009",
    hyperparameters=(Hyperparameter("beta", 0.9, "[0, 1)", "share of the velocity kept from step to step"),),
    slots=("velocity", "look-ahead"),
    evaluates=True,
    order=1,
    charges=(Charge("gradient", 1, 1),),
    anatomy=anatomy,
)
