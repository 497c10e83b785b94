"""Borders and blocks as paths of an SVG: the characters that terminals draw themselves, so that no gap shows."""

from __future__ import annotations

import unicodedata

_ARMS = {"LEFT": (-1, 0), "RIGHT": (1, 0), "UP": (0, -1), "DOWN": (0, 1)}
_BOTH = {"HORIZONTAL": ("LEFT", "RIGHT"), "VERTICAL": ("UP", "DOWN")}
_BOXES, _BLOCKS = range(0x2500, 0x2580), range(0x2580, 0x25A0)
_EIGHTHS = {
    "ONE EIGHTH": 1, "ONE QUARTER": 2, "THREE EIGHTHS": 3, "HALF": 4, "FIVE EIGHTHS": 5, "THREE QUARTERS": 6,
    "SEVEN EIGHTHS": 7,
}  # fmt: skip
_QUARTERS = {"UPPER LEFT": (0, 0), "UPPER RIGHT": (1, 0), "LOWER LEFT": (0, 1), "LOWER RIGHT": (1, 1)}


def line_path(text: str, x: float, y: float, width: float, height: float) -> str:
    """Light lines of a border, through the middles of a cell's sides; empty for any other character.

    ``text`` is one character, or a row of horizontal lines.
    """
    name = unicodedata.name(text[0], "")
    if ord(text[0]) not in _BOXES or not name.startswith("BOX DRAWINGS LIGHT ") or "DASH" in name:
        return ""
    words = name.removeprefix("BOX DRAWINGS LIGHT ").replace(" AND ", " ").split()
    is_arc = words[0] == "ARC"
    arms = [arm for word in words[is_arc:] for arm in _BOTH.get(word, (word,))]
    if not set(arms) <= set(_ARMS):
        return ""
    middle_x, middle_y = x + width / 2, y + height / 2
    if is_arc:  # a part of a circle, and a line to the side that is further away
        across, down = sum(_ARMS[arm][0] for arm in arms), sum(_ARMS[arm][1] for arm in arms)
        return (
            f"M{middle_x:g} {middle_y + down * height / 2:g}V{middle_y + down * width / 2:g}"
            f"Q{middle_x:g} {middle_y:g} {middle_x + across * width / 2:g} {middle_y:g}"
        )
    path = ""
    if {"LEFT", "RIGHT"} <= set(arms):
        path += f"M{x:g} {middle_y:g}h{len(text) * width:g}"
        arms = [arm for arm in arms if arm not in {"LEFT", "RIGHT"}]
    if {"UP", "DOWN"} <= set(arms):
        path += f"M{middle_x:g} {y:g}v{height:g}"
        arms = [arm for arm in arms if arm not in {"UP", "DOWN"}]
    for across, down in (_ARMS[arm] for arm in arms):
        length = f"h{across * width / 2:g}" if across else f"v{down * height / 2:g}"
        path += f"M{middle_x:g} {middle_y:g}{length}"
    return path


def block_path(character: str, x: float, y: float, width: float, height: float) -> str:
    """The filled part of a cell that is a block; empty for any other character."""
    if ord(character) not in _BLOCKS:
        return ""
    return "".join(
        f"M{x + left * width:g} {y + top * height:g}h{(right - left) * width:g}v{(bottom - top) * height:g}"
        f"h{(left - right) * width:g}z"
        for left, top, right, bottom in _filled(unicodedata.name(character))
    )


def _filled(name: str) -> list[tuple[float, float, float, float]]:
    """The parts of a cell that a block fills, as shares of its sides."""
    if name == "FULL BLOCK":
        return [(0, 0, 1, 1)]
    if name.startswith("QUADRANT "):
        found = [_QUARTERS[part] for part in name.removeprefix("QUADRANT ").split(" AND ")]
        return [(across / 2, down / 2, (across + 1) / 2, (down + 1) / 2) for across, down in found]
    side, _, rest = name.partition(" ")
    share = _EIGHTHS.get(rest.removesuffix(" BLOCK"), 0) / 8
    filled = {
        "LEFT": (0, 0, share, 1), "RIGHT": (1 - share, 0, 1, 1), "UPPER": (0, 0, 1, share),
        "LOWER": (0, 1 - share, 1, 1),
    }  # fmt: skip
    return [filled[side]] if share and side in filled else []
