"""The themes of the app, and how it is dressed in one and in as many colours as the terminal has.

Textual asks rich, which takes every terminal that it has not heard of for one of 16 colours, and under NO_COLOR it
sends greys. Here the terminal is looked up first (``gdtui.frames.terminals``), and where there are to be no colours
none is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any, get_args

from rich.color import Color as RichColor
from rich.console import COLOR_SYSTEMS
from rich.segment import Segment
from rich.style import Style
from textual.app import App
from textual.color import Color
from textual.filter import ANSIToTruecolor, LineFilter
from textual.theme import BUILTIN_THEMES, Theme

from gdtui.charts.palette import ThemeName
from gdtui.charts.shades import Depth
from gdtui.frames.terminals import one_of

THEMES: Mapping[ThemeName, str] = {
    "dark": "Light colours on a dark background",
    "light": "Dark colours on a light background",
    "terminal": "The terminal's own colours on its own background",
}
_TEXTUAL: Mapping[ThemeName, Theme] = {
    "dark": replace(BUILTIN_THEMES["textual-dark"], name="dark"),
    "light": replace(
        BUILTIN_THEMES["textual-light"],
        name="light",
        primary="#1f5fa8",
        secondary="#004578",
        accent="#004f9e",
        warning="#8f5a00",
        error="#b0123c",
        success="#00701a",
        foreground="#262626",
        background="#fafafa",
        surface="#eeeeee",
        panel="#e4e4e4",
    ),
    "terminal": replace(
        BUILTIN_THEMES["ansi-dark"],
        name="terminal",
        accent="ansi_magenta",
        # What has a background here is sent reversed (:class:`OwnColours`): the cursor and what is selected.
        variables={
            "ansi-background": "ansi_default",
            "ansi-foreground": "ansi_default",
            "block-cursor-background": "ansi_white",
            "block-cursor-text-style": "none",
            "block-cursor-blurred-text-style": "bold",
            "input-cursor-background": "ansi_white",
            "input-selection-background": "ansi_white",
            "screen-selection-background": "ansi_white",
            "link-background-hover": "ansi_white",
            "border-blurred": "ansi_default",
        },
    ),
}


def keeps_ansi(depth: Depth | None) -> bool | None:
    """Whether the 16 colours are to be the terminal's own in any theme, which Textual has to know when it is made.

    Otherwise it makes RGB of them: rounded back to 16, they are others than those the palette names.
    """
    return True if depth in {None, "standard"} else None


def dress(app: App[Any], theme: str, depth: Depth | None) -> None:
    """Have an app that is not running yet use a theme and so many colours; without any, the theme is the terminal's."""
    theme = one_of(theme, {name: name for name in _TEXTUAL}, "theme")
    for each in _TEXTUAL.values():
        app.register_theme(each)
    app.no_color = depth is None
    # Textual makes its console from the environment alone, and rich reads the number of colours only when it is made.
    app.console._color_system = COLOR_SYSTEMS[depth or "standard"]
    app.set_reactive(App.theme, "terminal" if depth is None else theme)
    # What NO_COLOR adds here makes greys of colours. Ours (:func:`filters`) leaves none.
    app._filters = [ANSIToTruecolor(app.ansi_theme, enabled=not app.native_ansi_color)]
    app.stylesheet.set_variables(app.get_css_variables())
    for name in _TEXTUAL:  # Textual sets these classes when a theme is changed, and is not told of the first
        app.set_class(name == app.theme, f"-theme-{name}", update=False)
    app.set_class(app.current_theme.dark, "-dark-mode", update=False)
    app.set_class(not app.current_theme.dark, "-light-mode", update=False)


def theme_of(app: App[Any]) -> ThemeName:
    """The theme an app is shown in; the dark one, where it is none of ours."""
    return next((name for name in THEMES if name == app.theme), "dark")


def depth_of(app: App[Any]) -> Depth | None:
    """How many colours an app uses in its theme, None for none."""
    if app.no_color:
        return None
    system = app.console.color_system
    found: Depth = next((depth for depth in get_args(Depth) if depth == system), "standard")
    return "standard" if theme_of(app) == "terminal" else found


def filters(app: App[Any]) -> list[LineFilter]:
    """What keeps an app to the terminal's own colours, or to none."""
    return [] if theme_of(app) != "terminal" else [_WITHOUT_COLOURS if app.no_color else _OWN_COLOURS]


def theme_commands(app: App[Any]) -> Iterable[tuple[str, str, Callable[[], None]]]:
    """For the command palette: name, meaning and action of each theme that would change anything."""

    for theme, meaning in THEMES.items():
        if not app.no_color and theme != app.theme:
            yield f"Theme: {theme}", meaning, partial(setattr, app, "theme", theme)


class OwnColours(LineFilter):
    """Lets only colours of the terminal pass that show on any background, or none.

    White and black become its own foreground, and the grey between them, bright black, becomes that, dim. Cells with a
    background are reversed instead.
    """

    def __init__(self, *, coloured: bool) -> None:
        super().__init__()
        self._coloured = coloured

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 - Textual's
        return [segment._replace(style=_own(segment.style or Style(), self._coloured)) for segment in segments]


_WHITES, _GREY = {0, 7, 15}, 8


@lru_cache(4096)
def _own(style: Style, coloured: bool) -> Style:
    number = None if style.color is None else style.color.number  # None for RGB and the default
    painted = style.bgcolor is not None and not style.bgcolor.is_default
    shown = coloured and not painted and number not in {None, *_WHITES, _GREY}
    return Style(
        color=RichColor.from_ansi(number) if shown and number is not None else None,
        dim=True if number == _GREY else style.dim, reverse=True if painted else style.reverse, bold=style.bold,
        italic=style.italic, underline=style.underline, strike=style.strike, link=style.link, meta=style.meta or None,
    )  # fmt: skip


_OWN_COLOURS, _WITHOUT_COLOURS = OwnColours(coloured=True), OwnColours(coloured=False)
