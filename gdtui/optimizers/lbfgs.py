"""L-BFGS: Newton's step with the curvature read off the last few steps and gradients, and a line search.

    s = x - x before, y = g - g before; kept, in the place of the oldest pair, if s'y > 1e-10 |s| |y|
    H <- (s'y / y'y) I of the newest pair, then updated by every kept pair, from the oldest to the newest
    x <- x - a H g, a from a strong Wolfe search that tries lr first, and lr min(1, 1 / |g|) while no pair is kept

H g takes two loops over the pairs, not a matrix.
D. C. Liu, J. Nocedal, "On the limited memory BFGS method for large scale optimization", 1989,
https://doi.org/10.1007/BF01589116; J. Nocedal, "Updating quasi-Newton matrices with limited storage", 1980. Departure:
when a search finds nothing the pairs are forgotten; the rule stops when it finds nothing along the gradient either, or
when the gradient's square, the slope that a search starts from, is beyond all numbers.
"""

from __future__ import annotations

import math

from gdtui.anatomy import Anatomy, Step, Term
from gdtui.contracts import Charge, Hessian, HessianVector, Hyperparameter, Ints, Optimizer, Reals, ValueGrad, kernel
from gdtui.optimizers._line_search import strong_wolfe
from gdtui.optimizers._linear_algebra import add, dot

LEAST_CURVATURE = 1e-10
NOTHING_LOWER, TOO_LONG = 1, 2
# The state: the steps s, the changes of gradient y, then these rows.
STEP, CHANGE, DIRECTION, TRIAL, TRIAL_G, SHARES, PRODUCTS, SCALARS = range(8)
ROWS = 8
HELD, NEWEST, SCALE = range(3)  # pairs kept, the row of the newest, and its s'y / y'y


def state_shape(n: int, blocks: Ints, hyper: Reals) -> tuple[int, int]:
    history = int(hyper[0])
    return 2 * history + ROWS, max(n, history, 3)


@kernel
def keep_pair(step: Reals, change: Reals, state: Reals, history: int) -> None:
    """Take in the last step and change of gradient, if the curvature between them is positive beyond rounding."""
    products, scalars = state[2 * history + PRODUCTS], state[2 * history + SCALARS]
    sy, yy = dot(step, change), dot(change, change)
    if not (yy > 0.0 and sy > LEAST_CURVATURE * math.sqrt(dot(step, step)) * math.sqrt(yy)):
        return
    newest = (int(scalars[NEWEST]) + 1) % history
    for i in range(step.shape[0]):
        state[newest, i] = step[i]
        state[history + newest, i] = change[i]
    products[newest] = sy
    scalars[NEWEST] = newest
    scalars[SCALE] = sy / yy
    scalars[HELD] = min(scalars[HELD] + 1.0, float(history))


@kernel
def two_loops(direction: Reals, state: Reals, history: int) -> None:
    """Multiply ``direction`` by the approximate inverse Hessian: from the newest pair to the oldest, and back."""
    shares, products = state[2 * history + SHARES], state[2 * history + PRODUCTS]
    scalars = state[2 * history + SCALARS]
    held = min(int(scalars[HELD]), history)  # never more, and a state that was read from a file may say so
    oldest = int(scalars[NEWEST] - scalars[HELD]) + 1 + history
    for k in range(held - 1, -1, -1):
        row = (oldest + k) % history
        shares[row] = dot(state[row], direction) / products[row]
        add(-shares[row], state[history + row], direction)
    for i in range(direction.shape[0]):
        direction[i] *= scalars[SCALE]
    for k in range(held):
        row = (oldest + k) % history
        add(shares[row] - dot(state[history + row], direction) / products[row], state[row], direction)


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
    n, history = x.shape[0], int(hyper[0])
    rows = state[2 * history :]
    step, change, direction = rows[STEP, :n], rows[CHANGE, :n], rows[DIRECTION, :n]
    scalars = rows[SCALARS]
    if t > 1:  # step and change hold the point and the gradient of the step before
        for i in range(n):
            step[i] = x[i] - step[i]
            change[i] = g[i] - change[i]
        keep_pair(step, change, state, history)
    for i in range(n):
        step[i] = x[i]
        change[i] = g[i]
        direction[i] = -g[i]
    if scalars[HELD] > 0.0:
        two_loops(direction, state, history)
    slope = dot(g, direction)
    if not -math.inf < slope < 0.0:  # a gradient of zero or beyond all numbers, or rounding in the pairs
        scalars[HELD] = 0.0
        for i in range(n):
            direction[i] = -g[i]
        slope = dot(g, direction)
    if slope == 0.0:
        return 0
    if not slope > -math.inf:
        return TOO_LONG
    first = lr
    if scalars[HELD] == 0.0 and slope < -1.0:
        first = lr / math.sqrt(-slope)
    length = strong_wolfe(
        value_grad, reals, ints, batch, noise, x, f, slope, direction, first, rows[TRIAL, :n], rows[TRIAL_G, :n], counts
    )
    if batch.shape[0] == 0 and noise.shape[0] == 0:
        counts[1] -= 1  # the gradient at the accepted point, which the next step is charged for
    if length == 0.0:
        if scalars[HELD] == 0.0:
            return NOTHING_LOWER
        scalars[HELD] = 0.0
    add(length, direction, x)
    return 0


def anatomy(step: Step) -> Anatomy:
    rows = step.state[2 * int(step.hyper["history"]) :]
    Hg = -rows[DIRECTION, : step.before.size]
    squares = float(Hg @ Hg)
    length = -float(step.change @ Hg) / squares if squares > 0.0 else 0.0
    held = int(rows[SCALARS, HELD])
    terms = (
        Term("g", step.gradient, "gradient", "gradient"),
        Term("H̃⁻¹g", Hg, "g by the curvature of the pairs"),
        Term("α", length, "length found by the search"),
        Term("m", float(held), "pairs kept"),
    )
    parts = (Term("−αH̃⁻¹g", -length * Hg, "the curvature's answer to the gradient"),)
    remark = "" if held else "no pair is kept, so that it goes along the gradient"
    return Anatomy(terms, ("Δ = −{α}·{H̃⁻¹g}",), parts, remark=remark)


OPTIMIZER = Optimizer(
    name="lbfgs",
    title="L-BFGS",
    parent="newton",
    rule=update,
    learning_rate=1.0,
    formula="θ ← θ − αH̃⁻¹g,  H̃⁻¹ from the last m pairs (s, y),  α by strong Wolfe",
    fixes=(
        "Newton's price. No Hessian and nothing to solve: the curvature comes from m pairs of steps and gradient "
        "changes, 4mn operations a step. Pairs with sᵀy > 0 keep it downhill, so saddles do not draw it."
    ),
    fails=(
        "Noise. From one mini-batch to the next y is mostly another sample's gradient: pairs have sᵀy ≤ 0 and are "
        "skipped, or feign a curvature that is not there. Its trap has batch_size=32."
    ),
    fails_on="traps/lbfgs-under-noise",
    reference="Liu & Nocedal 1989, https://doi.org/10.1007/BF01589116",
    hyperparameters=(
        Hyperparameter("history", 10, "[1, 100]", "m, how many pairs of steps and gradient changes", integer=True),
    ),
    state_shape=state_shape,
    calls=("value_grad",),
    stops=(
        "found nothing lower, not even along the gradient,",
        "found its gradient too long for a search",
    ),
    state="2m + 5 numbers per parameter (m pairs of a step and a change of gradient), and 2m + 3 besides",
    charges=(Charge("gradient", 1, None),),
    anatomy=anatomy,
)
