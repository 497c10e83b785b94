"""One character of ASCII for every column of any other: borders, marks and letters keep their meaning or their look."""

from __future__ import annotations

import unicodedata

_CELLS = {
    "●": "*", "○": "o", "✓": "v", "✗": "x", "■": "#", "▸": ">", "★": "*", "×": "x", "…": "~", "–": "-", "−": "-",
    "—": "-", "·": ".", "≈": "~", "‖": "|", "←": "<", "→": ">", "↑": "^", "↓": "v", "≥": ">", "≤": "<",
    "θ": "0", "η": "n", "κ": "k", "μ": "u", "λ": "l", "β": "b", "α": "a", "ε": "e", "ρ": "p", "σ": "s",
}  # fmt: skip


def plain_cells(character: str, width: int = 1) -> str:
    """``width`` characters of ASCII for a ``character`` that takes so many columns."""
    if character.isascii():
        return character
    name = unicodedata.name(character, "")
    if character in _CELLS:
        return _CELLS[character]
    if name.startswith("BOX DRAWINGS"):
        sides = {"HORIZONTAL": "-", "VERTICAL": "|"}
        return next((glyph for side, glyph in sides.items() if name.endswith(side) and " AND " not in name), "+")
    if "BLOCK" in name:
        return "|" if name.startswith(("LEFT", "RIGHT")) else "-" if name.startswith(("LOWER", "UPPER")) else "#"
    plain = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
    return plain if len(plain) == width else "?" * width
