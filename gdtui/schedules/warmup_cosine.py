"""Warm-up and cosine: linearly up to lr, then from lr down to min along half a cosine.

    eta_k = lr (k + 1) / warmup                                                          while k < warmup
    eta_k = min + (lr - min) (1 + cos(pi (k - warmup) / (steps - warmup))) / 2  while k < steps, then min

I. Loshchilov, F. Hutter, "SGDR: stochastic gradient descent with warm restarts", 2017, https://arxiv.org/abs/1608.03983
(the cosine); P. Goyal et al. 2017, https://arxiv.org/abs/1706.02677 (the warm-up). Departure: the first step has
lr / warmup, where optax's warmup_cosine_decay_schedule has 0 and so wastes it; its k is ours plus 1 while it warms up.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gdtui.contracts import Ints, Reals, Schedule
from gdtui.schedules._shapes import MIN, STEPS, WARMUP, between, check_warmup, fading, progress, ramp


def rates(k: Ints, base: float, arguments: Mapping[str, Any]) -> Reals:
    warmup = arguments["warmup"]
    # One of the two factors is 1, exactly: the descent begins where the ramp ends.
    return ramp(k, warmup) * between(base, arguments["min"], fading(progress(k, warmup, arguments["steps"])))


SCHEDULE = Schedule(
    name="warmup_cosine",
    title="warm-up and cosine",
    formula="η_k = η₀(k + 1)/T_w, then η_min + ½(η₀ − η_min)(1 + cos(π(k − T_w)/(T − T_w))), then η_min",
    rates=rates,
    arguments=(STEPS, WARMUP, MIN),
    reference="Loshchilov & Hutter 2017, https://arxiv.org/abs/1608.03983",
    check=check_warmup,
    length="steps",
    warmup="warmup",
)
