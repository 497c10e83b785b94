"""What a terminal can show: how many colours, and whether more than plain ASCII."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TypeVar, get_args

from gdtui.charts.palette import Patterned, ThemeName
from gdtui.charts.shades import Depth
from gdtui.errors import InputError, nearest

T = TypeVar("T")

COLOURS: Mapping[str, Depth | None] = {"truecolor": "truecolor", "256": "256", "16": "standard", "none": None}
# What rich takes for 16 colours, or 256, and is known to show all of them. SSH passes on TERM and not COLORTERM.
_TRUECOLOR = ("alacritty", "contour", "foot", "ghostty", "kitty", "rio", "wezterm")
# Video terminals, of which terminfo knows no colours; what imitates one and has them should not call itself that.
_COLOURLESS = ("vt50", "vt52", "vt100", "vt102", "vt200", "vt220", "vt300", "vt320", "vt400", "vt420")
_FORCED = "TEXTUAL_COLOR_SYSTEM"


def colour_depth(asked: str = "auto", environment: Mapping[str, str] = os.environ) -> Depth | None:
    """How many colours to use, None for none: as ``asked`` (a key of ``COLOURS``), or as far as the terminal goes."""
    if asked != "auto":
        return one_of(asked, COLOURS, "color")
    if environment.get("NO_COLOR"):  # https://no-color.org: present and not empty
        return None
    forced: Depth | None = next((depth for depth in get_args(Depth) if depth == environment.get(_FORCED)), None)
    if forced is not None:
        return forced
    name = environment.get("TERM", "").strip().lower()
    if name == "linux":  # the console has 16, and takes other colours for the nearest of them
        return "standard"
    if environment.get("COLORTERM", "").strip().lower() in {"truecolor", "24bit"}:
        return "truecolor"
    stem, suffix = name.removeprefix("xterm-").partition("-")[0], name.rpartition("-")[2]
    if suffix in {"direct", *_TRUECOLOR} or stem in _TRUECOLOR:
        return "truecolor"
    if suffix == "256color":
        return "256"
    return None if name in {"", "dumb"} or stem in _COLOURLESS or suffix in {"m", "mono"} else "standard"


def patterned(asked: str, theme: ThemeName, depth: Depth | None) -> Patterned:
    """Which racers' lines have a pattern: on "auto" those that colours do not tell apart."""
    few = theme == "terminal" or depth in {None, "standard"}
    modes: Mapping[str, Patterned] = {"auto": "all" if few else "repeated", "always": "all", "never": "none"}
    return one_of(asked, modes, "patterns")


def wants_ascii(asked: bool | None = None, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether to draw in plain ASCII: as ``asked``, or where the terminal is known to have nothing else.

    That is in a locale without UTF-8, whatever Python's own encoding, which it may have coerced from the C locale; and
    on the Linux console, whose fonts have no braille.
    """
    if asked is not None:
        return asked
    locale = environment.get("LC_ALL") or environment.get("LC_CTYPE") or environment.get("LANG") or "C.UTF-8"
    return "utf" not in locale.lower() or environment.get("TERM", "").lower() == "linux"


def one_of(name: str, meanings: Mapping[str, T], key: str) -> T:
    """What a ``name`` that the user chose means; refused if it is not known."""
    if name not in meanings:
        raise InputError(f"{name!r} is not known", key=key, remedy=nearest(name, meanings))
    return meanings[name]
