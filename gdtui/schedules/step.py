"""Step decay: the learning rate is multiplied by gamma after every so many steps.

    eta_k = lr gamma^floor(k / every)

K. He, X. Zhang, S. Ren, J. Sun, "Deep residual learning for image recognition", 2016, https://arxiv.org/abs/1512.03385
(section 3.4). Departure: the drops are evenly spaced, where the paper waits for a plateau or names the iterations.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gdtui.contracts import Ints, Option, Reals, Schedule
from gdtui.schedules._shapes import STEPS_INTERVAL


def rates(k: Ints, base: float, arguments: Mapping[str, Any]) -> Reals:
    decay: Reals = np.power(arguments["gamma"], (k // arguments["every"]).astype(np.float64))
    return base * decay


SCHEDULE = Schedule(
    name="step",
    title="step decay",
    formula="η_k = η₀γ^⌊k/s⌋",
    rates=rates,
    arguments=(
        Option("every", "integer", None, "steps from one drop to the next (s)", STEPS_INTERVAL),
        Option("gamma", "number", 0.1, "the factor of a drop (γ)", "(0, 1]"),
    ),
    reference="He et al. 2016, https://arxiv.org/abs/1512.03385",
)
