"""Every schedule by its formula, one step at a time: the slow, obvious twins."""

from __future__ import annotations

import math
from typing import Any


def constant(k: int, lr: float) -> float:
    return lr


def step(k: int, lr: float, every: int, gamma: float) -> float:
    return lr * gamma ** (k // every)


def exponential(k: int, lr: float, decay_rate: float) -> float:
    return lr * math.exp(-decay_rate * k)


def inverse_sqrt(k: int, lr: float) -> float:
    return lr / math.sqrt(k + 1)


def cosine(k: int, lr: float, steps: int, min: float) -> float:  # noqa: A002
    return min + 0.5 * (lr - min) * (1.0 + math.cos(math.pi * k / steps)) if k < steps else min


def warmup(k: int, lr: float, steps: int) -> float:
    return lr * (k + 1) / steps if k < steps else lr


def warmup_cosine(k: int, lr: float, steps: int, warmup: int, min: float) -> float:  # noqa: A002
    return lr * (k + 1) / warmup if k < warmup else cosine(k - warmup, lr, steps - warmup, min)


def one_cycle(k: int, lr: float, steps: int, peak_at: float, div_factor: float, final_div_factor: float) -> float:
    low, peak = lr / div_factor, peak_at * steps
    if k < peak:
        return low + 0.5 * (lr - low) * (1.0 - math.cos(math.pi * k / peak))
    last = low / final_div_factor
    return last + 0.5 * (lr - last) * (1.0 + math.cos(math.pi * (k - peak) / (steps - peak))) if k < steps else last


def warmup_stable_decay(k: int, lr: float, steps: int, warmup: int, decay: int, min: float) -> float:  # noqa: A002
    if k < warmup:
        return lr * (k + 1) / warmup
    if k < steps - decay:
        return lr
    return lr + (min - lr) * (k - (steps - decay)) / decay if k < steps else min


def plateau(k: int, lr: float, **_: float) -> float:
    """As long as the loss falls; what happens when it does not is in test_plateau.py."""
    return lr


def join(k: int, lr: float, phases: tuple[Any, ...]) -> float:
    """``phases`` as specs: each ends where its duration does, the last one never."""
    first, *others = phases
    if not others or k < first.duration:
        return float(globals()[first.name](k, lr, **first.filled()))
    return join(k - first.duration, lr, tuple(others))
