"""The keys that play a race with something to say, and what puts that on its page."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.worker import get_current_worker

from gdtui.analysis.brief import brief
from gdtui.analysis.verdict import Kind, Severity
from gdtui.engine.driver import DriverState, Published
from gdtui.engine.race import Race
from gdtui.engine.snapshot import RacerSnapshot
from gdtui.errors import InputError
from gdtui.tui.messages import Built
from gdtui.tui.panes.family import FamilyPane
from gdtui.tui.race_actions import RaceActions

if TYPE_CHECKING:  # the first frame does without what tells a story
    from gdtui.tui.story import Story

Made = tuple[Race, "Story | None"]


class StoryActions(RaceActions):
    """Loads races, and shows of one with a story how it begins and how it ended."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "d",
            "demonstrate",
            "Demonstrate",
            id="family.demonstrate",
            tooltip="Play where the optimizer selected in the family tree fails",
        ),
        Binding(
            "F",
            "fix",
            "Race the fixer",
            id="family.fix",
            tooltip="Race the selected racer against the one that fixes its trouble",
        ),
    ]

    story: Story | None = None
    _run: object = None
    """The race that the page is about: a restart is another one."""
    _is_told = False
    _waits = False
    """Whether the page says that the race waits to be started."""

    def play(self, race: Race, story: Story | None) -> None:
        """Play another race. One with a story waits for the user to have read it, if it begins with what to expect."""
        self.session.replace(race, paused=story is not None and story.waits)
        self.published = self.session.first_picture()
        if story is None or not self.has_class("-open-right"):  # where its page is to be
            self.action_close()
        self.begin(story)

    def begin(self, story: Story | None, *, opens: bool = True) -> None:
        """Have ``story`` told of the race that is played; ``opens`` has its page come out where panes are hidden."""
        details = self.query_one(FamilyPane).details
        before, self.story, self._run = self.story, story, None
        if before is not None and (story is None or story.page != before.page):
            details.drop_page(before.page)
        if story is not None:
            self.follow(self.published)
            if opens:
                self.show_page(story.page)
            else:
                details.page = story.page

    def follow(self, published: Published | None) -> None:
        """Keep up with the race: its page begins anew with each run, and is completed at the end of it."""
        story, driver = self.story, self.session.driver
        if story is None or published is None:
            return
        run = (driver, published.generation)
        waits = story.waits and published.snapshot.step == 0 and published.state is DriverState.PAUSED
        if run != self._run or (waits != self._waits and not self._is_told):
            self._run, self._is_told, self._waits = run, False, waits
            hint = Content.styled("It waits: run it when you have read this.\n\n", "$accent") if waits else Content("")
            self._tell(run, hint + story.before())
        if published.state is DriverState.FINISHED and not self._is_told:
            self._is_told, step = True, published.snapshot.step
            driver.order(lambda race: self._work_out(story, race, run) if race.step == step else None)

    def _work_out(self, story: Story, race: Race, run: object) -> None:
        content = story.after(race)
        self.post_message(Built(lambda: self._tell(run, content)))

    def _tell(self, run: object, content: Content) -> None:
        if self.story is not None and run == self._run:
            self.query_one(FamilyPane).details.set_page(self.story.page, self.story.title, content)

    @work(thread=True, exclusive=True, group="load")
    def load(self, make: Callable[[], Made]) -> None:
        """Have a race made, off the event loop, and played."""
        # Reading data takes as long as the file is large, and another race may have been chosen meanwhile.
        worker = get_current_worker()
        try:
            made = make()
        except InputError as error:
            outcome = partial(self._refuse, error)
        else:
            outcome = partial(self.play, *made)
        if not worker.is_cancelled:
            self.post_message(Built(outcome))

    def action_demonstrate(self) -> None:
        from gdtui.tui.story import demonstration

        family = self.query_one(FamilyPane)
        optimizer = family.selected
        if optimizer is None:
            return
        if self.story is not None and self.story.shows(optimizer) and family.details.page != self.story.page:
            self.show_page(self.story.page)  # it is being played
        else:
            self.load(lambda: demonstration(optimizer, ascii_only=self._ascii))

    def action_fix(self) -> None:
        from gdtui.tui.duel import duel, whom

        racer = self._troubled()
        verdict = None if racer is None else self.verdicts.get(racer.label)
        if racer is None or verdict is None:
            return
        against = whom(verdict)
        if against is None:
            is_well = verdict.kind is Kind.TOO_LITTLE or verdict.severity is Severity.GOOD
            end = "There is nothing to fix so far." if is_well else "Nobody is known to fix that."
            self.notify(f"{racer.label}: {brief(verdict)}. {end}", title="Nothing to race against", markup=False)
            return

        def make(race: Race) -> None:
            made = duel(race, racer.label, verdict, against, ascii_only=self._ascii)
            self.post_message(Built(partial(self.play, *made)))

        self.session.driver.order(make)

    def _troubled(self) -> RacerSnapshot | None:
        """The selected racer, or while the tree has the focus, that of its optimizers which a verdict has a fix for."""
        family = self.query_one(FamilyPane)
        if not family.has_focus_within or family.selected is None or self.published is None:
            return self._selected_racer()
        name = family.selected.name
        racers = [racer for racer in self.published.snapshot.racers if racer.spec.optimizer == name]
        fixable = [racer for racer in racers if (v := self.verdicts.get(racer.label)) is not None and v.fixed_by]
        return next(iter((*fixable, *racers)), None)
