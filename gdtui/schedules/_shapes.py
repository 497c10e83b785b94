"""The shapes that schedules are put together from, over k int64 ``(m,)``, the number of steps taken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gdtui.contracts import Ints, Option, Reals
from gdtui.errors import InputError

STEPS_INTERVAL = "[1, 1e12]"
STEPS = Option("steps", "integer", None, "the steps it takes (T)", STEPS_INTERVAL)
MIN = Option("min", "number", 0.0, "the learning rate it ends at and stays at (η_min)", "[0, inf)")
WARMUP = Option("warmup", "integer", None, "how many of the steps lead up to lr (T_w)", "[0, 1e12]")


def check_warmup(arguments: Mapping[str, Any]) -> None:
    """Refuse a warm-up that is not shorter than the schedule."""
    warmup, steps = arguments["warmup"], arguments["steps"]
    if warmup >= steps:
        reason = f"a warm-up of {warmup} is not shorter than the schedule's {steps} steps"
        raise InputError(reason, key="warmup", remedy="shorten it, or give more steps")


def ramp(k: Ints, steps: int) -> Reals:
    """1/steps at the first step, 1 at the steps-th and from then on; 1 throughout if ``steps`` is 0. Never 0."""
    return np.minimum(1.0, (k + 1) / max(steps, 1))


def progress(k: Ints, start: float, end: float) -> Reals:
    """How much of the way from ``start`` to ``end`` lies behind: 0 up to the one, 1 from the other on."""
    behind: Reals = np.clip(k - start, 0.0, end - start)
    return behind / (end - start)


def fading(share: Reals) -> Reals:
    """From 1 to 0 as ``share`` goes from 0 to 1, along half a cosine: level at both ends."""
    return 0.5 * (1.0 + np.cos(np.pi * share))


def between(first: float, last: float, weight: Reals) -> Reals:
    """``first`` where its ``weight`` is 1, ``last`` where it is 0, both to the bit."""
    return weight * first + (1.0 - weight) * last
