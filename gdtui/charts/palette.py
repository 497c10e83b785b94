"""The palette of the charts: what each colour index means, in truecolor and in 16 colours.

Racers follow the eight colours of M. Okabe and K. Ito, "Color Universal Design", 2008,
https://jfly.uni-koeln.de/color/, lightened for a dark background: they differ for colour-blind eyes, after rounding to
the 256 colours of xterm, and in 16 colours. Iso-lines are a ramp in OKLCH of even chroma, from blue (low) to olive
(high), dimmer than every racer; in 16 colours they are one grey. Nothing is told by colour alone: each racer also has
a letter.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

RACERS = 8
BANDS = 12
RACER_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Ink(IntEnum):
    """Colour indices. ``BAND``, ``RACER``, ``HEAD`` and ``FADED`` are the first of their kind."""

    BLANK = 0
    FRAME = 1
    TEXT = 2
    DIM = 3
    HEADING = 4
    OPTIMUM = 5
    START = 6
    WARNING = 7
    BAND = 8
    RACER = BAND + BANDS
    HEAD = RACER + RACERS
    FADED = HEAD + RACERS


@dataclass(frozen=True, slots=True)
class Colour:
    """A foreground: red, green, blue of 0..255; its number in the 16 ANSI colours, -1 for the terminal's own."""

    name: str
    rgb: tuple[int, int, int]
    ansi: int
    bold: bool = False
    dim: bool = False


_GENERAL = (
    Colour("blank", (208, 208, 208), -1),
    Colour("frame", (108, 108, 108), 8),
    Colour("text", (178, 178, 178), 7),
    Colour("dim text", (128, 128, 128), 8),
    Colour("heading", (228, 228, 228), 15, bold=True),
    Colour("optimum", (255, 255, 255), 15, bold=True),
    Colour("start", (188, 188, 188), 7, bold=True),
    Colour("warning", (255, 95, 135), 9, bold=True),
)
_BANDS = (
    (86, 85, 131),
    (77, 93, 138),
    (66, 102, 141),
    (56, 111, 141),
    (48, 119, 137),
    (48, 126, 131),
    (58, 132, 122),
    (74, 136, 113),
    (93, 139, 103),
    (113, 141, 94),
    (132, 142, 89),
    (151, 141, 87),
)
_RACERS = (
    ("orange", (255, 155, 20), 3),
    ("sky blue", (86, 180, 233), 14),
    ("green", (0, 190, 120), 10),
    ("purple", (214, 112, 190), 13),
    ("yellow", (240, 228, 66), 11),
    ("blue", (70, 125, 255), 12),
    ("vermilion", (224, 70, 50), 9),
    ("white", (222, 222, 222), 7),
)


def _towards(rgb: tuple[int, int, int], other: int, share: float) -> tuple[int, int, int]:
    red, green, blue = (round((1.0 - share) * part + share * other) for part in rgb)
    return red, green, blue


def _colours() -> Iterator[Colour]:
    yield from _GENERAL
    for k, rgb in enumerate(_BANDS):
        yield Colour(f"band {k + 1}", rgb, 8)
    for name, rgb, ansi in _RACERS:
        yield Colour(name, rgb, ansi)
    for name, rgb, ansi in _RACERS:
        yield Colour(f"bright {name}", _towards(rgb, 255, 0.35), ansi, bold=True)
    for name, rgb, ansi in _RACERS:
        yield Colour(f"faded {name}", _towards(rgb, 0, 0.5), ansi, dim=True)


PALETTE: tuple[Colour, ...] = tuple(_colours())


def racer_colour(index: int) -> int:
    """The colour index of a racer's path; after eight racers the colours repeat."""
    return Ink.RACER + index % RACERS


def head_colour(index: int) -> int:
    """The colour index of a racer's letter: its colour, brighter and bold."""
    return Ink.HEAD + index % RACERS


def racer_letter(index: int) -> str:
    """A racer's letter, A to Z; after 26 racers they repeat."""
    return RACER_LETTERS[index % len(RACER_LETTERS)]


def band_colour(k: int, bands: int) -> int:
    """The colour index of the k-th lowest of ``bands`` iso-lines, spread over the whole ramp."""
    if bands <= 1:
        return Ink.BAND + BANDS // 2
    return Ink.BAND + round(min(max(k, 0), bands - 1) * (BANDS - 1) / (bands - 1))


def bright(colour: int) -> int:
    """The head colour that belongs to a racer's colour; any other colour is returned as it is."""
    return colour - Ink.RACER + Ink.HEAD if Ink.RACER <= colour < Ink.HEAD else colour


def faded(colour: int) -> int:
    """The dimmed colour that belongs to a racer's colour; any other colour is returned as it is."""
    return colour - Ink.RACER + Ink.FADED if Ink.RACER <= colour < Ink.HEAD else colour
