"""Newton's method: straight to the stationary point of the parabola that fits f at x.

    solve (H + damping I) p = g
    x <- x - lr p

With search, damping is raised until H + damping I is positive definite, so that p leads downhill, and lr halved until
f(x - lr p) <= f - 1e-4 lr g'p.

J. Nocedal, S. J. Wright, "Numerical Optimization", 2nd edition, 2006, https://doi.org/10.1007/978-0-387-40065-5,
sections 3.3 and 3.4. Departures: the first raised damping is a thousandth of the largest entry of H, for any unit of f;
a mini-batch is taken for g and f, never for H.
"""

from __future__ import annotations

import math

import numpy as np

from gdtui.anatomy import Anatomy, Step, Term
from gdtui.contracts import Charge, Hessian, HessianVector, Hyperparameter, Ints, Optimizer, Reals, ValueGrad, kernel
from gdtui.optimizers._line_search import backtrack
from gdtui.optimizers._linear_algebra import add, dot, largest_entry, solve

MOST_PARAMETERS = 200
# Raised damping starts at this share of the largest entry of H, and n times that entry is always enough.
FIRST_DAMPING = 1e-3
MOST_RAISES = 20
SINGULAR, NOTHING_LOWER = 1, 2


def state_shape(n: int, blocks: Ints, hyper: Reals) -> tuple[int, int]:
    return 2 * n + 3, n  # the Hessian, what elimination leaves of it, direction, trial point, gradient there


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
    damping, search = hyper[0], hyper[1] != 0.0
    n = x.shape[0]
    H, work, direction, trial, trial_g = state[:n], state[n : 2 * n], state[2 * n], state[2 * n + 1], state[2 * n + 2]
    hessian(x, reals, ints, H)
    counts[2] += 1
    least = FIRST_DAMPING * largest_entry(H)
    solved = False
    for _ in range(MOST_RAISES if search else 1):
        for i in range(n):
            for j in range(n):
                work[i, j] = H[i, j]
            work[i, i] += damping
            direction[i] = -g[i]
        solved = solve(work, direction, search)
        if solved:
            break
        damping = max(2.0 * damping, least)
    if not solved:
        return SINGULAR
    length = lr
    if search:
        slope = dot(g, direction)
        length = backtrack(value_grad, reals, ints, batch, noise, x, f, slope, direction, lr, trial, trial_g, counts)
        if length == 0.0:
            return NOTHING_LOWER
    add(length, direction, x)
    return 0


def anatomy(step: Step) -> Anatomy:
    n = step.before.size
    p, search = -step.now(2 * n), step.hyper["search"] != 0.0
    curvatures = np.linalg.eigvalsh(step.state[:n])
    length = step.lr if not search else math.sqrt(float(step.change @ step.change) / max(float(p @ p), 1e-300))
    symbol = "α" if search else "η"
    terms = (
        Term("g", step.gradient, "gradient", "gradient"),
        Term("λ least", float(curvatures[0]), "least curvature, of H"),
        Term("λ most", float(curvatures[-1]), "largest curvature"),
        Term("p", p, "(H + δI)⁻¹g"),
        Term(symbol, length, "length found by the search" if search else "learning rate"),
    )
    parts = (Term(f"−{symbol}p", -length * p, "the curvature's answer to the gradient"),)
    remark = "a curvature below 0 turns its direction uphill" if curvatures[0] < 0.0 and not search else ""
    return Anatomy(terms, (f"Δ = −{{{symbol}}}·{{p}}",), parts, remark=remark)


OPTIMIZER = Optimizer(
    name="newton",
    title="Newton's method",
    parent=None,
    rule=update,
    learning_rate=1.0,
    formula="solve (H + δI)p = g;  θ ← θ − ηp",
    fixes=(
        "The second root: it asks for curvature, too. Each direction gets a rate of its own, 1/λ, so κ does not "
        "matter: a quadratic takes one step, and near a minimum where all λ > 0 the correct digits double every step."
    ),
    fails=(
        "It likes saddles: −g/λ climbs where λ < 0, and on ½(2x² − 2y²) one step lands on the saddle. search=true "
        "heads down again. A step costs n³ and needs the Hessian."
    ),
    fails_on="traps/newton-likes-saddles",
    reference="Nocedal & Wright 2006, https://doi.org/10.1007/978-0-387-40065-5",
    hyperparameters=(
        Hyperparameter(
            "damping",
            0.0,
            "[0, inf)",
            "δ, added to every eigenvalue of the Hessian: shorter steps where all are positive",
        ),
        Hyperparameter("search", 0, "[0, 1]", "descend by a line search, with more damping as needed", flag=True),
    ),
    state_shape=state_shape,
    calls=("value_grad", "hessian"),
    most_parameters=MOST_PARAMETERS,
    instead="lbfgs",
    stops=(
        "found the Hessian singular, so that there is no Newton step,",
        "found nothing lower along its direction",
    ),
    state="2n² numbers, the Hessian and what elimination leaves of it, and 3 per parameter",
    charges=(Charge("gradient", 1, 1), Charge("hessian", 1, 1), Charge("value", 0, None)),
    anatomy=anatomy,
)
