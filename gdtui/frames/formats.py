"""The files that a picture can be written as, by the ending of their names."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gdtui.charts.cells import CellGrid, displayable
from gdtui.charts.shades import Colouring
from gdtui.frames.ansi import as_ansi
from gdtui.frames.html import as_html
from gdtui.frames.svg import as_svg

Writer = Callable[[CellGrid, Colouring, str], str]
"""A grid, its colours and a title to a whole file, always the same one."""


def as_text(grid: CellGrid, colouring: Colouring, title: str = "") -> str:
    """The grid as lines without colours, and without the blanks at their ends."""
    return "".join(f"{line.rstrip()}\n" for line in displayable(grid).lines())


WRITERS: Mapping[str, Writer] = {"svg": as_svg, "html": as_html, "ansi": as_ansi, "txt": as_text}
