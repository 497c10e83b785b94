"""What a scenario expects of its racers, and what came, in words."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Final

from gdtui.analysis.expectations import Finding
from gdtui.expectation import Expectation

_STATUSES: Final = {
    "converged": ("converges", "does not converge"),
    "diverged": ("diverges", "does not diverge"),
    "exhausted": ("uses up its budget", "does not use up its budget"),
    "stopped": ("is stopped by its own rule", "is not stopped by its own rule"),
    "running": ("is still under way", "is no longer under way"),
}
_CAME: Final = {
    "converged": "it converged",
    "diverged": "it diverged",
    "exhausted": "it used up its budget",
    "stopped": "its rule stopped it",
    "running": "it is under way",
}
_NAMES: Final = {
    "loss": "the loss",
    "grad_norm": "the gradient norm",
    "work": "the work",
    "step": "the steps",
    "move": "the effective step",
    "test.loss": "the test loss",
    "test.accuracy": "the test accuracy",
    "test.auc": "the test AUC",
    "test.rmse": "the test RMSE",
}
_RELATIONS: Final = {
    "<": "below {}",
    "<=": "{} or less",
    ">": "above {}",
    ">=": "{} or more",
    "==": "{}",
    "!=": "not {}",
}
_COUNTS: Final = {
    "<": "fewer than {} times",
    "<=": "at most {} times",
    ">": "more than {} times",
    ">=": "at least {} times",
    "==": "{} times",
    "!=": "not {} times",
}
# An extreme of a stretch says something of all of it, or of some step.
_ALWAYS: Final = {("max", "<"), ("max", "<="), ("min", ">"), ("min", ">=")}


def claim(expectation: Expectation, names: Sequence[str] = ()) -> str:
    """What a racer does, or what is so of it, if it is as expected: ``the loss ends below 1e-15``.

    ``names`` are those of the parameters.
    """
    what, value = _what(expectation, names), expectation.value
    if isinstance(value, str):
        return _STATUSES[value][expectation.operator == "!="]
    figure = number(value, 12 if not expectation.tolerance else _digits(expectation.tolerance))
    if expectation.take in {"rises", "sign_changes"}:
        does = "rises" if expectation.take == "rises" else "changes sign"
        if expectation.operator == "==" and value == 0.0:
            return f"{what} never {does}{_where(expectation)}"
        return f"{what} {does} {_COUNTS[expectation.operator].format(figure)}{_where(expectation)}"
    relation = _RELATIONS[expectation.operator].format(figure)
    if expectation.quantity in {"work", "step"} and expectation.is_of_the_end:
        unit = "gradients of work" if expectation.quantity == "work" else "steps"
        return f"it takes {_COUNTS[expectation.operator].format(figure).replace('times', unit)}"
    if expectation.tolerance is not None:
        relation += _within(expectation.tolerance)
    if expectation.take == "mean":
        return f"{what} is on average {relation}{_where(expectation)}"
    if expectation.take:
        if expectation.operator in {"==", "!="}:
            lowest = {"min": "lowest", "max": "highest"}[expectation.take]
            return f"{what} is {relation} at its {lowest}{_where(expectation)}"
        some = "every" if (expectation.take, expectation.operator) in _ALWAYS else "some"
        where = _where(expectation).replace(" in steps ", " from ").replace(" from step ", " from ")
        return f"{what} is {relation} at {some} step{where}"
    if expectation.at is not None:
        return f"{what} is {relation} at step {expectation.at:,}"
    return f"{what} ends {'' if expectation.operator in {'<', '>'} else 'at '}{relation}"


def came(finding: Finding) -> str:
    """What was observed: a number, how the racer fared, or why there is nothing."""
    observed = finding.observed
    if observed is None:
        return finding.reason
    if isinstance(observed, str):
        return _CAME[observed]
    tolerance = finding.expectation.tolerance
    return number(observed, _digits(tolerance) if tolerance else 6)


def number(value: float, digits: int = 6) -> str:
    """A number as people write it, with at most so many digits."""
    if float(value).is_integer() and abs(value) < 1e6:
        return f"{value:,.0f}"
    mantissa, _, exponent = f"{value:.{digits}g}".partition("e")
    return f"{mantissa}e{int(exponent)}" if exponent else mantissa


def _digits(tolerance: float) -> int:
    """How many digits show whether a number is near enough."""
    return max(6, 1 + round(-math.log10(tolerance)))


def _within(tolerance: float) -> str:
    """How near is near enough: in per cent, or where that takes too many zeros, in digits."""
    if tolerance == 0.0:
        return " exactly"
    return f" within {100.0 * tolerance:.3g} %" if tolerance >= 1e-3 else f" to {-math.log10(tolerance):.0f} digits"


def _what(expectation: Expectation, names: Sequence[str]) -> str:
    if expectation.coordinate is None:
        return _NAMES.get(expectation.quantity, "it")
    indices = [int(digits) for digits in re.findall(r"\[(\d+)\]", expectation.quantity)]
    named = [names[index] if index < len(names) else f"θ{index + 1}" for index in indices]
    return f"|{named[0]}|" if expectation.quantity.startswith("abs") else " − ".join(named)


def _where(expectation: Expectation) -> str:
    """The stretch of steps that the claim is about."""
    if expectation.last is not None:
        return f" in steps {expectation.first:,} to {expectation.last:,}"
    return f" from step {expectation.first:,} on" if expectation.first else ""
