"""A constant learning rate: every step has the racer's lr."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gdtui.contracts import Ints, Reals, Schedule


def rates(k: Ints, base: float, arguments: Mapping[str, float]) -> Reals:
    return np.full(k.shape, base)


SCHEDULE = Schedule(name="constant", title="constant", formula="η_k = η₀", rates=rates)
