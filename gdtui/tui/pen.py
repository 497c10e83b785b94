"""Styled text as the fewest characters that a terminal understands.

rich sets and resets every style anew, both colours in full, which on a screen of charts is most of what is sent. A pen
knows how it was set last and writes only what changes; a blank shows no foreground, so for one it changes none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from rich.color import Color, ColorSystem
from rich.segment import Segment
from rich.style import Style

RESET = "\x1b[0m"
# What a style may have on, with its code; those that a blank shows, too, come last.
_ATTRIBUTES = {
    "bold": "1", "dim": "2", "italic": "3", "blink": "5", "blink2": "6", "conceal": "8",
    "underline": "4", "reverse": "7", "strike": "9", "underline2": "21", "frame": "51", "encircle": "52",
    "overline": "53",
}  # fmt: skip
_ON_BLANKS = frozenset({"4", "7", "9", "21", "51", "52", "53"})
_DEFAULT_FOREGROUND, _DEFAULT_BACKGROUND = ("39",), ("49",)


@dataclass(frozen=True, slots=True)
class Setting:
    """How a pen is set: the codes of what is on, of the foreground and of the background."""

    on: frozenset[str] = frozenset()
    foreground: tuple[str, ...] = _DEFAULT_FOREGROUND
    background: tuple[str, ...] = _DEFAULT_BACKGROUND


_PLAIN = Setting()


class Pen:
    """Writes segments one after the other. Begins, and has to end (:meth:`lift`), with the terminal's own setting."""

    def __init__(self, system: ColorSystem | None) -> None:
        self._system, self._setting = system, _PLAIN

    def write(self, segments: Iterable[Segment]) -> str:
        """The characters that show ``segments`` at the cursor."""
        parts: list[str] = []
        for text, style, _ in segments:
            if not text:
                continue
            wanted = _setting(style or Style.null(), self._system)
            if text.isspace():
                wanted = _blank(self._setting, wanted)
            if wanted is not self._setting:
                parts.append(_change(self._setting, wanted))
                self._setting = wanted
            parts.append(text if style is None or style.link is None else _linked(text, style))
        return "".join(parts)

    def lift(self) -> str:
        """The characters that give the terminal its own setting back."""
        changed, self._setting = self._setting != _PLAIN, _PLAIN
        return RESET if changed else ""


@lru_cache(4096)
def _setting(style: Style, system: ColorSystem | None) -> Setting:
    if system is None:
        return _PLAIN
    on = frozenset(code for name, code in _ATTRIBUTES.items() if getattr(style, name))
    return Setting(on, _codes(style.color, system, True), _codes(style.bgcolor, system, False))


def _codes(colour: Color | None, system: ColorSystem, foreground: bool) -> tuple[str, ...]:
    if colour is None:
        return _DEFAULT_FOREGROUND if foreground else _DEFAULT_BACKGROUND
    return colour.downgrade(system).get_ansi_codes(foreground)


@lru_cache(4096)
def _blank(before: Setting, wanted: Setting) -> Setting:
    """What a blank needs of ``wanted``: only what shows on it."""
    if (before.on | wanted.on) & _ON_BLANKS:
        return wanted
    return (
        before if before.background == wanted.background else Setting(before.on, before.foreground, wanted.background)
    )


@lru_cache(4096)
def _change(before: Setting, after: Setting) -> str:
    if before.on - after.on:  # there is no way to switch one off that every terminal knows
        codes, before = ["0"], _PLAIN
    else:
        codes = []
    codes += sorted(after.on - before.on, key=int)
    codes += after.foreground if after.foreground != before.foreground else ()
    codes += after.background if after.background != before.background else ()
    return f"\x1b[{';'.join(codes)}m" if codes else ""


def _linked(text: str, style: Style) -> str:
    return f"\x1b]8;;{style.link}\x1b\\{text}\x1b]8;;\x1b\\"
