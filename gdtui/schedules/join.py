"""Joined: schedules one after the other, each counting from its own start.

    eta_k = the first phase's at k                                  while k < its length
    eta_k = the second phase's at k - (the first one's length)  while that is less than its length, and so on

Every phase has the same lr. A phase lasts the steps it takes, unless it is given a length of its own; the last goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import accumulate
from typing import Any

import numpy as np

from gdtui.contracts import Ints, Option, Phase, Reals, Schedule


def rates(k: Ints, base: float, arguments: Mapping[str, Any]) -> Reals:
    phases: tuple[Phase, ...] = arguments["phases"]
    starts = list(accumulate((phase.length or 0 for phase in phases[:-1]), initial=0))
    which = np.searchsorted(starts, k, side="right") - 1
    result = np.empty(k.shape)
    for i, phase in enumerate(phases):
        here = which == i
        result[here] = phase.rates(k[here] - starts[i], base)
    return result


SCHEDULE = Schedule(
    name="join",
    title="one after the other",
    formula="η_k = that of the phase that k falls into, counted from the phase's own start",
    rates=rates,
    arguments=(Option("phases", "schedules", None, "schedules, each for its length", "[1, 64]"),),
)
