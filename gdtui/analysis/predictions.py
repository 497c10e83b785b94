"""Predicted rates and floors beside the measured ones, in a verdict."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

import numpy as np

from gdtui.analysis import iteration, theory
from gdtui.analysis.look import WINDOW, Look
from gdtui.analysis.scene import Scene
from gdtui.analysis.steady import IN_DISTANCE, Falling, gradient_rate, in_distance, rate_text
from gdtui.analysis.theory import Terms
from gdtui.analysis.verdict import Evidence, Kind, Verdict, percent, short
from gdtui.contracts import L2
from gdtui.engine.snapshot import RacerSnapshot

AGREES: Final = 0.02  # of the logarithm of a rate: measured as predicted
DOMINATES: Final = 0.99  # of the gradient: the slowest direction is all that is left
MEAN: Final = "mean above the minimum"
EQUAL: Final = 1e-9  # of a rate: no direction is slower than another
_NO_RATE_SEEN: Final = {Kind.DESCENDING, Kind.PLATEAU, Kind.RISING}


def with_rate(verdict: Verdict, scene: Scene) -> Verdict:
    """The verdict with the predicted rate beside the measured one.

    On a quadratic also where there is no rate to measure yet. There, what falls as predicted converges, however little
    of it a window sees.
    """
    is_asked = scene.problem.quadratic or (verdict.kind is Kind.CONVERGING and scene.is_small)
    # With l2 it goes for another minimum than that of the loss.
    if not (is_asked and scene.is_linear) or scene.racer.spec.hyperparameters.get(L2.name, 0.0) > 0.0:
        return verdict
    known = scene.terms
    rate = known.rate
    if rate is None or not 0.0 < rate < 1.0:
        return verdict
    verdict = _however_slowly(verdict, scene, rate)
    measured = in_distance(verdict)
    evidence = [*verdict.evidence, Evidence("predicted rate", rate, "per step")]
    said = f"Predicted in the end: {rate_text(rate)} a step in the distance"
    if IN_DISTANCE in verdict:  # the rate that was measured is one of the loss
        said += f", {rate_text(rate * rate)} in the loss"
    if known.is_local:
        said += ", by the parabola where it is"
    elif measured is None or not _agree(measured, rate):
        share = _share_of_the_slowest(scene, known)
        if share is not None:
            evidence.append(Evidence("share of the slowest direction", share))
        said += f"; so far this is a transient{_why(known, share)}"
    return replace(verdict, sentence=f"{verdict.sentence} {said}.", evidence=tuple(evidence))


def _agree(measured: float, predicted: float) -> bool:
    return abs(math.log(measured) / math.log(predicted) - 1.0) <= AGREES


def _however_slowly(verdict: Verdict, scene: Scene, predicted: float) -> Verdict:
    """A verdict without a rate, or that of a convergence whose gradient falls as predicted."""
    if verdict.kind not in _NO_RATE_SEEN or not scene.problem.quadratic:
        return verdict
    measured = gradient_rate(Look(scene.series, scene.setting))
    if measured is None or not 0.0 < measured < 1.0 or not _agree(measured, predicted):
        return verdict
    return Falling("the gradient norm falls by a factor {} a step", measured, 1).verdict


def _share_of_the_slowest(scene: Scene, known: Terms) -> float | None:
    """Which share of the gradient's square lies along the eigenvector that decides the rate in the end, if one does."""
    found = scene.ask()
    if found is None or known.least is None or known.most is None:
        return None
    slow, fast = (iteration.radius(known.method, known.lr * each, known.beta) for each in (known.least, known.most))
    if math.isclose(slow, fast, rel_tol=EQUAL) or (slow > fast and found.least != found.flattest):
        return None  # several do; or the smallest curvature is 0, and of the next there is no vector here
    square = float(scene.gradient @ scene.gradient)
    part = float((found.least_vector if slow > fast else found.most_vector) @ scene.gradient)
    return part * part / square if square > 0.0 else None


def _why(known: Terms, share: float | None) -> str:
    """Why a rate is not yet what it will be in the end."""
    if share is not None and (share < DOMINATES or known.beta == 0.0):
        return f", with {percent(share)} of the gradient along the slowest direction"
    swing = iteration.swing(known.method, known.lr * (known.least or 0.0), known.beta)
    if swing is not None:
        return f", in which the flattest direction swings, once in {short(round(swing, 1))} steps"
    return "" if share is None else ": the slowest direction alone is left, but its two factors lie close to each other"


def measured(verdict: Verdict | None, racer: RacerSnapshot) -> tuple[float | None, float | None]:
    """What a verdict measured: the rate per step in the distance to the minimum, and the mean above it at a floor.

    None of what was not measured, or was while the racer had other hyperparameters than it has now.
    """
    if verdict is None:
        return None, None
    changed = racer.events[-1].step if racer.events else 0
    since = int(np.count_nonzero(racer.recorded.steps >= changed)) if changed else math.inf
    rate = in_distance(verdict) if since >= WINDOW else None
    return rate, (verdict[MEAN] if MEAN in verdict and since >= 2 * WINDOW else None)


def with_floor(verdict: Verdict, scene: Scene) -> Verdict:
    """The verdict on a racer at its noise floor with the predicted floor beside the measured mean."""
    optimum = scene.problem.optimal_value
    if verdict.kind is not Kind.NOISE_FLOOR or optimum is None or "noise" not in scene.problem.facts:
        return verdict
    predicted, _ = theory.floor_of(scene.racer, scene.problem, scene.terms, scene.ask())
    if predicted is None:
        return verdict
    mean = float(np.mean(scene.series.loss[-2 * WINDOW :])) - optimum
    evidence = (
        *verdict.evidence,
        Evidence(MEAN, mean),
        Evidence("predicted mean above the minimum", predicted),
    )
    said = f"Above the minimum the mean is {short(mean)}; predicted: {short(predicted)}."
    return replace(verdict, sentence=f"{verdict.sentence} {said}", evidence=evidence)
