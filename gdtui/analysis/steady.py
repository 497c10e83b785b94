"""At what steady rate a run converges: by its gradient, by its loss above the minimum, or by its loss alone."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from gdtui.analysis import measures
from gdtui.analysis.look import Look
from gdtui.analysis.verdict import Evidence, Kind, Verdict, short
from gdtui.contracts import Reals

LEAST_FALL: Final = 0.05  # of a logarithm, in a window: 5 %
GREAT_FALL: Final = 1.0  # likewise where the gradient may be noisy: by a factor e
EXTRAPOLATED: Final = 0.5  # likewise where even the limit is not known: it lies at most two windows or so ahead
LIMIT_HOLDS: Final = 0.25  # of the way left: by how much the limit seen a window before, which a power law has moved
MOST_UNEVEN: Final = 3.0  # rates in the halves of a window of a steady fall: momentum ripples, a turn is more
MOST_CHANGED: Final = 2.0  # likewise from the window before to this one: more is no steady rate
EVEN: Final = 1.1  # likewise of falls that are alike
RIPPLES: Final = 0.02  # of a fall: less does not bend its line
MOST_DIGITS: Final = 1e6  # what grows faster a step needs none
IN_DISTANCE: Final = "rate in the distance"  # where "rate" is one of the loss, which goes with the distance squared


@dataclass(frozen=True, slots=True)
class Falling:
    """What falls, as a clause with a place for its rate, and the factor per step; ``power`` of the distance it is."""

    clause: str
    rate: float
    power: int
    limit: float | None = None

    @property
    def sentence(self) -> str:
        """What falls how fast."""
        return self.clause.format(rate_text(self.rate))

    @property
    def half_life(self) -> float:
        """In how many steps it halves."""
        return math.log(0.5) / math.log(self.rate)

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """The numbers behind it."""
        found = [Evidence("rate", self.rate, "per step")]
        if self.limit is not None:
            found.append(Evidence("extrapolated limit", self.limit))
        if self.power > 1:
            found.append(Evidence(IN_DISTANCE, self.rate ** (1.0 / self.power), "per step"))
        return (*found, Evidence("half-life", self.half_life, "steps"))

    @property
    def verdict(self) -> Verdict:
        """That it converges."""
        sentence = f"Converging: {self.sentence} and halves every {self.half_life:.3g} steps."
        return Verdict(Kind.CONVERGING, sentence, self.evidence)


def falling(look: Look) -> Falling | None:
    """What of a run falls at a steady rate, or None."""
    norms = look.series.grad_norm
    if look.setting.stochastic is not True and norms is not None and look.gradient is not None:
        least = LEAST_FALL if look.setting.stochastic is False else GREAT_FALL
        slope = _gradient_slope(look, least)
        is_down = look.drift.fall >= -measures.rounding(look.loss)
        if slope is not None and is_down and _lasts(look, norms, slope):
            return _rated("the gradient norm falls by a factor {} a step", math.exp(slope), 1)
    if look.setting.optimum is not None:
        above = look.series.loss - look.setting.optimum
        now = above[-look.window :]
        slope = _slope(look, np.log(now), LEAST_FALL) if bool((now > 0.0).all()) else None
        if slope is not None:
            if not _lasts(look, above, slope):
                return None
            return _rated("the loss above its minimum falls by a factor {} a step", math.exp(slope), 2)
    return _extrapolated(look)


def gradient_rate(look: Look) -> float | None:
    """The factor per step by which the gradient norm falls along a line, by however little; None if along none."""
    if look.gradient is None:
        return None
    slope = _gradient_slope(look, 0.0)
    return None if slope is None else math.exp(slope)


def _extrapolated(look: Look) -> Falling | None:
    found = _limit(look, slice(-look.window, None))
    before = None if found is None else _limit(look, slice(-2 * look.window, -look.window))
    if found is None or before is None:
        return None
    rate, limit = found
    left = measures.median(look.loss[-look.window // 4 :]) - limit
    if -math.log(rate) * look.span < EXTRAPOLATED or abs(before[1] - limit) > LIMIT_HOLDS * left:
        return None
    what = f"if the rate holds, the loss ends near {short(limit)}; what is left to go shrinks by a factor {{}} a step"
    return _rated(what, rate, 2, limit)


def _limit(look: Look, rows: slice) -> tuple[float, float] | None:
    return measures.geometric_limit(look.series.steps[rows], look.series.loss[rows], most_uneven=MOST_UNEVEN)


def _slope(look: Look, logarithms: Reals, least_fall: float) -> float | None:
    return measures.steady_slope(look.steps, logarithms, least_fall=least_fall, most_uneven=MOST_UNEVEN)


def _lasts(look: Look, values: Reals, slope: float) -> bool:
    """Whether the logarithm of ``values``, one a row, fell in the window before at about the same slope.

    A window alone has some line in any bend: in the way down to a valley's floor, and in what is left of a fast start.
    """
    rows = slice(-2 * look.window, -look.window)
    if not bool((values[rows] > 0.0).all()):
        return False
    before = measures.slope(look.series.steps[rows], np.log(values[rows]))
    return before < 0.0 and max(before / slope, slope / before) <= MOST_CHANGED


def _gradient_slope(look: Look, least_fall: float) -> float | None:
    """The slope of the logarithm of the gradient norm.

    Where it ripples, over as many windows as fall alike, up to four: a single one may cut a ripple in two.
    """
    assert look.gradient is not None
    logarithms = np.log(look.gradient)
    slope, norms = _slope(look, logarithms, least_fall), look.series.grad_norm
    if slope is None or norms is None or look.setting.stochastic is not False:
        return slope
    if measures.roughness(look.steps, logarithms) < RIPPLES:
        return slope
    for windows in (2, 4):
        rows = slice(-windows * look.window, None)
        if windows * look.window > len(norms) or not bool((norms[rows] > 0.0).all()):
            break
        steps, logarithms = look.series.steps[rows], np.log(norms[rows])
        longer = measures.steady_slope(steps, logarithms, least_fall=least_fall, most_uneven=EVEN)
        if longer is None or abs(longer / slope - 1.0) > EVEN - 1.0:
            break
        slope = longer
    return slope


def _rated(clause: str, rate: float, power: int, limit: float | None = None) -> Falling | None:
    return Falling(clause, rate, power, limit) if 0.0 < rate < 1.0 else None


def rate_text(rate: float) -> str:
    """As many digits as tell a rate from 1."""
    if not rate < MOST_DIGITS:
        return short(rate)
    digits = max(4, 2 - math.floor(math.log10(abs(1.0 - rate)))) if rate != 1.0 else 4
    return f"{rate:.{min(digits, 12)}f}"


def in_distance(verdict: Verdict) -> float | None:
    """The measured rate per step in the distance to the minimum, if the verdict has one."""
    for name in (IN_DISTANCE, "rate"):
        if name in verdict:
            return verdict[name]
    return None
