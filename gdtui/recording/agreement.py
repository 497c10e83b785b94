"""Whether a race came out as a recording has it, as far as a tolerance asks: what a regression test wants to know."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from gdtui.contracts import number
from gdtui.engine.outcome import Outcome
from gdtui.engine.snapshot import RacerSnapshot
from gdtui.errors import InputError
from gdtui.recording.differences import Ending, Parting, Setting, differences
from gdtui.recording.reading import Recording

ALIKE: Final = 2.0  # outcomes are alike where a step or a loss is less than this many times another one
# Words; and a quotient of two differences, which has fewer digits than the numbers it comes from.
_NOT_COMPARED: Final = frozenset({"title", "move"})
_INTERVALS: Final = {"rtol": "[0, inf)", "atol": "[0, inf)", "steps": "[0, inf)"}


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far a race may be from its recording.

    Numbers are equal within ``atol`` + ``rtol`` · |the recorded one|, and are compared up to ``steps``, or as far as
    both go where that is None. ``outcomes`` compares no numbers at all. Where numbers are not compared up to the end,
    the outcomes have to be alike: every racer ends in the same way, if before its budget at a step less than two times
    as early or late, and who has at most half another's loss in one of the two is not behind it in the other.
    """

    rtol: float = 1e-9
    atol: float = 1e-12
    steps: int | None = None
    outcomes: bool = False

    def __post_init__(self) -> None:
        for name, interval in _INTERVALS.items():
            if (value := getattr(self, name)) is not None:
                try:
                    number(value, interval, integer=name == "steps")
                except InputError as error:
                    raise error.at(key=name) from None
        if not isinstance(self.outcomes, bool):
            raise InputError("is neither true nor false", key="outcomes", remedy="give True or False")

    def allowed(self, recorded: float) -> float:
        """How far a number may be from this one."""
        return self.atol + self.rtol * abs(recorded)


@dataclass(frozen=True, slots=True)
class Overtaking:
    """Two racers who come in in another order, with their last losses, first those of ``first``."""

    first: str
    second: str
    run: tuple[float, float]
    recorded: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """In what a race is not as recorded, false where it is; the left of each is the race. Partings go by steps."""

    settings: tuple[Setting, ...]
    partings: tuple[Parting, ...]
    endings: tuple[Ending, ...]
    overtakings: tuple[Overtaking, ...]

    def __bool__(self) -> bool:
        return bool(self.settings or self.partings or self.endings or self.overtakings)


def disagreement(run: Recording, recorded: Recording, tolerance: Tolerance) -> Disagreement:
    """In what a run of a race is not as it was recorded. It is another race where its settings are others."""
    found = differences(run, recorded, rtol=tolerance.rtol, atol=tolerance.atol)
    settings = tuple(setting for setting in found.settings if setting.name not in _NOT_COMPARED)
    last = math.inf if tolerance.steps is None else tolerance.steps
    partings = tuple(
        parting
        for parting in found.partings
        if not tolerance.outcomes and parting.step <= last and parting.quantity not in _NOT_COMPARED
    )
    to_the_end = not tolerance.outcomes and tolerance.steps is None
    theirs = {racer.label: racer for racer in recorded.snapshot().racers}
    pairs = [(racer, theirs[racer.label]) for racer in run.snapshot().racers if racer.label in theirs]
    endings = tuple(
        Ending(ours.label, _ending(ours), _ending(other))
        for ours, other in pairs
        if ours.outcome is not other.outcome or not _same_step(ours.step, other.step, 1.0 if to_the_end else ALIKE)
    )
    overtakings = () if to_the_end else tuple(_overtakings(pairs, tolerance.atol))
    return Disagreement(settings, partings, endings, overtakings)


def _ending(racer: RacerSnapshot) -> str:
    return f"{racer.outcome} at step {racer.step:,}"


def _same_step(ours: int, theirs: int, factor: float) -> bool:
    return ours == theirs or max(ours, theirs) < factor * min(ours, theirs)


def _overtakings(pairs: list[tuple[RacerSnapshot, RacerSnapshot]], atol: float) -> list[Overtaking]:
    found = []
    for (ours, theirs), (our_other, their_other) in combinations(pairs, 2):
        four = (ours, theirs, our_other, their_other)
        # A racer that diverged has no place, and two that converged are both there, whatever is left of their losses.
        if any(racer.outcome is Outcome.DIVERGED for racer in four):
            continue
        if all(racer.outcome is Outcome.CONVERGED for racer in four):
            continue
        run, recorded = (_loss(ours), _loss(our_other)), (_loss(theirs), _loss(their_other))
        is_reversed = (run[0] < run[1] and recorded[0] > recorded[1]) or (run[0] > run[1] and recorded[0] < recorded[1])
        if is_reversed and (_are_apart(*run, atol) or _are_apart(*recorded, atol)):
            found.append(Overtaking(ours.label, our_other.label, run, recorded))
    return found


def _loss(racer: RacerSnapshot) -> float:
    return math.nan if racer.loss is None else racer.loss


def _are_apart(loss: float, other: float, atol: float) -> bool:
    return abs(loss - other) >= max((1.0 - 1.0 / ALIKE) * max(abs(loss), abs(other)), atol)
