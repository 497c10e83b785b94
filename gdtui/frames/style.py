"""How charts are drawn, whatever they show."""

from __future__ import annotations

from dataclasses import dataclass

from gdtui.charts.palette import Patterned
from gdtui.charts.raster import RasterMode
from gdtui.charts.sheet import Renderer


@dataclass(frozen=True, slots=True)
class Style:
    """How charts are drawn: the raster's glyphs, whether plotext draws what moves, too, and which lines have a pattern.

    plotext knows solid lines alone, and so does ASCII.
    """

    raster: RasterMode = "braille"
    renderer: Renderer = "raster"
    patterns: Patterned = "repeated"
