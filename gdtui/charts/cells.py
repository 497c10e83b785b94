"""A picture made of terminal cells: one glyph and one colour index each, as two arrays of the same shape."""

from __future__ import annotations

import sys
import unicodedata
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from gdtui.errors import clean

Glyphs = npt.NDArray[np.uint32]
Colours = npt.NDArray[np.uint8]
SPACE = ord(" ")
_REPLACEMENT = 0xFFFD
_LONGEST = 200
_SYMBOLS = str.maketrans(
    {
        "≈": "~",
        "−": "-",
        "–": "-",
        "—": "-",
        "·": ".",
        "‖": "||",
        "√": "sqrt ",
        "×": "x",
        "∇": "grad ",
        "÷": "/",
        "±": "+-",
    }
)


@dataclass(frozen=True, slots=True, eq=False)
class CellGrid:
    """``glyphs`` uint32 ``(h, w)`` are code points one column wide; ``colours`` uint8 ``(h, w)`` palette indices."""

    glyphs: Glyphs
    colours: Colours

    @classmethod
    def blank(cls, width: int, height: int) -> CellGrid:
        """Spaces only; a negative size counts as zero."""
        shape = (max(height, 0), max(width, 0))
        return cls(np.full(shape, SPACE, dtype=np.uint32), np.zeros(shape, dtype=np.uint8))

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.glyphs.shape[0], self.glyphs.shape[1]

    def copy(self) -> CellGrid:
        return CellGrid(self.glyphs.copy(), self.colours.copy())

    def lines(self) -> list[str]:
        """The rows as text, without colours."""
        return [_text(row) for row in self.glyphs]

    def runs(self, row: int) -> list[tuple[str, int]]:
        """A row as maximal runs of one colour: text and colour index.

        A space shows no colour, so it joins the run before it; at the start of a row it keeps its own.
        """
        glyphs, colours = self.glyphs[row], self.colours[row]
        width = glyphs.shape[0]
        if width == 0:
            return []
        inked = np.where(glyphs != SPACE, np.arange(width), 0)
        seen = colours[np.maximum.accumulate(inked)]
        starts = [0, *(np.flatnonzero(seen[1:] != seen[:-1]) + 1).tolist(), width]
        text = _text(glyphs)
        return [(text[a:b], int(seen[a])) for a, b in pairwise(starts)]

    def write(self, row: int, column: int, text: str, colour: int) -> None:
        """Put ``text`` on a row, cut where the grid ends; every character must be one column wide."""
        height, width = self.shape
        if not 0 <= row < height:
            return
        first, last = max(column, 0), min(column + len(text), width)
        if first < last:
            self.glyphs[row, first:last] = [ord(character) for character in text[first - column : last - column]]
            self.colours[row, first:last] = colour

    def paste(self, other: CellGrid, row: int, column: int) -> None:
        """Copy ``other`` into this grid with its first cell at ``row``, ``column``, cut where this grid ends."""
        height, width = self.shape
        rows, columns = other.shape
        top, left = max(row, 0), max(column, 0)
        bottom, right = min(row + rows, height), min(column + columns, width)
        if top < bottom and left < right:
            part = np.s_[top - row : bottom - row, left - column : right - column]
            self.glyphs[top:bottom, left:right] = other.glyphs[part]
            self.colours[top:bottom, left:right] = other.colours[part]


def displayable(grid: CellGrid) -> CellGrid:
    """``grid`` with U+FFFD in place of all that is not one printable character, one column wide."""
    known, places = np.unique(grid.glyphs, return_inverse=True)
    shown = np.array([_displayable(code) for code in known.tolist()], dtype=np.uint32)
    if np.array_equal(known, shown):
        return grid
    return CellGrid(shown[places].reshape(grid.shape), grid.colours)


def changed_runs(old: CellGrid | None, new: CellGrid, gap: int = 4) -> list[tuple[int, int, int]]:
    """What differs between two frames: (row, first column, one past the last column), in reading order.

    Runs with fewer than ``gap`` unchanged cells between them are joined: moving the cursor costs about as much.
    Everything differs if there is no old frame, or one of another size.
    """
    height, width = new.shape
    if old is None or old.shape != new.shape:
        return [(row, 0, width) for row in range(height) if width]
    repainted = (old.colours != new.colours) & (new.glyphs != SPACE)
    changed = np.flatnonzero((old.glyphs != new.glyphs) | repainted)
    if changed.size == 0:
        return []
    rows, columns = np.divmod(changed, width)
    breaks = np.flatnonzero((rows[1:] != rows[:-1]) | (columns[1:] - columns[:-1] > gap))
    firsts = np.concatenate(([0], breaks + 1))
    lasts = np.concatenate((breaks, [changed.size - 1]))
    return list(zip(rows[firsts].tolist(), columns[firsts].tolist(), (columns[lasts] + 1).tolist(), strict=True))


def one_line(text: str, width: int, *, ascii_only: bool = False) -> str:
    """Text from outside as at most ``width`` characters, each exactly one column wide, with an ellipsis if cut."""
    shown = unicodedata.normalize("NFC", clean(text, _LONGEST))
    if ascii_only:
        shown = "".join(_ascii(character) for character in shown.translate(_SYMBOLS))
    else:
        shown = "".join(_single(character) for character in shown)
    shown = " ".join(shown.split())
    if len(shown) <= width:
        return shown
    ellipsis = "~" if ascii_only else "…"
    return shown[: max(width - 1, 0)].rstrip() + ellipsis if width > 0 else ""


def _text(glyphs: Glyphs) -> str:
    return glyphs.astype("<u4").tobytes().decode("utf-32-le")


def _displayable(code: int) -> int:
    if code > sys.maxunicode:
        return _REPLACEMENT
    return ord(_single(clean(chr(code))) or chr(_REPLACEMENT))


def _single(character: str) -> str:
    """The character if it fills one column, nothing for a combining mark, U+FFFD for a wide one."""
    if unicodedata.combining(character) or unicodedata.category(character) in {"Mn", "Me", "Mc"}:
        return ""
    return "\N{REPLACEMENT CHARACTER}" if unicodedata.east_asian_width(character) in "WF" else character


def _ascii(character: str) -> str:
    """Plain ASCII for a character: κ becomes kappa, x₁ becomes x1, é becomes e, what has no name becomes ?."""
    if character.isascii():
        return character
    name = unicodedata.name(character, "")
    if name.startswith(("GREEK SMALL LETTER ", "GREEK CAPITAL LETTER ")):
        return name.split(" LETTER ")[1].split(" WITH ")[0].lower().replace("final ", "")
    plain = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
    return plain or ("" if unicodedata.combining(character) else "?")
