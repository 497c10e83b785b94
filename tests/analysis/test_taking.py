"""Taking the best setting: what it changes, that it holds what it promises, and why there may be none."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdtui.analysis import theory
from gdtui.analysis.taking import Taking, best_for
from gdtui.engine.race import Race
from gdtui.scenario import from_mapping

VALLEY = {"name": "quadratic", "kappa": 100.0}


def race_of(objective: dict[str, Any], *racers: str) -> Race:
    table = {"objective": objective, "steps": 1000, "racers": [{"optimizer": "gd"}]}
    return Race(from_mapping(table, folder=Path.cwd()), racers=racers)


def taking_of(race: Race) -> Taking:
    racer = race.snapshot().racers[0]
    return best_for(racer, theory.of_racer(racer, race.problem))


def test_gd_takes_the_best_learning_rate() -> None:
    taking = taking_of(race_of(VALLEY, "gd:lr=0.001"))
    assert taking.changes == {"lr": 2.0 / 101.0}
    assert taking.before == {"lr": 0.001}
    assert taking.sentence == (
        "lr 0.001 → 0.0198. Predicted in the end: 0.9802 a step in the distance to the minimum, not 0.99900."
    )


def test_momentum_takes_beta_as_well_from_its_default() -> None:
    taking = taking_of(race_of(VALLEY, "momentum:lr=0.01"))
    assert set(taking.changes) == {"lr", "beta"}
    assert taking.before == {"lr": 0.01, "beta": 0.9}
    assert "beta 0.9 → 0.6694" in taking.sentence


def test_what_is_best_already_stays() -> None:
    race = race_of(VALLEY, "momentum:lr=0.01")
    race.set("momentum", taking_of(race).changes)
    again = taking_of(race)
    assert again.changes == {}
    assert again.sentence.startswith("lr = 0.03306, beta = 0.6694 is the best already. Predicted in the end: 0.8182 a")
    one = race_of(VALLEY, "momentum:lr=0.01,beta=" + repr(again.before["beta"]))
    assert set(taking_of(one).changes) == {"lr"}


def test_newton_is_there_in_one_step() -> None:
    taking = taking_of(race_of(VALLEY, "newton:lr=0.5,damping=0.1"))
    assert taking.changes == {"lr": 1.0, "damping": 0.0}
    assert taking.sentence == "lr 0.5 → 1, damping 0.1 → 0. Predicted in the end: there in one step."
    race = race_of(VALLEY, "newton:lr=0.5,damping=0.1")
    race.set("newton", taking.changes)
    race.advance(1)
    assert np.linalg.norm(race["newton"].theta) < 1e-12


def test_away_from_quadratics_it_says_of_what_it_is_the_rate() -> None:
    race = race_of({"name": "rosenbrock"}, "gd:lr=1e-4").restarted(start=[1.0, 1.0])
    assert "by the parabola where it is" in taking_of(race).sentence


@pytest.mark.parametrize(
    ("objective", "racer", "reason"),
    [
        (VALLEY, "gd:lr=0.01,schedule=inverse_sqrt", "the learning rate follows a schedule"),
        (VALLEY, "adam:lr=0.01", "no best setting of Adam is known in closed form"),
        ({"name": "noisy_quadratic"}, "sgd:lr=0.1", "the gradients are noisy"),
        ({"name": "saddle"}, "gd:lr=0.1", "the Hessian has a negative eigenvalue"),
    ],
)
def test_without_one_it_says_which_condition_fails(objective: dict[str, Any], racer: str, reason: str) -> None:
    taking = taking_of(race_of(objective, racer))
    assert taking.changes == {}
    assert taking.sentence == f"does not apply: {reason}."


def test_of_a_racer_that_has_ended_it_says_when() -> None:
    race = race_of(VALLEY, "gd:lr=1.0")
    race.advance(200)
    assert taking_of(race).sentence.endswith("Diverged at step 2: it takes them once the race begins again.")


@pytest.mark.parametrize("method", ["gd", "momentum", "nesterov"])
@settings(max_examples=10, deadline=None)
@given(kappa=st.floats(2.0, 50.0), share=st.floats(0.05, 0.9))
def test_a_racer_that_takes_it_is_as_fast_as_predicted(method: str, kappa: float, share: float) -> None:
    """The definition: in the end the distance shrinks by the rate; a double root's by a little less than that."""
    race = race_of({"name": "quadratic", "kappa": kappa}, f"{method}:lr={share / kappa!r}")
    taking = taking_of(race)
    race.set(method, taking.changes)
    assert taking.rate is not None
    assert taking.rate_before is not None
    assert taking.rate <= taking.rate_before + 1e-12
    steps = min(400, int(math.log(1e-10) / math.log(taking.rate)))
    start = float(np.linalg.norm(race[method].theta))
    race.advance(steps)
    end = float(np.linalg.norm(race[method].theta))
    assert end <= start * 10.0 * (1 + steps) * taking.rate**steps
