"""Linear warm-up: from a small learning rate up to lr in equal steps, then lr.

    eta_k = lr min(1, (k + 1) / steps)

P. Goyal et al., "Accurate, large minibatch SGD: training ImageNet in 1 hour", 2017, https://arxiv.org/abs/1706.02677
(section 2.2); why Adam wants one: L. Liu et al. 2020, https://arxiv.org/abs/1908.03265 (its second moment rests on few
samples early). Departure: the first step has lr / steps, never 0, where the paper starts at the small-batch rate.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gdtui.contracts import Ints, Option, Reals, Schedule
from gdtui.schedules._shapes import STEPS_INTERVAL, ramp


def rates(k: Ints, base: float, arguments: Mapping[str, Any]) -> Reals:
    return base * ramp(k, arguments["steps"])


SCHEDULE = Schedule(
    name="warmup",
    title="linear warm-up",
    formula="η_k = η₀ min(1, (k + 1)/T)",
    rates=rates,
    arguments=(Option("steps", "integer", None, "the steps until lr is reached (T)", STEPS_INTERVAL),),
    reference="Goyal et al. 2017, https://arxiv.org/abs/1706.02677",
    length="steps",
    warmup="steps",
)
