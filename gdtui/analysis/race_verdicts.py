"""The verdicts on the racers of a race."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from gdtui.analysis import remedies
from gdtui.analysis.series import Series, Setting
from gdtui.analysis.steady import IN_DISTANCE
from gdtui.analysis.verdict import Evidence, Kind, Verdict, short
from gdtui.analysis.verdicts import judge
from gdtui.contracts import Problem
from gdtui.engine.history import Recorded
from gdtui.engine.race import Race
from gdtui.engine.snapshot import Snapshot

CRAWLS: Final = 10.0  # times slower than the best racer


def of_race(race: Race) -> dict[str, Verdict]:
    """The verdict on every racer, by label."""
    race.prepare()
    return of_snapshot(race.snapshot(), race.scenario.tolerance, race.problem)


def of_snapshot(snapshot: Snapshot, tolerance: float, problem: Problem | None = None) -> dict[str, Verdict]:
    """The verdict on every racer of a picture of a race, by label.

    With the ``problem`` that is raced on, its curvature and its known minimum are looked at, too. Callable from any
    thread.
    """
    optimum = None if problem is None else problem.optimal_value
    verdicts = {
        racer.label: judge(
            of_history(racer.recorded),
            Setting(
                stochastic=racer.is_stochastic,
                tolerance=tolerance,
                ended=racer.outcome.value,
                optimum=optimum,
                optimizer=racer.spec.optimizer,
            ),
        )
        for racer in snapshot.racers
    }
    return compared(verdicts, {racer.label: racer.spec.optimizer for racer in snapshot.racers})


def of_history(recorded: Recorded) -> Series:
    """The series of an engine's history. A recorded move is per unit of gradient; here it is a length again."""
    return Series(
        steps=recorded.steps.astype(np.float64),
        loss=recorded.loss,
        lr=recorded.rate,
        grad_norm=recorded.grad_norm,
        update_norm=recorded.move * recorded.grad_norm,
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


def in_distance(verdict: Verdict) -> float | None:
    """The measured rate per step in the distance to the minimum, if the verdict has one."""
    for name in (IN_DISTANCE, "rate"):
        if name in verdict:
            return verdict[name]
    return None


def _half_life(verdict: Verdict) -> float | None:
    """Of the distance, so that racers compare whose rates were measured on different quantities."""
    rate = in_distance(verdict)
    return None if rate is None else math.log(0.5) / math.log(rate)


def _beside(verdict: Verdict, best: float, optimizer: str) -> Verdict:
    half_life = _half_life(verdict)
    if verdict.kind is not Kind.CONVERGING or half_life is None or not half_life > CRAWLS * best:
        return verdict
    slower = half_life / best
    sentence = verdict.sentence.replace("Converging", "Crawling", 1)
    crawling = replace(
        verdict,
        kind=Kind.CRAWLING,
        sentence=f"{sentence} The best racer is {short(slower)} times as fast.",
        evidence=(*verdict.evidence, Evidence("times slower than the best", slower)),
    )
    return remedies.attached(crawling, Setting(optimizer=optimizer))
