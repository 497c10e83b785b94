"""Whom a verdict sends for: somebody who exists, is fit for the problem, and does better."""

from __future__ import annotations

import pytest

from gdtui import registry, specs
from gdtui.analysis import remedies
from gdtui.analysis.race_verdicts import of_race
from gdtui.analysis.series import Setting
from gdtui.analysis.verdict import ZIG_ZAG, Evidence, Kind, Verdict
from gdtui.engine.compile import jit_is_off
from gdtui.engine.race import Race
from gdtui.scenario import load

races = pytest.mark.skipif(jit_is_off(), reason="whole budgets take minutes as plain Python")


def test_everybody_named_is_in_the_family() -> None:
    family = {"", *registry.optimizers()}
    for (_, failing), candidates in remedies.FIXED_BY.items():
        assert failing in family
        assert candidates
        assert set(candidates) <= family - {failing}


def test_every_kind_that_warns_has_a_remedy() -> None:
    for kind in Kind:
        if kind.severity not in {"good", "note"}:
            assert remedies.attached(Verdict(kind, ""), Setting()).remedy, kind


@pytest.mark.parametrize(
    ("scenario", "fixer"),
    [("saddle", "saddle_free_newton"), ("streamrec", "sgd"), ("traps/sgd-noise-floor", "saddle_free_newton")],
)
def test_the_fixer_is_fit_for_the_problem(scenario: str, fixer: str) -> None:
    problem = load(scenario).build()
    assert remedies.attached(Verdict(Kind.AT_SADDLE, ""), Setting(optimizer="gd"), None, problem).fixed_by == fixer


def test_nobody_is_sent_for_who_is_not_fit() -> None:
    race = Race(objective=lambda x: (float(x @ x), 2.0 * x), start=[1.0], racers=["gd"])
    verdict = remedies.attached(Verdict(Kind.AT_SADDLE, ""), Setting(optimizer="gd"), None, race.problem)
    assert verdict.fixed_by is None


def test_a_zig_zag_has_a_remedy_of_its_own() -> None:
    verdict = Verdict(Kind.CONVERGING, "", (Evidence(ZIG_ZAG, 0.9),))
    told = remedies.attached(verdict, Setting(optimizer="gd"))
    assert told.fixed_by == "momentum"
    assert "momentum" in told.remedy
    assert remedies.attached(verdict, Setting(optimizer="adam")).fixed_by is None


def test_a_noise_floor_is_fixed_by_a_schedule_that_falls() -> None:
    race = Race("credit", racers=["sgd:batch_size=8,label=mine", "sgd:lr=0.1,schedule=inverse_sqrt,label=decayed"])
    mine, decayed = race
    floor = Verdict(Kind.NOISE_FLOOR, "")
    told = remedies.attached(floor, Setting(optimizer="sgd"), mine)
    assert told.fixer == f"sgd:lr={mine.lr},batch_size=8,schedule=inverse_sqrt"
    assert remedies.attached(floor, Setting(optimizer="sgd"), decayed).fixer == ""


# Failures as they come, the steps it takes to see them, who fixes them, and below which loss he then is.
FAILURES = [
    ("traps/gd-zig-zag", "gd:lr=0.0198", 300, Kind.CONVERGING, "momentum:lr=0.0198", 1e-9),
    ("traps/gd-zig-zag", "gd:lr=0.0202", 100, Kind.DIVERGING, "momentum:lr=0.0202", 0.01),
    ("traps/momentum-overshoot", "momentum:lr=0.005,beta=0.99", 300, Kind.OSCILLATING,
     "nesterov:lr=0.005,beta=0.99", 0.1),
    ("traps/newton-likes-saddles", "newton", 50, Kind.AT_SADDLE, "saddle_free_newton", -0.99),
    ("traps/adagrad-never-forgets", "adagrad:lr=0.01", 20_000, Kind.STALLED, "rmsprop:lr=0.01", 0.1),
    ("traps/rmsprop-never-settles", "rmsprop:lr=0.01", 4000, Kind.LIMIT_CYCLE, "adam:lr=0.01", 1e-9),
    ("traps/momentum-cycle", "momentum:lr=0.1111111111111111,beta=0.4444444444444444", 1002, Kind.LIMIT_CYCLE,
     "gd:lr=0.07", 1e-9),
    ("traps/radam-first-steps", "radam:lr=0.01", 2000, Kind.DIVERGED, "adam:lr=0.01", 0.1),
    ("traps/adam-worst-point", "adam:lr=0.5,beta1=0,beta2=0.1,schedule=inverse_sqrt", 10_000, Kind.LIMIT_CYCLE,
     "amsgrad:lr=0.5,beta1=0,beta2=0.1,schedule=inverse_sqrt", -0.3),
    ("quadratic", "lion:lr=0.01", 4000, Kind.OSCILLATING, "adam:lr=0.01", 1e-6),
    ("saddle", "gd:lr=0.05", 60, Kind.AT_SADDLE, "saddle_free_newton", -0.24),
]  # fmt: skip


@races
@pytest.mark.parametrize(("scenario", "failing", "steps", "kind", "fixing", "below"), FAILURES)
def test_a_failure_is_told_and_its_fixer_does_better(
    scenario: str, failing: str, steps: int, kind: Kind, fixing: str, below: float
) -> None:
    race = Race(scenario, racers=[failing, fixing]).advance(steps)
    failed, fixer = race
    verdict = of_race(race)[failed.label]
    assert verdict.kind is kind, verdict.sentence
    assert verdict.fixed_by == specs.parse(fixing).optimizer
    assert fixer.measure()[0] < below < failed.measure()[0]


@races
@pytest.mark.parametrize(
    ("scenario", "failing", "steps"),
    [
        ("quadratic", "gd:lr=0.05", 500),
        ("quadratic", "momentum:lr=0.1,beta=0.5", 500),
        ("rosenbrock", "gd:lr=0.01", 2000),
    ],
)
def test_half_the_limit_is_a_rate_that_does_not_diverge(scenario: str, failing: str, steps: int) -> None:
    verdict = of_race(Race(scenario, racers=[failing]).advance(steps))[specs.parse(failing).optimizer]
    assert verdict.kind is Kind.DIVERGED
    again = of_race(Race(scenario, racers=[verdict.fixer]).advance(steps))[specs.parse(failing).optimizer]
    assert again.kind not in {Kind.DIVERGED, Kind.DIVERGING}
