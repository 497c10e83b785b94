"""Expectations against results."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gdtui.analysis.expectations import Trace, evaluate, trace
from gdtui.engine.race import Race
from gdtui.scenario import Expectation

RESULT: dict[str, Any] = {
    "steps": 6,
    "racers": [
        {"label": "a", "loss": 0.5, "grad_norm": None, "step": 10, "status": "converged", "test": None},
        {"label": "b", "loss": 2.0, "grad_norm": 1.0, "step": 10, "status": "diverged", "test": {"auc": 0.75}},
    ],
}


@pytest.mark.parametrize(
    ("racer", "quantity", "operator", "value", "met"),
    [
        ("a", "loss", "<", 1.0, True),
        ("a", "loss", "<", 0.5, False),
        ("a", "loss", "<=", 0.5, True),
        ("b", "loss", ">", 1.0, True),
        ("b", "loss", ">=", 2.5, False),
        ("a", "step", "==", 10.0, True),
        ("a", "step", "!=", 10.0, False),
        ("a", "status", "==", "converged", True),
        ("b", "status", "!=", "diverged", False),
        ("b", "test.auc", ">=", 0.75, True),
        ("b", "test.rmse", ">=", 0.0, False),
        ("a", "test.auc", "!=", 0.0, False),
        ("a", "grad_norm", "!=", 0.0, False),
    ],
)
def test_an_expectation_holds_or_not(racer: str, quantity: str, operator: str, value: Any, met: bool) -> None:
    (finding,) = evaluate([Expectation(racer, quantity, operator, value)], RESULT)
    assert finding.met is met


def test_a_finding_tells_what_was_observed() -> None:
    claims = [Expectation("b", "test.auc", ">", 0.9), Expectation("a", "grad_norm", "<", 1.0)]
    assert [finding.sentence for finding in evaluate(claims, RESULT)] == [
        "b: expected test.auc > 0.9, observed 0.75",
        "a: expected grad_norm < 1.0, observed not a finite number, or not measured",
    ]


ZIG_ZAG = np.array([2.0, -1.0, 0.0, -1.0, 1.0, 3.0])


def observed(claim: Expectation, stride: int = 1, *, stays: bool = False) -> float | str | None:
    known = Trace(stride * np.arange(len(ZIG_ZAG)), ZIG_ZAG, stays)
    (finding,) = evaluate([claim], RESULT | {"steps": 8}, lambda _label, _quantity: known)
    return finding.observed if finding.observed is not None else finding.reason


@pytest.mark.parametrize(
    ("take", "first", "last", "value"),
    [
        ("min", 0, 5, -1.0), ("max", 0, None, 3.0), ("max", 1, 4, 1.0), ("mean", 1, 4, -0.25),
        ("rises", 0, None, 3.0), ("rises", 0, 2, 1.0), ("sign_changes", 0, None, 2.0), ("sign_changes", 1, 3, 0.0),
    ],
)  # fmt: skip
def test_what_is_taken_of_a_stretch(take: str, first: int, last: int | None, value: float) -> None:
    assert observed(Expectation("a", "theta[0]", "<", 1.0, take=take, first=first, last=last)) == value


def test_a_step_that_was_not_taken_is_not_observed_unless_the_racer_stays_where_it_is() -> None:
    at_seven = Expectation("a", "loss", "<", 1.0, at=7)
    assert observed(at_seven) == "nothing: its last step is 5"
    assert observed(at_seven, stays=True) == 3.0
    assert observed(Expectation("a", "loss", "<", 1.0, take="mean", first=5), stays=True) == 3.0


def test_a_racer_may_stay_for_very_long() -> None:
    long = 10**12
    known = Trace(np.arange(len(ZIG_ZAG)), ZIG_ZAG, stays=True)
    stretches = (("mean", 4, 7), ("mean", 0, None), ("rises", 0, None), ("sign_changes", 8, long), ("max", 7, 9))
    claims = [Expectation("a", "loss", "<", 1.0, take=take, first=a, last=b) for take, a, b in stretches]
    found = evaluate(claims, RESULT | {"steps": long}, lambda _label, _quantity: known)
    assert [finding.observed for finding in found] == [2.5, pytest.approx(3.0), 3.0, 0.0, 3.0]


def test_thinned_histories_do_not_guess() -> None:
    assert observed(Expectation("a", "loss", "<", 1.0, at=4), 2) == 0.0
    words = "nothing: of so long a race one step in 2 is kept"
    assert observed(Expectation("a", "loss", "<", 1.0, at=5), 2) == words
    assert observed(Expectation("a", "loss", "<", 1.0, take="rises"), 2) == words
    assert observed(Expectation("a", "loss", "<", 1.0, take="max", last=6), 2) == 2.0


def test_a_tolerance_is_relative() -> None:
    result = {"steps": 1, "racers": [{"label": "a", "loss": -2.002, "test": None}]}
    near, far = (Expectation("a", "loss", "==", -2.0, tolerance=tolerance) for tolerance in (2e-3, 1e-4))
    assert [finding.met for finding in evaluate([near, far], result)] == [True, False]
    assert near.sentence == "loss == -2.0 within 0.002 of it"


def test_coordinates_at_the_end_and_on_the_way() -> None:
    race = Race("saddle", racers=["gd:lr=0.5"], start=[-1.0, 0.25], steps=2).advance(2)
    assert trace(race["gd"], "theta[0]").values.tolist() == [-1.0, -0.5, -0.25]
    assert trace(race["gd"], "abs(theta[0])").values.tolist() == [1.0, 0.5, 0.25]
    assert trace(race["gd"], "work").values.tolist() == [0.0, 1.0, 2.0]
    result = {"steps": 2, "racers": [{"label": "gd", "theta": [-0.25, None], "test": None}]}
    claims = [Expectation("gd", quantity, "<", 0.0) for quantity in ("theta[0]", "abs(theta[0])", "theta[1]")]
    assert [finding.observed for finding in evaluate(claims, result)] == [-0.25, 0.25, None]


def test_the_difference_of_two_coordinates() -> None:
    race = Race("saddle", racers=["gd:lr=0.5"], start=[-1.0, 0.25], steps=2).advance(2)
    assert trace(race["gd"], "theta[0]-theta[1]").values.tolist() == (race["gd"].path @ [1.0, -1.0]).tolist()
    for theta, observed in (([0.75, 0.5], 0.25), ([0.5, None], None), (None, None)):
        result = {"steps": 2, "racers": [{"label": "gd", "theta": theta, "test": None}]}
        claim = Expectation("gd", "theta[0]-theta[1]", "<", 1.0)
        assert [finding.observed for finding in evaluate([claim], result)] == [observed]


def test_a_move_is_of_a_step_and_nothing_of_it_stays() -> None:
    race = Race("rosenbrock", racers=["adam:lr=0.01"], steps=7000).advance(7000)
    known = trace(race["adam"], "move")
    assert race["adam"].status == "converged"
    assert not known.stays
    assert np.isnan(known.values[0])
    assert trace(Race("saddle", racers=["gd:lr=0.5"], steps=9).advance(9)["gd"], "move").values[3] == 0.5


def test_a_racer_stays_where_it_converged_and_not_where_it_was_last_recorded() -> None:
    race = Race("rosenbrock", racers=["adam:lr=0.01"], steps=7000).advance(7000)
    adam = race["adam"]
    assert adam.status == "converged"
    for quantity, value in (("theta[0]", adam.theta[0]), ("loss", adam.measure()[0]), ("work", adam.work)):
        known = trace(adam, quantity)
        assert (known.steps[-1], known.values[-1]) == (adam.step, value)


def test_without_histories_only_the_end_is_checked() -> None:
    claims = [Expectation("a", "loss", "<", 1.0, at=5), Expectation("a", "loss", "<", 1.0)]
    assert [finding.expectation for finding in evaluate(claims, RESULT)] == claims[1:]
