"""How charts are drawn, whatever they show."""

from __future__ import annotations

from dataclasses import dataclass

from gdtui.charts.raster import RasterMode
from gdtui.charts.sheet import Renderer


@dataclass(frozen=True, slots=True)
class Style:
    """How charts are drawn: the raster's glyphs, and whether plotext draws what moves, too."""

    raster: RasterMode = "braille"
    renderer: Renderer = "raster"
