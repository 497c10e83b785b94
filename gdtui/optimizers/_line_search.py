"""How far to go along a direction that leads downhill: the two searches that second-order rules use.

Both look at phi(a) = f(x + a direction) on the step's own sample and return the step length a, 0 when they find none.
``slope`` is phi'(0) < 0, ``first`` the first a that is tried, ``trial`` and ``g`` are scratch.
J. Nocedal, S. J. Wright, "Numerical Optimization", 2nd edition, 2006, chapter 3.
Departure: close to a minimum that is not 0 all differences of f are rounding, and a search that trusted them would fail
before the gradient has vanished. So a rise by no more than ROUNDING of f counts as none where the slope, or a first
trial of full length, speaks for the point.
"""

from __future__ import annotations

import math

from gdtui.contracts import Ints, Reals, ValueGrad, kernel
from gdtui.optimizers._linear_algebra import dot

DECREASE = 1e-4  # the share of the predicted decrease that has to come true (Armijo)
CURVATURE = 0.9  # the share of the slope that may be left (strong Wolfe)
ROUNDING = 1e-13
MOST_HALVINGS = 60
MOST_TRIALS = 30
EXPANSION = 4.0
# An interpolated length keeps this share of the bracket away from both its ends.
MARGIN = 0.1


@kernel
def value_along(
    value_grad: ValueGrad,
    reals: Reals,
    ints: Ints,
    batch: Ints,
    noise: Reals,
    x: Reals,
    a: float,
    direction: Reals,
    trial: Reals,
    g: Reals,
) -> float:
    """phi(a); leaves the point in ``trial`` and the gradient there in ``g``."""
    for i in range(x.shape[0]):
        trial[i] = x[i] + a * direction[i]
    return value_grad(trial, reals, ints, batch, noise, g)


@kernel
def backtrack(
    value_grad: ValueGrad,
    reals: Reals,
    ints: Ints,
    batch: Ints,
    noise: Reals,
    x: Reals,
    f: float,
    slope: float,
    direction: Reals,
    first: float,
    trial: Reals,
    g: Reals,
    counts: Ints,
) -> float:
    """The first of ``first``, half of it, a quarter … that decreases f enough. Charges a value for each."""
    a = first
    rounding = ROUNDING * abs(f)
    for _ in range(MOST_HALVINGS):
        value = value_along(value_grad, reals, ints, batch, noise, x, a, direction, trial, g)
        counts[0] += 1
        if value <= f + DECREASE * a * slope + rounding and (value < f or a == first):
            return a
        a *= 0.5
        rounding = 0.0
    return 0.0


@kernel
def strong_wolfe(
    value_grad: ValueGrad,
    reals: Reals,
    ints: Ints,
    batch: Ints,
    noise: Reals,
    x: Reals,
    f: float,
    slope: float,
    direction: Reals,
    first: float,
    trial: Reals,
    g: Reals,
    counts: Ints,
) -> float:
    """A length that decreases f enough and leaves little of the slope, or the best of MOST_TRIALS; a gradient for each.

    Lengths grow until they bracket such a point, then cubic interpolation closes in on it: ``low`` is the end of the
    bracket with the lower value, ``high`` the other one, infinite as long as every trial was too short.
    """
    rounding = ROUNDING * abs(f)
    low, f_low, slope_low = 0.0, f, slope
    high, f_high, slope_high = math.inf, f, slope
    a = first
    for _ in range(MOST_TRIALS):
        f_a = value_along(value_grad, reals, ints, batch, noise, x, a, direction, trial, g)
        slope_a = dot(g, direction)
        counts[1] += 1
        if not (f_a <= f + DECREASE * a * slope + rounding and f_a <= f_low + rounding):
            high, f_high, slope_high = a, f_a, slope_a
        else:
            if abs(slope_a) <= -CURVATURE * slope:
                return a
            if slope_a * (high - low) >= 0.0:
                high, f_high, slope_high = low, f_low, slope_low
            low, f_low, slope_low = a, f_a, slope_a
        if high == math.inf:
            a *= EXPANSION
        else:
            a = interpolate(low, f_low, slope_low, high, f_high, slope_high)
    return low if f_low < f else 0.0


@kernel
def interpolate(a: float, f_a: float, slope_a: float, b: float, f_b: float, slope_b: float) -> float:
    """Where the cubic through both ends is lowest, kept inside the bracket; the middle where there is no such place."""
    middle = 0.5 * (a + b)
    width = b - a
    if width == 0.0:
        return middle
    chord = slope_a + slope_b - 3.0 * (f_b - f_a) / width
    square = chord * chord - slope_a * slope_b
    if not 0.0 <= square < math.inf:
        return middle
    root = math.sqrt(square) if width > 0.0 else -math.sqrt(square)
    denominator = slope_b - slope_a + 2.0 * root
    if denominator == 0.0:
        return middle
    share = 1.0 - (slope_b + root - chord) / denominator
    return a + min(max(share, MARGIN), 1.0 - MARGIN) * width
