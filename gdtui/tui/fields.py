"""Rows of a form: a name, a field to type or choose in, and a note beside it."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Input, Static

from gdtui.errors import clean
from gdtui.tui.draft import Draft, reason
from gdtui.tui.entries import Entry

LONGEST_TEXT = 2000  # characters in a field


class Choice(Widget, can_focus=True):
    """One of several words, all of them in sight: arrows, first letters or a click choose."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "choose(-1)", show=False, id="choice.previous"),
        Binding("right,space", "choose(1)", show=False, id="choice.next"),
        Binding("home", "take(0)", show=False, id="choice.first"),
        Binding("end", "take(-1)", show=False, id="choice.last"),
        Binding("enter", "submit", show=False, id="choice.submit"),
    ]

    value: reactive[str] = reactive("", init=False)

    class Changed(Message):
        """Another word was chosen."""

        def __init__(self, choice: Choice, value: str) -> None:
            super().__init__()
            self.choice, self.value = choice, value

        @property
        def control(self) -> Choice:
            return self.choice

    class Submitted(Message):
        """Enter was pressed."""

    def __init__(self, words: tuple[str, ...], value: str) -> None:
        super().__init__()
        self._words = words
        self.set_reactive(Choice.value, value)

    def watch_value(self, value: str) -> None:
        self.post_message(self.Changed(self, value))

    def action_choose(self, way: int) -> None:
        """The next word, or the one before; after the last comes the first."""
        self.value = self._words[(self._words.index(self.value) + way) % len(self._words)]

    def action_take(self, place: int) -> None:
        """The word at a place."""
        self.value = self._words[place]

    def action_submit(self) -> None:
        """Say that the form is filled in."""
        self.post_message(self.Submitted())

    def on_key(self, event: events.Key) -> None:
        letter = event.character
        if letter and letter.isalpha():
            event.stop()
            start = self._words.index(self.value) + 1
            ahead = [*self._words[start:], *self._words[:start]]
            self.value = next((word for word in ahead if word.startswith(letter.lower())), self.value)

    def on_click(self, event: events.Click) -> None:
        at = event.get_content_offset(self)
        for word, row, column in self._places(self.content_size.width):
            if at is not None and row == at.y and column <= at.x < column + len(word) + 2:
                self.value = word

    def _places(self, width: int) -> list[tuple[str, int, int]]:
        """Every word with its row and column; each has a cell on either side for the brackets."""
        places: list[tuple[str, int, int]] = []
        row = column = 0
        for word in self._words:
            if column and column + len(word) + 2 > width:
                row, column = row + 1, 0
            places.append((word, row, column))
            column += len(word) + 2
        return places

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual's
        return self._places(width)[-1][1] + 1

    def render(self) -> Content:
        lines: dict[int, list[tuple[str, str]]] = {}
        for word, row, _ in self._places(self.content_size.width):
            chosen = word == self.value
            style = ("bold reverse" if self.has_focus else "bold") if chosen else ""
            lines.setdefault(row, []).append((f"[{word}]" if chosen else f" {word} ", style))
        return Content("\n").join(Content.assemble(*line) for line in lines.values())


class Row(Horizontal):
    """An entry of a draft. A mark tells the focus (▸), what is not its default (*) and what is wrong (✗)."""

    def __init__(self, entry: Entry, draft: Draft) -> None:
        super().__init__(classes="row argument" if entry.is_argument else "row")
        self.set_class(entry.is_long, "-long")
        self.entry, self._draft = entry, draft
        text = draft.text(entry.key)
        self.field: Input | Choice = Choice(entry.choices, text) if entry.choices else _input(text)
        self._head, self._note = Static(classes="row-name", markup=False), Static(classes="row-note", markup=False)

    def compose(self) -> ComposeResult:
        yield from (self._head, self.field, self._note)

    def on_mount(self) -> None:
        self.update()

    def reset(self) -> None:
        """Put the default into the field."""
        self.field.value = self.entry.default
        if isinstance(self.field, Input):
            self.field.action_end()

    def update(self) -> None:
        """Show the entry as the draft now judges it."""
        draft, entry, key = self._draft, self.entry, self.entry.key
        error, was = draft.errors.get(key), draft.was(key)
        mark = "✗" if error else "*" if draft.differs(key) else " "
        focused = self.field.has_focus
        write(self._head, f"{'▸' if focused else ' '}{mark} {'  ' * entry.is_argument}{entry.name}")
        write(self._note, reason(error) if error else note(entry, was))
        self.set_class(error is not None, "-wrong")
        self.set_class(bool(focused or error or was), "-marked")

    def on_click(self) -> None:
        self.screen.set_focus(self.field)

    def on_descendant_focus(self) -> None:
        self.update()

    def on_descendant_blur(self) -> None:
        self.update()


def _input(text: str) -> Input:
    field = Input(text, compact=True, max_length=LONGEST_TEXT)
    field.cursor_blink = False  # a timer that repaints an idle screen
    return field


def write(line: Static, text: str | Content) -> None:
    """Put text into a part of the form whose size is fixed, without laying out the screen again."""
    content = Content(clean(text, 600)) if isinstance(text, str) else text
    if line.content != content:
        line.update(content, layout=False)


def note(entry: Entry, was: str) -> str:
    """What there is to know of an entry: what it was, if that was not its default; its default; what is allowed."""
    default = f"default {entry.default}" if entry.has_default else "required"
    source = f" ({entry.source})" if entry.source else ""
    parts = [f"was {was}" if was and was != entry.default else "", default + source, entry.allowed]
    return " · ".join(filter(None, parts))
