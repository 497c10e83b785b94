"""Warm-up, stable, decay: linearly up to lr, long at lr, and in the last steps linearly down to min.

    eta_k = lr (k + 1) / warmup                                 while k < warmup
    eta_k = lr                                                  while k < steps - decay
    eta_k = lr + (min - lr) (k - (steps - decay)) / decay  while k < steps, then min

S. Hu et al., "MiniCPM: unveiling the potential of small language models with scalable training strategies", 2024,
https://arxiv.org/abs/2404.06395 (section 4). Departure: the decay is a straight line, where the paper's is exponential.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gdtui.contracts import Ints, Option, Reals, Schedule
from gdtui.errors import InputError
from gdtui.schedules._shapes import MIN, STEPS, STEPS_INTERVAL, WARMUP, between, check_warmup, progress, ramp


def rates(k: Ints, base: float, arguments: Mapping[str, Any]) -> Reals:
    steps, warmup, decay = (arguments[name] for name in ("steps", "warmup", "decay"))
    # One of the two factors is 1, exactly: the decay begins no earlier than the ramp ends.
    return ramp(k, warmup) * between(base, arguments["min"], 1.0 - progress(k, steps - decay, steps))


def check(arguments: Mapping[str, Any]) -> None:
    check_warmup(arguments)
    room = arguments["steps"] - arguments["warmup"]
    if arguments["decay"] > room:
        reason = f"{arguments['decay']} is more than the {room} steps after the warm-up"
        raise InputError(reason, key="decay", remedy=f"give at most {room}")


SCHEDULE = Schedule(
    name="warmup_stable_decay",
    title="warm-up, stable, decay",
    formula="η_k = η₀(k + 1)/T_w, then η₀, then in the last D of T steps linearly to η_min, then η_min",
    rates=rates,
    arguments=(
        STEPS,
        WARMUP,
        Option("decay", "integer", None, "how many of the steps, at the end, lead down to min (D)", STEPS_INTERVAL),
        MIN,
    ),
    reference="Hu et al. 2024, https://arxiv.org/abs/2404.06395",
    check=check,
    length="steps",
    warmup="warmup",
)
