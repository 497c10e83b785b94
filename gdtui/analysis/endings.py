"""Runs that end badly: not a number, diverged, diverging, overfitting. Each is a verdict or None."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from gdtui.analysis import measures
from gdtui.analysis.series import Series, Setting
from gdtui.analysis.verdict import Evidence, Kind, Verdict, short
from gdtui.contracts import Reals
from gdtui.engine.outcome import Outcome

DIVERGED_BEYOND: Final = 1e6  # times max(1, |first loss|), as in a race
DOUBLED: Final = 2.0  # over the window
SHARE_OF_FALL: Final = 0.05  # of all the loss has fallen: what is less is a ripple, or a small overfit
BEFORE: Final = 50.0  # steps before the loss stopped being a number, in which the gradient is looked at
LEAST_VALIDATIONS: Final = 5
RECENT: Final = 5  # rows whose median is "now"


def broken_off(series: Series, setting: Setting) -> Verdict | None:
    """Whether the run ended in what is not a number, or far away from where it began."""
    finite = np.isfinite(series.loss)
    if len(series) and not finite[-1]:
        return _not_a_number(series, finite)
    losses = series.loss[finite]
    limit = DIVERGED_BEYOND * max(1.0, abs(float(losses[0]))) if len(losses) else np.inf
    if setting.ended != Outcome.DIVERGED and not (len(losses) and abs(losses[-1]) > limit):
        return None
    evidence = [Evidence("step", float(series.steps[-1]))] if len(series) else []
    if len(losses):
        evidence += [Evidence("first loss", float(losses[0])), Evidence("last loss", float(losses[-1]))]
    grown = f"the loss went from {short(float(losses[0]))} to {short(float(losses[-1]))}" if len(losses) > 1 else ""
    return Verdict(Kind.DIVERGED, f"Diverged: {grown or 'the first steps left the numbers'}.", tuple(evidence))


def _not_a_number(series: Series, finite: npt.NDArray[np.bool_]) -> Verdict:
    first = int(np.flatnonzero(finite)[-1]) + 1 if finite.any() else 0
    step = float(series.steps[first])
    sentence = f"The loss is {'NaN' if np.isnan(series.loss[first]) else 'infinite'} from step {short(step)} on"
    evidence = [Evidence("step", step)]
    grown = _growth(series, first)
    if grown is not None:
        factor, steps = grown
        evidence.append(Evidence(f"gradient norm, growth in {short(steps)} steps", factor, "times"))
        moved = f"grew {short(factor)} times" if factor >= DOUBLED else "did not grow"
        sentence += f"; the gradient norm {moved} in the {short(steps)} steps before"
    return Verdict(Kind.NOT_A_NUMBER, f"{sentence}.", tuple(evidence))


def _growth(series: Series, row: int) -> tuple[float, float] | None:
    """How many times the gradient norm grew before a row, and in how many steps."""
    if series.grad_norm is None or row < 2:
        return None
    near = np.flatnonzero((series.steps[:row] >= series.steps[row] - BEFORE) & np.isfinite(series.grad_norm[:row]))
    if len(near) < 2 or not series.grad_norm[near[0]] > 0.0:
        return None
    return float(series.grad_norm[near[-1]] / series.grad_norm[near[0]]), float(
        series.steps[row] - series.steps[near[0]]
    )


def diverging(series: Series, window: int) -> Verdict | None:
    """Whether the loss at least doubled over the window and still rises, by more than a ripple."""
    loss = series.loss[-window:]
    few = min(RECENT, window // 4)
    then, now = measures.median(loss[:few]), measures.median(loss[-few:])
    rise = now - then
    if not rise >= abs(then) * (DOUBLED - 1.0):
        return None
    quarters = measures.block_medians(loss, 4)
    still = quarters[1] < quarters[2] < quarters[3] and now > quarters[2]
    fallen = max(measures.median(series.loss[:few]) - float(np.min(series.loss)), 0.0)
    noise = measures.SIGNIFICANT * measures.noise(loss)
    if not (still and rise > max(SHARE_OF_FALL * fallen, noise)):
        return None
    span = float(series.steps[-1] - series.steps[-window])
    evidence = (Evidence("loss then", then), Evidence("loss now", now), Evidence("window", span, "steps"))
    sentence = f"Diverging: the loss went from {short(then)} to {short(now)} in {short(span)} steps, and still rises."
    return Verdict(Kind.DIVERGING, sentence, evidence)


def overfitting(series: Series) -> Verdict | None:
    """Whether the held-out loss has turned up again while the training loss went on falling."""
    if series.val_loss is None:
        return None
    known = np.flatnonzero(np.isfinite(series.val_loss))
    if len(known) < LEAST_VALIDATIONS:
        return None
    values = _smooth(series.val_loss[known])
    best = int(np.argmin(series.val_loss[known]))
    rise = float(values[-1] - np.min(values))
    now, then = _training(series, known[-1]), _training(series, known[best])
    fallen = _training(series, known[0]) - now
    scatter = measures.noise(series.val_loss[known])
    if not (then > now and rise > max(SHARE_OF_FALL * fallen, measures.SIGNIFICANT * scatter)):
        return None
    lowest, step = float(series.val_loss[known[best]]), float(series.steps[known[best]])
    evidence = (
        Evidence("lowest held-out loss", lowest), Evidence("its step", step),
        Evidence("rise since", rise), Evidence("fall of the training loss since", then - now),
    )  # fmt: skip
    sentence = (
        f"Overfitting: the held-out loss was lowest at step {short(step)}, {short(lowest)}, and has risen by "
        f"{short(rise)} since, while the training loss fell by {short(then - now)}."
    )
    return Verdict(Kind.OVERFITTING, sentence, evidence)


def _smooth(values: Reals) -> Reals:
    """Medians of three, at the ends of two."""
    padded = np.concatenate([values[:1], values, values[-1:]])
    smooth: Reals = np.median(np.stack([padded[:-2], padded[1:-1], padded[2:]]), axis=0)
    return smooth


def _training(series: Series, row: int) -> float:
    """The training loss about a row."""
    return float(np.median(series.loss[max(0, row - RECENT // 2) : row + RECENT // 2 + 1]))
