"""Reduce on plateau: the learning rate is cut whenever the loss has stopped falling.

    eta_k = lr times factor once for every cut before step k + 1, but never cut below min

The full loss is looked at whenever ``every`` more steps have been taken. One below best - threshold |best| is the new
best. After more than ``patience`` looks in a row without one comes a cut, and then ``cooldown`` looks that do not
count.

PyTorch, ReduceLROnPlateau, 2017, https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ReduceLROnPlateau.html
(mode "min", threshold mode "rel"). Departure: the threshold is relative to |best|, so that a loss below zero can be
one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gdtui.contracts import Ints, Option, Reals, Schedule

STARTED, BEST, BAD, COOLING, FACTOR = range(5)


def rates(k: Ints, base: float, arguments: Mapping[str, Any]) -> Reals:
    return np.full(k.shape, base)


def react(memory: Reals, loss: float, base: float, arguments: Mapping[str, Any]) -> float:
    if not memory[STARTED]:
        memory[:] = (1.0, np.inf, 0.0, 0.0, 1.0)
    best = float(memory[BEST])
    if loss < (best - arguments["threshold"] * abs(best) if np.isfinite(best) else best):
        memory[BEST], memory[BAD] = loss, 0.0
    else:
        memory[BAD] += 1.0
    if memory[COOLING] > 0.0:
        memory[COOLING], memory[BAD] = memory[COOLING] - 1.0, 0.0
    if memory[BAD] > arguments["patience"]:
        memory[FACTOR] = max(memory[FACTOR] * arguments["factor"], min(memory[FACTOR], arguments["min"] / base))
        memory[COOLING], memory[BAD] = arguments["cooldown"], 0.0
    return float(memory[FACTOR])


SCHEDULE = Schedule(
    name="plateau",
    title="reduce on plateau",
    formula="η ← max(γη, η_min) after more than p looks in a row at which f had no new best",
    rates=rates,
    arguments=(
        Option("every", "integer", 100, "steps from one look at the full loss to the next", "[1, 1e12]"),
        Option("factor", "number", 0.1, "what the learning rate is multiplied by at a plateau", "(0, 1)"),
        Option("patience", "integer", 10, "looks without a new best that are put up with", "[0, 1e12]"),
        Option("threshold", "number", 1e-4, "share of the best loss by which a new best has to be lower", "[0, 1)"),
        Option("cooldown", "integer", 0, "looks after a cut that do not count", "[0, 1e12]"),
        Option("min", "number", 0.0, "learning rate that is never gone below", "[0, inf)"),
    ),
    reference="PyTorch 2017, https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ReduceLROnPlateau.html",
    react=react,
    memory=("started", "best", "looks without a new best", "looks left to cool down", "factor"),
    period="every",
)
