"""The palettes of the charts: what each colour index means in every theme, in truecolor and in 16 colours.

Racers follow the eight colours of M. Okabe and K. Ito, "Color Universal Design", 2008,
https://jfly.uni-koeln.de/color/, lightened for a dark background and darkened for a light one: they differ for
colour-blind eyes, after rounding to the 256 colours of xterm, and in 16 colours. Iso-lines are a ramp in OKLCH of even
chroma, from blue (low) to olive (high), fainter than nearly every racer; in 16 colours they are one grey. Nothing is
told by colour alone: each racer also has a letter, and where colours cannot tell lines apart, a pattern.

The theme "terminal" has the terminal's own colours on its own background, light or dark: white, black and the greys
would vanish on one of the two, so what is not a colour there is the terminal's own foreground, bold or dim.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

RACERS = 8
BANDS = 12
RACER_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# Of one racer that is pinned the lines are strong, and those of all others faint.
Weight = Literal["plain", "strong", "faint"]

ThemeName = Literal["dark", "light", "terminal"]
# Which racers' lines have a pattern: all, or only those whose colour another racer has already, or none.
Patterned = Literal["all", "repeated", "none"]


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
    CAUTION = 8
    GOOD = 9
    BAND = 10
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


@dataclass(frozen=True, slots=True)
class _Table:
    """What a theme's palette is made of: colours with their number in 16, and how heads and faded paths differ."""

    general: tuple[Colour, ...]
    bands: tuple[tuple[int, int, int], ...]
    band: tuple[int, bool]
    """The one colour of all bands in 16, and whether it is dim."""
    racers: tuple[tuple[str, tuple[int, int, int], int], ...]
    strong: int
    """What heads are mixed with, 0 or 255; faded paths are mixed with the opposite, the background."""


_DARK = _Table(
    general=(
        Colour("blank", (208, 208, 208), -1),
        Colour("frame", (108, 108, 108), 8),
        Colour("text", (178, 178, 178), 7),
        Colour("dim text", (128, 128, 128), 8),
        Colour("heading", (228, 228, 228), 15, bold=True),
        Colour("optimum", (255, 255, 255), 15, bold=True),
        Colour("start", (188, 188, 188), 7, bold=True),
        Colour("warning", (255, 95, 135), 9, bold=True),
        Colour("caution", (255, 190, 90), 11),
        Colour("good", (110, 210, 140), 10),
    ),
    bands=(
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
    ),
    band=(8, False),
    racers=(
        ("orange", (255, 155, 20), 3),
        ("sky blue", (86, 180, 233), 14),
        ("green", (0, 190, 120), 10),
        ("purple", (214, 112, 190), 13),
        ("yellow", (240, 228, 66), 11),
        ("blue", (70, 125, 255), 12),
        ("vermilion", (224, 70, 50), 9),
        ("white", (222, 222, 222), 7),
    ),
    strong=255,
)
_LIGHT = _Table(
    general=(
        Colour("blank", (58, 58, 58), 0),
        Colour("frame", (140, 140, 140), 8),
        Colour("text", (70, 70, 70), 0),
        Colour("dim text", (108, 108, 108), 8),
        Colour("heading", (28, 28, 28), 0, bold=True),
        Colour("optimum", (0, 0, 0), 0, bold=True),
        Colour("start", (58, 58, 58), 0, bold=True),
        Colour("warning", (190, 0, 70), 1, bold=True),
        Colour("caution", (150, 88, 0), 3),
        Colour("good", (0, 112, 60), 2),
    ),
    bands=(
        (153, 152, 204),
        (138, 155, 204),
        (122, 158, 201),
        (108, 161, 194),
        (96, 163, 185),
        (89, 164, 172),
        (89, 163, 158),
        (95, 162, 143),
        (105, 159, 127),
        (117, 155, 113),
        (130, 150, 100),
        (143, 144, 90),
    ),
    band=(8, False),
    racers=(
        ("orange", (204, 108, 40), 3),
        ("sky blue", (0, 135, 194), 6),
        ("green", (0, 116, 72), 2),
        ("purple", (130, 10, 110), 5),
        ("olive", (110, 120, 0), 12),
        ("blue", (10, 45, 190), 4),
        ("vermilion", (216, 40, 10), 1),
        ("black", (28, 28, 28), 0),
    ),
    strong=0,
)
# In the colours that are neither light nor dark; bright blue, since most terminals' bright yellow vanishes on white.
_TERMINAL = _Table(
    general=(
        Colour("blank", (208, 208, 208), -1),
        Colour("frame", (108, 108, 108), -1, dim=True),
        Colour("text", (178, 178, 178), -1),
        Colour("dim text", (128, 128, 128), -1, dim=True),
        Colour("heading", (228, 228, 228), -1, bold=True),
        Colour("optimum", (255, 255, 255), -1, bold=True),
        Colour("start", (188, 188, 188), -1, bold=True),
        Colour("warning", (255, 95, 135), 1, bold=True),
        Colour("caution", (255, 190, 90), 3),
        Colour("good", (110, 210, 140), 2),
    ),
    bands=_DARK.bands,
    band=(-1, True),
    racers=tuple(
        (name, rgb, number) for (name, rgb, _), number in zip(_DARK.racers, (3, 6, 2, 5, 12, 4, 1, -1), strict=True)
    ),
    strong=255,
)


def _towards(rgb: tuple[int, int, int], other: int, share: float) -> tuple[int, int, int]:
    red, green, blue = (round((1.0 - share) * part + share * other) for part in rgb)
    return red, green, blue


def _colours(table: _Table) -> Iterator[Colour]:
    yield from table.general
    for k, rgb in enumerate(table.bands):
        yield Colour(f"band {k + 1}", rgb, table.band[0], dim=table.band[1])
    for name, rgb, ansi in table.racers:
        yield Colour(name, rgb, ansi)
    for name, rgb, ansi in table.racers:
        yield Colour(f"strong {name}", _towards(rgb, table.strong, 0.35), ansi, bold=True)
    for name, rgb, ansi in table.racers:
        yield Colour(f"faded {name}", _towards(rgb, 255 - table.strong, 0.5), ansi, dim=True)


PALETTES: Mapping[ThemeName, tuple[Colour, ...]] = {
    "dark": tuple(_colours(_DARK)),
    "light": tuple(_colours(_LIGHT)),
    "terminal": tuple(_colours(_TERMINAL)),
}


def racer_colour(index: int) -> int:
    """The colour index of a racer's path; after eight racers the colours repeat."""
    return Ink.RACER + index % RACERS


def head_colour(index: int) -> int:
    """The colour index of a racer's letter: its colour, further from the background and bold."""
    return Ink.HEAD + index % RACERS


def racer_letter(index: int) -> str:
    """A racer's letter, A to Z; after 26 racers they repeat."""
    return RACER_LETTERS[index % len(RACER_LETTERS)]


def line_pattern(index: int, patterned: Patterned) -> int:
    """The pattern of a racer's line, 0 (solid) to 7. Racers of one colour differ in it, and so do the first eight."""
    rounds = index // RACERS
    return {"all": index + rounds, "repeated": rounds, "none": 0}[patterned] % RACERS


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


def weighted(colour: int, weight: Weight, *, retired: bool = False) -> int:
    """A racer's colour for a line of this weight, faint where it has ``retired``; other colours as they are."""
    if weight == "strong":
        return bright(colour)
    return faded(colour) if retired or weight == "faint" else colour
