"""Training logs: CSV with a header, or JSONL, read line by line in bounded memory."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice, pairwise
from typing import Any, BinaryIO, Final, NamedTuple

from gdtui.analysis.log_columns import LOSS, ROLES, STEP, VAL_LOSS, assign, option
from gdtui.analysis.series import Series
from gdtui.analysis.thinning import Row, Run
from gdtui.errors import InputError, clean, nearest

LONGEST_LINE: Final = 2**20
HEAD: Final = 1000  # rows from which the columns are known, and whether the steps are steps
MOST_REPEATED: Final = 0.1  # of the head's steps: more, and they are epochs, not steps
_GAPS: Final = frozenset({"", "null", "none", "na", "n/a"})
_PACKED: Final = {b"\x1f\x8b": "zcat", b"\x28\xb5\x2f\xfd": "zstdcat", b"BZh": "bzcat", b"\xfd7zXZ": "xzcat"}

Cells = Mapping[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Log:
    """A log that was read: its last run, of so many ``rows``. ``columns`` are the names found, by their role."""

    format: str
    rows: int
    steps: tuple[float, float]
    """The first and the last."""
    columns: Mapping[str, str]
    notes: tuple[str, ...]
    series: Series


def read(stream: BinaryIO, given: Mapping[str, str], where: str) -> Log:
    """Read a log. ``given`` are names of columns by their role; the others are guessed.

    Raises :class:`InputError` for what is no log: empty, binary or packed, without a header, a loss or any row.
    """
    lines = _lines(stream, where)
    first = next(lines, None)
    if first is None:
        raise InputError("is empty", where=where, remedy="log a header and one row a step")
    if first.text.startswith("{"):
        return _Reader("JSONL", _objects, given, where).read(chain([first], lines))
    if first.text.startswith("["):
        remedy = "write one object a line, as `jq -c '.[]'` does"
        raise InputError("is one JSON array", where=where, remedy=remedy)
    delimiter = max("\t;,", key=first.text.count)
    header = _split(first.text, delimiter)
    if all(_is_number(cell) for cell in header):
        raise InputError("has no header: line 1 is numbers", where=where, remedy="begin it with step,loss")
    return _Reader("CSV", lambda line: _cells(line, header, delimiter), given, where, header).read(lines)


class _Line(NamedTuple):
    number: int
    text: str
    is_whole: bool


def _lines(stream: BinaryIO, where: str) -> Iterator[_Line]:
    """The lines that are not blank."""
    number = 0
    while raw := stream.readline(LONGEST_LINE):
        number += 1
        if number == 1:
            for magic, unpack in _PACKED.items():
                if raw.startswith(magic):
                    raise InputError("is packed", where=where, remedy=f"`{unpack} FILE | gdtui diagnose -`")
            raw = raw.removeprefix(b"\xef\xbb\xbf")
        if b"\0" in raw:
            raise InputError(f"is binary, not text (line {number})", where=where, remedy="give CSV or JSONL in UTF-8")
        if len(raw) == LONGEST_LINE and not raw.endswith(b"\n"):
            raise InputError(f"line {number} is longer than a megabyte", where=where, remedy="give CSV or JSONL")
        if text := raw.decode("utf-8", errors="replace").strip(" \r\n"):
            yield _Line(number, text, raw.endswith(b"\n"))


def _split(text: str, delimiter: str) -> list[str]:
    if '"' not in text:
        return [cell.strip() for cell in text.split(delimiter)]
    return [cell.strip() for cell in next(csv.reader([text], delimiter=delimiter, skipinitialspace=True))]


def _cells(line: _Line, header: list[str], delimiter: str) -> Cells | None:
    try:
        cells = _split(line.text, delimiter)
    except csv.Error:
        return None
    if len(cells) < len(header) and not line.is_whole:
        return None
    if delimiter == ";":
        cells = [cell.replace(",", ".") for cell in cells]
    return dict(zip(header, cells, strict=False))


def _objects(line: _Line) -> Cells | None:
    try:
        value = json.loads(line.text)
    except (ValueError, RecursionError):
        return None
    return dict(_flat(value, "")) if isinstance(value, dict) else None


def _flat(value: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    """Objects inside objects with a / between their names."""
    for key, inner in value.items():
        if isinstance(inner, dict):
            yield from _flat(inner, f"{prefix}{key}/")
        else:
            yield f"{prefix}{key}", inner


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _number(cell: object) -> float | None:
    """The number of a cell, None for a gap. Raises ValueError for what is neither."""
    if isinstance(cell, str):
        return None if cell.lower() in _GAPS else float(cell)
    if cell is None:
        return None
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        raise ValueError
    try:
        return float(cell)
    except OverflowError:
        return math.inf if cell > 0 else -math.inf


class _Reader:
    """Reads rows into runs, and keeps count of what was wrong with them."""

    def __init__(
        self,
        form: str,
        parse: Callable[[_Line], Cells | None],
        given: Mapping[str, str],
        where: str,
        header: Iterable[str] = (),
    ) -> None:
        self._form, self._parse, self._given, self._where = form, parse, given, where
        self._known = dict.fromkeys(header)
        self._columns: dict[str, str] = {}
        self._places: list[tuple[int, str]] = []
        self._run = Run()
        self._runs = 1
        self._first_skipped, self._first_odd = 0, ""
        self._skipped = self._odd = self._stepless = 0
        self._cut_off = False
        self._numbered = False
        self._waiting: Row | None = None

    def read(self, lines: Iterable[_Line]) -> Log:
        rows = self._rows(lines)
        head = list(islice(rows, HEAD))
        if not head:
            skipped = self._first_skipped
            if skipped and self._form == "JSONL":
                reason = f"line {skipped} is not a whole JSON object"
                raise InputError(reason, where=self._where, remedy="write one object a line")
            reason = f"line {skipped} is not readable" if skipped else "has a header and no rows"
            raise InputError(reason, where=self._where, remedy="log one row a step")
        for cells in head:
            self._known.update(dict.fromkeys(cells))
        late = self._form == "JSONL"
        self._assign({} if late else self._given)
        self._numbered = "step" not in self._given and self._counts_no_steps(head)
        self._place()
        for cells in chain(head, rows):
            if late and not cells.keys() <= self._known.keys():
                self._known.update(dict.fromkeys(cells))
                self._assign({})
                self._place()
            self._take(cells)
        for role, name in self._given.items():
            if name not in self._known:
                remedy = nearest(name, self._known)
                raise InputError(f"no column is called {name!r}", where=self._where, key=option(role), remedy=remedy)
        if not self._run.count:
            reason = f"column {self._columns['loss']!r} has no numbers"
            raise InputError(reason, where=self._where, remedy="name another one with --loss")
        columns: dict[str, str] = {role: self._columns[role] for role in ROLES if role in self._columns}
        if self._numbered:
            columns.pop("step", None)
        run = self._run
        ends = (run.first_step, run.last_step)
        return Log(self._form, run.count, ends, columns, tuple(self._notes()), run.series())

    def _assign(self, required: Mapping[str, str]) -> None:
        """Give every role its column. What was given but not ``required`` may still come, in a later row."""
        there = {role: name for role, name in self._given.items() if name in self._known or role in {"step", "loss"}}
        found = assign({**self._columns, **there, **required}, self._known, self._where)
        given = self._given
        self._columns = {role: name for role, name in found.items() if given.get(role, name) == name}

    def _place(self) -> None:
        """Say once where in a row the columns go, for there may be many rows."""
        found = ((place, self._columns.get(role)) for place, role in enumerate(ROLES))
        self._places = [
            (place, name) for place, name in found if name is not None and not (place == STEP and self._numbered)
        ]

    def _rows(self, lines: Iterable[_Line]) -> Iterator[Cells]:
        for line in lines:
            cells = self._parse(line)
            if cells is not None:
                yield cells
            elif not line.is_whole:
                self._cut_off = True
            else:
                self._skipped += 1
                self._first_skipped = self._first_skipped or line.number

    def _counts_no_steps(self, head: list[Cells]) -> bool:
        """Whether the steps have to be counted: there is no such column, or it says the same again and again."""
        if "step" not in self._columns:
            return True
        step, loss = self._columns["step"], self._columns["loss"]
        steps = [cells.get(step) for cells in head if cells.get(loss) is not None and cells.get(loss) != ""]
        repeated = sum(1 for before, after in pairwise(steps) if before == after)
        return repeated > MOST_REPEATED * max(len(steps), 10)

    def _take(self, cells: Cells) -> None:
        row = [math.nan] * len(ROLES)
        has_loss = False
        for place, name in self._places:
            cell = cells.get(name)
            if cell is None or cell == "":
                continue
            try:
                number = _number(cell)
            except ValueError:
                self._odd += 1
                self._first_odd = self._first_odd or f"{clean(str(cell), 30)!r} in column {clean(name)!r}"
                continue
            if number is not None:
                row[place] = number
                has_loss = has_loss or place == LOSS
        if self._numbered:
            row[STEP] = self._run.count + 1.0
        # Tables that were joined have NaN for a gap: nobody validates a model whose loss is none.
        if math.isnan(row[LOSS]) and math.isfinite(row[VAL_LOSS]):
            has_loss = False
        if not has_loss:
            self._complete(row)
        elif not math.isfinite(row[STEP]):
            self._stepless += 1
        else:
            if row[STEP] < self._run.last_step:
                self._run, self._runs = Run(), self._runs + 1
            self._run.add(row)
            if self._waiting is not None:
                self._run.complete(self._waiting)
                self._waiting = None

    def _complete(self, row: Row) -> None:
        """A row without a loss belongs to the one before, or, where the run only begins, to the one after."""
        begins = not self._run.count or row[STEP] < self._run.last_step
        if begins:
            self._waiting = row
        else:
            self._run.complete(row)

    def _notes(self) -> Iterator[str]:
        run = self._run
        if self._runs > 1:
            yield f"the step count starts again {_times(self._runs - 1)}: the last of {self._runs} runs is diagnosed"
        if self._cut_off:
            yield "the last line is cut off, and left out"
        if self._skipped:
            lines = "line is" if self._skipped == 1 else "lines are"
            yield f"{self._skipped:,} {lines} not readable, and left out; the first is line {self._first_skipped:,}"
        if self._odd:
            cells = "cell is not a number" if self._odd == 1 else "cells are not numbers"
            yield f"{self._odd:,} {cells}, as {self._first_odd}"
        if self._stepless:
            yield (
                "1 row has no step, and is left out"
                if self._stepless == 1
                else (f"{self._stepless:,} rows have no step, and are left out")
            )
        if run.not_finite:
            yield f"the loss is NaN or infinite in {run.not_finite:,} of {run.count:,} rows"
        if run.stride > 1:
            yield f"one row in {run.stride:,} is kept"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"
