"""The help page, made from the bindings and panes there are, so that it cannot fall behind them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from textual.content import Content
from textual.widget import Widget

from gdtui.tui.bindings import bindings_of
from gdtui.tui.paced_screen import PacedScreen
from gdtui.tui.panes.pane import Pane

_KEYS = {
    "full_stop": ".",
    "minus": "-",
    "plus": "+",
    "equals_sign": "=",
    "question_mark": "?",
    "comma": ",",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "escape": "esc",
    "delete": "del",
}

_ASCII_MARKS = {ord("×"): "+", ord("◆"): "#"}  # as the charts draw them; the rest of the screen's marks are alike


def page(screen: PacedScreen, keymap: Mapping[str, str], *, ascii_only: bool = False) -> Content:
    """Keys of the screen, then each pane with what it shows and its own keys. ``keymap`` are the user's own keys."""
    parts: list[tuple[str, str]] = [(f"{screen.HELP}\n\n", "dim")]
    parts += _keys(screen, keymap) + _row("tab", "Go to the next pane") + _row("ctrl+p", "All commands")
    for pane in screen.query(Pane):
        if pane.HELP:
            title = pane.border_title.plain if isinstance(pane.border_title, Content) else str(pane.border_title or "")
            name = re.split("[:,(]", title)[0].strip()
            parts += [(f"\n{name}\n", "bold"), (pane.HELP + "\n", ""), *_keys(pane, keymap)]
    if ascii_only:
        parts = [(text.translate(_ASCII_MARKS), style) for text, style in parts]
    return Content.assemble(*parts)


def _keys(widget: Widget, keymap: Mapping[str, str]) -> list[tuple[str, str]]:
    rows: dict[str, list[str]] = {}
    for binding in bindings_of(type(widget)):
        if binding.tooltip:
            keys = keymap.get(binding.id or "", binding.key).split(",")
            rows.setdefault(binding.tooltip, []).extend(_KEYS.get(key, key) for key in keys)
    return [part for tooltip, keys in rows.items() for part in _row(" ".join(dict.fromkeys(keys)), tooltip)]


def _row(keys: str, meaning: str) -> list[tuple[str, str]]:
    return [(f"  {keys:<20}", "bold"), (meaning + "\n", "")]
