"""Small questions over the race: a learning rate, a new racer, a file name; and a text to read or copy."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from gdtui.errors import InputError, clean


class Question(ModalScreen[str]):
    """A line of text, checked while it is typed: ``check`` raises :class:`InputError` or returns what it would mean."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss('')", "Cancel", id="question.cancel", tooltip="Change nothing")
    ]

    def __init__(self, title: str, hint: str, check: Callable[[str], str], value: str = "") -> None:
        super().__init__()
        self._title, self._hint, self._check, self._value = title, hint, check, value

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = Content(clean(self._title))
            yield Static(Content(self._hint), classes="hint")
            yield Input(self._value, id="answer", select_on_focus=True)
            yield Static("", id="verdict", markup=False)

    def on_mount(self) -> None:
        self._judge(self._value)

    def on_input_changed(self, event: Input.Changed) -> None:
        self._judge(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if self._judge(event.value):
            self.dismiss(event.value.strip())

    def _judge(self, text: str) -> bool:
        verdict = self.query_one("#verdict", Static)
        try:
            meaning = self._check(text.strip())
        except InputError as error:
            message = f"{error.key}: {error.reason}" if error.key else error.reason
            verdict.update(Content(message + (f"; {error.remedy}" if error.remedy else "")))
            verdict.set_class(True, "wrong")
            return False
        verdict.update(Content(clean(meaning, 200)))
        verdict.set_class(False, "wrong")
        return True


class Reading(ModalScreen[None]):
    """A text to read. Any of the keys closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,q,question_mark", "dismiss", "Close", id="reading.close", tooltip="Back to the race"),
        Binding("up", "scroll(-1)", show=False, id="reading.up"),
        Binding("down", "scroll(1)", show=False, id="reading.down"),
        Binding("pageup", "scroll(-12)", show=False, id="reading.page_up"),
        Binding("pagedown,space", "scroll(12)", show=False, id="reading.page_down"),
    ]

    def __init__(self, title: str, text: Content) -> None:
        super().__init__()
        self._title, self._text = title, text

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog reading", can_focus=False) as dialog:
            dialog.border_title = Content(clean(self._title))
            dialog.border_subtitle = Content("esc closes")
            yield Static(self._text)

    def action_scroll(self, rows: int) -> None:
        self.query_one(VerticalScroll).scroll_relative(y=rows, animate=False)
