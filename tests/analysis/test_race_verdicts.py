"""Verdicts on the racers of the built-in scenarios, and beside each other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import gdtui
from gdtui.analysis.race_verdicts import CRAWLS, compared, of_history, of_race, of_snapshot
from gdtui.analysis.results import describe
from gdtui.analysis.verdict import Evidence, Kind, Verdict
from gdtui.engine.compile import jit_is_off
from gdtui.engine.race import Race
from gdtui.scenario import builtin_names, trap_names

races = pytest.mark.skipif(jit_is_off(), reason="whole budgets take minutes as plain Python")
TABLE = Path(__file__).parent / "verdicts.txt"


def claims() -> dict[str, dict[str, str]]:
    """The verdicts of the table, by scenario and racer."""
    found: dict[str, dict[str, str]] = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            scenario, racer, verdict, why = (part.strip() for part in line.split("|"))
            assert why, line
            found.setdefault(scenario, {})[racer] = verdict
    return found


def test_the_table_has_every_scenario_that_is_no_trap() -> None:
    assert set(builtin_names()) <= set(claims()) <= {*builtin_names(), *trap_names()}


@races
@pytest.mark.parametrize("scenario", claims())
def test_the_racers_of_the_builtin_scenarios_do_what_is_known_of_them(scenario: str) -> None:
    race = Race(scenario)
    assert race.budget is not None
    verdicts = of_race(race.advance(race.budget))
    assert {label: verdict.kind.value for label, verdict in verdicts.items()} == claims()[scenario]


def test_the_numbers_are_those_of_the_theory() -> None:
    valley = of_race(Race("quadratic", racers=["gd:lr=0.019", "adagrad:lr=0.1"]).advance(1000))
    assert valley["gd"]["rate"] == pytest.approx(1.0 - 0.019, rel=1e-3)
    assert valley["adagrad"].fixed_by == "rmsprop"
    ravine = of_race(Race("rosenbrock", racers=["rmsprop:lr=0.01"]).advance(20_000))
    assert ravine["rmsprop"]["step length"] == pytest.approx(0.01 * np.sqrt(2.0), rel=1e-3)


def test_a_picture_of_a_race_has_the_verdicts_of_the_race() -> None:
    race = Race("quadratic", racers=["gd:lr=0.01", "adam:lr=0.1"]).advance(200)
    assert of_snapshot(race.snapshot(), race.scenario.tolerance, race.problem) == of_race(race)


@pytest.mark.parametrize("scenario", ["saddle", "quadratic", "credit-2d", "traps/newton-likes-saddles"])
def test_whoever_asks_gets_the_same_verdicts(scenario: str) -> None:
    race = gdtui.Race(scenario)
    for _ in range(3):
        race.advance(30)
        verdicts = of_race(race)
        assert of_snapshot(race.snapshot(), race.scenario.tolerance, race.problem) == verdicts
        described = {racer["label"]: racer["verdict"] for racer in describe(race)["racers"]}
        for label, verdict in verdicts.items():
            assert race[label].verdict == verdict
            assert described[label]["sentence"] == verdict.sentence


def test_a_race_that_has_not_begun_has_verdicts() -> None:
    assert {verdict.kind for verdict in of_race(Race("saddle")).values()} == {Kind.TOO_LITTLE}


def test_a_racer_retired_at_its_first_step_diverged() -> None:
    verdicts = of_race(Race("quadratic", racers=["gd:lr=1e300"]).advance(5))
    assert verdicts["gd"].kind is Kind.DIVERGED


def test_a_history_becomes_a_series() -> None:
    race = Race("quadratic", racers=["gd:lr=0.01"]).advance(50)
    run = of_history(race["gd"].recorded)
    assert run.steps.dtype == run.loss.dtype == np.float64
    assert run.lr is not None
    assert run.update_norm is not None
    assert run.grad_norm is not None
    np.testing.assert_allclose(run.update_norm[1:], 0.01 * run.grad_norm[1:])


def test_crawling_is_ten_times_slower_than_the_best() -> None:
    def at(half_life: float) -> Verdict:
        evidence = (Evidence("rate", 0.5 ** (1.0 / half_life), "per step"), Evidence("half-life", half_life, "steps"))
        return Verdict(Kind.CONVERGING, "Converging: so it is.", evidence)

    verdicts = {"a": at(3.0), "b": at(3.0 * CRAWLS), "c": at(3.1 * CRAWLS), "d": Verdict(Kind.RISING, "")}
    told = compared(verdicts, dict.fromkeys(verdicts, "gd"))
    assert [verdict.kind.value for verdict in told.values()] == ["converging", "converging", "crawling", "rising"]
    assert told["c"]["times slower than the best"] == pytest.approx(31.0 / 3.0)
    assert told["c"].fixed_by == "momentum"
