"""The traps: each ends as it says, and what it says is false once its cause is removed."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

import pytest

from gdtui import registry
from gdtui import scenario as scenarios
from gdtui.analysis.expectations import Finding, evaluate, trace
from gdtui.analysis.results import describe
from gdtui.engine.compile import jit_is_off
from gdtui.engine.race import Race
from gdtui.specs import parse, with_unique_labels

# Races in which the cause is removed, and with it all that is expected: specs that replace the racers of their labels.
WITHOUT_ITS_CAUSE: dict[str, tuple[tuple[str, ...], ...]] = {
    "adadelta-slow-start": (("adadelta:eps=1e-2", "adadelta:label=eager", "rmsprop:lr=1e-4"),),
    "adagrad-never-forgets": (("adagrad:lr=0.5", "adagrad:lr=0.01,label=large", "rmsprop:lr=1e-5"),),
    "adagrad-rate-decays": (
        ("rmsprop:lr=0.1,label=adagrad", "adagrad:lr=0.1,label=rmsprop", "sgd:lr=0.001"),
    ),
    "adam-l2-scaled-away": (
        (
            "adamw:lr=1e-3,weight_decay=0.1,label=adam", "adamw:lr=1e-3,weight_decay=0,label=large",
            "adam:lr=1e-3,l2=0.1,label=adamw",
        ),
    ),
    "adam-worst-point": (
        (
            "adam:lr=0.5,beta1=0,beta2=0.999,schedule=inverse_sqrt",
            "adamw:lr=0.5,beta1=0,beta2=0.999,weight_decay=0,schedule=inverse_sqrt",
            "adam:lr=0.5,beta1=0,beta2=0.1,schedule=inverse_sqrt,label=amsgrad",
            "adam:lr=0.5,beta1=0,beta2=0.1,schedule=inverse_sqrt,label=defaults",
        ),
    ),
    # A large eps drowns the denominators: what is left are gd and momentum.
    "adaptive-generalise-worse": (
        (
            "adam:lr=50,eps=1e4", "adagrad:lr=40,eps=1e4", "rmsprop:lr=40,eps=1e4", "adam:lr=0.01,label=gd",
        ),
        ("gd:lr=1e-6", "adam:lr=1e-6", "adagrad:lr=1e-4", "rmsprop:lr=1e-6"),
    ),
    "gd-zig-zag": (("gd:lr=0.0095", "gd:lr=0.019,label=too-fast", "momentum:lr=0.019,beta=0"),),
    "lamb-small-weights": (("lamb:lr=0.02", "adam:lr=1e-3"),),
    "lbfgs-under-noise": (("lbfgs:label=noisy", "lbfgs:batch_size=32"),),
    "momentum-cycle": (
        ("momentum:lr=0.05,beta=0.4444444444444444", "gd:lr=0.09", "nesterov:lr=0.1,beta=0.99"),
    ),
    "momentum-overshoot": (
        ("momentum:lr=0.005,beta=0.9,label=heavy", "momentum:lr=0.005,beta=0.99", "nesterov:lr=0.005,beta=0"),
    ),
    "nesterov-ripples": (
        ("nesterov:lr=1e-4,beta=0.9801980198019802,label=too-much", "nesterov:lr=1e-4,beta=0.9995,label=right"),
    ),
    "newton-likes-saddles": (
        ("newton:damping=10", "newton:label=search", "saddle_free_newton:damping=100"),
    ),
    "radam-first-steps": (
        (
            "radam:lr=0.001", "radam:lr=0.01,label=slower", "radam:lr=0.001,label=adam",
            "radam:lr=0.01,label=warm",
        ),
    ),
    "rmsprop-never-settles": (
        ("adam:lr=0.01,label=rmsprop", "rmsprop:lr=0.1,label=cooled", "rmsprop:lr=0.01,label=adam"),
    ),
    "sgd-noise-floor": (
        ("sgd:lr=0.05", "sgd:lr=0.1,label=half", "momentum:lr=0.1,beta=0.5", "sgd:lr=0.1,label=decayed"),
    ),
}  # fmt: skip
each = pytest.mark.parametrize("name", scenarios.trap_names())
races = pytest.mark.skipif(jit_is_off(), reason="whole budgets take minutes as plain Python")


@cache
def findings(name: str, changes: tuple[str, ...] = ()) -> list[Finding]:
    """All that the trap expects, in a race with these racers in the place of its own of the same labels."""
    scenario = scenarios.load(name)
    changed = {spec.label: spec for spec in with_unique_labels(map(parse, changes))}
    assert set(changed) <= {spec.label for spec in scenario.racers}
    race = Race(scenario, racers=[changed.get(spec.label, spec) for spec in scenario.racers])
    assert race.budget is not None
    race.advance(race.budget)
    return evaluate(scenario.expectations, describe(race), lambda label, quantity: trace(race[label], quantity))


def test_every_trap_has_a_race_without_its_cause() -> None:
    assert {f"traps/{name}" for name in WITHOUT_ITS_CAUSE} == set(scenarios.trap_names())


@races
@each
def test_a_trap_ends_as_it_says(name: str) -> None:
    assert [finding.sentence for finding in findings(name) if not finding.met] == []


@races
@each
def test_without_its_cause_nothing_is_left_of_what_it_says(name: str) -> None:
    changed = [findings(name, changes) for changes in WITHOUT_ITS_CAUSE[name.removeprefix("traps/")]]
    never = [same[0].sentence for same in zip(*changed, strict=True) if all(finding.met for finding in same)]
    assert never == []


@each
def test_a_trap_says_what_to_expect(name: str) -> None:
    scenario = scenarios.load(name)
    assert scenario.name == name
    assert 0 < len(scenario.title) <= 44
    assert 100 < len(scenario.description) <= 320
    assert 2 <= len(scenario.racers) <= 4, "the one that fails, and who does not"
    assert len({claim.racer for claim in scenario.expectations}) >= 2, "those who do not fail are held to it"


@each
def test_a_trap_is_within_what_a_history_holds(name: str) -> None:
    scenario = scenarios.load(name)
    assert scenario.steps is not None
    for claim in scenario.expectations:
        stride, most = 1, 8192 if claim.coordinate is None else 4096
        while scenario.steps > stride * most:
            stride *= 2
        is_kept = claim.at is None or claim.at % stride == 0
        needs_every_step = claim.take in {"rises", "sign_changes"}
        assert claim.is_of_the_end or (is_kept and not (needs_every_step and stride > 1))


def test_who_has_a_trap_names_it() -> None:
    shown = {optimizer.fails_on for optimizer in registry.optimizers().values()}
    assert {name for name in shown if "/" in name} <= set(scenarios.trap_names())


@races
@pytest.mark.parametrize("scale", [1.0, 10.0, 1000.0])
def test_l2_is_scaled_away_with_the_gradients_and_decay_beside_the_step_is_not(scale: float) -> None:
    scenario = scenarios.load("traps/adam-l2-scaled-away")
    race = Race(replace(scenario, options={**scenario.options, "noise": scale}))
    race.advance(10_000)
    left = {racer.label: float(racer.theta[0] - racer.theta[1]) for racer in race}
    assert left["adamw"] == pytest.approx((1.0 - 1e-4) ** 10_000, rel=0.01)
    if scale > 1.0:  # beside gradients that are no larger than itself, l2 is part of their scale
        assert left["adam"] == pytest.approx(math.exp(-1.0 / scale), rel=0.02)
