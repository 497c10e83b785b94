"""Saddle-free Newton: Newton's step with the Hessian's eigenvalues made positive, so that it leaves saddles.

    H = sum of e_i v_i v_i'
    x <- x - lr sum of (v_i'g / max(|e_i|, damping)) v_i

Y. Dauphin, R. Pascanu, C. Gulcehre, K. Cho, S. Ganguli, Y. Bengio, "Identifying and attacking the saddle point problem
in high-dimensional non-convex optimization", 2014, https://arxiv.org/abs/1406.2572. Departures: the whole spectrum, not
a Krylov subspace of it; damping is a floor under |e_i|, not added to it, so that larger curvatures count as they are.
"""

from __future__ import annotations

import numpy as np

from gdtui.anatomy import Anatomy, Step, Term
from gdtui.contracts import Charge, Hessian, HessianVector, Hyperparameter, Ints, Optimizer, Reals, ValueGrad, kernel
from gdtui.optimizers._linear_algebra import add, dot, eigen
from gdtui.optimizers.newton import MOST_PARAMETERS


def state_shape(n: int, blocks: Ints, hyper: Reals) -> tuple[int, int]:
    return 2 * n, n  # the Hessian, its eigenvectors


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
    damping = hyper[0]
    n = x.shape[0]
    H, vectors = state[:n], state[n : 2 * n]
    hessian(x, reals, ints, H)
    counts[2] += 1
    eigen(H, vectors)
    for k in range(n):
        curvature = max(abs(H[k, k]), damping)
        add(-lr * dot(vectors[k], g) / curvature, vectors[k], x)
    return 0


def anatomy(step: Step) -> Anatomy:
    n, damping = step.before.size, step.hyper["damping"]
    curvatures, vectors = np.diag(step.state[:n]), step.state[n : 2 * n]
    counted = np.maximum(np.abs(curvatures), damping)
    p = (vectors @ step.gradient / counted) @ vectors
    terms = (
        Term("g", step.gradient, "gradient", "gradient"),
        Term("λ least", float(curvatures.min()), "least curvature, of H"),
        Term("λ most", float(curvatures.max()), "largest curvature"),
        Term("|H|⁻¹g", p, "g by |curvature|"),
        Term("η", step.lr, "learning rate"),
    )
    raised = int((np.abs(curvatures) < damping).sum())
    remark = f"{raised} of {n} curvatures count as the damping, {damping:g}" if raised else ""
    parts = (Term("−η|H|⁻¹g", -step.lr * p, "the curvature's answer to the gradient"),)
    return Anatomy(terms, ("Δ = −{η}·{|H|⁻¹g}",), parts, remark=remark)


OPTIMIZER = Optimizer(
    name="saddle_free_newton",
    title="saddle-free Newton",
    parent="newton",
    rule=update,
    learning_rate=1.0,
    formula="θ ← θ − η|H|⁻¹g,  |H| has |λᵢ| for eigenvalues",
    fixes=(
        "Newton's love of saddles. With |λ| for λ every direction leads downhill: on ½(2x² − 2y²) it zeroes x and "
        "doubles y, where Newton zeroes both. Where no λ is below the damping it is Newton."
    ),
    fails=(
        "All eigenvectors, every step: n³ with a large factor, so nothing beyond 200 parameters. And no line search: "
        "where an eigenvalue passes 0 the step is huge and may land anywhere."
    ),
    fails_on="saddle",
    reference="Dauphin et al. 2014, https://arxiv.org/abs/1406.2572",
    hyperparameters=(
        Hyperparameter("damping", 1e-3, "(0, inf)", "eigenvalues smaller than this, in size, count as this"),
    ),
    state_shape=state_shape,
    calls=("hessian",),
    most_parameters=MOST_PARAMETERS,
    instead="lbfgs",
    state="2n² numbers, the Hessian and its eigenvectors",
    charges=(Charge("gradient", 1, 1), Charge("hessian", 1, 1)),
    anatomy=anatomy,
)
