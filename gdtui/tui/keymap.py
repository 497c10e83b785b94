"""Whether the user's own keys can be obeyed: every binding exists, every key too, and none has two meanings."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping

from textual.binding import Binding
from textual.dom import DOMNode
from textual.keys import Keys, key_to_character

import gdtui.tui
from gdtui.errors import InputError, nearest
from gdtui.tui.app import GdtuiApp
from gdtui.tui.bindings import bindings_of, is_ours
from gdtui.tui.panes.pane import Pane
from gdtui.tui.race_screen import RaceScreen

_MODIFIERS = {"ctrl", "shift", "alt", "meta", "super", "hyper"}
_NAMES = {key.value.rpartition("+")[2] for key in Keys if key.value.replace("+", "").isalnum()}
_FUNCTION_KEYS = {f"f{number}" for number in range(1, 25)}


def check(keymap: Mapping[str, str], where: str) -> None:
    """Raise an :class:`InputError` that names ``where`` if a binding of the keymap, or one of its keys, cannot be."""
    owners = _owners()
    if keymap.keys() - _ids(owners):
        _load_everything()  # what the first frame does without has bindings, too
        owners = _owners()
    known = _ids(owners)
    for name, keys in keymap.items():
        if name not in known:
            group = {other for other in known if other.partition(".")[0] == name.partition(".")[0]}
            raise InputError("unknown", where=where, key=f"keys.{name}", remedy=nearest(name, group or known))
        for key in keys.split(","):
            _check_key(key, where, f"keys.{name}")
    for owner in owners:
        _check_meanings(list(_heard(owner)), keymap, where)


def table(keymap: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Every binding's id, its keys, the user's own where there are any, and what it does."""
    _load_everything()
    keys: dict[str, list[str]] = {}
    meanings: dict[str, str] = {}
    for owner in sorted(_owners(), key=lambda owner: not issubclass(RaceScreen, owner)):  # the race screen's first
        for binding in bindings_of(owner):
            if binding.id:
                known = keys.setdefault(binding.id, [])
                known += [binding.key] * (binding.key not in known)  # a class has those of its bases, too
                meanings[binding.id] = binding.tooltip or binding.description
    return [(name, keymap.get(name, ",".join(dict.fromkeys(listed))), meanings[name]) for name, listed in keys.items()]


def _check_key(key: str, where: str, place: str) -> None:
    *modifiers, name = key.split("+") if len(key) > 1 else [key]
    character = name if len(name) == 1 else key_to_character(name)
    if not set(modifiers) <= _MODIFIERS or not (name in _NAMES or (character and character.isprintable())):
        remedy = nearest(name, _NAMES - _FUNCTION_KEYS - {*"abcdefghijklmnopqrstuvwxyz0123456789"})
        raise InputError(f"unknown key {key!r}", where=where, key=place, remedy=f"{remedy}, f1 to f24, or a character")


def _check_meanings(bindings: list[Binding], keymap: Mapping[str, str], where: str) -> None:
    """Refuse a key that the user gave to one binding where another one beside it has it, too."""
    taken: dict[str, Binding] = {}
    for binding in bindings:
        for key in Binding.make_bindings([binding.with_key(keymap.get(binding.id or "", binding.key))]):
            other = taken.setdefault(key.key, key)
            theirs = [each for each in (key, other) if each.id in keymap]
            if other.action != key.action and other.id != key.id and theirs:
                holder = other if theirs[0] is key else key
                raise InputError(
                    f"the key {key.key!r} also means {holder.id or holder.action}",
                    where=where, key=f"keys.{theirs[0].id}", remedy="give one of them another key",
                )  # fmt: skip


def _heard(owner: type[DOMNode]) -> Iterator[Binding]:
    """The bindings that answer to a key together with the owner's: its bases', the app's, and for a pane the screen's
    that come first.
    """
    yield from bindings_of(owner)
    if owner is not GdtuiApp:
        yield from bindings_of(GdtuiApp)
    if issubclass(owner, Pane):
        yield from (binding for binding in bindings_of(RaceScreen) if binding.priority)


def _owners(base: type[DOMNode] = DOMNode) -> list[type[DOMNode]]:
    """Everything of the app that has bindings, as far as it is loaded."""
    found = [owner for child in base.__subclasses__() for owner in _owners(child)]
    return [base, *found] if is_ours(base) and any(True for _ in bindings_of(base)) else found


def _ids(owners: list[type[DOMNode]]) -> set[str]:
    return {binding.id for owner in owners for binding in bindings_of(owner) if binding.id}


def _load_everything() -> None:
    for module in pkgutil.walk_packages(gdtui.tui.__path__, f"{gdtui.tui.__name__}."):
        importlib.import_module(module.name)
