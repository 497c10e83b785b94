"""What goes wrong with input, said in one line, and text from outside made safe to show.

Every message a user sees for bad input is an :class:`InputError`: where, which key, why, and what would be right.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable

# Everything that can move the cursor, hide text or reorder it on a terminal: controls, formats, surrogates, private
# use, unassigned, and the line and paragraph separators.
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_MARKS = frozenset({"Mn", "Me", "Mc"})
SHOWN_LENGTH = 80


class InputError(ValueError):
    """Bad input. The message is one line and names the file (or flag), the key, the reason and the remedy."""

    def __init__(self, reason: str, *, where: str = "", key: str = "", remedy: str = "") -> None:
        parts = [clean(where, 200)] if where else []
        if key:
            parts.append(clean(key))
        parts.append(clean(reason, 600) + (f"; {clean(remedy, 600)}" if remedy else ""))
        super().__init__(": ".join(parts))
        self.reason, self.where, self.key, self.remedy = reason, where, key, remedy

    def at(self, where: str = "", key: str = "") -> InputError:
        """The same error with the place filled in by a caller that knows it."""
        return InputError(self.reason, where=self.where or where, key=self.key or key, remedy=self.remedy)


def clean(text: str, limit: int = SHOWN_LENGTH) -> str:
    """``text`` without anything a terminal would obey, at most ``limit`` characters.

    Control, format and unassigned characters become U+FFFD, at most two combining marks stay on one character.
    """
    out: list[str] = []
    marks = 0
    for character in text[: 4 * limit]:
        category = unicodedata.category(character)
        marks = marks + 1 if category in _MARKS else 0
        if marks > 2:
            continue
        out.append("\N{REPLACEMENT CHARACTER}" if category in _UNPRINTABLE else character)
    shown = "".join(out)
    return shown if len(shown) <= limit and len(text) <= 4 * limit else shown[: limit - 1] + "…"


def nearest(name: str, known: Iterable[str]) -> str:
    """A remedy for an unknown name: the nearest known one if there is one, and all that are allowed."""
    names = sorted(known)
    guess = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    allowed = f"allowed: {', '.join(names)}" if names else "none are allowed here"
    return f"did you mean {guess[0]!r}? {allowed}" if guess else allowed
