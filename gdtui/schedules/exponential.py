"""Exponential decay: every step takes the same share off the learning rate.

    eta_k = lr exp(-decay_rate k)

A. Senior, G. Heigold, M. Ranzato, K. Yang, "An empirical study of learning rates in deep neural networks for speech
recognition", 2013, https://doi.org/10.1109/ICASSP.2013.6638963. Departure: the rate is given per step, as an exponent;
PyTorch's gamma is exp(-decay_rate).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gdtui.contracts import Ints, Option, Reals, Schedule


def rates(k: Ints, base: float, arguments: Mapping[str, Any]) -> Reals:
    decay: Reals = np.exp(-arguments["decay_rate"] * k)
    return base * decay


SCHEDULE = Schedule(
    name="exponential",
    title="exponential decay",
    formula="η_k = η₀e^(−λk)",
    rates=rates,
    arguments=(
        Option("decay_rate", "number", None, "about the share that a step takes off (λ)", "[0, 100]"),
    ),
    reference="Senior et al. 2013, https://doi.org/10.1109/ICASSP.2013.6638963",
)  # fmt: skip
