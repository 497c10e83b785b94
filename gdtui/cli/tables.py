"""Tables of plain text: columns that line up, in the width there is, with nothing cut off."""

from __future__ import annotations

import shutil
import sys
import textwrap
import unicodedata
from collections.abc import Collection, Sequence
from itertools import zip_longest

GAP = "  "
# How far a column is wrapped: blocks are easier to read than narrow towers of words.
_NARROWEST = 24
_MOST_LINES = 6


def terminal_width() -> int | None:
    """The width of the terminal that stdout is, or None where it is a file or a pipe, which have no width."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def plainly(text: str) -> str:
    """``text``, spelt out in ASCII where stdout is in another encoding than UTF-8."""
    if text.isascii() or (sys.stdout.encoding or "").lower().startswith("utf"):
        return text
    from gdtui.spelling import spelt_out

    return spelt_out(text)


def table(
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    right: Collection[str] = (),
    width: int | None = None,
    wrap: Collection[str] = (),
) -> str:
    """The rows under their headings, nothing cut off.

    Columns named in ``right`` are right-aligned. Where ``width`` is too small, those named in ``wrap`` are wrapped, or,
    if there are none, the columns are split among tables that all begin with the first one. Where not even that fits,
    every row becomes a block of ``heading  value`` lines.
    """
    widths = [max(map(_cells, column)) for column in zip(headings, *rows, strict=True)]
    if width is None or _total(widths) <= width:
        return "\n".join(_line(row, headings, widths, right) for row in (headings, *rows))
    if wrap and (narrowed := _narrowed(headings, widths, wrap, width)):
        return "\n".join(_wrapped(row, headings, narrowed, right) for row in (headings, *rows))
    if wrap or any(_total([widths[0], other]) > width for other in widths[1:]):
        return "\n\n".join(_block(headings, row, width) for row in rows)
    return "\n\n".join(
        "\n".join(
            _line([row[i] for i in group], [headings[i] for i in group], [widths[i] for i in group], right)
            for row in (headings, *rows)
        )
        for group in _groups(widths, width)
    )


def _narrowed(headings: Sequence[str], widths: Sequence[int], wrap: Collection[str], width: int) -> list[int] | None:
    """The widths with those to wrap reduced, in proportion, until all fit; None where one would be too narrow."""
    wrapped = [i for i, heading in enumerate(headings) if heading in wrap]
    least = {i: max(min(widths[i], _NARROWEST), widths[i] // _MOST_LINES) for i in wrapped}
    total = sum(widths[i] for i in wrapped)
    room = width - (_total(widths) - total)
    narrowed = list(widths)
    for i in wrapped:
        narrowed[i] = max(least[i], room * widths[i] // total)
    widest = max(wrapped, key=widths.__getitem__)
    narrowed[widest] += width - _total(narrowed)
    return narrowed if narrowed[widest] >= least[widest] else None


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


def _wrapped(row: Sequence[str], headings: Sequence[str], widths: Sequence[int], right: Collection[str]) -> str:
    columns = [_pieces(text, width) for text, width in zip(row, widths, strict=True)]
    return "\n".join(_line(line, headings, widths, right) for line in zip_longest(*columns, fillvalue=""))


def _block(headings: Sequence[str], row: Sequence[str], width: int) -> str:
    longest = max(map(_cells, headings))
    room = max(width - longest - len(GAP), _NARROWEST)
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
