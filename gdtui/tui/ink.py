"""Cell grids on a Textual screen: colour indices to styles, rows to strips, and a view that repaints what changed."""

from __future__ import annotations

from functools import lru_cache

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.theme import Theme

from gdtui.charts.cells import CellGrid, changed_runs
from gdtui.charts.palette import PALETTES, ThemeName
from gdtui.charts.shades import Depth, shades
from gdtui.tui.colours import depth_of, theme_of
from gdtui.tui.sized import Sized

_ANSI = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")


@lru_cache(maxsize=8)
def styles(depth: Depth | None, theme: ThemeName = "dark", background: Color | None = None) -> tuple[Style, ...]:
    """A theme's palette as styles, on a background where there are colours: see :func:`shades`."""
    found = []
    for shade in shades("truecolor" if depth == "256" else depth, theme):  # rich rounds them on their way out
        if depth is None:
            found.append(Style(bold=shade.bold, dim=shade.dim))
            continue
        colour = shade.colour
        if colour is None:
            foreground = Color.default()
        else:
            foreground = Color.from_ansi(colour) if isinstance(colour, int) else Color.from_rgb(*colour)
        found.append(Style(color=foreground, bgcolor=background, bold=shade.bold, dim=shade.dim))
    return tuple(found)


def css_colour(depth: Depth | None, colour: int, theme: ThemeName = "dark") -> str:
    """A palette colour as a style sheet and content markup name it, agreeing with :func:`styles`."""
    named = PALETTES[theme][colour]
    if depth == "standard":
        return f"ansi_{'bright_' * (named.ansi >= 8)}{_ANSI[named.ansi % 8]}" if named.ansi >= 0 else "ansi_default"
    red, green, blue = named.rgb
    return f"rgb({red},{green},{blue})"


def strip_of(grid: CellGrid, row: int, inks: tuple[Style, ...]) -> Strip:
    """A row of the grid. Every segment carries a style: one without crashes the monochrome filter."""
    return Strip([Segment(text, inks[colour]) for text, colour in grid.runs(row)], grid.shape[1])


class CellView(Sized):
    """Shows a cell grid. An unchanged row keeps its strip, and only runs of cells that changed are repainted."""

    DEFAULT_CSS = "CellView { height: 1fr; width: 1fr; }"
    ALLOW_SELECT = False  # dragging moves a view

    class Resized(Message):
        """The view has a new size and wants a grid of it."""

        def __init__(self, view: CellView, width: int, height: int) -> None:
            super().__init__()
            self.view, self.width, self.height = view, width, height

        @property
        def control(self) -> CellView:
            return self.view

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, classes=classes)
        self._grid: CellGrid | None = None
        self._strips: list[Strip] = []

    @property
    def grid(self) -> CellGrid | None:
        """What is shown, for tests and pictures."""
        return self._grid

    def show(self, grid: CellGrid) -> None:
        """Show ``grid`` from the next repaint on."""
        old, self._grid = self._grid, grid
        runs = changed_runs(old, grid)
        if not runs:
            return
        if old is None or old.shape != grid.shape:
            self._ink_all()
            self.refresh()
            return
        inks = self._inks()
        for row in {row for row, _, _ in runs}:
            self._strips[row] = strip_of(grid, row, inks)
        self.refresh(*(Region(first, row, last - first, 1) for row, first, last in runs))

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, self._take_theme)

    def _take_theme(self, _: Theme) -> None:
        self._ink_all()
        self.refresh()

    def _inks(self) -> tuple[Style, ...]:
        return styles(depth_of(self.app), theme_of(self.app), self.rich_style.bgcolor)

    def _ink_all(self) -> None:
        grid = self._grid
        inks = self._inks()
        self._strips = [] if grid is None else [strip_of(grid, row, inks) for row in range(grid.shape[0])]

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._ink_all()

    def render_line(self, y: int) -> Strip:
        width, blank = self.size.width, self._inks()[0]
        if y >= len(self._strips):
            return Strip([Segment(" " * width, blank)], width)
        return self._strips[y].adjust_cell_length(width, blank)

    def size_changed(self) -> None:
        if self.size.width and self.size.height:
            self.post_message(self.Resized(self, self.size.width, self.size.height))
