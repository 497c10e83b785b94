"""The result of a race as plain data: what the headless command prints and what expectations are checked on."""

from __future__ import annotations

from typing import Any

import numpy as np

from gdtui import __version__, specs
from gdtui.analysis.race_verdicts import of_race
from gdtui.analysis.verdict import Verdict
from gdtui.engine.race import Race
from gdtui.engine.racer import Racer
from gdtui.engine.rates import CONSTANT
from gdtui.schedule_specs import KEY

MOST_THETA = 10_000
VERDICT = ("kind", "sentence", "evidence")


def describe(race: Race) -> dict[str, Any]:
    """The race as it stands: plain numbers and text, non-finite numbers as None."""
    race.prepare()
    verdicts = of_race(race)
    return {
        "scenario": race.scenario.name,
        "seed": race.scenario.seed,
        "steps": race.step if race.budget is None else race.budget,
        "version": __version__,
        "racers": [_describe_racer(race, racer, verdicts[racer.label]) for racer in race],
    }


def _describe_racer(race: Race, racer: Racer, verdict: Verdict) -> dict[str, Any]:
    loss, norm = racer.measure()
    test = race.test(racer)
    return {
        "label": racer.label,
        "optimizer": racer.optimizer.name,
        "hyperparameters": _hyperparameters(racer),
        "status": racer.status.value,
        "step": racer.step,
        "loss": _plain(loss),
        "loss_start": _plain(racer.loss_start),
        "grad_norm": _plain(norm),
        "theta": [_plain(value) for value in racer.theta] if race.problem.n <= MOST_THETA else None,
        "evaluations": racer.evaluations,
        "work": racer.work,
        "test": None if test is None else {key: _plain(value) for key, value in test.items()},
        "verdict": {key: value for key, value in verdict.record().items() if key in VERDICT},
    }


def _hyperparameters(racer: Racer) -> dict[str, float | int | bool | str]:
    known = specs.hyperparameters(racer.optimizer)
    schedule = {} if racer.schedule == CONSTANT else {KEY: racer.schedule.text()}
    return {**{name: known[name].typed(value) for name, value in racer.hyperparameters.items()}, **schedule}


def _plain(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
