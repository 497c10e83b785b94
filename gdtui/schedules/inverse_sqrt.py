"""Inverse square root: falls fast, then ever slower, and adds up to infinity, so that no distance is out of reach.

    eta_k = lr / sqrt(k + 1)

A. Vaswani et al., "Attention is all you need", 2017, https://arxiv.org/abs/1706.03762 (section 5.3); the rate behind
Zinkevich's regret bound of 2003. Departures: lr is the first step's rate, not scaled by the model's width, and there is
no warm-up; join one in front.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gdtui.contracts import Ints, Reals, Schedule


def rates(k: Ints, base: float, arguments: Mapping[str, Any]) -> Reals:
    root: Reals = np.sqrt(k + 1.0)
    return base / root


SCHEDULE = Schedule(
    name="inverse_sqrt",
    title="inverse square root",
    formula="η_k = η₀/√(k + 1)",
    rates=rates,
    reference="Vaswani et al. 2017, https://arxiv.org/abs/1706.03762",
)
