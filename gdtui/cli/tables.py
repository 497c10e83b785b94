"""Tables of plain text: columns that line up, in the width there is, with nothing cut off."""

from __future__ import annotations

import shutil
import sys
import textwrap
import unicodedata
from collections.abc import Collection, Sequence

GAP = "  "
_NARROWEST_LAST = 24


def terminal_width() -> int | None:
    """The width of the terminal that stdout is, or None where it is a file or a pipe, which have no width."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def table(
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    right: Collection[str] = (),
    width: int | None = None,
    wrap_last: bool = False,
) -> str:
    """The rows under their headings, nothing cut off.

    Columns named in ``right`` are right-aligned. Where ``width`` is too small, with ``wrap_last`` the last column is
    wrapped, else the columns are split among tables that all begin with the first one. Where not even that fits, every
    row becomes a block of ``heading  value`` lines.
    """
    widths = [max(map(_cells, column)) for column in zip(headings, *rows, strict=True)]
    if width is None or _total(widths) <= width:
        return "\n".join(_line(row, headings, widths, right) for row in (headings, *rows))
    room = width - _total([*widths[:-1], 0])
    if wrap_last and room >= _NARROWEST_LAST:
        return "\n".join(_wrapped(row, headings, widths, right, room) for row in (headings, *rows))
    if wrap_last or any(_total([widths[0], other]) > width for other in widths[1:]):
        return "\n\n".join(_block(headings, row, width) for row in rows)
    return "\n\n".join(
        "\n".join(
            _line([row[i] for i in group], [headings[i] for i in group], [widths[i] for i in group], right)
            for row in (headings, *rows)
        )
        for group in _groups(widths, width)
    )


def _groups(widths: Sequence[int], width: int) -> list[list[int]]:
    """The columns of each table that fits: always the first column, then as many as there is room for."""
    groups = [[0]]
    for i in range(1, len(widths)):
        if _total([*(widths[j] for j in groups[-1]), widths[i]]) > width:
            groups.append([0])
        groups[-1].append(i)
    return groups


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + len(GAP) * (len(widths) - 1)


def _line(row: Sequence[str], headings: Sequence[str], widths: Sequence[int], right: Collection[str]) -> str:
    padded = []
    for heading, text, width in zip(headings, row, widths, strict=True):
        space = " " * (width - _cells(text))
        padded.append(space + text if heading in right else text + space)
    return GAP.join(padded).rstrip()


def _wrapped(
    row: Sequence[str], headings: Sequence[str], widths: Sequence[int], right: Collection[str], room: int
) -> str:
    pieces = _pieces(row[-1], room)
    indent = " " * _total([*widths[:-1], 0])
    first = _line((*row[:-1], pieces[0]), headings, (*widths[:-1], 0), right)
    return "\n".join([first, *(indent + piece for piece in pieces[1:])])


def _block(headings: Sequence[str], row: Sequence[str], width: int) -> str:
    longest = max(map(_cells, headings))
    room = max(width - longest - len(GAP), _NARROWEST_LAST)
    lines = []
    for heading, text in filter(all, zip(headings, row, strict=True)):
        for i, piece in enumerate(_pieces(text, room)):
            name = "" if i else heading
            lines.append(name + " " * (longest - _cells(name)) + GAP + piece)
    return "\n".join(lines)


def _pieces(text: str, room: int) -> list[str]:
    return textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False) or [""]


def _cells(text: str) -> int:
    """How many cells of a terminal ``text`` takes."""
    return sum(_CELLS.get(unicodedata.east_asian_width(c), 1) for c in text if not unicodedata.combining(c))


_CELLS = {"W": 2, "F": 2}
