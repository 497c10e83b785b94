"""One cycle: from low up to lr, which is the peak, and down to almost nothing, along half a cosine each way.

    low = lr / div_factor,  last = low / final_div_factor,  peak = peak_at steps
    eta_k = low + (lr - low) (1 - cos(pi k / peak)) / 2                         while k < peak
    eta_k = last + (lr - last) (1 + cos(pi (k - peak) / (steps - peak))) / 2  while k < steps, then last

L. N. Smith, N. Topin, "Super-convergence: very fast training of neural networks using large learning rates", 2018,
https://arxiv.org/abs/1708.07120. Departures: cosines in place of straight lines (as PyTorch and optax have by default),
the descent goes on below low in one piece, and momentum is left alone. The last value is reached at k = steps, as in
optax; PyTorch's OneCycleLR reaches it one step earlier and stops there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gdtui.contracts import Ints, Option, Reals, Schedule
from gdtui.schedules._shapes import STEPS, between, fading, progress


def rates(k: Ints, base: float, arguments: Mapping[str, Any]) -> Reals:
    steps = arguments["steps"]
    peak, low = arguments["peak_at"] * steps, base / arguments["div_factor"]
    rising = between(low, base, fading(progress(k, 0, peak)))
    falling = between(base, low / arguments["final_div_factor"], fading(progress(k, peak, steps)))
    return np.where(k < peak, rising, falling)


SCHEDULE = Schedule(
    name="one_cycle",
    title="one cycle",
    formula="η_k = η₀/d up to η₀ at pT and down to η₀/(d·d_T) at T, cosines; then η₀/(d·d_T)",
    rates=rates,
    arguments=(
        STEPS,
        Option("peak_at", "number", 0.3, "where the peak is, as a share of the steps (p)", "(0, 1)"),
        Option("div_factor", "number", 25.0, "the peak over the first learning rate (d)", "[1, inf)"),
        Option("final_div_factor", "number", 1e4, "the first learning rate over the last (d_T)", "[1, inf)"),
    ),
    reference="Smith & Topin 2018, https://arxiv.org/abs/1708.07120",
    length="steps",
)
