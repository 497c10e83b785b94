"""All the keys that a widget or a screen has by itself and from what it is made of."""

from __future__ import annotations

from collections.abc import Iterator

from textual.binding import Binding
from textual.dom import DOMNode

_OURS = f"{__name__.rpartition('.')[0]}."


def is_ours(owner: type) -> bool:
    """Whether a class is one of the app's own, and not Textual's."""
    return owner.__module__.startswith(_OURS)


def bindings_of(owner: type[DOMNode]) -> Iterator[Binding]:
    """The bindings of a class and of its bases that are ours, those of the bases first."""
    for base in reversed(owner.__mro__):
        if is_ours(base):
            yield from Binding.make_bindings(base.__dict__.get("BINDINGS", ()))
