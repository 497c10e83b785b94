"""The panes of a watched log: its curves, its runs, the verdict on one of them, and how it came to that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from gdtui.analysis.series import Series
from gdtui.analysis.watching import Watched, WatchedRun
from gdtui.charts.cells import one_line
from gdtui.charts.loss import CurveLayer, LossSpec
from gdtui.charts.palette import head_colour, racer_letter
from gdtui.frames import LogAxes, LogChoice, Style, logged
from gdtui.tui.chart_thread import ChartThread
from gdtui.tui.colours import depth_of, theme_of
from gdtui.tui.ink import css_colour
from gdtui.tui.panes.loss import CurvePane
from gdtui.tui.panes.pane import Pane
from gdtui.tui.sized import Sized
from gdtui.tui.verdict_text import Parts, badge, content, opinion, remarks, story


class LogPane(CurvePane):
    """What the runs logged, over their steps."""

    HELP: ClassVar[str] = (
        "The loss that was logged, the held-out one beside it as a curve of its own letter; or the gradient norm, the "
        "learning rate or the update norm, where they were logged. A gap is where the loss was no number. Smoothed is "
        "an exponential moving average over about 1 % or 5 % of all steps, of the logarithms on a log axis; what was "
        "logged stays behind it. The pointer reads out what was logged up to where it is."
    )

    def __init__(self, charts: ChartThread, style: Style) -> None:
        super().__init__(charts, style)
        self._choice = LogChoice()
        self._axes = LogAxes(self._choice)
        self._runs: Sequence[tuple[str, Series]] = ()
        self._strong: int | None = None

    @property
    def axes(self) -> LogAxes | None:
        return self._axes if self._runs else None

    def curves(self) -> list[CurveLayer]:
        return self._axes.curves(self._runs, self._style, self._strong)

    def spec(self, curves: Sequence[CurveLayer], size: tuple[int, int], now: float) -> LossSpec:
        return self._axes.spec(curves, size, now, self._style)

    def show(self, runs: Sequence[tuple[str, Series]], strong: int | None = None) -> None:
        """Show these runs; the one at the place ``strong`` stands out."""
        if [label for label, _ in runs] != [label for label, _ in self._runs] or _is_another(runs, self._runs):
            self._axes.begin_again()
        self._runs, self._strong = runs, strong
        self._draw()

    def toggle_log(self) -> None:
        """Between a logarithmic and a linear axis, for the quantity that is shown."""
        self._choose(self._choice.with_log(not self._axes.log))

    def toggle_log_x(self) -> None:
        """Between logarithmic and linear steps."""
        self._choose(replace(self._choice, log_x=not self._choice.log_x))

    def next_quantity(self) -> None:
        """From one of the quantities that were logged to the next."""
        known = logged([series for _, series in self._runs])
        if len(known) < 2:
            self.notify("Nothing but the loss was logged", markup=False)
            return
        place = known.index(self._choice.quantity) if self._choice.quantity in known else -1
        self._choose(replace(self._choice, quantity=known[(place + 1) % len(known)]))

    def next_smoothing(self) -> None:
        """From none to light, to strong, and back."""
        if self._choice.quantity.is_noisy:
            self._choose(replace(self._choice, smoothing=self._choice.smoothing.next()))
        else:
            self.notify("A learning rate is not smoothed", markup=False)

    def _choose(self, choice: LogChoice) -> None:
        self._choice = choice
        self._axes.choose(choice)
        self._draw()


def _is_another(runs: Sequence[tuple[str, Series]], before: Sequence[tuple[str, Series]]) -> bool:
    """Whether any of the runs has begun again, for axes only grow."""
    return any(now[1].steps[-1] < then[1].steps[-1] for now, then in zip(runs, before, strict=False))


class RunsPane(Pane, Sized):
    """The runs, where there are several, each with its verdict."""

    HELP: ClassVar[str] = "The runs, each with its verdict. Select one to read about it; P has it stand out."
    BORDER_TITLE = "Runs"

    class Selected(Message):
        """The cursor is on another run."""

    def __init__(self, *, ascii_only: bool) -> None:
        super().__init__(id="runs")
        self._ascii = ascii_only
        self._runs: Sequence[tuple[str, WatchedRun]] = ()
        self._shown: list[tuple[str, str, str]] = []

    def compose(self) -> ComposeResult:
        yield OptionList(markup=False, id="run-list")

    @property
    def selected(self) -> int:
        """The place of the run under the cursor."""
        return self.query_one(OptionList).highlighted or 0

    def show(self, runs: Sequence[tuple[str, WatchedRun]]) -> None:
        """Show the runs; rows that did not change are left alone."""
        self._runs = runs
        listed = self.query_one(OptionList)
        badges = [badge(run.verdict) for _, run in runs]
        longest, widest = (
            max((len(label) for label, _ in runs), default=0),
            max((len(text) for text, _ in badges), default=0),
        )
        room = max(4, min(longest, listed.content_size.width - widest - 3))
        names = [one_line(label, room, ascii_only=self._ascii).ljust(room) for label, _ in runs]
        rows = [(name, *each) for name, each in zip(names, badges, strict=True)]
        if len(rows) != len(self._shown):
            highlighted = listed.highlighted
            listed.clear_options()
            listed.add_options([Option(self._prompt(place, *row)) for place, row in enumerate(rows)])
            if rows:
                listed.highlighted = min(highlighted or 0, len(rows) - 1)
        else:
            for place, (row, before) in enumerate(zip(rows, self._shown, strict=True)):
                if row != before:
                    listed.replace_option_prompt_at_index(place, self._prompt(place, *row))
        self._shown = rows

    def _prompt(self, place: int, label: str, text: str, style: str) -> Content:
        head = f"bold {css_colour(depth_of(self.app), head_colour(place), theme_of(self.app))}"
        # The mark alone has the colour: a word of it would not be legible under the cursor.
        return Content.assemble((racer_letter(place), head), f" {label} ", (text[:1], style), text[1:])

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, lambda _: self._write_all())

    def size_changed(self) -> None:
        self.show(self._runs)

    def _write_all(self) -> None:
        for place, row in enumerate(self._shown):
            self.query_one(OptionList).replace_option_prompt_at_index(place, self._prompt(place, *row))

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self.post_message(self.Selected())


class TextPane(Pane):
    """A text that may be longer than the pane."""

    def __init__(self, *, ascii_only: bool, id: str) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._ascii = ascii_only
        self._parts: Parts | None = None

    def compose(self) -> ComposeResult:
        with VerticalScroll():
            yield Static(markup=False)

    def show(self, parts: Parts) -> None:
        """Show this text; the same one again costs nothing."""
        if parts != self._parts:
            self._parts = parts
            self.query_one(Static).update(content(parts, ascii_only=self._ascii))


class VerdictPane(TextPane):
    """The verdict on the selected run."""

    HELP: ClassVar[str] = (
        "What the run is doing, told from its last 100 rows: ✓ is good, · a note, ! a warning and ✗ fatal. Another "
        "verdict is taken over when it held for three looks, a twentieth of these rows apart. Below it what cannot be "
        "told, and how to log it."
    )

    def wait(self, fault: tuple[str, str] | None) -> None:
        """Say what there is no verdict for yet."""
        self.set_title("Verdict")
        self.show([("There is nothing to judge yet" + (f": {fault[0]} {fault[1]}." if fault else "."), "")])

    def judge(self, label: str, log: Watched, run: WatchedRun, *, with_changes: bool) -> None:
        """Show the verdict on a run of a log."""
        self.set_title(f"Verdict on {label}" if label else "Verdict")
        parts = opinion(run.verdict)
        if with_changes:
            parts += [("\n\n", ""), *story(run.changes)]
        self.show([*parts, *remarks(log, run)])


class StoryPane(TextPane):
    """How the verdict on the selected run has changed."""

    HELP: ClassVar[str] = "The verdicts so far, the newest first, with the step at which each was first seen."
    BORDER_TITLE = "Verdicts so far"

    def tell(self, run: WatchedRun) -> None:
        """Show the changes of a run."""
        self.show(story(run.changes))
