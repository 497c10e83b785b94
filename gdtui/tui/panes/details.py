"""The details below the family tree: one page at a time, and a line that says which."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.reactive import var
from textual.widgets import Static

from gdtui.errors import clean
from gdtui.tui.sized import Sized

ABOUT = "about"  # the page that is shown unless another is asked for


class Details(VerticalScroll, Sized):
    """Pages of text by name, one of which is shown. Whoever has something to say puts it on a page of its own."""

    page: var[str] = var(ABOUT, init=False)
    """The name of the page that is shown."""

    class Resized(Message):
        """There is more room for the pages, or less."""

    EMPTY: ClassVar[Content] = Content("Nothing here yet.")

    def __init__(self) -> None:
        super().__init__(id="details")
        self._pages: dict[str, tuple[str, Content]] = {}
        self._shown: tuple[str, Content] | None = None

    def compose(self) -> ComposeResult:
        yield Static(id="details-text", markup=False)

    def size_changed(self) -> None:
        self.post_message(self.Resized())

    def set_page(self, name: str, title: str, content: Content) -> None:
        """Have ``content`` stand on the page ``name``, below ``title``. What is shown keeps its scroll position."""
        self._pages[name] = title, content
        if name == self.page:
            self._show()

    def drop_page(self, name: str) -> None:
        """Take a page out; where it was shown, the one about an optimizer is."""
        self._pages.pop(name, None)
        if name == self.page:
            self.page = ABOUT

    def content_of(self, name: str) -> Content | None:
        """What stands on a page, None before anything does."""
        return self._pages[name][1] if name in self._pages else None

    def watch_page(self) -> None:
        self._show()
        self.scroll_home(animate=False)

    def _show(self) -> None:
        title, content = shown = self._pages.get(self.page, (self.page.capitalize(), self.EMPTY))
        if self._shown is None or content is not self._shown[1]:
            text = self.query_one("#details-text", Static)
            # Numbers that change several times a second do not have all of the screen laid out anew.
            width = text.content_size.width
            known = None if self._shown is None or width < 1 else self._shown[1].get_height({}, width)
            text.update(content, layout=known is None or known != content.get_height({}, width))
        if self._shown is None or title != self._shown[0]:
            self.border_title = Content(f" {clean(title, 200)} ")  # without corners, Textual leaves no room around it
        self._shown = shown
