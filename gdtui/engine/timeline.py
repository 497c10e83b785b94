"""Where a race stands in its own time, and what happened when: what a time line shows."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gdtui.engine.edits import Edit
from gdtui.engine.events import Event
from gdtui.engine.outcome import Outcome
from gdtui.engine.snapshot import RacerSnapshot, Snapshot


class Kind(enum.Enum):
    """What a mark on the time line stands for: a change that somebody or a schedule made, an end, or a verdict."""

    CHANGE = enum.auto()
    DIVERGED = enum.auto()
    CONVERGED = enum.auto()
    STOPPED = enum.auto()
    VERDICT = enum.auto()


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened after ``step``, to the racer at place ``index``, None if it is not in the race now."""

    step: int
    kind: Kind
    text: str
    index: int | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """From ``first``, the earliest step one can go back to, to ``furthest``, the last one there is a way to."""

    first: int = 0
    furthest: int = 0
    marks: tuple[Mark, ...] = ()

    def told(self, more: Sequence[Mark]) -> Timeline:
        """The same with more marks, as far as they are of steps that were seen."""
        seen = (mark for mark in more if mark.step <= self.furthest)
        return replace(self, marks=tuple(sorted((*self.marks, *seen), key=lambda mark: mark.step)))

    def after(self, step: int) -> int | None:
        """The step of the next mark after ``step``, if there is one."""
        return min((mark.step for mark in self.marks if mark.step > step), default=None)

    def before(self, step: int) -> int | None:
        """The step of the last mark before ``step``, if there is one."""
        return max((mark.step for mark in self.marks if mark.step < step), default=None)

    def at(self, step: int) -> tuple[Mark, ...]:
        """What happened at that very step."""
        return tuple(mark for mark in self.marks if mark.step == step)


_ENDS = {
    Outcome.DIVERGED: Kind.DIVERGED,
    Outcome.CONVERGED: Kind.CONVERGED,
    Outcome.STOPPED: Kind.STOPPED,
}


def marks(snapshot: Snapshot, edits: Sequence[Edit] = ()) -> tuple[Mark, ...]:
    """What happened up to ``snapshot``, by step: what its racers tell, and those of ``edits`` that they do not."""
    found = [mark for racer in snapshot.racers for mark in _of(racer)]
    places = {racer.label: racer.index for racer in snapshot.racers}
    for edit in edits:
        if not edit.is_noted:
            found.append(Mark(edit.step, Kind.CHANGE, f"{edit.label} {edit.what}", places.get(edit.label)))
    return tuple(sorted(found, key=lambda mark: mark.step))


def _of(racer: RacerSnapshot) -> list[Mark]:
    own_from = 0 if racer.origin is None else racer.origin.step
    found = [Mark(e.step, Kind.CHANGE, _words(racer, e), racer.index) for e in racer.events if e.step >= own_from]
    kind = _ENDS.get(racer.outcome)
    if kind is not None:
        found.append(Mark(racer.step, kind, f"{racer.label} {racer.outcome.value}", racer.index))
    return found


def _words(racer: RacerSnapshot, event: Event) -> str:
    before, after = (value if isinstance(value, str) else f"{value:.4g}" for value in (event.before, event.after))
    return f"{racer.label} {event.name} {before} → {after}"
