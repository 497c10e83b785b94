"""A grid of cells as a picture of its own: SVG with nothing from the network, not even a font.

Braille, blocks and borders are drawn, since fonts lack them or leave gaps between them; all else is text, stretched to
its columns whatever font shows it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from gdtui.charts.cells import CellGrid, displayable
from gdtui.charts.shades import Colouring, rgb_of
from gdtui.frames.html import hexadecimal
from gdtui.frames.strokes import block_path, line_path

WIDTH, HEIGHT = 9, 18  # of a cell
_MARGIN = 9
_BASELINE, _FONT_SIZE = 13.5, 15  # most monospaced fonts are 0.6 of their size wide
_DOT = 2.25  # half of what is between two dots of a cell; there are 2 by 4
_WORDS = re.compile(r"─+|[\x21-\x7e]+(?: [\x21-\x7e]+)*|[^\x20-\x7e]")
_BRAILLE = range(0x2801, 0x2900)
_BITS = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))  # column and row of each dot
_PICTURE = """\
<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" \
viewBox="{left} {top} {width} {height}" role="img">
<title>{title}</title>
<style>
svg {{ font: {size}px "DejaVu Sans Mono", Menlo, Consolas, "Liberation Mono", monospace; white-space: pre; }}
.b {{ font-weight: bold; }}
.d {{ stroke-width: 1.15; stroke-linecap: round; }}
{rules}
.l {{ stroke-width: 1.2; fill: none; }}
</style>
<rect x="{left}" y="{top}" width="{width}" height="{height}" fill="{paper}"/>
{parts}
</svg>
"""


@dataclass(slots=True)
class _Layer:
    """What is drawn in one colour."""

    dots: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    blocks: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)


def as_svg(grid: CellGrid, colouring: Colouring, title: str = "") -> str:
    """The picture. ``title`` is what is read out in its place."""
    grid = displayable(grid)
    layers: defaultdict[int, _Layer] = defaultdict(_Layer)
    for row in range(grid.shape[0]):
        column = 0
        for text, colour in grid.runs(row):
            for found in _WORDS.finditer(text):
                _draw(layers[colour], found[0], column + found.start(), row)
            column += len(text)
    ink, paper = (hexadecimal(rgb) for rgb in colouring.ink_and_paper)
    rules, parts = [], []
    for colour, layer in sorted(layers.items()):
        shade = colouring.shades[colour]
        shown = ink if shade.colour is None else hexadecimal(rgb_of(shade.colour))
        rules.append(f".c{colour} {{ fill: {shown}; stroke: {shown};{' opacity: 0.6;' if shade.dim else ''} }}")
        parts += _parts(layer, colour, bold=shade.bold)
    height, width = grid.shape
    return _PICTURE.format(
        left=-_MARGIN, top=-_MARGIN, width=width * WIDTH + 2 * _MARGIN, height=height * HEIGHT + 2 * _MARGIN,
        title=escape(title), size=_FONT_SIZE, rules="\n".join(rules), paper=paper, parts="\n".join(parts),
    )  # fmt: skip


def _draw(layer: _Layer, text: str, column: int, row: int) -> None:
    x, y, code = column * WIDTH, row * HEIGHT, ord(text[0])
    if code in _BRAILLE:
        layer.dots += [
            f"M{4 * column + 2 * across + 1} {8 * row + 2 * down + 1}h.01"
            for bit, (across, down) in enumerate(_BITS)
            if (code - 0x2800) >> bit & 1
        ]
    elif path := line_path(text, x, y, WIDTH, HEIGHT):
        layer.lines.append(path)
    elif path := block_path(text[0], x, y, WIDTH, HEIGHT):
        layer.blocks.append(path)
    elif code != 0x2800:
        layer.texts.append(
            f'<text x="{x}" y="{y + _BASELINE:g}" textLength="{len(text) * WIDTH}" '
            f'lengthAdjust="spacingAndGlyphs">{escape(text)}</text>'
        )


def _parts(layer: _Layer, colour: int, *, bold: bool) -> list[str]:
    parts = [
        f'<path class="c{colour} {kind}{attributes} d="{"".join(paths)}"/>'
        for kind, attributes, paths in (
            ("d", f'" transform="scale({_DOT})"', layer.dots),
            ("l", '"', layer.lines),
        )
        if paths
    ]
    if layer.blocks:
        parts.append(f'<path class="c{colour}" stroke-width="0" d="{"".join(layer.blocks)}"/>')
    if layer.texts:
        parts.append(f'<g class="c{colour}{" b" * bold}" stroke-width="0">{"".join(layer.texts)}</g>')
    return parts
