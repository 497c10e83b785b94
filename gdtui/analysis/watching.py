"""A training log that is watched while it grows: the verdict on each of its runs, and how it came to that."""

from __future__ import annotations

import enum
import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gdtui.analysis.following import Follower, Piece
from gdtui.analysis.log_lines import Lines
from gdtui.analysis.log_runs import LoggedRun, Track
from gdtui.analysis.series import Series
from gdtui.analysis.thinning import Run
from gdtui.analysis.training_log import Log, LogReader
from gdtui.analysis.verdict import Kind, Steady, Verdict
from gdtui.analysis.verdicts import judge
from gdtui.errors import InputError

MOST_CHANGES: Final = 64
LOOKS_A_WINDOW: Final = 20  # a look that counts comes after a twentieth of what a verdict is about,
MOST_ROWS_A_LOOK: Final = 5  # the last 100 kept rows: so much has to be new before an opinion is another opinion
CATCHING_UP: Final = 2**16  # bytes that come at once: not rows as they are logged, but what was there before
COARSE: Final = 50  # looks on as much as there is, while catching up


@dataclass(frozen=True, slots=True)
class Change:
    """Something that happened to a run at ``step``: another verdict, or what ``note`` says, which has none."""

    step: float
    verdict: Verdict | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class WatchedRun:
    """A run as it stands, the verdict to show, and the changes up to it, the oldest first."""

    run: LoggedRun
    verdict: Verdict
    changes: tuple[Change, ...]


class Activity(enum.StrEnum):
    """What is being done about a file; the word shown."""

    WAITING = "waiting"
    READING = "reading"
    FOLLOWING = "following"


@dataclass(frozen=True, slots=True, eq=False)
class Watched:
    """A log at one moment. ``fault`` says in a line what is wrong with the file; ``log`` is None before any row.

    ``changed_at`` is when it was last written to, in seconds of the wall clock; ``share`` how much of it was read.
    """

    path: str
    activity: Activity
    fault: str
    share: float
    changed_at: float | None
    log: Log | None
    runs: tuple[WatchedRun, ...]


class Watch:
    """Watches one log: :meth:`look` again and again. ``given`` are names of columns by their role."""

    def __init__(self, path: str, given: Mapping[str, str]) -> None:
        self.path, self._given = path, given
        self._file = Follower(path)
        self._begin(())
        self._judges: dict[str, _Judge] = {}
        self._told: tuple[object, ...] | None = None

    def _begin(self, before: tuple[str, ...]) -> None:
        self._lines, self._reader = Lines(self.path), LogReader(self._given, self.path, before)
        self._readings = 0
        self._refused = ""
        self._is_first = True

    def look(self) -> tuple[Watched | None, bool]:
        """What there is to see, or None if nothing has changed since the last look; and whether there is more to read.

        It takes milliseconds, and while it catches up as long as half a megabyte of rows: tenths of a second.
        """
        piece = self._file.look()
        if piece.anew:
            self._begin(self._reader.header)
            for held in self._judges.values():
                held.begin_again(f"file {piece.anew}")
        if piece.data and not self._refused:
            self._take(piece)
        told = self._file.fault, piece.more, bool(self._refused)
        if not (piece.data or piece.anew) and told == self._told:
            return None, False
        self._told = told
        return self._watched(piece), piece.more and not self._refused

    def close(self) -> None:
        self._file.close()

    def _take(self, piece: Piece) -> None:
        coarse = len(piece.data) >= CATCHING_UP
        try:
            for line in self._lines.feed(piece.data):
                track = self._reader.feed(line)
                if self._readings != self._reader.readings:  # the rows so far mean something else
                    self._readings = self._reader.readings
                    if self._readings > 1:
                        self._judges.clear()
                if track is not None and track.run.count:
                    self._judge_of(track.label).passes(track, coarse=coarse)
        except InputError as error:
            self._refused = _said(error)

    def _judge_of(self, label: str) -> _Judge:
        held = self._judges.get(label)
        if held is None:
            held = self._judges[label] = _Judge()
        return held

    def _watched(self, piece: Piece) -> Watched:
        log, reason = None, self._refused
        try:
            log = self._reader.log(grows=True)
        except InputError as error:
            if self._reader.rows:
                reason = reason or _said(error)
        runs: tuple[WatchedRun, ...] = ()
        if log is not None:
            # What was there before is judged as it stands, as diagnose does: there was nobody to flicker for.
            at_once = not piece.more and (self._is_first or len(piece.data) >= CATCHING_UP)
            self._is_first = self._is_first and piece.more
            judges = [self._judge_of(run.label) for run in log.runs]
            runs = tuple(held.watched(run, at_once=at_once) for held, run in zip(judges, log.runs, strict=True))
        fault = self._file.fault or reason
        if not runs and not piece.more:
            fault = fault or "has no row yet"
        activity = Activity.READING if piece.more else Activity.FOLLOWING
        if fault:
            activity = Activity.WAITING
        return Watched(self.path, activity, fault, self._file.share, self._file.changed_at, log, runs)


class _Judge:
    """The verdicts on one run as it goes."""

    def __init__(self) -> None:
        self._changes: deque[Change] = deque(maxlen=MOST_CHANGES)
        self._steady, self._starts = Steady(), 1
        self._counted = self._next = 0
        self._candidate: tuple[Kind, float] | None = None

    def begin_again(self, note: str, step: float = math.nan) -> None:
        """What comes from now on is another run, of the same name."""
        if self._steady.shown is not None:
            self._changes.append(Change(step, note=note))
        self._steady, self._starts, self._counted, self._next, self._candidate = Steady(), 1, 0, 0, None

    def passes(self, track: Track, *, coarse: bool) -> None:
        """A row of the run came: have a look at it if it is time."""
        if track.starts != self._starts:
            self.begin_again("steps start again", track.run.first_step)
            self._starts = track.starts
        run = track.run
        if run.count >= self._next:
            self._see(run.series(), run)
            self._next = run.count + max(_spacing(run), run.count // COARSE if coarse else 0)

    def watched(self, run: LoggedRun, *, at_once: bool) -> WatchedRun:
        """The run with the verdict to show: the newest of the kind that is shown, or ``at_once`` of any kind."""
        now = judge(run.series)
        shown = self._steady.shown
        if at_once and shown is not None and now.kind is not shown.kind:
            self._steady = Steady()
        if shown is None or at_once or now.kind is shown.kind or now.kind.is_final:
            shown = self._take_over(now, run.steps[1])
        return WatchedRun(run, shown, tuple(self._changes))

    def _see(self, series: Series, run: Run) -> None:
        self._take_over(judge(series), run.last_step)

    def _take_over(self, now: Verdict, step: float) -> Verdict:
        """Show this verdict, if it has held for long enough; the step is that at which it was first seen."""
        before = self._steady.shown
        if self._candidate is None or self._candidate[0] is not now.kind:
            self._candidate = now.kind, step
        shown = self._steady.see(now)
        is_news = before is None or shown.kind is not before.kind
        if is_news and shown.kind is not Kind.TOO_LITTLE:
            self._changes.append(Change(self._candidate[1], shown))
        return shown


def _spacing(run: Run) -> int:
    """How many rows lie between two looks that count."""
    kept = run.count // run.stride
    return run.stride * min(MOST_ROWS_A_LOOK, max(1, kept // (2 * LOOKS_A_WINDOW)))


def _said(error: InputError) -> str:
    """The reason in a line, without the file, which stands before it."""
    key = f"{error.key}: " if error.key else ""
    return f"{key}{error.reason}" + (f"; {error.remedy}" if error.remedy else "")
