"""How pictures and films look: the options that say so, and what they mean where none is given."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, get_args

import click

from gdtui.cli.output import STDOUT
from gdtui.config import Color, Patterns, Renderer, Theme

if TYPE_CHECKING:
    from gdtui.charts.raster import RasterMode
    from gdtui.charts.shades import Colouring
    from gdtui.cli.footage import Footage
    from gdtui.frames.picture import Camera
    from gdtui.frames.style import Style

SIZE = 120, 40
RASTERS = ("braille", "block", "ascii")
COLOURS = ("truecolor", "256", "16", "none")
_SIZE = re.compile(r"\s*(\d{1,6})\s*[xX×]\s*(\d{1,6})\s*")
_Command = TypeVar("_Command", bound=Callable[..., Any])


def size(text: str) -> tuple[int, int]:
    """Columns and rows, as in 120x40."""
    from gdtui.frames.layout import LARGEST, SMALLEST

    found = _SIZE.fullmatch(text)
    if found is None:
        raise click.BadParameter(f"{text!r} is not a size; give columns and rows, as in 120x40")
    columns, rows = int(found[1]), int(found[2])
    if not (SMALLEST[0] <= columns <= LARGEST[0] and SMALLEST[1] <= rows <= LARGEST[1]):
        least, most = ("x".join(map(str, bound)) for bound in (SMALLEST, LARGEST))
        raise click.BadParameter(f"{text!r} is out of range; give a size from {least} to {most}")
    return columns, rows


def look_options(command: _Command) -> _Command:
    """The options that say how a picture looks."""
    options = [
        click.option("--size", type=size, metavar="COLSxROWS", help="Columns and rows.  [default: 120x40]"),
        click.option("--theme", type=click.Choice(get_args(Theme)), help="The colours.  [default: dark]"),
        click.option("--color", type=click.Choice(COLOURS), help="How many colours.  [default: truecolor]"),
        click.option(
            "--patterns", type=click.Choice(get_args(Patterns)), help="Whether racers' lines differ in their pattern."
        ),
        click.option("--raster", type=click.Choice(RASTERS), help="What lines are made of.  [default: braille]"),
        click.option("--ascii", "ascii_only", is_flag=True, help="The same as --raster ascii."),
        click.option("--renderer", type=click.Choice(get_args(Renderer)), help="What draws all that moves."),
        click.option("--pin", metavar="LABEL", help="The racer that is to stand out."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True)
class Look:
    """How a picture is to look."""

    size: tuple[int, int]
    style: Style
    colouring: Colouring
    pinned: str | None

    def camera(self, footage: Footage) -> Camera:
        """A camera for pictures of this look."""
        from gdtui.errors import InputError, nearest
        from gdtui.frames.picture import Camera

        if self.pinned is not None and self.pinned not in footage.labels:
            reason = f"no racer is called {self.pinned!r}"
            raise InputError(reason, where="--pin", remedy=nearest(self.pinned, footage.labels))
        return Camera(
            footage.problem, self.size, seed=footage.seed, style=self.style, pinned=self.pinned,
            remark=f"{footage.name}, seed {footage.seed}", tolerance=footage.tolerance,
        )  # fmt: skip


def look(
    output: str,
    *,
    size: tuple[int, int] | None,
    theme: Theme | None,
    color: Color | None,
    patterns: Patterns | None,
    raster: RasterMode | None,
    ascii_only: bool,
    renderer: Renderer | None,
    pin: str | None,
) -> Look:
    """What the options ask for. A file looks the same everywhere; on a terminal, as the app does there."""
    from gdtui.charts.shades import Colouring
    from gdtui.config import load
    from gdtui.frames.style import Style
    from gdtui.frames.terminals import colour_depth, patterned, wants_ascii

    if ascii_only and raster not in {None, "ascii"}:
        raise click.UsageError(f"--ascii and --raster {raster} exclude each other")
    given = {"theme": theme, "color": color, "patterns": patterns, "renderer": renderer}
    raster = "ascii" if ascii_only else raster
    if on_terminal(output):
        config = load(given)
        size = size or _terminal_size()
        raster = raster or ("ascii" if wants_ascii(config.ascii) else "braille")
        theme, color, patterns, renderer = config.theme, config.color, config.patterns, config.renderer
    theme = theme or "dark"
    depth = colour_depth(color or "truecolor")
    if theme == "terminal" and depth is not None:
        depth = "standard"
    style = Style(
        raster or "braille", "plotext" if renderer == "plotext" else "raster",
        patterned(patterns or "auto", theme, depth),
    )  # fmt: skip
    return Look(size or SIZE, style, Colouring(theme, depth), pin)


def on_terminal(output: str) -> bool:
    """Whether what is written goes to a terminal."""
    return output == STDOUT and sys.stdout.isatty()


def _terminal_size() -> tuple[int, int]:
    """That of the terminal, but for a row for the prompt, within what a picture can be."""
    from gdtui.frames.layout import LARGEST, SMALLEST

    columns, rows = shutil.get_terminal_size()
    least, most = SMALLEST, LARGEST
    return min(max(columns, least[0]), most[0]), min(max(rows - 1, least[1]), most[1])
