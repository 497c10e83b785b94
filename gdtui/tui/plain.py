"""The screen in plain ASCII, for terminals and fonts that have nothing else: no other character leaves the app.

Sentences and formulas are spelt out (``gdtui.spelling``); whatever else is on the screen, borders and marks included,
is replaced cell by cell on its way out (:class:`PlainFilter`).
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Mapping

from rich.cells import get_character_cell_size
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_CELLS = {
    "●": "*", "○": "o", "✓": "v", "✗": "x", "■": "#", "▸": ">", "★": "*", "×": "x", "…": "~", "–": "-", "−": "-",
    "—": "-", "·": ".", "≈": "~", "‖": "|", "←": "<", "→": ">", "↑": "^", "↓": "v", "≥": ">", "≤": "<",
    "θ": "0", "η": "n", "κ": "k", "μ": "u", "λ": "l", "β": "b", "α": "a", "ε": "e", "ρ": "p", "σ": "s",
}  # fmt: skip


def wants_ascii(asked: bool | None = None, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether to draw in plain ASCII: as ``asked``, or where the terminal is known to have nothing else.

    That is in a locale without UTF-8, whatever Python's own encoding, which it may have coerced from the C locale; and
    on the Linux console, whose fonts have no braille.
    """
    if asked is not None:
        return asked
    locale = environment.get("LC_ALL") or environment.get("LC_CTYPE") or environment.get("LANG") or "C.UTF-8"
    return "utf" not in locale.lower() or environment.get("TERM", "").lower() == "linux"


class _Cells(dict[int, str]):
    """One ASCII character per column for every code point, found when it is first seen."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        self[code] = character if character.isascii() else _cells(character)
        return self[code]


def _cells(character: str) -> str:
    name, width = unicodedata.name(character, ""), get_character_cell_size(character)
    if character in _CELLS:
        return _CELLS[character]
    if name.startswith("BOX DRAWINGS"):
        sides = {"HORIZONTAL": "-", "VERTICAL": "|"}
        return next((glyph for side, glyph in sides.items() if name.endswith(side) and " AND " not in name), "+")
    if "BLOCK" in name:
        return "|" if name.startswith(("LEFT", "RIGHT")) else "-" if name.startswith(("LOWER", "UPPER")) else "#"
    plain = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
    return plain if len(plain) == width else "?" * width


_TABLE = _Cells()


class PlainFilter(LineFilter):
    """Replaces every character that is not ASCII by as many that are as it has columns."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 - Textual's
        return [
            segment if segment.text.isascii() else segment._replace(text=segment.text.translate(_TABLE))
            for segment in segments
        ]
