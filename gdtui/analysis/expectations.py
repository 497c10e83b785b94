"""Whether a race ended as its scenario says it does."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from gdtui.scenario import Expectation

_COMPARE: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


@dataclass(frozen=True, slots=True)
class Finding:
    """An expectation beside what was observed: a number, a status, or None where there is no (finite) number."""

    expectation: Expectation
    observed: float | str | None

    @property
    def met(self) -> bool:
        """Whether the expectation holds. What could not be observed meets none."""
        if self.observed is None:
            return False
        return _COMPARE[self.expectation.operator](self.observed, self.expectation.value)

    @property
    def sentence(self) -> str:
        """The expectation and the observation in a line."""
        claim = self.expectation
        observed = "not a finite number, or not measured" if self.observed is None else repr(self.observed)
        return f"{claim.racer}: expected {claim.quantity} {claim.operator} {claim.value!r}, observed {observed}"


def evaluate(expectations: Iterable[Expectation], result: Mapping[str, Any]) -> list[Finding]:
    """Compare expectations with what :func:`gdtui.analysis.results.describe` says of a race, in their order."""
    racers = {racer["label"]: racer for racer in result["racers"]}
    return [
        Finding(expectation, _observed(racers[expectation.racer], expectation.quantity)) for expectation in expectations
    ]


def _observed(racer: Mapping[str, Any], quantity: str) -> float | str | None:
    measure = quantity.removeprefix("test.")
    source = racer if measure == quantity else racer["test"] or {}
    value: float | str | None = source.get(measure)
    return value
