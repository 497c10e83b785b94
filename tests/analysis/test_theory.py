"""What theory says of racers, and of which condition it says that it fails."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gdtui.analysis import theory
from gdtui.analysis.theory import Line, Theory
from gdtui.engine.race import Race
from gdtui.scenario import from_mapping


def race_of(objective: dict[str, Any], *racers: str) -> Race:
    table = {"objective": objective, "steps": 1000, "racers": [{"optimizer": "gd"}]}
    return Race(from_mapping(table, folder=Path.cwd()), racers=racers)


def theory_of(race: Race, **given: Any) -> Theory:
    return theory.of_racer(race.snapshot().racers[0], race.problem, **given)


def line(found: Theory, start: str) -> Line:
    (one,) = [line for line in found.lines if line.label.startswith(start)]
    return one


VALLEY = {"name": "quadratic", "kappa": 100.0}


def test_gd_in_a_valley() -> None:
    found = theory_of(race_of(VALLEY, "gd:lr=0.019"), measured=0.98)
    assert not found.is_local
    assert line(found, "L,").predicted == 100.0
    assert line(found, "μ").predicted == 1.0
    assert line(found, "κ").predicted == 100.0
    assert line(found, "stability limit of η, 2/L").predicted == pytest.approx(0.02)
    assert line(found, "η as a share").predicted == pytest.approx(0.95)
    rate = line(found, "rate of")
    assert (rate.predicted, rate.measured, rate.note) == (pytest.approx(0.981), 0.98, "")
    assert line(found, "best lr").predicted == pytest.approx(2.0 / 101.0)
    assert line(found, "rate at the best").predicted == pytest.approx(99.0 / 101.0)
    assert found.predicted_slope == pytest.approx(2.0 * math.log(0.981))
    assert not any(line.is_local for line in found.lines)


@pytest.mark.parametrize(
    ("racer", "limit", "rate"),
    [
        ("momentum:lr=0.01,beta=0.5", 3.0 / 100.0, None),
        ("nesterov:lr=0.01,beta=0.9", 3.8 / 280.0, math.sqrt(0.9 * 0.99)),
    ],
)
def test_the_methods_with_momentum_have_limits_and_rates_of_their_own(
    racer: str, limit: float, rate: float | None
) -> None:
    found = theory_of(race_of(VALLEY, racer))
    assert line(found, "stability").predicted == pytest.approx(limit)
    if rate is not None:
        assert line(found, "rate of").predicted == pytest.approx(rate)
    best = found.best()
    assert set(best.hyperparameters) == {"lr", "beta"}
    assert best.reason == ""


def test_a_swing_is_known_where_the_flattest_direction_swings() -> None:
    assert theory_of(race_of(VALLEY, "gd:lr=0.01")).swing is None
    found = theory_of(race_of(VALLEY, "momentum:lr=0.01,beta=0.95"))
    assert found.swing == pytest.approx(math.pi / math.acos(1.94 / 2.0 / math.sqrt(0.95)))
    race = race_of(VALLEY, "momentum:lr=0.01,beta=0.95").restarted(start=[math.cos(math.pi / 6), 0.5])
    race.advance(400)
    loss = race["momentum"].loss[100:]
    valleys = np.flatnonzero((loss[1:-1] < loss[:-2]) & (loss[1:-1] < loss[2:]))
    assert np.diff(valleys).mean() == pytest.approx(found.swing, rel=0.05)


def test_every_line_has_a_symbol_of_its_own() -> None:
    for objective in (VALLEY, {"name": "logistic", "samples": 100, "l2": 0.01}):
        for racer in ("gd:lr=0.1", "momentum:lr=0.1", "nesterov:lr=0.1", "sgd:lr=0.1", "adam", "newton"):
            found = theory_of(race_of(objective, racer))
            symbols = [each.symbol for each in found.lines]
            assert len(set(symbols)) == len(symbols)
            assert found.line("no such") is None
            assert [found.line(symbol) for symbol in symbols] == list(found.lines)


def test_the_best_setting_is_also_known_of_other_optimizers() -> None:
    found = theory_of(race_of(VALLEY, "gd:lr=0.001"))
    assert found.best("momentum").hyperparameters == pytest.approx({"lr": (2 / 11) ** 2, "beta": (9 / 11) ** 2})
    assert found.best("momentum").rate == pytest.approx(9 / 11, abs=1e-7)
    assert found.best("newton").hyperparameters == {"lr": 1.0, "damping": 0.0}
    assert found.best("adam").hyperparameters == {}
    assert "Adam" in found.best("adam").reason


def test_taking_the_best_setting_is_the_best_there_is() -> None:
    """In the end nobody of a grid is nearer to the minimum."""
    race = race_of(VALLEY, "gd:lr=0.001")
    best = theory_of(race).best().hyperparameters["lr"]
    raced = race_of(VALLEY, f"gd:lr={best!r}", *(f"gd:lr={best * share!r}" for share in (0.9, 0.97, 1.009)))
    raced.advance(1000)
    distances = [float(np.linalg.norm(racer.theta)) for racer in raced]
    assert distances[0] == min(distances)


def test_l2_moves_the_whole_spectrum() -> None:
    found = theory_of(race_of(VALLEY, "gd:lr=0.01,l2=10"))
    assert line(found, "L,").predicted == 110.0
    assert line(found, "μ").predicted == 11.0
    assert line(found, "rate of").predicted == pytest.approx(1.0 - 0.11)
    assert found.predicted_slope is None  # of the loss that is recorded, which has no l2 in it


@pytest.mark.parametrize(
    ("objective", "racer", "reason"),
    [
        (VALLEY, "gd:lr=0.01,schedule=inverse_sqrt", "the learning rate follows a schedule"),
        (VALLEY, "gd:lr=0.01,clip=1", "gradients are clipped"),
        (VALLEY, "adam:lr=0.01", "rates in closed form are those of gd, momentum and nesterov, not of Adam"),
        ({"name": "noisy_quadratic"}, "sgd:lr=0.1", "the gradients are noisy"),
        ({"name": "logistic", "samples": 100, "l2": 0.01}, "sgd:lr=0.1", "the gradients are noisy"),
        ({"name": "online"}, "gd:lr=0.1", "the objective changes with the step"),
        ({"name": "saddle"}, "gd:lr=0.1", "the Hessian has a negative eigenvalue"),
        ({"name": "saddle", "c": 0.0}, "momentum:lr=0.1", "the Hessian has a negative eigenvalue"),
    ],
)
def test_where_a_condition_fails_it_is_named(objective: dict[str, Any], racer: str, reason: str) -> None:
    found = theory_of(race_of(objective, racer))
    rate = line(found, "rate of")
    assert rate.predicted is None
    assert rate.note == f"does not apply: {reason}"
    assert found.predicted_slope is None
    assert found.best().hyperparameters == {}
    assert found.best().reason == reason or "Adam" in reason


def test_a_python_objective_has_no_curvature() -> None:
    race = Race(objective=lambda x: (float(x @ x), 2.0 * x), start=[1.0, 2.0], racers=["gd:lr=0.1"])
    found = theory_of(race)
    assert "no Hessian" in line(found, "L,").note
    assert "no Hessian" in found.best().reason
    assert line(found, "rate of").predicted is None


def test_away_from_quadratics_everything_is_local() -> None:
    race = race_of({"name": "rosenbrock"}, "gd:lr=1e-3")
    at_minimum = race.restarted(start=[1.0, 1.0])
    found = theory_of(at_minimum)
    assert found.is_local
    assert line(found, "κ").predicted == pytest.approx(2508.0, rel=1e-3)
    assert all(line.is_local for line in found.lines)
    assert found.best().is_local
    # From nearby the race keeps to it.
    raced = race.restarted(start=[1.01, 1.02]).advance(20_000)
    norms = raced["gd"].grad_norm
    measured = float((norms[-1] / norms[-101]) ** (1.0 / (raced["gd"].steps[-1] - raced["gd"].steps[-101])))
    predicted = line(theory_of(raced), "rate of").predicted
    assert predicted is not None
    assert math.log(measured) == pytest.approx(math.log(predicted), rel=0.02)


def test_a_singular_quadratic_is_as_slow_as_its_flattest_direction_that_is_not_flat() -> None:
    race = race_of({"name": "separable"}, "gd:lr=1e-3")
    found = theory_of(race)
    H = np.zeros((race.problem.n, race.problem.n))
    assert race.problem.hessian is not None
    race.problem.hessian(race.problem.start, race.problem.reals, race.problem.ints, H)
    positive = [value for value in np.linalg.eigvalsh(H) if value > 1e-9]
    assert line(found, "μ").predicted == pytest.approx(positive[0])


def test_the_noise_floor_of_sgd_and_momentum() -> None:
    bowl = {"name": "noisy_quadratic", "dimension": 64, "noise": 1.0}
    sgd = line(theory_of(race_of(bowl, "sgd:lr=0.1,batch_size=0")), "noise floor")
    assert sgd.predicted == pytest.approx(32.0 * 0.1 / 1.9)
    momentum = line(theory_of(race_of(bowl, "momentum:lr=0.1,beta=0.9")), "noise floor")
    assert momentum.predicted == pytest.approx(32.0 * 0.1 * 1.9 / (0.1 * 3.7))
    measured = line(theory_of(race_of(bowl, "sgd:lr=0.1,batch_size=0"), measured_floor=1.5), "noise floor")
    assert (measured.predicted, measured.measured) == (sgd.predicted, 1.5)
    adam = line(theory_of(race_of(bowl, "adam:lr=0.1")), "noise floor")
    assert (adam.predicted, adam.note[:16]) == (None, "does not apply: ")
    batches = line(theory_of(race_of({"name": "logistic", "samples": 100}, "sgd:lr=0.1")), "noise floor")
    assert "share no sample" in batches.note
    decayed = line(theory_of(race_of(bowl, "sgd:lr=0.1,schedule=inverse_sqrt")), "noise floor")
    assert "schedule" in decayed.note


def test_guarantees_name_their_conditions() -> None:
    gd = theory_of(race_of(VALLEY, "gd:lr=0.005"))
    assert gd.statements[0].startswith("With η ≤ 1/L = 0.01 no step goes uphill")
    assert "η is 0.5 times that" in gd.statements[0]
    assert "(κ − 1)/(κ + 1) = 0.9802" in gd.statements[2]
    nesterov = theory_of(race_of({"name": "piecewise"}, "nesterov:lr=0.04,beta=0.6666"))
    assert "1 − 1/√κ = 0.8 a step" in nesterov.statements[0]
    assert "may cycle" in theory_of(race_of({"name": "piecewise"}, "momentum:lr=0.1")).statements[0]
    assert "2-cycle" in theory_of(race_of(VALLEY, "rmsprop:lr=0.01")).statements[0]
    assert "saddle" in theory_of(race_of({"name": "saddle"}, "newton")).statements[0]
    assert theory_of(race_of({"name": "rosenbrock"}, "gd:lr=0.001")).statements == ()
