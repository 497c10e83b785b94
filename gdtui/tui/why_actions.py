"""The key that asks why: the last step of the pinned racer, or else of the selected one, on a page and as arrows."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList

from gdtui.analysis.why import Explanation, explain
from gdtui.charts.palette import racer_letter
from gdtui.engine.last_step import last_step
from gdtui.engine.snapshot import RacerSnapshot
from gdtui.errors import InputError, clean
from gdtui.frames.why import why_page
from gdtui.tui.chart_thread import ChartThread, Workshop
from gdtui.tui.panes.contour import ContourPane
from gdtui.tui.panes.details import Details
from gdtui.tui.panes.family import FamilyPane
from gdtui.tui.race_actions import RaceActions

WHY, TITLE = "why", "Why this step"
USUAL_WIDTH = 40  # cells, of a page that is not shown yet
FRAME = 3  # cells beside a page: its padding, and the bar that a long one has
_STYLES = {"accent": "$accent"}
_Answer = tuple[RacerSnapshot, "Explanation | str"]


class WhyActions(RaceActions):
    """Takes a step apart, off the event loop, while the page about it is open; costs nothing while it is not."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "W",
            "why",
            "Why this step",
            id="racer.why",
            tooltip="Take the last step of the pinned or the selected racer apart",
        )
    ]

    _charts: ChartThread
    _steps: Workshop[_Answer]
    _asked: RacerSnapshot | None = None
    _answer: _Answer | None = None
    _width = 0
    _watched: str | None = None

    def on_mount(self) -> None:
        self._steps = Workshop(self, self._charts, self._take_step)
        self.watch(self.query_one(FamilyPane).details, "page", self._page_turned, init=False)

    def action_why(self) -> None:
        self.turn_to(WHY)

    def _page_turned(self) -> None:
        if self._asks_why:
            self.show_why()
        elif self._asked is not None:
            self._asked = self._answer = None
            self.query_one(ContourPane).explain(None)
            self._watch(None)

    @property
    def _asks_why(self) -> bool:
        return self.query_one(FamilyPane).details.page == WHY

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self.show_why()

    def on_details_resized(self, message: Details.Resized) -> None:
        message.stop()
        self.show_why()

    def show_why(self) -> None:
        """Have the page say why the racer stands where the screen shows it. To be called as often as numbers change."""
        racer = self.racer_in_question() if self._asks_why else None
        if racer is None:
            return
        before, self._asked = self._asked, racer
        if before is not None and _place(before) == _place(racer):
            self._write_page()  # of another width, perhaps
            return
        if racer.replay is None and racer.step > 0:
            self._watch(racer.label)
        self._steps.want(lambda: (racer, _explained(racer)))

    def _watch(self, label: str | None) -> None:
        """Have the race set aside what a racer with a large state is made of, which it does not unasked."""
        if label != self._watched:
            self._watched = label
            self.session.driver.order(lambda race: race.watch(label))

    def _take_step(self, answer: _Answer) -> None:
        asked = self._asked
        if asked is not None and asked.label == answer[0].label:
            self._answer, self._width = answer, 0
            self._write_page()
            racer, found = answer
            self.query_one(ContourPane).explain(None if isinstance(found, str) else found, racer.index)

    def _write_page(self) -> None:
        details = self.query_one(FamilyPane).details
        width = max(details.content_region.width - FRAME, 0) or USUAL_WIDTH
        if self._answer is None or width == self._width:
            return
        self._width = width
        racer, found = self._answer
        who = f"{racer_letter(racer.index)} {racer.label}"
        if isinstance(found, str):
            pieces = [(f"{clean(who)}\n", "dim"), (found, "")]
        else:
            pieces = why_page(found, who, width, ascii_only=self._ascii)
        content = Content.assemble(*((text, _STYLES.get(mark, mark)) for text, mark in pieces))
        details.set_page(WHY, TITLE, content)


def _place(racer: RacerSnapshot) -> tuple[str, int, int]:
    """What tells one step of a racer from another."""
    return racer.label, racer.step, id(racer.replay)


def _explained(racer: RacerSnapshot) -> Explanation | str:
    """Why the racer stands where it does, or why that cannot be said."""
    if racer.step == 0:
        return "It has not taken a step yet."
    if racer.replay is None:
        return (
            "How it came here was not set aside: its state is large, or it was put back to here. Its next step will be."
        )
    try:
        return explain(last_step(racer.replay, racer.step, racer.theta))
    except InputError as error:
        return str(error)
    except Exception as error:  # the objective and the rule may be the user's own code, which can raise anything
        return clean(f"{type(error).__name__}: {error}", 300)
