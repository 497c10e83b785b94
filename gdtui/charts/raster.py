"""Lines into cells: one rasteriser for braille (2 x 4 dots a cell), quarter blocks (2 x 2) and plain ASCII (1 x 1).

The dots are those plotext sets for the same points: it samples each segment once per dot of its longer side. A cell has
one foreground. Where strokes share a cell, their dots are merged and the last one gives the colour: a crossing then
breaks no line, and the racer on top is on top everywhere. What was on the grid before is replaced.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from gdtui.charts.cells import CellGrid, Colours, Glyphs
from gdtui.charts.clip import Mask, clip_segments, inside, may_cross
from gdtui.charts.geometry import Canvas
from gdtui.contracts import Reals

RasterMode = Literal["braille", "block", "ascii"]
_Whole = npt.NDArray[np.int64]

DOTS: dict[RasterMode, tuple[int, int]] = {"braille": (2, 4), "block": (2, 2), "ascii": (1, 1)}
# Where the dot at [row][column] of a cell stands in its byte; for braille the numbering of Unicode.
_BITS: dict[RasterMode, list[list[int]]] = {
    "braille": [[0, 3], [1, 4], [2, 5], [6, 7]],
    "block": [[0, 1], [2, 3]],
    "ascii": [[0]],
}
_BRAILLE = np.arange(0x2800, 0x2900, dtype=np.uint32)
_BLOCKS = np.array([ord(glyph) for glyph in " ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"], dtype=np.uint32)
_DOTTED_EVERY = {"braille": 3, "block": 3, "ascii": 2}
# Rhythms of lines, in dots drawn and left out by turns. No gap is wider than two dots, so that three in a row show one;
# and no pattern is one dot in three, which is how what is only predicted is drawn.
PATTERNS = (
    (1,),
    (6, 2),
    (2, 2),
    (14, 2),
    (8, 2, 2, 2),
    (3, 1),
    (8, 2, 2, 2, 2, 2),
    (12, 2, 4, 2, 4, 2),
)
_AROUND, _LONG = 4, 4.0  # segments to either side that give a short one its direction; dots from which it has its own


@dataclass(frozen=True, slots=True, eq=False)
class Stroke:
    """A line through ``points`` float64 ``(m, 2)``, broken where one is not finite or out of view.

    ``glyph`` is its character in ASCII. A dotted stroke keeps the dots of every second or third row or column, one with
    a ``pattern`` those of its rhythm in ``PATTERNS``; in ASCII, where a line is made of letters, it stays solid.
    """

    points: Reals
    colour: int
    glyph: str = "."
    dotted: bool = False
    pattern: int = 0


class Raster:
    """Collects dots on a canvas; :meth:`stamp` writes them onto a grid."""

    def __init__(self, canvas: Canvas, mode: RasterMode) -> None:
        self.canvas, self.mode = canvas, mode
        self.across, self.down = DOTS[mode]
        cells = canvas.width * canvas.height
        self._bit = np.array(_BITS[mode], dtype=np.int64)
        self._set = np.zeros((cells, 8), dtype=np.bool_)
        self._colours = np.zeros(cells, dtype=np.uint8)
        self._glyphs = np.zeros(cells, dtype=np.uint32)

    @property
    def width(self) -> int:
        """The canvas in dots, across."""
        return self.canvas.width * self.across

    @property
    def height(self) -> int:
        """The canvas in dots, down."""
        return self.canvas.height * self.down

    def dots(self, x: Reals, y: Reals) -> tuple[Reals, Reals]:
        """Coordinates in dots, rightwards and downwards; dot k spans k to k + 1. Not clipped."""
        with np.errstate(over="ignore", invalid="ignore"):
            return self.canvas.across(x) * self.across, self.canvas.down(y) * self.down

    def draw(self, strokes: Sequence[Stroke]) -> None:
        """Draw strokes, later ones over earlier ones.

        The work is bounded: strokes that need more than twice as many samples as there are dots keep the lines of their
        last points, and of the ones before only the points themselves.
        """
        strokes = [stroke for stroke in strokes if stroke.points.shape[0]]
        if not strokes or self._set.size == 0:
            return
        # One pass over all strokes: rows of NaN keep them apart.
        gap = np.full((1, 2), np.nan)
        points = np.concatenate([part for stroke in strokes for part in (stroke.points, gap)])
        owner = np.repeat(np.arange(len(strokes)), [stroke.points.shape[0] + 1 for stroke in strokes])
        x, y = self.dots(points[:, 0], points[:, 1])
        within = inside(points, self.canvas.view)
        with np.errstate(invalid="ignore"):
            # A point in the dot of the one before adds nothing. (The difference of infinities is NaN, and kept.)
            moved = (np.diff(np.floor(x)) != 0.0) | (np.diff(np.floor(y)) != 0.0) | (within[1:] != within[:-1])
        kept = np.concatenate(([0], np.flatnonzero(moved) + 1))
        points, owner, x, y, within = points[kept], owner[kept], x[kept], y[kept], within[kept]
        joined = within[:-1] & within[1:]
        ends_x, ends_y = x[1:].copy(), y[1:].copy()
        cut = np.flatnonzero(~joined & may_cross(points, self.canvas.view))
        if cut.size:
            starts, ends, touches = clip_segments(points[cut], points[cut + 1], self.canvas.view)
            cut = cut[touches]
            x[cut], y[cut] = self.dots(*starts[touches].T)
            ends_x[cut], ends_y[cut] = self.dots(*ends[touches].T)
            joined[cut] = True
        # A point in view that starts no segment is still a dot.
        alone = np.flatnonzero(within[:-1] & ~joined)
        ends_x[alone], ends_y[alone] = x[alone], y[alone]
        joined[alone] = True
        kept = np.flatnonzero(joined)
        self._segments((x[kept], y[kept]), (ends_x[kept], ends_y[kept]), owner[kept], strokes)

    def bars(self, columns: _Whole, tops: _Whole, bottoms: _Whole, colours: Colours, glyph: str = ":") -> None:
        """Vertical bars in dots, both ends included, cut to the canvas; every second dot, like a chessboard."""
        shown = (columns >= 0) & (columns < self.width) & (bottoms >= 0) & (tops < self.height) & (tops <= bottoms)
        columns, tops, colours = columns[shown], np.maximum(tops[shown], 0), colours[shown]
        index, step = _expand(np.minimum(bottoms[shown], self.height - 1) - tops + 1)
        x, y = columns[index], tops[index] + step
        if self.mode != "ascii":
            checked = (x + y) % 2 == 0
            x, y, index = x[checked], y[checked], index[checked]
        self._put(x, y, colours[index], np.full(x.shape, ord(glyph), dtype=np.uint32))

    def stamp(self, grid: CellGrid) -> None:
        """Write every cell with a dot onto ``grid``, the chart's whole grid."""
        bits = np.packbits(self._set, axis=1, bitorder="little")[:, 0]
        inked = np.flatnonzero(bits)
        if self.mode == "ascii":
            glyphs = self._glyphs[inked]
        else:
            glyphs = (_BRAILLE if self.mode == "braille" else _BLOCKS)[bits[inked]]
        canvas = self.canvas
        rows, columns = np.divmod(inked, canvas.width)
        grid.glyphs[rows + canvas.row, columns + canvas.column] = glyphs
        grid.colours[rows + canvas.row, columns + canvas.column] = self._colours[inked]

    def cells(self) -> Mask:
        """Which cells of the canvas hold a dot, ``(height, width)``."""
        bits = np.packbits(self._set, axis=1)
        covered: Mask = bits.reshape(self.canvas.height, self.canvas.width) != 0
        return covered

    def _segments(
        self, starts: tuple[Reals, Reals], ends: tuple[Reals, Reals], owner: _Whole, strokes: Sequence[Stroke]
    ) -> None:
        spans = [np.abs(np.floor(b) - np.floor(a)) for a, b in zip(starts, ends, strict=True)]
        counts = np.maximum(*spans).astype(np.int64)
        most = 2 * self.width * self.height
        if counts.sum() > most:
            counts[_upcoming(counts, owner) > most // len(strokes)] = 0
        index, step = _expand(counts + 1)
        share = step / np.maximum(counts, 1)[index]
        x, y = (np.floor(a[index] + (b - a)[index] * share).astype(np.int64) for a, b in zip(starts, ends, strict=True))
        rhythms = self._rhythms(strokes)
        if rhythms is not None:
            # By their place on the canvas: counted from a line's start, they would crawl whenever that moves.
            dotted = np.array([stroke.dotted for stroke in strokes])[owner]
            along = np.where(_is_level(starts, ends, owner, dotted)[index], x, y)
            kind = owner[index]
            # The end of a line, or a point without one, is always there.
            shown = rhythms.drawn[kind, along % rhythms.lengths[kind]] | ((counts == 0) & ~dotted)[index]
            x, y, index = x[shown], y[shown], index[shown]
        owner = owner[index]
        colours = np.array([stroke.colour for stroke in strokes], dtype=np.uint8)
        glyphs = np.array([ord(stroke.glyph) for stroke in strokes], dtype=np.uint32)
        self._put(x, y, colours[owner], glyphs[owner])

    def _rhythms(self, strokes: Sequence[Stroke]) -> _Rhythms | None:
        """The rhythm of every stroke; None if all are solid."""
        patterns = [self._pattern(stroke) for stroke in strokes]
        if all(pattern == PATTERNS[0] for pattern in patterns):
            return None
        lengths = np.array([sum(pattern) for pattern in patterns])
        drawn = np.zeros((len(strokes), int(lengths.max())), dtype=np.bool_)
        for row, pattern in zip(drawn, patterns, strict=True):
            row[: sum(pattern)] = np.repeat(np.arange(len(pattern)) % 2 == 0, pattern)
        return _Rhythms(drawn, lengths)

    def _pattern(self, stroke: Stroke) -> tuple[int, ...]:
        if stroke.dotted:
            return 1, _DOTTED_EVERY[self.mode] - 1
        return PATTERNS[0 if self.mode == "ascii" else stroke.pattern]

    def _put(self, x: _Whole, y: _Whole, colours: Colours, glyphs: Glyphs) -> None:
        """Set dots. NumPy assigns in order, so the last of several in one cell gives its colour."""
        np.clip(x, 0, self.width - 1, out=x)
        np.clip(y, 0, self.height - 1, out=y)
        # Dots a cell are powers of two: masks and shifts, since integer division is most of the cost of a long path.
        bit = self._bit[y & (self.down - 1), x & (self.across - 1)]
        cell = (y >> (self.down.bit_length() - 1)) * self.canvas.width + (x >> (self.across.bit_length() - 1))
        self._set[cell, bit] = True
        self._colours[cell] = colours
        self._glyphs[cell] = glyphs


@dataclass(frozen=True, slots=True, eq=False)
class _Rhythms:
    """For each stroke: which of the dots of its rhythm are drawn, ``(strokes, longest)``, and how many it has."""

    drawn: Mask
    lengths: _Whole


def _is_level(starts: tuple[Reals, Reals], ends: tuple[Reals, Reals], owner: _Whole, alone: Mask) -> Mask:
    """For each segment, whether its line runs rather across than up or down there, so that dots are counted by column.

    The short steps of a dense line go now across, now down: unless they are to stand ``alone``, they take the direction
    of the stretch around them.
    """
    number = np.arange(owner.size)
    first = np.maximum(number - _AROUND, np.searchsorted(owner, owner, side="left"))
    last = np.minimum(number + _AROUND, np.searchsorted(owner, owner, side="right") - 1)
    spans = [np.abs(np.floor(b) - np.floor(a)) for a, b in zip(starts, ends, strict=True)]
    around = [np.abs(b[last] - a[first]) for a, b in zip(starts, ends, strict=True)]
    own = alone | (np.maximum(*spans) >= _LONG)
    level: Mask = np.where(own, spans[0] >= spans[1], around[0] >= around[1])
    return level


def _upcoming(counts: _Whole, owner: _Whole) -> _Whole:
    """For each segment, the samples of its stroke from there to the stroke's end."""
    total = np.cumsum(counts)
    last = np.searchsorted(owner, owner, side="right") - 1
    result: _Whole = total[last] - total + counts
    return result


def _expand(counts: _Whole) -> tuple[_Whole, _Whole]:
    """For each of ``counts`` items: its index, ``count`` times, and the numbers 0 to count - 1 beside it."""
    index = np.repeat(np.arange(counts.size), counts)
    step = np.arange(index.size) - np.repeat(np.cumsum(counts) - counts, counts)
    return index, step
