"""When a racer began to do something else: the changes of its verdict, as marks for a time line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from gdtui.analysis.brief import brief
from gdtui.analysis.steady_verdicts import SteadyVerdicts
from gdtui.analysis.verdict import Kind, Verdict
from gdtui.contracts import Problem
from gdtui.engine.snapshot import Snapshot
from gdtui.engine.timeline import Kind as MarkKind
from gdtui.engine.timeline import Mark

MOST_MARKS: Final = 256
RECORDED_LOOKS: Final = 64  # along a whole recording


class Turns:
    """The turns of one race, look by look. Steps that are seen again tell nothing new."""

    def __init__(self) -> None:
        self._marks: list[Mark] = []
        self._last: dict[str, Kind] = {}
        self._seen = 0

    @property
    def marks(self) -> tuple[Mark, ...]:
        """All that are known, by step."""
        return tuple(self._marks)

    def see(self, snapshot: Snapshot, furthest: int, shown: Mapping[str, Verdict]) -> None:
        """A look at ``snapshot`` had ``shown`` as its verdicts; what came after ``furthest`` has been cut off."""
        kinds = {label: verdict.kind for label, verdict in shown.items()}
        if furthest < self._seen:
            self._marks = [mark for mark in self._marks if mark.step <= furthest]
            self._last, self._seen = kinds, furthest
        if snapshot.step < self._seen:
            return
        for racer in snapshot.racers:
            before, now = self._last.get(racer.label), kinds.get(racer.label)
            # Ends have marks of their own, and what was too early to tell is no turn.
            if now is None or before in {None, Kind.TOO_LITTLE, now} or now.is_final:
                continue
            text = f"{racer.label}: {brief(shown[racer.label])}"
            self._marks.append(Mark(snapshot.step, MarkKind.VERDICT, text, racer.index))
        del self._marks[:-MOST_MARKS]
        self._last |= kinds
        self._seen = snapshot.step


def of_recorded(snapshot: Snapshot, tolerance: float, problem: Problem | None = None) -> tuple[Mark, ...]:
    """The turns of a race that is over, from the histories in its last picture: a few dozen looks along its steps.

    Half of the looks are evenly spaced, the others by powers, since most happens early.
    """
    from gdtui.analysis.race_verdicts import of_snapshot  # a first frame that judges nothing does without

    turns, steady = Turns(), SteadyVerdicts()
    last = max(1, snapshot.step)
    steps = (np.linspace(0.0, last, RECORDED_LOOKS // 2), np.geomspace(1.0, last, RECORDED_LOOKS // 2))
    for step in np.unique(np.concatenate(steps).round().astype(np.int64)).tolist():
        then = snapshot.at(step)
        shown = steady.see(then, of_snapshot(then, tolerance, problem), running=step < last)
        turns.see(then, last, shown)
    return turns.marks
