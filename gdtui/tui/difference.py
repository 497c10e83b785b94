"""Sending the terminal no more than what it does not show already.

Textual repaints generously: a changed region of a row from the left edge of its widget, the whole screen for a dialog
that opens or closes. On a slow line that is many times the bytes of the change, so every update is compared with what
was sent before.
"""

from __future__ import annotations

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.control import Control
from rich.segment import Segment
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.strip import Strip

from gdtui.tui.pen import Pen


class Shown:
    """What the terminal shows, row by row, as far as it is known."""

    def __init__(self) -> None:
        self._rows: dict[int, Strip] = {}
        self.is_owed_more = False
        """Whether an update was cut short: a repaint of the whole screen brings the rest."""

    def forget(self) -> None:
        """The terminal may show anything: it was resized, or lent to another program."""
        self._rows.clear()

    def put(self, row: int, column: int, strip: Strip) -> tuple[int, Strip] | None:
        """Note that ``strip`` belongs there; what of it is yet to be sent, and to which column, if anything."""
        strip = strip.discard_meta().simplify()  # what only the mouse sees, and how it is cut, makes no difference
        known, end = self._rows.get(row), column + strip.cell_length
        if known is None or known.cell_length < end:
            if column == 0:
                self._rows[row] = strip
            return column, strip
        old = known.crop(column, end).simplify()
        if old == strip:
            return None
        self._rows[row] = Strip.join([known.crop(0, column), strip, known.crop(end)]).simplify()
        return _trimmed(old, strip, column)


def _trimmed(old: Strip, new: Strip, column: int) -> tuple[int, Strip]:
    """``new`` without what it shares with ``old`` at both ends."""
    before, after = list(old), list(new)
    shortest = min(len(before), len(after))
    first = next((k for k in range(shortest) if before[k] != after[k]), shortest)
    last = next((k for k in range(shortest - first) if before[-1 - k] != after[-1 - k]), shortest - first)
    start = sum(segment.cell_length for segment in after[:first])
    end = new.cell_length - sum(segment.cell_length for segment in after[len(after) - last :])
    if first < len(before) - last:
        start += _shared(before[first], after[first])
        end = max(start + 1, end - _shared(before[-1 - last], after[-1 - last], from_the_end=True))
    return column + start, new.crop(start, end)


def _shared(old: Segment, new: Segment, *, from_the_end: bool = False) -> int:
    """How many cells at its beginning, or end, a segment shares with one of the same style."""
    if old.style != new.style or not all(len(segment.text) == segment.cell_length for segment in (old, new)):
        return 0
    one, other = (segment.text[::-1] if from_the_end else segment.text for segment in (old, new))
    shortest = min(len(one), len(other))
    return next((k for k in range(shortest) if one[k] != other[k]), shortest)


class Difference(CompositorUpdate):
    """An update of the screen, less what the terminal shows already, and of about ``most`` bytes at the most.

    ``size`` is the terminal's, in columns and rows. An update may still be laid out for a larger one: what does not fit
    would be wrapped into the row below, and in the last row scroll the screen.
    """

    def __init__(
        self,
        update: ChopsUpdate | LayoutUpdate,
        shown: Shown,
        most: int | None = None,
        *,
        size: tuple[int, int] | None = None,
    ) -> None:
        self._update, self._shown, self._most, self._size = update, shown, most, size

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield from self._update.__rich_console__(console, options)

    def render_segments(self, console: Console) -> str:
        """The characters to send."""
        parts: list[str] = []
        pen, size = Pen(console._color_system), 0
        if isinstance(self._update, LayoutUpdate):
            self._shown.is_owed_more = False
        for row, column, strip in self._pieces():
            if self._most is not None and size >= self._most:
                self._shown.is_owed_more = True
                break
            due = self._shown.put(row, column, strip)
            if due is not None:
                parts += [Control.move_to(due[0], row).segment.text, pen.write(due[1])]
                size += len(parts[-1].encode())
        return "".join([*parts, pen.lift()])

    def _pieces(self) -> list[tuple[int, int, Strip]]:
        """Every row's part of the update: row, column and what belongs there. The last row, the status, comes first."""
        pieces = self._laid_out()
        if self._size is not None:
            columns, rows = self._size
            pieces = [
                (row, column, strip if column + strip.cell_length <= columns else strip.crop(0, columns - column))
                for row, column, strip in pieces
                if row < rows and column < columns
            ]
        return pieces

    def _laid_out(self) -> list[tuple[int, int, Strip]]:
        update = self._update
        if isinstance(update, LayoutUpdate):
            rows = enumerate(update.strips, update.region.y)
            pieces = [(row, update.region.x, Strip.join(strips)) for row, strips in rows]
            return pieces[-1:] + pieces[:-1]
        pieces = []
        for row, first, last in update.spans:
            for end, (start, strip) in zip(update.chop_ends[row], update.chops[row].items(), strict=False):
                left, right = max(first, start), min(last, end)
                if strip is not None and left < right:
                    whole = (left, right) == (start, end)
                    pieces.append((row, left, strip if whole else strip.crop(left - start, right - start)))
        return pieces


def difference(
    renderable: RenderableType | None, shown: Shown, most: int | None = None, *, size: tuple[int, int] | None = None
) -> RenderableType | None:
    """``renderable``, as Textual is about to show it, reduced to what is new, and to about ``most`` bytes."""
    if isinstance(renderable, ChopsUpdate | LayoutUpdate):
        return Difference(renderable, shown, most, size=size)
    return renderable
