"""How the steps of a racer went: from side to side of a valley, or beyond the lowest point on their way."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from gdtui.analysis.look import WINDOW
from gdtui.analysis.measures import median
from gdtui.analysis.scene import Scene
from gdtui.analysis.verdict import ZIG_ZAG, Evidence, Kind, Verdict, percent, short
from gdtui.contracts import Reals

REVERSING: Final = 0.5  # of the steps: a zig-zag
ACROSS: Final = 0.01  # of a step's length: less of it across the valley is nothing to see
OVERSHOTS: Final = 6  # steps whose overshoot is looked at


def with_zig_zag(verdict: Verdict, scene: Scene) -> Verdict:
    """The verdict with the share of steps that reverse along the largest curvature, where most do."""
    racer = scene.racer
    if verdict.kind not in {Kind.CONVERGING, Kind.DESCENDING} or racer.is_stochastic or not scene.is_linear:
        return verdict
    if not (scene.has_every_point and scene.is_small) or (found := scene.ask()) is None:
        return verdict
    moves = np.diff(racer.path[-(WINDOW + 1) :], axis=0)
    across, lengths = moves @ found.most_vector, np.sqrt(np.sum(moves * moves, axis=1))
    if not median(np.abs(across) - ACROSS * lengths) > 0.0:
        return verdict
    share = float(np.mean(across[1:] * across[:-1] < 0.0))
    if share < REVERSING:
        return verdict
    times = scene.terms.lr * found.most
    evidence = (*verdict.evidence, Evidence(ZIG_ZAG, share), Evidence("lr times L", times))
    said = f"It zig-zags: {percent(share)} of the steps reverse along the largest curvature L, and lr L is"
    return replace(verdict, sentence=f"{verdict.sentence} {said} {short(times)}.", evidence=evidence)


def with_overshoot(verdict: Verdict, scene: Scene) -> Verdict:
    """The verdict on an oscillating racer with where its steps land on the parabola through their two ends."""
    racer = scene.racer
    if verdict.kind is not Kind.OSCILLATING or racer.is_stochastic or scene.problem.time_dependent:
        return verdict
    if not (scene.has_every_point and scene.is_small):
        return verdict
    path = racer.path[-(OVERSHOTS + 1) :]
    found = overshoots(path, np.array([scene.curvature.gradient(point) for point in path]))
    count, said = len(path) - 1, ""
    uphill = count - found.downhill
    evidence = [*verdict.evidence, Evidence("steps that set out uphill", uphill / count)]
    if uphill > 0:
        said = f" Of the last {count} steps {uphill} set out uphill."
    if 2 * len(found.landed) > count:
        middle = median(found.landed)
        evidence.append(Evidence("overshoot", middle))
        said += f" Its steps land at {middle:.2f}: 0 is the lowest point on their way, 1 as high on the far side."
    return replace(verdict, sentence=verdict.sentence + said, evidence=tuple(evidence))


@dataclass(frozen=True, slots=True, eq=False)
class Overshoots:
    """How many steps set out downhill, and where those of them landed whose parabola is convex, float64 ``(k,)``."""

    downhill: int
    landed: Reals


def overshoots(path: Reals, gradients: Reals) -> Overshoots:
    """Where the steps between the points ``(m + 1, n)`` landed: -1 is the start of the step, 0 the lowest point.

    F. Schneider, F. Dangel, P. Hennig, "Cockpit: a practical debugging tool for the training of deep neural networks",
    2021, https://arxiv.org/abs/2102.06604; without noise the parabola is the one through both slopes.
    """
    moves = np.diff(path, axis=0)
    before = np.sum(gradients[:-1] * moves, axis=1)
    after = np.sum(gradients[1:] * moves, axis=1)
    downhill = before < 0.0
    convex = downhill & (after > before) & np.isfinite(after)
    return Overshoots(int(np.count_nonzero(downhill)), -after[convex] / before[convex])
