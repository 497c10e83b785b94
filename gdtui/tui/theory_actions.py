"""The keys of theory: what is predicted of a racer beside what was measured, and taking the best setting there is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList

from gdtui.analysis.verdict import Verdict
from gdtui.charts.palette import racer_letter
from gdtui.contracts import Problem
from gdtui.engine.driver import DriverState
from gdtui.engine.race import Race
from gdtui.engine.snapshot import RacerSnapshot
from gdtui.errors import clean
from gdtui.spelling import spelt_out
from gdtui.tui.chart_thread import ChartThread, Workshop
from gdtui.tui.messages import Built
from gdtui.tui.panes.details import Details
from gdtui.tui.panes.family import FamilyPane
from gdtui.tui.panes.loss import LossPane
from gdtui.tui.race_actions import RaceActions

if TYPE_CHECKING:  # the first frame does without
    from gdtui.analysis.taking import Taking
    from gdtui.analysis.theory import Theory

THEORY, TITLE = "theory", "Theory beside measurement"
TAKE = "racer.take_best"
USUAL_WIDTH = 40  # cells, of a page that is not shown yet
FRAME = 3  # cells beside a page: its padding, and the bar that a long one has
_STYLES = {"accent": "$accent"}


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """A racer as it stood in a race, and the verdict on it then; ``run`` tells one race from another."""

    run: object
    racer: RacerSnapshot
    verdict: Verdict | None
    problem: Problem
    is_running: bool

    def is_same(self, other: _Asked) -> bool:
        """Whether the answer is the same."""
        same = self.racer is other.racer and self.verdict is other.verdict
        return same and self.run == other.run and self.is_running == other.is_running


_Answer = tuple[_Asked, "tuple[Theory, Taking] | str"]


class TheoryActions(RaceActions):
    """Works the theory of a racer out, off the event loop, while the page about it is open; else it costs nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "t",
            "theory",
            "Theory",
            id="racer.theory",
            tooltip="Theory beside measurement, and the predicted slope, dotted",
        ),
        Binding(
            "T",
            "take_best",
            "Best setting",
            id=TAKE,
            tooltip="Give the selected racer the best lr, and beta, by theory",
        ),
    ]

    _charts: ChartThread
    _theories: Workshop[_Answer]
    _theory_asked: _Asked | None = None
    _theory_known: tuple[_Asked, Theory, Taking] | None = None
    _theory_written: tuple[object, ...] = ()

    def on_mount(self) -> None:
        self._theories = Workshop(self, self._charts, self._take_theory)
        self.watch(self.query_one(FamilyPane).details, "page", self._theory_turned, init=False)

    def action_theory(self) -> None:
        self.turn_to(THEORY)

    def _theory_turned(self) -> None:
        if self.query_one(FamilyPane).details.page == THEORY:
            self.show_theory()
        elif self._theory_asked is not None:
            self._theory_asked = self._theory_known = None
            self.query_one(LossPane).predict(None)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self.show_theory()

    def on_details_resized(self, message: Details.Resized) -> None:
        message.stop()
        self.show_theory()

    def show_theory(self) -> None:
        """Have the page, if it is open, be about the racer as the screen shows it; as often as numbers change."""
        published, racer = self.published, self.racer_in_question()
        if self.query_one(FamilyPane).details.page != THEORY or published is None or racer is None:
            return
        driver = self.session.driver
        asked = _Asked(
            run=(driver, published.generation),
            racer=racer,
            verdict=self.verdicts.get(racer.label),
            problem=driver.race.problem,
            is_running=published.state is DriverState.RUNNING,
        )
        before, self._theory_asked = self._theory_asked, asked
        if before is None or not before.is_same(asked):
            self._theories.want(partial(_work_out, asked))
        else:
            self._write_theory()  # of another width, perhaps

    def _take_theory(self, answer: _Answer) -> None:
        asked, (answered, found) = self._theory_asked, answer
        if asked is None or (asked.run, asked.racer.label) != (answered.run, answered.racer.label):
            return
        if isinstance(found, str):
            self._theory_known, self._theory_written = None, ()
            self.query_one(LossPane).predict(None)
            who = clean(f"{racer_letter(answered.racer.index)} {answered.racer.label}")
            page = Content.assemble((f"{who}\n", "dim"), found)
            self.query_one(FamilyPane).details.set_page(THEORY, TITLE, page)
            return
        theory, taking = found
        self._theory_known = answered, theory, taking
        self._write_theory()
        self.query_one(LossPane).predict(theory)

    def _write_theory(self) -> None:
        from gdtui.frames.theory import theory_page

        if self._theory_known is None:
            return
        details, selected = self.query_one(FamilyPane).details, self._selected_racer()
        asked, theory, taking = self._theory_known
        racer = asked.racer
        is_selected = selected is not None and selected.label == racer.label
        width = max(details.content_region.width - FRAME, 0) or USUAL_WIDTH
        written = (theory, width, is_selected)
        if written == self._theory_written:
            return
        self._theory_written = written
        key = self._keymap.get(TAKE, "T").split(",")[0]
        pieces = theory_page(
            theory, taking, f"{racer_letter(racer.index)} {racer.label}", racer.step, width,
            takes=f"{key} takes" if is_selected else f"Select it, and {key} takes", ascii_only=self._ascii,
        )  # fmt: skip
        content = Content.assemble(*((text, _STYLES.get(mark, mark)) for text, mark in pieces))
        details.set_page(THEORY, TITLE, content)

    def action_take_best(self) -> None:
        racer = self._selected_racer()
        if racer is not None:
            label = racer.label
            self.session.driver.order(lambda race: self._take_best(race, label))

    def _take_best(self, race: Race, label: str) -> None:
        """Change the racer, in the race's own thread: what is best depends on where it is."""
        from gdtui.analysis.taking import best_for
        from gdtui.analysis.theory import of_racer

        racer = next((racer for racer in race.snapshot().racers if racer.label == label), None)
        if racer is None:
            return
        taking = best_for(racer, of_racer(racer, race.problem))
        if taking.changes:
            race.set(label, taking.changes)
        self.post_message(Built(lambda: self._tell_taking(racer, taking)))

    def _tell_taking(self, racer: RacerSnapshot, taking: Taking) -> None:
        who = clean(f"{racer_letter(racer.index)} {racer.label}")
        title = f"{who} takes the best setting" if taking.changes else f"{who} takes nothing"
        self.notify(spelt_out(taking.sentence) if self._ascii else taking.sentence, title=title, markup=False)


def _work_out(asked: _Asked) -> _Answer:
    """The theory of a racer, with what was measured of it, or why there is none."""
    from gdtui.analysis.predictions import measured
    from gdtui.analysis.taking import best_for
    from gdtui.analysis.theory import of_racer

    try:
        rate, floor = measured(asked.verdict, asked.racer)
        theory = of_racer(asked.racer, asked.problem, measured=rate, measured_floor=floor, saving=asked.is_running)
        return asked, (theory, best_for(asked.racer, theory))
    except Exception as error:  # the objective may be the user's own code, which can raise anything; the race goes on
        return asked, clean(f"No theory: {type(error).__name__}: {error}", 300)
