"""Whether a race went as its scenario says it does."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from gdtui.contracts import Ints, Reals
from gdtui.engine.outcome import Outcome
from gdtui.engine.race import Race
from gdtui.engine.racer import Racer
from gdtui.expectation import MOVE, SIGN_CHANGES, TRACED, Expectation
from gdtui.scenario import Scenario

_COMPARE: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
_EVERY_STEP: Final = ("rises", SIGN_CHANGES)  # what cannot be told from some of the steps
_NOT_MEASURED: Final = "not a finite number, or not measured"


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """What is recorded of one quantity of a racer: float64 ``values`` at int64 ``steps``, ``(m,)`` each.

    ``stays`` says that the racer converged, and so keeps its last value for ever.
    """

    steps: Ints
    values: Reals
    stays: bool = False

    @property
    def stride(self) -> int:
        """How many steps lie between two recorded ones."""
        return int(self.steps[1] - self.steps[0]) if len(self.steps) > 1 else 1

    def stretch(self, first: int, last: int) -> tuple[Reals, Reals]:
        """The values recorded from step ``first`` to step ``last``, and for how many recorded steps each stands.

        The place that a converged racer keeps is one of them, however long it stays there.
        """
        chosen = self.values[(self.steps >= first) & (self.steps <= last)]
        weights = np.ones(len(chosen))
        if self.stays and last > self.steps[-1]:
            kept = 1 + (last - max(first, int(self.steps[-1]) + 1)) // self.stride
            return np.append(chosen, self.values[-1]), np.append(weights, float(kept))
        return chosen, weights


Traces = Callable[[str, str], Trace]  # from a racer's label and the quantity


@dataclass(frozen=True, slots=True)
class Finding:
    """An expectation beside what was observed: a number, a status, or None and the reason why there is nothing."""

    expectation: Expectation
    observed: float | str | None
    reason: str = _NOT_MEASURED

    @property
    def met(self) -> bool:
        """Whether the expectation holds. What could not be observed meets none."""
        claim, observed = self.expectation, self.observed
        if observed is None:
            return False
        if claim.tolerance is not None and isinstance(claim.value, float) and isinstance(observed, float):
            return abs(observed - claim.value) <= claim.tolerance * abs(claim.value)
        return _COMPARE[claim.operator](observed, claim.value)

    @property
    def sentence(self) -> str:
        """The expectation and the observation in a line."""
        claim = self.expectation
        observed = self.reason if self.observed is None else repr(self.observed)
        return f"{claim.racer}: expected {claim.sentence}, observed {observed}"


def is_the_same(scenario: Scenario, race: Race) -> bool:
    """Whether a race is the one of the scenario: what it expects is about that one alone."""
    keys = ("racers", "steps", "work", "seconds", "seed", "start")
    rests = any(racer.benched for racer in race)
    return not rests and all(getattr(scenario, key) == getattr(race.scenario, key) for key in keys)


def evaluate(
    expectations: Iterable[Expectation], result: Mapping[str, Any], traces: Traces | None = None
) -> list[Finding]:
    """Compare expectations with a race, in their order.

    ``result`` is what :func:`gdtui.analysis.results.describe` says of it. Without ``traces``, those about steps before
    the end are left out.
    """
    racers = {racer["label"]: racer for racer in result["racers"]}
    findings = []
    for claim in expectations:
        if claim.is_of_the_end:
            findings.append(Finding(claim, _at_the_end(racers[claim.racer], claim)))
        elif traces is not None:
            findings.append(_along(claim, traces(claim.racer, claim.quantity), result["steps"]))
    return findings


def trace(racer: Racer, quantity: str) -> Trace:
    """What the racer's history holds of a quantity that is recorded on the way."""
    stays = racer.status is Outcome.CONVERGED
    if quantity == MOVE:  # who has arrived takes no steps, so nothing stays
        return Trace(racer.recorded.steps, racer.recorded.move)
    if quantity in TRACED:
        recorded = racer.recorded
        steps, values = recorded.steps, getattr(recorded, quantity)
        now = dict(zip(("loss", "grad_norm", "work"), (*racer.measure(), racer.work), strict=True))[quantity]
    else:
        steps, values = racer.path_steps, _coordinate(racer.path.T, quantity)
        now = float(_coordinate(racer.theta, quantity))
    if stays and racer.step > steps[-1]:  # thinned out is not where it stays
        steps, values = np.append(steps, racer.step), np.append(values, now)
    return Trace(steps, values, stays)


def _coordinate(theta: Reals, quantity: str) -> Reals:
    """theta[i], abs(theta[i]) or theta[i]-theta[j] of points ``(n, …)``."""
    inner = quantity.removeprefix("abs(").removesuffix(")")
    first, *second = (theta[int(each.removeprefix("theta[").removesuffix("]"))] for each in inner.split("-"))
    values: Reals = first - second[0] if second else first
    return np.abs(values) if inner != quantity else values


def _at_the_end(racer: Mapping[str, Any], claim: Expectation) -> float | str | None:
    if claim.coordinate is not None:
        theta = racer["theta"]
        at = np.nan if theta is None else float(_coordinate(np.array(theta, dtype=np.float64), claim.quantity))
        return at if np.isfinite(at) else None
    measure = claim.quantity.removeprefix("test.")
    source = racer if measure == claim.quantity else racer["test"] or {}
    value: float | str | None = source.get(measure)
    return value


def _along(claim: Expectation, known: Trace, end: int) -> Finding:
    """The finding about one step or a stretch of them, in a race of ``end`` steps."""
    first, last = claim.first, claim.last
    if claim.at is not None:
        first = last = claim.at
    if last is None:
        last = end if known.stays else int(known.steps[-1])
    if not known.stays and known.steps[-1] + known.stride <= last:
        return Finding(claim, None, f"nothing: its last step is {known.steps[-1]:,}")
    values, weights = known.stretch(first, last)
    if not len(values) or (known.stride > 1 and claim.take in _EVERY_STEP):
        return Finding(claim, None, f"nothing: of so long a race one step in {known.stride} is kept")
    observed = _taken(values, weights, claim.take) if claim.take else float(values[-1])
    return Finding(claim, observed if np.isfinite(observed) else None)


def _taken(values: Reals, weights: Reals, take: str) -> float:
    """The one number of a stretch that counts."""
    match take:
        case "min":
            return float(values.min())
        case "max":
            return float(values.max())
        case "mean":
            return float(np.average(values, weights=weights))
        case "rises":
            return float(np.count_nonzero(np.diff(values) > 0.0))
    return float(np.count_nonzero(np.diff(np.sign(values[values != 0.0]))))
