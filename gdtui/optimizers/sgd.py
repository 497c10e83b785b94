"""Stochastic gradient descent: gradient descent on a few samples at a time.

    x <- x - lr g,  g the gradient on the step's mini-batch

H. Robbins, S. Monro, "A stochastic approximation method", 1951, https://doi.org/10.1214/aoms/1177729586. Departures:
batches are drawn without replacement within an epoch, and lr decays only where a schedule says so.
"""

from __future__ import annotations

from gdtui.contracts import Optimizer
from gdtui.optimizers.gd import anatomy, update

OPTIMIZER = Optimizer(
    name="sgd",
    title="stochastic gradient descent",
    parent="gd",
    rule=update,
    learning_rate=1e-3,
    formula="θ ← θ − ηg,  g on a mini-batch",
    fixes=(
        "The price of a step. A gradient on 32 samples is right on average and costs 32/N of the full one, so a pass "
        "over the data buys N/32 steps. Without samples it is gd."
    ),
    fails=(
        "At constant η it stops falling at a noise floor: a variance of about ηs²/(2λ) per coordinate, s² the "
        "gradient noise and λ the curvature. Halving η halves it, so do batches twice as large; η → 0 alone ends it."
    ),
    fails_on="traps/sgd-noise-floor",
    reference="Robbins & Monro 1951, https://doi.org/10.1214/aoms/1177729586",
    batch_size=32,
    order=1,
    anatomy=anatomy,
)
