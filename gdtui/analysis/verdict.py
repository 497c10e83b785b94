"""What a verdict is: a kind, how serious it is, the numbers behind it, a sentence, and what to do."""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass
from typing import Any, Final

# Names of evidence that others look for.
ZIG_ZAG: Final = "zig-zag"
LIMIT: Final = "stability limit of lr"


class Severity(enum.StrEnum):
    """How serious a verdict is."""

    GOOD = "good"
    NOTE = "note"
    WARNING = "warning"
    FATAL = "fatal"


class Kind(enum.StrEnum):
    """What a run is doing; the word shown. The first that fits holds, in this order."""

    NOT_A_NUMBER = "not a number"
    DIVERGED = "diverged"
    CONVERGED = "converged"
    TOO_LITTLE = "too little to tell"
    DIVERGING = "diverging"
    AT_SADDLE = "at a saddle"
    OVERFITTING = "overfitting"
    LIMIT_CYCLE = "limit cycle"
    NOISE_FLOOR = "noise floor"
    STALLED = "stalled"
    CONVERGING = "converging"
    OSCILLATING = "oscillating"
    PLATEAU = "plateau"
    CRAWLING = "crawling"
    RISING = "rising"
    DESCENDING = "descending"

    @property
    def severity(self) -> Severity:
        return _SEVERITIES[self]

    @property
    def is_final(self) -> bool:
        """Whether nothing comes after it."""
        return self in {Kind.NOT_A_NUMBER, Kind.DIVERGED, Kind.CONVERGED}


_SEVERITIES = {
    Kind.NOT_A_NUMBER: Severity.FATAL,
    Kind.DIVERGED: Severity.FATAL,
    Kind.CONVERGED: Severity.GOOD,
    Kind.TOO_LITTLE: Severity.NOTE,
    Kind.DIVERGING: Severity.FATAL,
    Kind.AT_SADDLE: Severity.WARNING,
    Kind.OVERFITTING: Severity.WARNING,
    Kind.LIMIT_CYCLE: Severity.WARNING,
    Kind.NOISE_FLOOR: Severity.NOTE,
    Kind.STALLED: Severity.WARNING,
    Kind.CONVERGING: Severity.GOOD,
    Kind.OSCILLATING: Severity.WARNING,
    Kind.PLATEAU: Severity.NOTE,
    Kind.CRAWLING: Severity.NOTE,
    Kind.RISING: Severity.WARNING,
    Kind.DESCENDING: Severity.GOOD,
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """A number behind a verdict. ``unit`` is empty for a ratio and for a loss, whose unit nobody knows."""

    name: str
    value: float
    unit: str = ""

    @property
    def text(self) -> str:
        """Name, value and unit in a few characters."""
        return f"{self.name} {short(self.value)}{f' {self.unit}' if self.unit else ''}"

    def record(self) -> dict[str, Any]:
        """As plain data; a number that is not finite is None."""
        return {
            "name": self.name,
            "value": self.value if math.isfinite(self.value) else None,
            "unit": self.unit,
        }


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a run is doing.

    ``fixed_by`` is the optimizer of the family tree made against it, or None. ``fixer`` is the spec of the same
    optimizer with settings that should do better, as a command line takes it; empty where theory names none.
    """

    kind: Kind
    sentence: str
    evidence: tuple[Evidence, ...] = ()
    remedy: str = ""
    fixed_by: str | None = None
    fixer: str = ""

    @property
    def severity(self) -> Severity:
        """How serious it is, which follows from the kind."""
        return self.kind.severity

    def record(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "kind": self.kind.value,
            "severity": self.severity.value,
            "sentence": self.sentence,
            "evidence": [evidence.record() for evidence in self.evidence],
            "remedy": self.remedy,
            "fixed_by": self.fixed_by,
        }

    def __getitem__(self, name: str) -> float:
        """The number of that name among the evidence; KeyError if there is none."""
        for evidence in self.evidence:
            if evidence.name == name:
                return evidence.value
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        return any(evidence.name == name for evidence in self.evidence)


class Steady:
    """Verdicts as they are shown: another kind is taken over only when it held for ``looks`` looks in a row.

    What is final is taken over at once, and so are newer numbers of the same kind.
    """

    def __init__(self, looks: int = 3) -> None:
        self.looks = looks
        self.shown: Verdict | None = None
        self._next: Kind | None = None
        self._held = 0

    def see(self, verdict: Verdict) -> Verdict:
        """The verdict to show after a look that gave ``verdict``."""
        self._held = self._held + 1 if verdict.kind is self._next else 1
        self._next = verdict.kind
        known = self.shown
        if (
            known is None
            or known.kind in {verdict.kind, Kind.TOO_LITTLE}
            or verdict.kind.is_final
            or self._held >= self.looks
        ):
            self.shown = verdict
            return verdict
        return known


def percent(share: float) -> str:
    """A share for a sentence."""
    return f"{100.0 * share:.3g} %"


def short(value: float) -> str:
    """A number for a sentence: four digits, thousands with commas where it is whole."""
    is_whole = abs(value) < 1e9 and float(value).is_integer()
    return f"{value:,.0f}" if is_whole or 1e4 <= abs(value) < 1e9 else f"{value:.4g}"
