"""Cosine annealing: from lr down to min along half a cosine, slowly at first, slowly at last.

    eta_k = min + (lr - min) (1 + cos(pi k / steps)) / 2  while k < steps, then min

I. Loshchilov, F. Hutter, "SGDR: stochastic gradient descent with warm restarts", 2017, https://arxiv.org/abs/1608.03983
(equation 5). Departures: one descent without restarts (join makes them), and min is held afterwards, as optax does;
PyTorch's CosineAnnealingLR rises again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gdtui.contracts import Ints, Reals, Schedule
from gdtui.schedules._shapes import MIN, STEPS, between, fading, progress


def rates(k: Ints, base: float, arguments: Mapping[str, Any]) -> Reals:
    return between(base, arguments["min"], fading(progress(k, 0, arguments["steps"])))


SCHEDULE = Schedule(
    name="cosine",
    title="cosine annealing",
    formula="η_k = η_min + ½(η₀ − η_min)(1 + cos(πk/T)), then η_min",
    rates=rates,
    arguments=(STEPS, MIN),
    reference="Loshchilov & Hutter 2017, https://arxiv.org/abs/1608.03983",
    length="steps",
)
