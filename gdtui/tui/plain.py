"""The screen in plain ASCII, for terminals and fonts that have nothing else: no other character leaves the app.

Sentences and formulas are spelt out (``gdtui.spelling``); whatever else is on the screen, borders and marks included,
is replaced cell by cell on its way out (:class:`PlainFilter`).
"""

from __future__ import annotations

from rich.cells import get_character_cell_size
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from gdtui.charts.plain import plain_cells


class _Cells(dict[int, str]):
    """One ASCII character per column for every code point, found when it is first seen."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        self[code] = plain_cells(character, get_character_cell_size(character))
        return self[code]


_TABLE = _Cells()


class PlainFilter(LineFilter):
    """Replaces every character that is not ASCII by as many that are as it has columns."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 - Textual's
        return [
            segment if segment.text.isascii() else segment._replace(text=segment.text.translate(_TABLE))
            for segment in segments
        ]
