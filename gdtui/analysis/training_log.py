"""Training logs: CSV with a header, or JSONL, read line by line in bounded memory, at once or as they grow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO, Final

from gdtui.analysis.log_columns import BY, ROLES, STEP, assign, may_tell_apart, option, telling_apart
from gdtui.analysis.log_lines import Cells, Form, Line, Lines, form_of
from gdtui.analysis.log_runs import LoggedRun, Track
from gdtui.errors import InputError, clean, nearest

HEAD: Final = 1000  # rows from which the columns are known, and whether the steps are steps
MOST_REPEATED: Final = 0.1  # of the head's steps: more, and they are epochs, not steps
MOST_RUNS: Final = 32  # side by side in one log
_CHUNK: Final = 2**16


@dataclass(frozen=True, slots=True, eq=False)
class Log:
    """What was read of a log. ``columns`` are the names found, by their role; ``notes`` are about the file."""

    format: str
    columns: Mapping[str, str]
    notes: tuple[str, ...]
    runs: tuple[LoggedRun, ...]
    """Those that have a loss, in the order in which they came; one at the least."""


def read(stream: BinaryIO, given: Mapping[str, str], where: str) -> Log:
    """Read a log. ``given`` are names of columns by their role; the others are guessed.

    Raises :class:`InputError` for what is no log: empty, binary or packed, without a header, a loss or any row.
    """
    lines, reader = Lines(where), LogReader(given, where)
    while data := stream.read(_CHUNK):
        for line in lines.feed(data):
            reader.feed(line)
    if last := lines.rest():
        reader.feed(last)
    return reader.log()


@dataclass(frozen=True, slots=True)
class _Reading:
    """How rows are read: the column of every role, whether rows are counted, and what tells runs apart."""

    columns: Mapping[str, str]
    numbered: bool
    by: str | None


class LogReader:
    """Takes the lines of a log one after the other, and says at any of them what they make.

    ``given`` are names of columns by their role, ``before`` is the header of a log that this one may be the rest of.
    The first rows decide what is read as what. As long as they are few they are kept, and read anew when a later one
    changes that.
    """

    def __init__(self, given: Mapping[str, str], where: str, before: tuple[str, ...] = ()) -> None:
        self._given, self._where, self._before = given, where, before
        self._form: Form | None = None
        self._known: dict[str, None] = {}
        self._head: list[Cells] | None = []
        self._count = 0
        self._reading: _Reading | None = None
        self._reason: InputError | None = None  # why there is no reading
        self._places: list[tuple[int, str]] = []
        self._tracks: dict[str, Track] = {}
        self._last_label = ""
        self._last_steps: dict[object, object] = {}
        self._compared = self._repeated = 0
        self._values: dict[str, set[str]] = {}
        self._first_skipped = self._skipped = self._too_many = 0
        self._cut_off = False
        self.readings = 0
        """How often rows were read anew, or for the first time."""

    @property
    def header(self) -> tuple[str, ...]:
        """The names in the first line, as far as there are any."""
        return self._before if self._form is None else self._form.header

    @property
    def rows(self) -> int:
        """How many lines were rows."""
        return self._count

    def feed(self, line: Line) -> Track | None:
        """Take the next line; the run that it is of, unless it is of none.

        Raises :class:`InputError` where it is known by now that this is no log.
        """
        if self._form is None:
            self._form = form_of(line, self._where, self._before)
            self._known = dict.fromkeys(self._form.header)
            if not self._form.begins_with_a_row:
                return None
        cells = self._form.parse(line)
        if cells is None:
            if line.is_whole:
                self._skipped += 1
                self._first_skipped = self._first_skipped or line.number
            else:
                self._cut_off = True
            return None
        self._count += 1
        if self._head is not None:
            return self._in_head(cells, self._head)
        if self._form.is_open and not cells.keys() <= self._known.keys():
            self._known.update(dict.fromkeys(cells))
            assert self._reading is not None
            self._place(_Reading(self._columns(self._reading.columns), self._reading.numbered, self._reading.by))
        return self._take(cells)

    def _in_head(self, cells: Cells, head: list[Cells]) -> Track | None:
        """Take one of the first rows, and find out whether they are still to be read as they were."""
        head.append(cells)
        self._known.update(dict.fromkeys(cells))
        is_full = len(head) == HEAD
        try:
            reading = self._decide(head)
        except InputError as error:
            self._reading, self._reason = None, error
            if is_full or not self._may_bring_columns:
                raise
            return None
        track = None
        if reading == self._reading:
            track = self._take(cells)
        else:
            self._tracks, self._too_many, self._last_label = {}, 0, ""
            self.readings += 1
            self._place(reading)
            for each in head:
                track = self._take(each)
        if is_full:
            self._head = None
        return track

    def _decide(self, head: list[Cells]) -> _Reading:
        columns = self._columns({})
        by = self._telling_apart(head)
        step, loss = columns.get("step"), columns["loss"]
        before = self._reading
        if before is None or (before.columns.get("step"), before.columns["loss"], before.by) != (step, loss, by):
            self._last_steps, self._compared, self._repeated = {}, 0, 0
            counted = head
        else:
            counted = head[-1:]
        for cells in counted:
            if step is not None and cells.get(loss) is not None and cells.get(loss) != "":
                group, now = cells.get(by) if by else None, cells.get(step)
                self._compared += 1
                self._repeated += group in self._last_steps and self._last_steps[group] == now
                self._last_steps[group] = now
        numbered = step is None or (
            "step" not in self._given and self._repeated > MOST_REPEATED * max(self._compared, 10)
        )
        return _Reading(columns, numbered, by)

    def _columns(self, found: Mapping[str, str]) -> dict[str, str]:
        """The column of every role. What was given may still come, in a later row, where rows may bring columns."""
        given = {role: name for role, name in self._given.items() if role != BY}
        if self._may_bring_columns:
            there = {r: name for r, name in given.items() if name in self._known or r in {"step", "loss"}}
        else:
            there = given
        assigned = assign({**found, **there}, self._known, self._where)
        return {role: name for role, name in assigned.items() if given.get(role, name) == name}

    def _telling_apart(self, head: list[Cells]) -> str | None:
        """The column that says which run a row is of."""
        given = self._given.get(BY)
        if given is not None:
            if given and given not in self._known and not self._may_bring_columns:
                remedy = nearest(given, self._known)
                raise InputError(f"no column is called {given!r}", where=self._where, key=option(BY), remedy=remedy)
            return given if given and given in self._known else None
        name = telling_apart(self._known)
        if name is None:
            return None
        values = self._values.setdefault(name, set())
        if len(values) <= MOST_RUNS:
            values.update(_label(cells.get(name)) for cells in (head[-1:] if values else head))
        return name if len(values) <= MOST_RUNS and may_tell_apart(name, values) else None

    @property
    def _may_bring_columns(self) -> bool:
        """Whether a later row may have columns that no row had before."""
        return self._form is not None and self._form.is_open

    def _place(self, reading: _Reading) -> None:
        """Say once where in a row the columns go, for there may be many rows."""
        self._reading = reading
        found = ((place, reading.columns.get(role)) for place, role in enumerate(ROLES))
        self._places = [
            (place, name) for place, name in found if name is not None and not (place == STEP and reading.numbered)
        ]

    def _take(self, cells: Cells) -> Track | None:
        assert self._reading is not None
        label = ""
        if self._reading.by:  # a row that does not say whose it is goes with the one before
            label = self._last_label = _label(cells.get(self._reading.by)) or self._last_label
        track = self._tracks.get(label)
        if track is None:
            if len(self._tracks) == MOST_RUNS:
                self._too_many += 1
                return None
            track = self._tracks[label] = Track(label, numbered=self._reading.numbered)
        track.take(cells, self._places)
        return track

    def log(self, *, grows: bool = False) -> Log:
        """What was read so far. Where the log ``grows``, a column that was asked for may still come.

        Raises :class:`InputError` where there is no log yet.
        """
        if self._form is None:
            raise InputError("is empty", where=self._where, remedy="log a header and one row a step")
        if not self._count:
            skipped = self._first_skipped
            if skipped and self._form.is_open:
                reason = f"line {skipped} is not a whole JSON object"
                raise InputError(reason, where=self._where, remedy="write one object a line")
            reason = f"line {skipped} is not readable" if skipped else "has a header and no rows"
            raise InputError(reason, where=self._where, remedy="log one row a step")
        missing = {role: name for role, name in self._given.items() if name and name not in self._known}
        if missing and not grows:
            role, name = next(iter(missing.items()))
            remedy = nearest(name, self._known)
            raise InputError(f"no column is called {name!r}", where=self._where, key=option(role), remedy=remedy)
        if self._reading is None:
            assert self._reason is not None
            raise self._reason
        runs = tuple(track.logged() for track in self._tracks.values() if track.run.count)
        if not runs:
            reason = f"column {self._reading.columns['loss']!r} has no numbers"
            raise InputError(reason, where=self._where, remedy="name another one with --loss")
        columns = {role: self._reading.columns[role] for role in ROLES if role in self._reading.columns}
        if self._reading.numbered:
            columns.pop("step", None)
        if self._reading.by:
            columns[BY] = self._reading.by
        return Log(self._form.name, columns, tuple(self._notes(missing)), runs)

    def _notes(self, missing: Mapping[str, str]) -> Iterator[str]:
        for role, name in missing.items():
            yield f"no row has a {clean(name)!r} yet, which {option(role)} names"
        if self._cut_off:
            yield "the last line is cut off, and left out"
        if self._skipped:
            lines = "line is" if self._skipped == 1 else "lines are"
            yield f"{self._skipped:,} {lines} not readable, and left out; the first is line {self._first_skipped:,}"
        if self._too_many:
            assert self._reading is not None
            yield f"rows of more than {MOST_RUNS} runs, by {clean(self._reading.by or '')!r}, are left out"


def _label(cell: object) -> str:
    """What the cell that tells runs apart has, as text."""
    return "" if cell is None else clean(str(cell))
