"""The verdicts on the racers of a race."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from gdtui.analysis import remedies
from gdtui.analysis.series import Series, Setting
from gdtui.analysis.verdict import Evidence, Kind, Verdict, short
from gdtui.analysis.verdicts import judge
from gdtui.engine.history import Recorded
from gdtui.engine.race import Race
from gdtui.engine.racer import Racer
from gdtui.engine.snapshot import Snapshot

CRAWLS: Final = 10.0  # times slower than the best racer


def of_race(race: Race) -> dict[str, Verdict]:
    """The verdict on every racer, by label."""
    race.prepare()
    optimizers = {racer.label: racer.optimizer.name for racer in race}
    return compared({racer.label: of_racer(racer, race.scenario.tolerance) for racer in race}, optimizers)


def of_snapshot(snapshot: Snapshot, tolerance: float) -> dict[str, Verdict]:
    """The verdict on every racer of a picture of a race, by label."""
    verdicts = {
        racer.label: judge(
            of_history(racer.recorded),
            Setting(
                stochastic=racer.is_stochastic,
                tolerance=tolerance,
                ended=racer.outcome.value,
                optimizer=racer.spec.optimizer,
            ),
        )
        for racer in snapshot.racers
    }
    return compared(verdicts, {racer.label: racer.spec.optimizer for racer in snapshot.racers})


def of_racer(racer: Racer, tolerance: float) -> Verdict:
    """The verdict on a racer by itself."""
    setting = Setting(
        stochastic=racer.is_stochastic,
        tolerance=tolerance,
        ended=racer.status.value,
        optimizer=racer.optimizer.name,
    )
    return judge(of_history(racer.recorded), setting)


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
    half_lives = [
        verdict["half-life"]
        for verdict in verdicts.values()
        if verdict.kind in {Kind.CONVERGED, Kind.CONVERGING} and "half-life" in verdict
    ]
    best = min(half_lives, default=math.inf)
    return {label: _beside(verdict, best, optimizers[label]) for label, verdict in verdicts.items()}


def _beside(verdict: Verdict, best: float, optimizer: str) -> Verdict:
    if verdict.kind is not Kind.CONVERGING or not verdict["half-life"] > CRAWLS * best:
        return verdict
    slower = verdict["half-life"] / best
    sentence = verdict.sentence.replace("Converging", "Crawling", 1)
    crawling = replace(
        verdict,
        kind=Kind.CRAWLING,
        sentence=f"{sentence} The best racer is {short(slower)} times as fast.",
        evidence=(*verdict.evidence, Evidence("times slower than the best", slower)),
    )
    return remedies.attached(crawling, Setting(optimizer=optimizer))
