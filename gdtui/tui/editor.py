"""The editor of a racer: every hyperparameter and its schedule, checked while they are typed."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input, Static

from gdtui import registry
from gdtui.charts.sparkline import sparkline
from gdtui.errors import clean
from gdtui.schedule_specs import KEY
from gdtui.spelling import spelt_out
from gdtui.tui.draft import Draft, reason
from gdtui.tui.fields import Choice, Row, note, write
from gdtui.tui.ink import CellView

_PAGE = 8  # rows
_HINTS = Content(" · ").join(
    Content.from_markup(f"[@click=screen.{action}]{keys}[/]")
    for action, keys in (("apply", "enter applies"), ("reset", "ctrl+r default"), ("leave", "esc leaves"))
)
_CHOICE_HINTS = Content("← → choose · ") + _HINTS


class RacerEditor(ModalScreen[bool]):
    """Edits a :class:`Draft`; ends with True once all of it is right and the user wants it applied.

    ``colour`` is the palette index of the racer's rates.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "apply", "Apply", id="editor.apply", tooltip="Apply what was changed"),
        Binding("ctrl+r", "reset", "Default", id="editor.reset", tooltip="Put the row's default in its place"),
        Binding("escape", "leave", "Leave", id="editor.leave", tooltip="Change nothing"),
        # These come first, so that of keys that come in a burst each goes to the field that was meant.
        Binding("up", "move(-1)", show=False, priority=True, id="editor.up"),
        Binding("down", "move(1)", show=False, priority=True, id="editor.down"),
        Binding("pageup", f"move(-{_PAGE})", show=False, priority=True, id="editor.page_up"),
        Binding("pagedown", f"move({_PAGE})", show=False, priority=True, id="editor.page_down"),
        Binding("tab", "app.focus_next", show=False, priority=True, id="editor.next"),
        Binding("shift+tab", "app.focus_previous", show=False, priority=True, id="editor.previous"),
    ]

    def __init__(self, title: str, draft: Draft, *, colour: int, ascii_only: bool) -> None:
        super().__init__()
        self._title, self._draft, self._colour, self._ascii = title, draft, colour, ascii_only

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog editor") as dialog:
            dialog.border_title = Content(clean(self._title))
            dialog.border_subtitle = _HINTS
            with VerticalScroll(id="editor-rows", can_focus=False):
                for entry in self._draft.entries:
                    yield Row(entry, self._draft)
            yield CellView(id="editor-plot")
            yield Static(id="editor-help", markup=False)
            yield Static(id="verdict", markup=False)

    def on_mount(self) -> None:
        self._update()

    def on_resize(self, event: events.Resize) -> None:
        """Share out the rows of the screen: where there are few, the plot is low and the hyperparameters scroll."""
        height = event.size.height
        plot, roomy = min(14, 5 + max(0, height - 24) // 3), height >= 30
        self.set_class(roomy, "-roomy")
        self.query_one("#editor-plot").styles.height = plot
        self.query_one("#editor-rows").styles.max_height = max(3, height - plot - (11 if roomy else 5))

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._put(self._row_of(event.input), event.value)

    async def on_choice_changed(self, message: Choice.Changed) -> None:
        message.stop()
        row = self._row_of(message.choice)
        self._put(row, message.value)
        if row.entry.key == KEY:
            with self.app.batch_update():
                rows = self.query_one("#editor-rows")
                await rows.remove_children(".argument")
                await rows.mount(*(Row(entry, self._draft) for entry in self._draft.entries if entry.is_argument))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_apply()

    def on_choice_submitted(self, message: Choice.Submitted) -> None:
        message.stop()
        self.action_apply()

    def on_descendant_focus(self) -> None:
        row = self._row_of(self.focused)
        row.scroll_visible(animate=False, immediate=True)
        self.query_one(".editor").border_subtitle = _CHOICE_HINTS if isinstance(row.field, Choice) else _HINTS
        self._explain(row)

    def on_cell_view_resized(self, message: CellView.Resized) -> None:
        message.stop()
        self._plot()

    def action_apply(self) -> None:
        """Leave and apply, unless something is wrong: then go there."""
        for row in self._rows():  # what was typed last may still be on its way
            self._draft.put(row.entry.key, row.field.value)
        if self._draft.result is not None:
            self.dismiss(True)
            return
        self._update()
        wrong = [row for row in self._rows() if row.entry.key in self._draft.errors]
        if wrong and self._row_of(self.focused) not in wrong:  # what is being mended stays in focus
            self.set_focus(wrong[0].field)

    def action_leave(self) -> None:
        """Leave everything as it is."""
        self.dismiss(False)

    def action_reset(self) -> None:
        """Put the default of the focused row in its place."""
        self._row_of(self.focused).reset()

    def action_move(self, rows: int) -> None:
        """Go up or down by some rows, to the first or the last at the most."""
        fields = [row.field for row in self._rows()]
        place = fields.index(self._row_of(self.focused).field) + rows
        self.set_focus(fields[min(max(place, 0), len(fields) - 1)])

    def _rows(self) -> list[Row]:
        return list(self.query(Row))

    def _row_of(self, widget: Widget | None) -> Row:
        rows = self._rows()
        return next((row for row in rows if widget is row.field), rows[0])

    def _put(self, row: Row, text: str) -> None:
        self._draft.put(row.entry.key, text)
        self._update()

    def _update(self) -> None:
        """Show everything as the draft now judges it."""
        for row in self._rows():
            row.update()
        verdict = self.query_one("#verdict", Static)
        write(verdict, self._words(self._draft.summary()))
        verdict.set_class(bool(self._draft.errors), "wrong")
        self._explain(self._row_of(self.focused))
        self._plot()

    def _explain(self, row: Row) -> None:
        """Say what the focused entry means, or what is wrong with it."""
        entry, error = row.entry, self._draft.errors.get(row.entry.key)
        schedule = registry.schedule(self._draft.text(KEY))
        meaning = self._words(f"{schedule.title}, {schedule.formula}" if entry.key == KEY else entry.meaning)
        parts = (f"✗ {reason(error)}", meaning) if error else (meaning, note(entry, self._draft.was(entry.key)))
        text = "\n".join(clean(part, 600) for part in parts)
        helping = self.query_one("#editor-help", Static)
        write(helping, Content.assemble((entry.name, "bold"), ": ", text))
        helping.set_class(error is not None, "wrong")

    def _plot(self) -> None:
        """Draw the rates over the budget; while something is wrong with them, the last that were right, dimmed."""
        view, curve = self.query_one("#editor-plot", CellView), self._draft.curve
        if curve is None or not view.size:
            return
        reacts = registry.schedule(self._draft.text(KEY)).react is not None
        view.show(
            sparkline(
                *curve, *view.size, now=self._draft.step, colour=self._colour, stale=self._draft.is_stale,
                name="lr" if self._ascii else "η", raster="ascii" if self._ascii else "braille",
                note="looks at the loss: this is what it starts from" if reacts else "",
            )
        )  # fmt: skip

    def _words(self, text: str) -> str:
        return spelt_out(text) if self._ascii else text
