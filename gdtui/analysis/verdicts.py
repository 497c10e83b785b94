"""What a run is doing, told from its history alone: pure functions from a series to one verdict.

A window is the last ``WINDOW`` recorded steps, half of them all where there are fewer. A history cannot tell a minimum
from a saddle, nor noise of the gradient from noise in what was logged; the sentences say where that matters.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import numpy as np

from gdtui.analysis import measures, remedies
from gdtui.analysis.endings import broken_off, diverging, overfitting
from gdtui.analysis.look import WINDOW, Look
from gdtui.analysis.series import Series, Setting
from gdtui.analysis.steady import falling
from gdtui.analysis.verdict import Evidence, Kind, Verdict, short

LEAST_ROWS: Final = 20  # two windows of ten: fewer give no scatter to hold a difference against
REPEATS_WITHIN: Final = 0.01  # of the amplitude: a cycle, and not an oscillation that dies away
QUIET: Final = 1e-3  # of the fall so far: scatter or progress that is none
STUCK: Final = 0.01  # of the fall so far, and of what is left, in a window: what a stalled run may still gain
NET_SHARE: Final = 0.1  # of the way up and down: less is no progress
LEAST_TURNS: Final = 2  # up and down at least once
BY_HISTORY_ALONE: Final = "A history alone does not tell a minimum from a saddle or a flat stretch."


def judge(series: Series, setting: Setting | None = None) -> Verdict:
    """The verdict on a run as it stands. Never raises, whatever the numbers are."""
    setting = setting or Setting()
    return remedies.attached(told(series, setting), setting)


def told(series: Series, setting: Setting) -> Verdict:
    """The same without a remedy, which depends on more than the history where more is known."""
    with np.errstate(all="ignore"):
        return _judge(series, setting)


def _judge(series: Series, setting: Setting) -> Verdict:
    ended = broken_off(series, setting)
    if ended is not None:
        return ended
    finite = series.measurable()
    if (reached := _converged(finite, setting)) is not None:
        return reached
    if len(finite) < LEAST_ROWS:
        sentence = f"Too little to tell: {len(finite)} recorded steps, and a verdict needs {LEAST_ROWS}."
        return Verdict(Kind.TOO_LITTLE, sentence, (Evidence("recorded steps", len(finite)),))
    if not finite.steps[-1] > finite.steps[0]:
        return Verdict(Kind.TOO_LITTLE, "Too little to tell: the steps do not go on.")
    look = Look(finite, setting)
    for test in _IN_ORDER:
        if (verdict := test(look)) is not None:
            return verdict
    return _otherwise(look)


def _converged(series: Series, setting: Setting) -> Verdict | None:
    norms = series.grad_norm
    last = float(norms[-1]) if norms is not None and len(norms) else math.nan
    if setting.ended != "converged" and not (last <= setting.tolerance and setting.tolerance > 0.0):
        return None
    at = f" at step {short(series.steps[-1])}" if len(series) else ""
    sentence = f"Converged{at}: the gradient is no longer than the tolerance."
    evidence = [Evidence("gradient norm", last), Evidence("tolerance", setting.tolerance)]
    if len(series) >= LEAST_ROWS and (found := falling(Look(series, setting))) is not None:
        evidence += found.evidence
    return Verdict(Kind.CONVERGED, sentence, tuple(evidence))


def _diverging(look: Look) -> Verdict | None:
    return diverging(look.series, look.window)


def _overfitting(look: Look) -> Verdict | None:
    return overfitting(look.series)


def _limit_cycle(look: Look) -> Verdict | None:
    loss = look.loss
    found = measures.cycle(loss, REPEATS_WITHIN)
    if found is not None and look.collapse is None:
        period = found.period * look.gap
        evidence = (Evidence("period", period, "steps"), Evidence("amplitude", found.amplitude))
        sentence = (
            f"A limit cycle: the loss repeats every {short(period)} steps, "
            f"{short(found.amplitude)} above and below {short(float(np.mean(loss)))}."
        )
        return Verdict(Kind.LIMIT_CYCLE, sentence, evidence)
    norms, moves = look.gradient, look.series.update_norm
    if found is not None or norms is None or moves is None or look.collapse is not None:
        return None
    # A symmetric cycle has one loss at all its points, and so has one whose period divides the recorded distance.
    span = float(loss.max() - loss.min())
    if span > 1e-6 * look.fallen:
        return None
    same = np.ptp(norms) <= REPEATS_WITHIN * np.min(norms)
    moved = measures.median(moves[-look.window :])
    # Steps downhill would have made of their length times the slope a fall: those of a slow descent have.
    downhill = moved * float(np.min(norms)) * look.span
    if not (same and look.fallen > 0.0 and moved > 0.0 and span <= REPEATS_WITHIN * downhill):
        return None
    evidence = (Evidence("step length", moved), Evidence("gradient norm", float(np.median(norms))))
    sentence = (
        f"A limit cycle: steps of length {short(moved)} come back to the same loss, {short(float(loss[-1]))}, "
        f"with a gradient of {short(float(np.median(norms)))}."
    )
    return Verdict(Kind.LIMIT_CYCLE, sentence, evidence)


def _noise_floor(look: Look) -> Verdict | None:
    if look.setting.stochastic is False or look.collapse is not None:
        return None
    scatter, is_known = look.scatter, look.setting.stochastic is True
    # Known noise that lasts, and no cause for alarm.
    rose = is_known and -max(look.wide_scatter, QUIET * look.fallen) <= look.drift.fall <= 0.0
    if not (look.is_flat or rose):
        return None
    if is_known and look.fell_before_last:  # a pass over the samples makes waves, and two windows fit between two
        return None
    # A run that has not come down yet has found no floor: its first steps may be too short to show beside the noise.
    if is_known and look.window < WINDOW and look.series.loss[0] - look.middle <= measures.SIGNIFICANT * scatter:
        return None
    if not scatter > (measures.rounding(look.loss) if is_known else QUIET * look.fallen):
        return None
    if not is_known and look.period is not None:
        return None
    level = measures.median(look.series.loss[-2 * look.window :])
    evidence: tuple[Evidence, ...] = (
        Evidence("level", level),
        Evidence("scatter", scatter),
        Evidence("rows without progress", 2.0 * look.window, "rows"),
    )
    sentence = f"At its noise floor: the loss stays at {short(level)} within a scatter of {short(scatter)}"
    if not is_known:
        hidden = measures.SIGNIFICANT * look.drift.error
        evidence = (*evidence, Evidence("fall that the scatter could hide", hidden))
        sentence += f", which could hide a fall of {short(hidden)} in {short(look.span)} steps"
    return Verdict(Kind.NOISE_FLOOR, f"{sentence}.", evidence)


def _stalled(look: Look) -> Verdict | None:
    if look.collapse is None or max(look.progress, look.drift.fall) > STUCK * min(look.fallen, look.left):
        return None
    what, factor, reference = look.collapse
    norms = look.series.grad_norm
    if norms is not None and np.isfinite(norms[-look.window :]).any():
        now, peak = float(np.nanmedian(norms[-look.window :])), float(np.nanmax(norms))
        if look.gradient_halves or now * factor <= peak:
            return None
    evidence = [Evidence(f"{what} below {reference}", factor, "times")]
    if norms is not None:
        evidence.append(Evidence("gradient norm", float(norms[-1])))
    low = f"{short(factor)} times below {reference}" if factor < math.inf else "0"
    sentence = f"Stalled: the {what} is {low}, and the loss hardly moves"
    sentence += ", with the gradient still there." if norms is not None else "."
    return Verdict(Kind.STALLED, sentence, tuple(evidence))


def _converging(look: Look) -> Verdict | None:
    found = falling(look)
    return None if found is None else found.verdict


def _oscillating(look: Look) -> Verdict | None:
    loss = look.loss
    length, span = measures.path_length(loss), float(loss.max() - loss.min())
    if measures.turns(loss) < LEAST_TURNS or span <= measures.rounding(loss) or span <= QUIET * QUIET * look.fallen:
        return None
    net = min(look.progress, look.drift.fall)
    if net > NET_SHARE * length or look.setting.stochastic is True:
        return None
    period = look.period
    if look.setting.stochastic is None and (period is None or not look.is_flat):
        return None
    evidence = [Evidence("amplitude", span / 2.0), Evidence("net fall", net)]
    sentence = f"Oscillating: the loss goes up and down by {short(span)} and makes no progress"
    if period is not None:
        evidence.insert(1, Evidence("period", period, "steps"))
        sentence += f", once in about {short(period)} steps"
    return Verdict(Kind.OSCILLATING, f"{sentence}.", tuple(evidence))


def _plateau(look: Look) -> Verdict | None:
    level = measures.median(look.loss)
    # Of both: near a minimum of 0 a run that moves on its logarithmic axis has long ceased to beside its whole fall.
    nothing = max(QUIET * min(look.fallen, abs(level)), measures.rounding(look.loss))
    moved = min(abs(look.drift.fall), float(look.loss.max() - look.loss.min()))
    quiet = moved <= nothing and look.setting.stochastic is not True
    # Without noise there is no scatter that a trend could hide in; with it, two windows may lie between two waves.
    is_known = look.setting.stochastic
    flat = is_known is not False and look.is_flat and not (is_known and look.fell_before_last)
    if not (quiet or flat) or look.gradient_halves:
        return None
    return _on_a_plateau(look, level)


def _on_a_plateau(look: Look, level: float) -> Verdict:
    evidence = (Evidence("level", level), Evidence("fall in the window", look.drift.fall))
    sentence = (
        f"On a plateau: the loss has hardly moved from {short(level)} in {short(look.span)} steps. {BY_HISTORY_ALONE}"
    )
    return Verdict(Kind.PLATEAU, sentence, evidence)


def _otherwise(look: Look) -> Verdict:
    fall, span = max(look.drift.fall, look.progress), short(look.span)
    window = Evidence("window", look.span, "steps")
    if fall > 0.0:
        sentence = f"Descending: the loss fell by {short(fall)} in the last {span} steps, at no steady rate."
        return Verdict(Kind.DESCENDING, sentence, (Evidence("fall in the window", fall), window))
    if -fall <= measures.rounding(look.loss):
        return _on_a_plateau(look, measures.median(look.loss))
    sentence = f"Rising: the loss is {short(-fall)} higher than {span} steps before."
    return Verdict(Kind.RISING, sentence, (Evidence("rise in the window", -fall), window))


_Test = Callable[[Look], Verdict | None]
_IN_ORDER: Final[tuple[_Test, ...]] = (
    _diverging, _overfitting, _limit_cycle, _noise_floor, _stalled, _converging, _oscillating, _plateau,
)  # fmt: skip
