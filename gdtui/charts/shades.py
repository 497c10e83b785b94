"""The palettes in as many colours as there are: what each colour index is in truecolor, 256, 16 or none at all.

A colour is red, green and blue, or its number among the terminal's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from gdtui.charts.palette import PALETTES, Ink, ThemeName

Depth = Literal["truecolor", "256", "standard"]
"""How many colours there are; 16 are "standard"."""
RGB = tuple[int, int, int]

_QUIET = frozenset({Ink.FRAME, Ink.DIM, *range(Ink.BAND, Ink.RACER)})
# What the themes are seen on: a colour, and its number in 16. The terminal's own theme leaves the ground as it is.
_GROUNDS: Mapping[ThemeName, tuple[RGB, int]] = {"dark": ((18, 18, 18), 0), "light": ((250, 250, 250), 15)}
# xterm's 16 colours, which are every terminal's own affair: for pictures that have no terminal.
_SIXTEEN: tuple[RGB, ...] = (
    (0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0), (0, 0, 238), (205, 0, 205), (0, 205, 205), (229, 229, 229),
    (127, 127, 127), (255, 0, 0), (0, 255, 0), (255, 255, 0), (92, 92, 255), (255, 0, 255), (0, 255, 255),
    (255, 255, 255),
)  # fmt: skip
_CUBE = (0, 95, 135, 175, 215, 255)
_TABLE: tuple[RGB, ...] = (
    *_SIXTEEN,
    *((red, green, blue) for red in _CUBE for green in _CUBE for blue in _CUBE),
    *((grey, grey, grey) for grey in range(8, 248, 10)),
)


@dataclass(frozen=True, slots=True)
class Shade:
    """How a colour index is shown. ``colour`` is None for the foreground that is there anyway."""

    colour: RGB | int | None
    bold: bool = False
    dim: bool = False


@lru_cache(maxsize=16)
def shades(depth: Depth | None, theme: ThemeName) -> tuple[Shade, ...]:
    """A theme's palette. With 16 colours each entry names its own, since rounding would merge some.

    Without colours, a ``depth`` of None, what stands still is dim and what matters bold.
    """
    found = []
    for index, colour in enumerate(PALETTES[theme]):
        if depth is None:
            found.append(Shade(None, colour.bold, colour.dim or index in _QUIET))
        elif depth == "standard":
            found.append(Shade(colour.ansi if colour.ansi >= 0 else None, colour.bold, colour.dim))
        else:
            found.append(Shade(colour.rgb if depth == "truecolor" else nearest_of_256(colour.rgb), colour.bold))
    return tuple(found)


def ground(depth: Depth | None, theme: ThemeName) -> RGB | int | None:
    """The background; None for the one that is there anyway."""
    if depth is None or theme not in _GROUNDS:
        return None
    rgb, number = _GROUNDS[theme]
    return rgb if depth == "truecolor" else nearest_of_256(rgb) if depth == "256" else number


def nearest_of_256(rgb: RGB) -> int:
    """The number of the colour nearest to ``rgb`` among those from 16 on, which are alike on all terminals."""
    return min(range(16, 256), key=lambda k: sum((a - b) ** 2 for a, b in zip(_TABLE[k], rgb, strict=True)))


def rgb_of(colour: RGB | int) -> RGB:
    """A colour where there is no terminal to have its own."""
    return _TABLE[colour] if isinstance(colour, int) else colour


@dataclass(frozen=True, slots=True)
class Colouring:
    """A theme in so many colours."""

    theme: ThemeName = "dark"
    depth: Depth | None = "truecolor"

    @property
    def shades(self) -> tuple[Shade, ...]:
        """What each colour index is."""
        return shades(self.depth, self.theme)

    @property
    def ground(self) -> RGB | int | None:
        """What the theme is seen on; None for the background that is there anyway."""
        return ground(self.depth, self.theme)

    @property
    def ink_and_paper(self) -> tuple[RGB, RGB]:
        """Foreground and background for where there is no terminal to have its own."""
        known: ThemeName = "light" if self.theme == "light" else "dark"
        foreground = PALETTES[known][Ink.BLANK].rgb
        return foreground, _GROUNDS[known][0] if self.ground is None else rgb_of(self.ground)
