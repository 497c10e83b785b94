"""Grids of cells that nobody drew, for what is made of them; and terminals that are sent them."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pyte
from hypothesis import strategies as st

from gdtui.charts.cells import CellGrid
from gdtui.charts.palette import Ink, head_colour, racer_colour
from gdtui.charts.shades import Colouring

GOLDEN = Path(__file__).parent / "golden"
COLOURINGS = [
    Colouring(theme, depth)  # type: ignore[arg-type]
    for theme in ("dark", "light", "terminal")
    for depth in ("truecolor", "256", "standard", None)
]
SHOWN = " ab&<\"'\\⣿⠁▌▚█╭─┼│★κ…×‖"
# What would move a cursor, turn text around, take no column or two, or is no character at all.
HOSTILE = [
    0, 7, 8, 9, 10, 13, 27, 127, 0x9B, 0x200B, 0x202E, 0x2028, 0x301, 0x6F22, 0xD800, 0xFFFF, 0x110000, 2**32 - 1,
]  # fmt: skip


@st.composite
def grids(draw: st.DrawFn, *, hostile: bool = False, count: int = 1) -> list[CellGrid]:
    """``count`` grids of one size."""
    codes = [*map(ord, SHOWN), *(HOSTILE if hostile else [])]
    width, height = draw(st.integers(1, 14)), draw(st.integers(1, 4))
    cell = st.tuples(st.sampled_from(codes), st.integers(0, Ink.FADED + 7))
    cells = st.lists(cell, min_size=width * height, max_size=width * height)
    found = []
    for _ in range(count):
        glyphs, colours = zip(*draw(cells), strict=True)
        shape = height, width
        found.append(
            CellGrid(np.array(glyphs, dtype=np.uint32).reshape(shape), np.array(colours, dtype=np.uint8).reshape(shape))
        )
    return found


def small() -> CellGrid:
    """A grid with some of everything."""
    grid = CellGrid.blank(24, 5)
    grid.write(0, 0, '╭─ <b>&amp;"κ" ─────────╮', Ink.FRAME)
    grid.write(0, 3, '<b>&amp;"κ"', Ink.TEXT)
    grid.write(1, 0, "│ ⢠⠃▚█▌ ★ 1e-3", Ink.BAND)
    grid.write(1, 23, "│", Ink.FRAME)
    grid.write(2, 2, "A adam", racer_colour(0))
    grid.write(2, 2, "A", head_colour(0))
    grid.write(3, 2, "evil\x1b[2J\u202e漢", Ink.WARNING)
    grid.write(4, 0, "╰──────────────────────╯", Ink.FRAME)
    return grid


def check_golden(name: str, text: str) -> None:
    """Compare with the file ``name``; GDTUI_UPDATE_GOLDEN=1 writes it instead, to be looked at before it is kept."""
    path = GOLDEN / name
    if os.environ.get("GDTUI_UPDATE_GOLDEN") == "1":
        path.write_bytes(text.encode())
    assert path.read_bytes().decode() == text


class Shown:
    """A terminal that is sent text."""

    def __init__(self, width: int, height: int) -> None:
        self.screen = pyte.Screen(width, height)
        self._stream = pyte.Stream(self.screen)

    def feed(self, text: str) -> None:
        self._stream.feed(text)

    def check(self, grid: CellGrid, colouring: Colouring) -> None:
        """Whether it shows the glyphs of ``grid``, all on the ground, and those that are no blanks in their colours."""
        ground = _named(colouring.ground)
        assert list(self.screen.display) == grid.lines()
        for row in range(grid.shape[0]):
            for column in range(grid.shape[1]):
                cell, shade = self.screen.buffer[row][column], colouring.shades[grid.colours[row, column]]
                assert cell.bg == ground
                if cell.data != " ":
                    assert (cell.fg, cell.bold) == (_named(shade.colour), shade.bold)


def _named(colour: object) -> str:
    """A colour as pyte names it."""
    if colour is None:
        return "default"
    if isinstance(colour, tuple):
        return "{:02x}{:02x}{:02x}".format(*colour)
    assert isinstance(colour, int)
    if colour >= 16:
        return str(pyte.graphics.FG_BG_256[colour])
    names = ("black", "red", "green", "brown", "blue", "magenta", "cyan", "white")
    return names[colour] if colour < 8 else f"bright{names[colour - 8]}"
