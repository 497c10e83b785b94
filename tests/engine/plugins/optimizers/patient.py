"""Gradient descent that loses its patience at a given step, and says so with its stop sentence."""

from __future__ import annotations

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
    for i in range(x.shape[0]):
        x[i] -= lr * g[i]
    return 1 if t >= hyper[0] else 0


OPTIMIZER = Optimizer(
    name="patient",
    title="patient descent",
    parent="gd",
    rule=update,
    learning_rate=1e-3,
    formula="θ ← θ − ηg",
    fixes="nothing",
    fails="by design",
    fails_on="rosenbrock",
    reference="none",
    hyperparameters=(Hyperparameter("patience", 5, "[1, 1e6]", "how many steps it takes", integer=True),),
    stops=("ran out of patience",),
)
