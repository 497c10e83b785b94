"""The lines of a training log: put together from the pieces they come in, and taken apart into their cells."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from gdtui.errors import InputError

LONGEST_LINE: Final = 2**20
_PACKED: Final = {b"\x1f\x8b": "zcat", b"\x28\xb5\x2f\xfd": "zstdcat", b"BZh": "bzcat", b"\xfd7zXZ": "xzcat"}

Cells = Mapping[str, Any]


class Line(NamedTuple):
    """A line that is not blank. One that has no end yet is not ``is_whole``: the rest of it may still come."""

    number: int
    text: str
    is_whole: bool


class Lines:
    """Bytes to lines. At most one line is kept, the last one, until its end has come."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._rest = b""
        self._number = 0

    def feed(self, data: bytes) -> Iterator[Line]:
        """The lines that ``data`` completes. Raises :class:`InputError` for what is no text."""
        whole = (self._rest + data).split(b"\n")
        self._rest = whole.pop()
        for raw in whole:
            self._number += 1
            if line := self._line(raw, self._number, is_whole=True):
                yield line
        if len(self._rest) >= LONGEST_LINE:
            self._line(self._rest, self._number + 1, is_whole=False)

    def rest(self) -> Line | None:
        """The last line, which has no end yet, if there is anything of it."""
        return self._line(self._rest, self._number + 1, is_whole=False)

    def _line(self, raw: bytes, number: int, *, is_whole: bool) -> Line | None:
        where = self._where
        if number == 1:
            for magic, unpack in _PACKED.items():
                if raw.startswith(magic):
                    raise InputError("is packed", where=where, remedy=f"`{unpack} FILE | gdtui diagnose -`")
            raw = raw.removeprefix(b"\xef\xbb\xbf")
        if b"\0" in raw:
            raise InputError(f"is binary, not text (line {number})", where=where, remedy="give CSV or JSONL in UTF-8")
        if len(raw) >= LONGEST_LINE:
            raise InputError(f"line {number} is longer than a megabyte", where=where, remedy="give CSV or JSONL")
        text = raw.decode("utf-8", errors="replace").strip(" \r\n")
        return Line(number, text, is_whole) if text else None


class Form(NamedTuple):
    """What kind of log it is: its name, the header there may be, and how a line becomes cells; None if it is none."""

    name: str
    header: tuple[str, ...]
    parse: Callable[[Line], Cells | None]
    begins_with_a_row: bool = True

    @property
    def is_open(self) -> bool:
        """Whether any row may bring new columns."""
        return not self.header


def form_of(first: Line, where: str, before: tuple[str, ...] = ()) -> Form:
    """What the first line says of the others. Raises :class:`InputError` where it begins no log.

    ``before`` is the header of the log that was there before, which a log that was rotated goes on under.
    """
    if first.text.startswith("{"):
        return Form("JSONL", (), _objects)
    if first.text.startswith("["):
        remedy = "write one object a line, as `jq -c '.[]'` does"
        raise InputError("is one JSON array", where=where, remedy=remedy)
    delimiter = max("\t;,", key=first.text.count)
    try:
        header = _split(first.text, delimiter)
    except csv.Error as error:
        raise InputError(f"line 1 is no header: {error}", where=where, remedy="begin it with step,loss") from None
    is_header = not all(_is_number(cell) for cell in header if cell or not before)
    if not is_header and len(before) == len(header):
        return Form("CSV", before, lambda line: _cells(line, list(before), delimiter))
    if not is_header:
        raise InputError("has no header: line 1 is numbers", where=where, remedy="begin it with step,loss")
    return Form("CSV", tuple(header), lambda line: _cells(line, header, delimiter), begins_with_a_row=False)


def _split(text: str, delimiter: str) -> list[str]:
    if '"' not in text:
        return [cell.strip() for cell in text.split(delimiter)]
    return [cell.strip() for cell in next(csv.reader([text], delimiter=delimiter, skipinitialspace=True))]


def _cells(line: Line, header: list[str], delimiter: str) -> Cells | None:
    try:
        cells = _split(line.text, delimiter)
    except csv.Error:
        return None
    if len(cells) < len(header) and not line.is_whole:
        return None
    if delimiter == ";":
        cells = [cell.replace(",", ".") for cell in cells]
    return dict(zip(header, cells, strict=False))


def _objects(line: Line) -> Cells | None:
    try:
        value = json.loads(line.text)
    except (ValueError, RecursionError):
        return None
    return dict(_flat(value, "")) if isinstance(value, dict) else None


def _flat(value: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    """Objects inside objects with a / between their names. A list is no number, and stands as it was written."""
    for key, inner in value.items():
        if isinstance(inner, dict):
            yield from _flat(inner, f"{prefix}{key}/")
        else:
            yield f"{prefix}{key}", json.dumps(inner) if isinstance(inner, list) else inner


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
