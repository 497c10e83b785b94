"""What is expected and what came, in words that people read."""

from __future__ import annotations

import re

import pytest

from gdtui import scenario as scenarios
from gdtui.analysis.expectations import Finding
from gdtui.analysis.wording import came, claim, number
from gdtui.expectation import OPERATORS, STATUSES, Expectation

NAMES = ("x1", "x2")
EVERY = [*scenarios.trap_names(), *scenarios.builtin_names()]


@pytest.mark.parametrize(
    ("expectation", "text"),
    [
        (Expectation("gd", "loss", "<", 1e-15), "the loss ends below 1e-15"),
        (Expectation("gd", "loss", "<=", -1.999999), "the loss ends at -1.999999 or less"),
        (Expectation("gd", "loss", "==", 0.0), "the loss ends at 0"),
        (Expectation("gd", "test.accuracy", ">=", 0.7), "the test accuracy ends at 0.7 or more"),
        (Expectation("gd", "status", "==", "diverged"), "diverges"),
        (Expectation("gd", "status", "!=", "converged"), "does not converge"),
        (Expectation("gd", "step", "<=", 5.0), "it takes at most 5 steps"),
        (Expectation("gd", "work", ">", 60.0), "it takes more than 60 gradients of work"),
        (Expectation("gd", "theta[1]", "<", 0.5, at=600), "x2 is below 0.5 at step 600"),
        (Expectation("gd", "theta[7]", ">", 0.5), "θ8 ends above 0.5"),
        (Expectation("gd", "theta[0]-theta[1]", "<", 0.5), "x1 − x2 ends below 0.5"),
        (Expectation("gd", "move", "<", 0.5, at=3), "the effective step is below 0.5 at step 3"),
        (Expectation("gd", "abs(theta[0])", "==", 0.005, tolerance=1e-3), "|x1| ends at 0.005 within 0.1 %"),
        (Expectation("gd", "theta[0]", "==", 1 / 3, at=1, tolerance=1e-9), "x1 is 0.3333333333 to 9 digits at step 1"),
        (Expectation("gd", "loss", "==", 2.0, tolerance=0.0), "the loss ends at 2 exactly"),
        (
            Expectation("gd", "theta[1]", "==", 300.0, take="sign_changes", last=300),
            "x2 changes sign 300 times in steps 0 to 300",
        ),
        (Expectation("gd", "loss", ">", 1000.0, take="rises"), "the loss rises more than 1,000 times"),
        (Expectation("gd", "loss", "==", 0.0, take="rises"), "the loss never rises"),
        (Expectation("gd", "loss", "<", 9.0, take="max", first=7), "the loss is below 9 at every step from 7 on"),
        (
            Expectation("gd", "loss", ">", 1.0, take="max", first=271, last=300),
            "the loss is above 1 at some step from 271 to 300",
        ),
        (Expectation("gd", "loss", "<", 1.0, take="min"), "the loss is below 1 at some step"),
        (Expectation("gd", "loss", "==", 1.0, take="min"), "the loss is 1 at its lowest"),
        (
            Expectation("gd", "loss", "==", 1.684, take="mean", first=1600, tolerance=0.04),
            "the loss is on average 1.684 within 4 % from step 1,600 on",
        ),
    ],
)
def test_claims(expectation: Expectation, text: str) -> None:
    assert claim(expectation, NAMES) == text


@pytest.mark.parametrize("name", EVERY)
def test_no_claim_of_a_scenario_is_machine_text(name: str) -> None:
    scenario = scenarios.load(name)
    problem = scenario.build()
    for expectation in scenario.expectations:
        assert not re.search(r"theta|test\.|[<>=_]|'|e-0|grad_norm", claim(expectation, problem.names))


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("take", ["", "min", "max", "mean", "rises", "sign_changes"])
def test_every_claim_has_words(operator: str, take: str) -> None:
    quantity = "theta[0]" if take == "sign_changes" else "loss"
    assert "5" in claim(Expectation("gd", quantity, operator, 5.0, take=take), NAMES)


@pytest.mark.parametrize("status", STATUSES)
def test_every_status_has_words(status: str) -> None:
    expected = Expectation("gd", "status", "==", status)
    assert claim(expected) != claim(Expectation("gd", "status", "!=", status))
    assert came(Finding(expected, status)).startswith("it")


def test_what_came_has_the_digits_that_decide() -> None:
    near = Expectation("gd", "theta[0]", "==", 1 / 3, tolerance=1e-9)
    assert came(Finding(near, 1 / 3 + 1e-10)) == "0.3333333334"
    assert came(Finding(Expectation("gd", "loss", "<", 1.0), 3.25e-07)) == "3.25e-7"
    assert came(Finding(Expectation("gd", "loss", "<", 1.0), None, "nothing: its last step is 5")).startswith("nothing")


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (-0.5, "-0.5"), (12480.0, "12,480"), (1e9, "1e9"), (1 / 3, "0.333333"), (1e-20, "1e-20")],
)
def test_numbers(value: float, text: str) -> None:
    assert number(value) == text
