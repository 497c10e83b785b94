"""What all panes share: a border with a title that is never read as markup, and the keys they add to the help."""

from __future__ import annotations

from typing import ClassVar

from textual.containers import Vertical
from textual.content import Content

from gdtui.errors import clean
from gdtui.tui.messages import Built


class Pane(Vertical):
    """A bordered part of the screen. ``HELP`` says in a sentence what it shows, for the help screen."""

    ALLOW_MAXIMIZE = True
    HELP: ClassVar[str] = ""

    def set_title(self, title: str) -> None:
        """Put plain text into the border."""
        content = Content(clean(title, 200))
        if self.border_title != content.plain:
            self.border_title = content  # content is taken as it is, text would be read as markup

    def on_built(self, message: Built) -> None:
        """A job of the pane's own is done."""
        message.stop()
        message.apply()

    def set_subtitle(self, text: str) -> None:
        """Put plain text into the lower border, or nothing."""
        content = Content(clean(text, 200)) if text else None
        if self.border_subtitle != (content.plain if content else None):
            self.border_subtitle = content
