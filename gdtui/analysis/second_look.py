"""What the curvature makes of a verdict that the history alone gave: saddles, limits, and what was predicted.

Costs little where there is little to learn: the Hessian is asked where a history looks settled, or is so small that it
costs nothing.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

import numpy as np

from gdtui import registry
from gdtui.analysis import iteration, theory
from gdtui.analysis.curvature import Extremes
from gdtui.analysis.predictions import with_floor, with_rate
from gdtui.analysis.scene import Scene
from gdtui.analysis.steady import rate_text
from gdtui.analysis.steps import with_overshoot, with_zig_zag
from gdtui.analysis.theory import Terms
from gdtui.analysis.verdict import LIMIT, Evidence, Kind, Verdict, short
from gdtui.analysis.verdicts import BY_HISTORY_ALONE
from gdtui.contracts import L2

NEAR: Final = 0.1  # of the way come: within it the curvature has more to say than what is left of the gradient
BEYOND: Final = 1e-12  # of a limit: less is rounding
TINY: Final = 8  # parameters: a Hessian for nothing
CORNERED: Final = 16  # points of the path that have to lie in a corner: steps that leave it come back within fewer
IN_CORNER: Final = 0.01  # of the distance of the bounds
_SETTLED: Final = {Kind.CONVERGED, Kind.CONVERGING, Kind.PLATEAU, Kind.LIMIT_CYCLE, Kind.STALLED}
_NO_MORE: Final = {Kind.NOT_A_NUMBER, Kind.TOO_LITTLE, Kind.OVERFITTING}


def taken(verdict: Verdict, scene: Scene) -> Verdict:
    """The verdict with what the curvature at the racer's point adds to it, or the one that it makes of it."""
    if verdict.kind in _NO_MORE:
        return verdict
    if verdict.kind in {Kind.DIVERGED, Kind.DIVERGING}:
        return _beyond_the_limit(verdict, scene)
    for test in (_unstable, _at_a_saddle, _held, _unsettled):
        if (told := test(verdict, scene)) is not None:
            return told
    for addition in (with_rate, with_zig_zag, with_floor, with_overshoot, _no_saddle):
        verdict = addition(verdict, scene)
    return verdict


def _beyond_the_limit(verdict: Verdict, scene: Scene) -> Verdict:
    """Of a diverging racer: how far its learning rate is beyond the limit, at the start where that is exact nowhere."""
    if not (scene.is_linear and scene.is_free):
        return verdict
    where = ""
    found = scene.ask()
    if not scene.problem.quadratic:
        where = " of the parabola where it is"
        if verdict.kind is Kind.DIVERGED and len(scene.racer.path):  # where it ended says little of why it left
            found, where = scene.curvature.at(scene.racer.path[0]), " of the parabola at its start"
    known = theory.terms(scene.racer, scene.problem, found)
    if known.limit is None or not known.lr > known.limit:
        return verdict
    return _with_limit(verdict, known, where)


def _with_limit(verdict: Verdict, known: Terms, where: str = "") -> Verdict:
    assert known.limit is not None
    times = known.lr / known.limit
    evidence = (
        *verdict.evidence,
        Evidence("lr over its stability limit", times, "times"),
        Evidence(LIMIT, known.limit),
    )
    said = f"The learning rate is {_times(times)} times the stability limit{where}, {short(known.limit)}."
    return replace(verdict, sentence=f"{verdict.sentence} {said}", evidence=evidence)


def _unstable(verdict: Verdict, scene: Scene) -> Verdict | None:
    """A racer on a quadratic that must diverge, whatever its loss does at present."""
    if not (scene.problem.quadratic and scene.is_linear and scene.is_free):
        return None
    found, known = scene.ask(), scene.terms
    is_beyond = known.limit is not None and known.is_constant and known.lr > known.limit * (1.0 + BEYOND)
    if found is None or not is_beyond or verdict.kind is Kind.CONVERGED:
        return None
    if float(found.most_vector @ scene.gradient) == 0.0:
        return None  # nothing of it lies where it would grow
    growth = iteration.radius(known.method, known.lr * (known.most or 0.0), known.beta)
    moves = {Kind.CONVERGING: "still falls", Kind.DESCENDING: "still falls", Kind.RISING: "rises already"}
    sentence = (
        f"Diverging: along the largest curvature the error grows by a factor {rate_text(growth)} a step in the end "
        f"(predicted); the loss {moves.get(verdict.kind, 'keeps to its level so far')}."
    )
    evidence = (Evidence("predicted growth", growth, "per step"),)
    return _with_limit(Verdict(Kind.DIVERGING, sentence, evidence), known)


def _at_a_saddle(verdict: Verdict, scene: Scene) -> Verdict | None:
    """A racer where the loss bends down and hardly slopes; a converging one where it bends down is only descending."""
    if scene.problem.convex or not (verdict.kind in _SETTLED or scene.problem.n <= TINY):
        return None
    found = scene.ask()
    if found is None or not found.bends_down or scene.racer.grad_norm is None:
        return None
    if scene.racer.spec.hyperparameters.get(L2.name, 0.0) > -found.least:  # what it minimises itself does not
        return None
    # A step of this length along the eigenvector would win as much by the bend as by the slope, if that led there.
    reach, extent = scene.racer.grad_norm / -found.least, scene.extent
    if verdict.kind is Kind.CONVERGED and not reach > extent > 0.0:
        return _saddle(verdict, scene, found)
    if reach <= (1.0 if verdict.kind is Kind.PLATEAU else NEAR) * extent:
        return _saddle(verdict, scene, found)
    if verdict.kind is not Kind.CONVERGING or reach > extent:
        return None
    sentence = (
        f"Descending: the gradient shrinks steadily, but towards no minimum so far: the loss bends down where it is, "
        f"with the smallest eigenvalue {short(found.least)} of the Hessian and {short(found.most)} the largest."
    )
    kept = tuple(each for each in verdict.evidence if each.name == "rate")
    return Verdict(Kind.DESCENDING, sentence, (*kept, *_eigenvalues(found)))


def _saddle(verdict: Verdict, scene: Scene, found: Extremes) -> Verdict:
    norm = float(scene.racer.grad_norm or 0.0)
    is_there = verdict.kind is Kind.CONVERGED
    begin = f"Converged to a saddle at step {short(scene.racer.step)}" if is_there else "At a saddle"
    sentence = (
        f"{begin}: the gradient is down to {short(norm)}, but the loss bends down, with {short(found.least)} the "
        f"smallest eigenvalue of the Hessian and {short(found.most)} the largest."
    )
    return Verdict(Kind.AT_SADDLE, sentence, (Evidence("gradient norm", norm), *_eigenvalues(found)))


def _eigenvalues(found: Extremes) -> tuple[Evidence, Evidence]:
    return Evidence("smallest eigenvalue", found.least), Evidence("largest eigenvalue", found.most)


def _held(verdict: Verdict, scene: Scene) -> Verdict | None:
    """A racer in a corner of its box, out of which every slope leads: the least there is along each parameter."""
    bounds = scene.problem.bounds
    if bounds is None or verdict.kind in {Kind.CONVERGED, Kind.NOISE_FLOOR}:
        return None
    gradient = scene.gradient
    recent = np.vstack([scene.racer.path[-CORNERED:], scene.racer.theta])
    beside = IN_CORNER * (bounds[1] - bounds[0])
    low = (recent <= bounds[0] + beside).all(axis=0) & (recent <= bounds[0]).any(axis=0) & (gradient > 0.0)
    high = (recent >= bounds[1] - beside).all(axis=0) & (recent >= bounds[1]).any(axis=0) & (gradient < 0.0)
    if not bool((low | high).all()):
        return None
    norm = float(np.linalg.norm(gradient))
    sentence = (
        f"Converged to the bounds: every parameter stands at its least or largest value, {short(bounds[0])} or "
        f"{short(bounds[1])}, and the loss falls only beyond."
    )
    return Verdict(Kind.CONVERGED, sentence, (Evidence("gradient norm", norm),))


def _unsettled(verdict: Verdict, scene: Scene) -> Verdict | None:
    """A fall that will not end in a minimum: by the rule itself, by noise, or by a step too long for where it is."""
    if verdict.kind is not Kind.CONVERGING or not scene.terms.is_constant:
        return None
    name, evidence = scene.racer.spec.optimizer, verdict.evidence
    if not registry.optimizer(name).settles:
        end = f"at a constant learning rate the steps of {name} do not shrink with the gradient"
    elif scene.racer.is_stochastic:
        end = "at a constant learning rate noise keeps it above the minimum, unless all samples agree there"
    elif (known := _beyond_here(scene)) is not None and known.limit is not None:
        told = f"The learning rate is {_times(known.lr / known.limit)} times the stability limit"
        end = f"{told[0].lower()}{told[1:]} of the parabola where it is, {short(known.limit)}"
        evidence = (*evidence, Evidence(LIMIT, known.limit))
    else:
        return None
    told = verdict.sentence.replace("Converging", "Descending", 1)
    return replace(
        verdict, kind=Kind.DESCENDING, sentence=f"{told} It will not come to rest: {end}.", evidence=evidence
    )


def _beyond_here(scene: Scene) -> Terms | None:
    """What is known of a racer whose steps are too long for the curvature where it is; None where they are not."""
    if scene.problem.quadratic or not (scene.is_linear and scene.is_free) or scene.problem.n > TINY:
        return None
    known = scene.terms
    return known if known.limit is not None and known.lr > known.limit * (1.0 + BEYOND) else None


def _no_saddle(verdict: Verdict, scene: Scene) -> Verdict:
    """A plateau is no saddle where nothing bends down."""
    if verdict.kind is not Kind.PLATEAU:
        return verdict
    if not scene.problem.convex and ((found := scene.ask()) is None or found.least <= found.residual):
        return verdict
    told = "The loss bends down nowhere here: this is a minimum, or the way to it is flat."
    return replace(verdict, sentence=verdict.sentence.replace(BY_HISTORY_ALONE, told))


def _times(times: float) -> str:
    """As many digits as tell it from 1."""
    digits = max(2, 1 - math.floor(math.log10(times - 1.0))) if 1.0 < times < 2.0 else 2
    return f"{times:.{min(digits, 12)}f}" if times < 1e6 else short(times)
