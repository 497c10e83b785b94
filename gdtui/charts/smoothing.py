"""Noisy values made smooth: an exponential moving average, corrected for where it began as Adam's m is.

    y_i = Σ_{j≤i} w_j x_j / Σ_{j≤i} w_j    with    w_j = exp(clock_j)

The clock counts time constants, so the average does not depend on how many rows there are to one of them. A clock that
runs with the steps keeps a window of a fixed width; one that runs with their logarithm keeps a window that is a fixed
share of the way so far, which is a fixed width on a logarithmic axis (O. Shamir and T. Zhang, "Stochastic Gradient
Descent for Non-smooth Optimization", ICML 2013, average with such polynomial weights).

Sums of rising weights lose nothing that the average itself would not forget, unlike the differences of running sums
that a box would be made of; so one spike does no lasting harm.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from gdtui.contracts import Ints, Reals

LONGEST = 600.0  # time constants, beyond which all weigh alike: the weights of more would not fit into a double


def exponential_average(values: Reals, weights: Reals, totals: Reals) -> Reals:
    """The average of ``values`` ``(m,)`` up to each of them. What is not finite is a gap, after which it begins anew.

    ``weights`` and ``totals`` ``(m,)`` are those of :func:`rising_weights`. The result lies within the values of its
    run, and is NaN in the gaps.
    """
    known = np.isfinite(values)
    if not known.any():
        return np.full(values.shape, np.nan)
    if known.all():
        shift = _exponent(values)
        with np.errstate(over="ignore"):  # by a rounding, next to the largest number
            average = np.ldexp(np.cumsum(np.ldexp(values, -shift) * weights) / totals, shift)
        return np.clip(average, values.min(), values.max())
    shift = _exponent(values[known])
    scaled = np.where(known, np.ldexp(values, -shift), 0.0)
    weights = np.where(known, weights, 0.0)
    firsts = np.flatnonzero(known & ~np.concatenate(([False], known[:-1])))
    run = np.maximum(np.searchsorted(firsts, np.arange(values.size), side="right") - 1, 0)
    sums, totals = (_since(np.cumsum(column), firsts[run]) for column in (scaled * weights, weights))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):  # in the gaps, or by a rounding
        average = np.ldexp(sums / totals, shift)
    gapped = np.where(known, values, np.nan)
    lowest, highest = np.fmin.reduceat(gapped, firsts)[run], np.fmax.reduceat(gapped, firsts)[run]
    return np.where(known, np.clip(average, lowest, highest), np.nan)


def _since(sums: Reals, firsts: Ints) -> Reals:
    """Running sums counted from the entries ``firsts`` on."""
    result: Reals = sums - np.concatenate(([0.0], sums))[firsts]
    return result


def _exponent(values: Reals) -> int:
    """The power of two that brings finite values to at most one: sums of huge ones would overflow."""
    return int(np.frexp(max(abs(float(values.min())), abs(float(values.max()))))[1])


def rising_weights(rows: int, stride: int, window: float, *, share: bool) -> tuple[Reals, Reals]:
    """Weights of rows ``stride`` steps apart, from step 0 on, and their running totals, ``(rows,)`` each, read-only.

    The average has a time constant of ``window`` steps, or with ``share`` of ``window`` times the steps so far.
    """
    weights, totals = _rising(max(rows - 1, 1).bit_length(), stride, window, share)
    return weights[:rows], totals[:rows]


@lru_cache(maxsize=16)
def _rising(bits: int, stride: int, window: float, share: bool) -> tuple[Reals, Reals]:
    # For a power of two of rows, so that a history that grows finds its weights and all racers share them.
    steps = np.arange(1 << bits) * float(stride)
    clock = (np.log1p(steps) if share else steps) / window
    weights = np.exp(np.minimum(clock, LONGEST))
    totals = np.cumsum(weights)
    weights.flags.writeable = totals.flags.writeable = False
    return weights, totals
