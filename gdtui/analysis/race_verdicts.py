"""The verdicts on the racers of a race."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from gdtui.analysis import curvature as curvatures
from gdtui.analysis import remedies, second_look
from gdtui.analysis.curvature import Curvature, Extremes
from gdtui.analysis.scene import Scene
from gdtui.analysis.series import Series, Setting
from gdtui.analysis.steady import in_distance
from gdtui.analysis.verdict import Evidence, Kind, Verdict, short
from gdtui.analysis.verdicts import told
from gdtui.contracts import Problem
from gdtui.engine.history import Recorded
from gdtui.engine.outcome import Outcome
from gdtui.engine.race import Race
from gdtui.engine.snapshot import RacerSnapshot, Snapshot

CRAWLS: Final = 10.0  # times slower than the best racer


def of_race(race: Race) -> dict[str, Verdict]:
    """The verdict on every racer, by label."""
    race.prepare()
    return of_snapshot(race.snapshot(), race.scenario.tolerance, race.problem, saving=False)


def of_snapshot(
    snapshot: Snapshot,
    tolerance: float,
    problem: Problem | None = None,
    *,
    curvature: Curvature | None = None,
    saving: bool = True,
) -> dict[str, Verdict]:
    """The verdict on every racer of a picture of a race, by label.

    With the ``problem`` that is raced on, its curvature and its minimum are looked at, too; ``curvature`` is the
    problem's own, if it is not to be the one that all share. Callable from any thread, many times in a race: with
    ``saving``, while somebody races, the curvature of a large problem is that of some looks ago where a new one would
    cost more than the looks since have saved.
    """
    saving = saving and any(racer.outcome is Outcome.RUNNING for racer in snapshot.racers)
    if problem is not None:
        curvature = curvature or curvatures.of(problem)
        curvature.allow(snapshot.step)
    verdicts = {}
    for racer in snapshot.racers:
        setting = Setting(
            stochastic=racer.is_stochastic,
            tolerance=tolerance,
            ended=racer.outcome.value,
            optimum=None if problem is None else problem.optimal_value,
            optimizer=racer.spec.optimizer,
        )
        series = of_history(racer.recorded)
        verdict = told(series, setting)
        if problem is not None and curvature is not None:
            with np.errstate(all="ignore"):
                verdict = second_look.taken(verdict, _scene(racer, problem, series, setting, curvature, saving))
        verdicts[racer.label] = remedies.attached(verdict, setting, racer, problem)
    return compared(verdicts, {racer.label: racer.spec.optimizer for racer in snapshot.racers})


def _scene(
    racer: RacerSnapshot, problem: Problem, series: Series, setting: Setting, curvature: Curvature, saving: bool
) -> Scene:
    def ask() -> Extremes | None:
        if saving:
            return curvature.lately(racer.label, racer.step, racer.theta)
        return curvature.at(racer.theta)

    return Scene(racer, problem, series, setting, curvature, ask)


def of_history(recorded: Recorded) -> Series:
    """The series of an engine's history. A recorded move is per unit of gradient; here it is a length again.

    The gradient of a noisy racer's step is not recorded: there the lengths are right beside the gradient norms alone.
    """
    with np.errstate(over="ignore", invalid="ignore"):  # a recording may hold any numbers
        lengths = recorded.move * recorded.grad_norm
    return Series(
        steps=recorded.steps.astype(np.float64),
        loss=recorded.loss,
        lr=recorded.rate,
        grad_norm=recorded.grad_norm,
        update_norm=lengths,
    )


def compared(verdicts: Mapping[str, Verdict], optimizers: Mapping[str, str]) -> dict[str, Verdict]:
    """The verdicts with those marked as crawling that converge more than ten times slower than the best of them.

    Both are by label; ``optimizers`` are names of the family tree.
    """
    measured = [
        half_life
        for verdict in verdicts.values()
        if verdict.kind in {Kind.CONVERGED, Kind.CONVERGING} and (half_life := _half_life(verdict)) is not None
    ]
    best = min(measured, default=math.inf)
    return {label: _beside(verdict, best, optimizers[label]) for label, verdict in verdicts.items()}


def _half_life(verdict: Verdict) -> float | None:
    """Of the distance, so that racers compare whose rates were measured on different quantities."""
    rate = in_distance(verdict)
    return None if rate is None else math.log(0.5) / math.log(rate)


def _beside(verdict: Verdict, best: float, optimizer: str) -> Verdict:
    # One that descends steadily, but to no rest, can crawl as well.
    is_steady = verdict.kind in {Kind.CONVERGING, Kind.DESCENDING} and "half-life" in verdict
    half_life = _half_life(verdict)
    if not is_steady or half_life is None or not half_life > CRAWLS * best:
        return verdict
    slower = half_life / best
    sentence = f"Crawling{verdict.sentence[verdict.sentence.index(':') :]}"
    crawling = replace(
        verdict,
        kind=Kind.CRAWLING,
        sentence=f"{sentence} The best racer is {short(slower)} times as fast.",
        evidence=(*verdict.evidence, Evidence("times slower than the best", slower)),
    )
    return remedies.attached(crawling, Setting(optimizer=optimizer))
