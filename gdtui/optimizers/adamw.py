"""AdamW: weight decay beside Adam's step, not inside its gradient.

    x <- (1 - lr weight_decay) x
    x <- x - Adam's step, from the gradient before the decay

I. Loshchilov, F. Hutter, "Decoupled weight decay regularization", 2019, https://arxiv.org/abs/1711.05101. Departure:
the decay is multiplied by lr itself (torch's form), where the paper has a schedule multiplier alone.
"""

from __future__ import annotations

from gdtui.anatomy import Anatomy, Step, Term
from gdtui.contracts import Hessian, HessianVector, Hyperparameter, Ints, Optimizer, Reals, ValueGrad, kernel
from gdtui.optimizers import adam
from gdtui.optimizers.adam import update as adam_update


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
    weight_decay = hyper[3]
    for i in range(x.shape[0]):
        x[i] *= 1.0 - lr * weight_decay
    # Adam's hyperparameters come first in hyper, so its rule reads them as they are.
    return adam_update(
        value_grad, hessian, hessian_vector, reals, ints, blocks, batch, noise, x, f, g, state, hyper, t, lr, counts
    )


def anatomy(step: Step) -> Anatomy:
    adams, decay = adam.anatomy(step), step.hyper["weight_decay"]
    terms = (*adams.terms, Term("θ", step.before, "where it stood"), Term("λ", decay, "weight decay"))
    equations = (*adams.equations[:-1], "Δ = −{η}·{λ}·{θ} − {η}·{m̂}/({√v̂} + {ε})")
    parts = (*adams.parts, Term("−ηλθ", -step.lr * decay * step.before, "weight decay", "decay"))
    return Anatomy(terms, equations, parts)


OPTIMIZER = Optimizer(
    name="adamw",
    title="AdamW",
    parent="adam",
    rule=update,
    learning_rate=1e-3,
    formula="θ ← (1−ηλ)θ, then Adam's step with the undecayed g",
    fixes=(
        "Adam's lost L2. The decay is decoupled: it multiplies every weight by 1 − ηλ a step, however large its "
        "gradients are. It is set as weight_decay, where l2 goes into the gradient."
    ),
    fails=(
        "At λ = 0 it is Adam, bit for bit, the worst point included. And the decay goes with η: at the defaults, "
        "ηλ = 1e-5, a factor of e takes 100,000 steps, and StreamRec is overfitted just as by Adam."
    ),
    fails_on="traps/adam-worst-point",
    reference="Loshchilov & Hutter 2019, https://arxiv.org/abs/1711.05101",
    hyperparameters=(
        *adam.OPTIMIZER.hyperparameters,
        Hyperparameter(
            "weight_decay", 0.01, "[0, inf)", "decoupled decay: every weight shrinks by lr times this a step"
        ),
    ),
    slots=adam.OPTIMIZER.slots,
    scalars=adam.OPTIMIZER.scalars,
    order=1,
    anatomy=anatomy,
)
