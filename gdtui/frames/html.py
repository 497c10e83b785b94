"""A grid of cells as a page of its own: text that can be selected and copied, and nothing from the network."""

from __future__ import annotations

from html import escape
from itertools import groupby

from gdtui.charts.cells import CellGrid, displayable
from gdtui.charts.shades import RGB, Colouring, rgb_of

# Rows touch, so that lines drawn in them do, too. What is not ASCII may come from another font, so each such character
# gets the width of a column for itself; and every run that of its columns, or roundings would add up.
_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
body {{ margin: 0; color: {ink}; background: {paper}; }}
pre {{
  display: inline-block; margin: 0; padding: 1em;
  font: 15px/17px "DejaVu Sans Mono", "Menlo", "Consolas", "Liberation Mono", monospace;
  font-variant-ligatures: none;
}}
span, i {{ display: inline-block; }}
i {{ width: 1ch; font-style: normal; }}
{rules}
</style>
</head>
<body>
<pre>
{rows}
</pre>
</body>
</html>
"""


def as_html(grid: CellGrid, colouring: Colouring, title: str = "") -> str:
    """The page. ``title`` is the browser's."""
    grid = displayable(grid)
    used, lengths = set[int](), set[int]()
    rows = []
    for row in range(grid.shape[0]):
        parts = []
        for text, colour in _trimmed(grid.runs(row)):
            used.add(colour)
            lengths.add(len(text))
            parts.append(f'<span class="c{colour} w{len(text)}">{_marked(text)}</span>')
        rows.append("".join(parts))
    ink, paper = colouring.ink_and_paper
    rules = [f".c{colour} {{ {_rule(colouring, colour)} }}" for colour in sorted(used)]
    rules += [f".w{length} {{ width: {length}ch; }}" for length in sorted(lengths)]
    return _PAGE.format(
        title=escape(title), ink=hexadecimal(ink), paper=hexadecimal(paper), rules="\n".join(rules),
        rows="\n".join(rows),
    )  # fmt: skip


def hexadecimal(rgb: RGB) -> str:
    """As style sheets have it."""
    return "#{:02x}{:02x}{:02x}".format(*rgb)


def _trimmed(runs: list[tuple[str, int]]) -> list[tuple[str, int]]:
    if runs:
        runs[-1] = runs[-1][0].rstrip(" "), runs[-1][1]
    return [run for run in runs if run[0]]


def _rule(colouring: Colouring, colour: int) -> str:
    shade = colouring.shades[colour]
    rgb = colouring.ink_and_paper[0] if shade.colour is None else rgb_of(shade.colour)
    rule = f"color: {hexadecimal(rgb)};"
    return rule + (" font-weight: bold;" if shade.bold else "") + (" opacity: 0.6;" if shade.dim else "")


def _marked(text: str) -> str:
    parts = []
    for is_ascii, characters in groupby(text, str.isascii):
        if is_ascii:
            parts.append(escape("".join(characters)))
        else:
            parts += [f"<i>{escape(character)}</i>" for character in characters]
    return "".join(parts)
