"""How far a racer may go, and how it can fare."""

from __future__ import annotations

import enum
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What every racer of a race may use up, each on its own: steps, gradient evaluations' worth of work, seconds.

    None is no limit. The one of seconds is the only thing in a race that two runs will not agree on.
    """

    steps: int | None = None
    work: float | None = None
    seconds: float | None = None


class Outcome(enum.StrEnum):
    """How a racer fares; it is the word shown, and ``sentence`` says what it means."""

    RUNNING = "running"
    CONVERGED = "converged"
    DIVERGED = "diverged"
    EXHAUSTED = "exhausted"
    STOPPED = "stopped"

    @property
    def sentence(self) -> str:
        return _SENTENCES[self]


_SENTENCES = {
    Outcome.RUNNING: "is under way",
    Outcome.CONVERGED: "reached a gradient no longer than the tolerance, and stays there",
    Outcome.DIVERGED: "left the numbers or the neighbourhood, and was retired with its last finite point",
    Outcome.EXHAUSTED: "used its whole budget without reaching the tolerance",
    Outcome.STOPPED: "was stopped by its own rule",
}
