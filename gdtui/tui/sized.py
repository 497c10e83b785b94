"""Widgets that hear of every size they are given."""

from __future__ import annotations

from textual.geometry import Size
from textual.widget import Widget


class Sized(Widget):
    """Has :meth:`size_changed` called after each layout that gave it another size.

    Textual tells a widget by comparing two arrangements of the screen. The one before may have been made after the new
    size was known, when something scrolled or a pointer moved while a window was dragged: then nobody is told, and a
    chart stays as large as it was.
    """

    _known = Size(0, 0)

    def size_changed(self) -> None:
        """There is more room, or less."""

    def _size_updated(self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True) -> bool:
        is_news = super()._size_updated(size, virtual_size, container_size, layout)
        if size != self._known:
            self._known = size
            self.call_later(self.size_changed)
        return is_news
