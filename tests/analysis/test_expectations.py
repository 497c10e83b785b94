"""Expectations against results."""

from __future__ import annotations

from typing import Any

import pytest

from gdtui.analysis.expectations import evaluate
from gdtui.scenario import Expectation

RESULT: dict[str, Any] = {
    "racers": [
        {"label": "a", "loss": 0.5, "grad_norm": None, "step": 10, "status": "converged", "test": None},
        {"label": "b", "loss": 2.0, "grad_norm": 1.0, "step": 10, "status": "diverged", "test": {"auc": 0.75}},
    ]
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
