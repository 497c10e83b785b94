"""The time of a race as one row of cells: where it stands, how far it has been, and what happened when."""

from __future__ import annotations

from dataclasses import dataclass

from gdtui.charts.cells import CellGrid, one_line
from gdtui.charts.palette import Ink, racer_colour
from gdtui.engine.snapshot import Snapshot
from gdtui.engine.timeline import Kind, Mark, Timeline
from gdtui.frames.smooth import FEWEST

NAME = "time"
_BEGIN = len(NAME) + 3  # columns before the line
_MOST_WORDS = 44  # columns behind it, for what happened where the race stands
_WORDS_SHARE = 3  # one part in so many of the row is theirs at the most
_LINES = {False: ("━", "─", "┄"), True: ("=", "-", ".")}  # past, known, and what nobody has seen
_GLYPHS = {
    Kind.CHANGE: "◆", Kind.DIVERGED: "✗", Kind.CONVERGED: "✓", Kind.STOPPED: "■", Kind.VERDICT: "◇",
}  # fmt: skip
_GLYPHS_ASCII = {
    Kind.CHANGE: "#", Kind.DIVERGED: "x", Kind.CONVERGED: "v", Kind.STOPPED: "%", Kind.VERDICT: "?",
}  # fmt: skip
_HEADS = {False: "●", True: "@"}


@dataclass(frozen=True, slots=True)
class TimeAxis:
    """A line of ``width`` columns from ``begin`` on, for the steps from 0 to ``length``."""

    begin: int
    width: int
    length: int

    def column(self, step: int) -> int:
        """The column a step is in."""
        return self.begin + (self.width - 1) * min(step, self.length) // self.length

    def step(self, column: int) -> int:
        """The first step in a column; of one beside the line, the nearest."""
        place = min(max(column - self.begin, 0), self.width - 1)
        return -(-place * self.length // max(1, self.width - 1))


def time_axis(snapshot: Snapshot, timeline: Timeline, width: int) -> TimeAxis:
    """The axis in a row of ``width`` cells: over the budget of steps, else over a power of two."""
    furthest = max(snapshot.step, timeline.furthest)
    length = max(snapshot.budget or 1 << (max(furthest, FEWEST) - 1).bit_length(), furthest)
    return TimeAxis(_BEGIN, max(2, width - _BEGIN - _words_width(width)), length)


def draw_timeline(
    snapshot: Snapshot,
    timeline: Timeline,
    width: int,
    *,
    step: int | None = None,
    focused: bool = False,
    ascii_only: bool = False,
) -> CellGrid:
    """The row. ``step`` is where the race is about to stand, if that is another one than it does."""
    grid = CellGrid.blank(width, 1)
    here = snapshot.step if step is None else step
    furthest = max(snapshot.step, timeline.furthest)
    axis = time_axis(snapshot, timeline, width)
    grid.write(0, 0, (">" if ascii_only else "▸") if focused else " ", Ink.HEADING)
    grid.write(0, 1, NAME, Ink.HEADING if focused else Ink.DIM)
    past, known, unseen = _LINES[ascii_only]
    grid.write(0, axis.begin, unseen * axis.width, Ink.FRAME)
    first, now, last = (axis.column(place) for place in (timeline.first, here, furthest))
    grid.write(0, first, known * (last - first + 1), Ink.DIM)
    grid.write(0, first, past * (now - first), Ink.TEXT)
    glyphs = _GLYPHS_ASCII if ascii_only else _GLYPHS
    for mark in sorted(timeline.marks, key=lambda mark: mark.kind is not Kind.VERDICT):  # under what somebody did
        grid.write(0, axis.column(mark.step), glyphs[mark.kind], _ink(mark))
    grid.write(0, now, _HEADS[ascii_only], Ink.HEADING)
    room = _words_width(width) - 2
    if room > 0:
        words = _words(here, furthest, timeline)
        grid.write(0, axis.begin + axis.width + 1, one_line(words, room, ascii_only=ascii_only), Ink.DIM)
    return grid


def _words_width(width: int) -> int:
    return min(_MOST_WORDS, width // _WORDS_SHARE)


def _words(here: int, furthest: int, timeline: Timeline) -> str:
    """What happened at this step, or how far back it is."""
    told = "; ".join(mark.text for mark in timeline.at(here))
    back = f"{furthest - here:,} steps back".replace(",", " ") if here < furthest else ""
    return told or back


def _ink(mark: Mark) -> int:
    return Ink.TEXT if mark.index is None else racer_colour(mark.index)
