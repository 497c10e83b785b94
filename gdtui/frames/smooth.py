"""How smooth the curves of a race are drawn: over what part of the picture they are averaged."""

from __future__ import annotations

from enum import Enum

import numpy as np

from gdtui.charts.smoothing import exponential_average, rising_weights
from gdtui.contracts import Ints, Reals
from gdtui.engine.snapshot import Snapshot

FEWEST = 64  # steps that a race without a budget of steps is taken to last at first


class Smoothing(Enum):
    """Off, or the time constant of the average: this part of all steps; on a logarithmic axis ten times this part of
    the steps so far, which is about as wide on the screen.
    """

    OFF = 0.0
    LIGHT = 0.01
    STRONG = 0.05

    def next(self) -> Smoothing:
        """The one after it, in a circle."""
        every = list(Smoothing)
        return every[(every.index(self) + 1) % len(every)]


def race_length(snapshot: Snapshot) -> int:
    """How many steps a race takes: its budget, else a power of two, so that it seldom changes."""
    return snapshot.budget or 1 << (max(snapshot.step, FEWEST) - 1).bit_length()


def smooth(values: Reals, steps: Ints, smoothing: Smoothing, length: int, *, log: bool, log_x: bool) -> Reals:
    """``values`` ``(m,)`` averaged over ``steps``, which are evenly spaced from zero: their logarithms if ``log``.

    NaN where a value is not finite, or has no logarithm to average.
    """
    if steps.size == 0:
        return values
    stride = int(steps[1] - steps[0]) if steps.size > 1 else 1
    window = 10.0 * smoothing.value if log_x else smoothing.value * length
    weights = rising_weights(steps.size, stride, window, share=log_x)
    if not log:
        return exponential_average(values, *weights)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        averaged: Reals = np.exp(exponential_average(np.log(values), *weights))
    return averaged
