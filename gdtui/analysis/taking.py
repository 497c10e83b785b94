"""Taking the best constant hyperparameters for a racer, where theory has some: what changes, and what it promises."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gdtui import registry
from gdtui.analysis.steady import rate_text
from gdtui.analysis.theory import NOT_HERE, RATE, Theory
from gdtui.analysis.verdict import short
from gdtui.contracts import LEARNING_RATE
from gdtui.engine.outcome import Outcome
from gdtui.engine.snapshot import RacerSnapshot

SAME: Final = 1e-9  # of a hyperparameter: it is what it should be


@dataclass(frozen=True, slots=True)
class Taking:
    """What to give a racer: ``changes``, as a race takes them, from the values of ``before``; with ``reason``, nothing.

    ``rate`` is the predicted factor per step in the distance to the minimum with them, ``rate_before`` without; None
    where it is not known. ``is_local`` says that both are those of the parabola at the racer's point. ``ended`` is how
    the racer ended, if it did: then nothing changes for it before the race begins again.
    """

    changes: Mapping[str, float]
    before: Mapping[str, float]
    rate: float | None
    rate_before: float | None
    is_local: bool
    ended: str = ""
    reason: str = ""

    @property
    def sentence(self) -> str:
        """What changes from what to what, and the rate that is predicted; or why nothing does."""
        if self.reason:
            return f"{self.reason}."
        where = ", by the parabola where it is" if self.is_local else ""
        promised = "" if self.rate is None else f" Predicted in the end{where}: {_promise(self.rate)}"
        if not self.changes:
            kept = ", ".join(f"{name} = {short(value)}" for name, value in self.before.items())
            return f"{kept} is the best already.{promised}{'.' if promised else ''}"
        changed = ", ".join(f"{name} {short(self.before[name])} → {short(new)}" for name, new in self.changes.items())
        if promised:
            promised += f", not {rate_text(self.rate_before)}." if self.rate_before is not None else "."
        late = f" {self.ended}: it takes them once the race begins again." if self.ended else ""
        return f"{changed}.{promised}{late}"


def best_for(racer: RacerSnapshot, theory: Theory) -> Taking:
    """What the racer should take, of its own optimizer's hyperparameters, by the theory of it."""
    best, line = theory.best(), theory.line(RATE)
    now = None if line is None else line.predicted
    if best.reason:
        return Taking({}, {}, None, now, best.is_local, reason=NOT_HERE + best.reason)
    own = {option.name: option.default for option in registry.optimizer(racer.spec.optimizer).hyperparameters}
    given = {**own, **racer.spec.hyperparameters, LEARNING_RATE.name: racer.lr}
    before = {name: float(given[name]) for name in best.hyperparameters}
    changes = {
        name: value
        for name, value in best.hyperparameters.items()
        if not math.isclose(value, before[name], rel_tol=SAME, abs_tol=0.0)
    }
    ended = racer.outcome in {Outcome.CONVERGED, Outcome.DIVERGED, Outcome.STOPPED}
    return Taking(changes, before, best.rate, now, best.is_local, racer.note.capitalize() if ended else "")


def _promise(rate: float) -> str:
    return f"{rate_text(rate)} a step in the distance to the minimum" if rate > 0.0 else "there in one step"
