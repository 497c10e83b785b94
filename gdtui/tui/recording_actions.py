"""The keys for recordings: write one, and race on from one."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.binding import Binding, BindingType

from gdtui.engine.race import Race
from gdtui.tui import reproduce
from gdtui.tui.dialogs import Question
from gdtui.tui.messages import Built, RaceWanted
from gdtui.tui.time_actions import TimeActions

if TYPE_CHECKING:  # the first frame does without
    from gdtui.recording import Recording

SUFFIX = ".gdtui"
OFFER_SECONDS = 30.0  # that the offer of a race that was cut off is shown


class RecordingActions(TimeActions):
    """Keys beside those of :class:`TimeActions`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("w", "record", "Record", id="race.record", tooltip="Write a recording of this race, as it stands"),
        Binding("G", "race_on", "Race on", id="race.on", tooltip="Race on from the end of a replay, or a race cut off"),
    ]

    _cut_off: Recording | None = None
    """The race that was cut off, once it was offered."""

    @work(thread=True)
    def offer(self) -> None:
        """Offer the race that was cut off last, if that was not done before."""
        from gdtui.recording import autosave

        found = autosave.offer()
        if found is not None:
            said = f"A race on {found.scenario.name} was cut off at step {found.step:,}. G races on from there."
            self._cut_off = found
            self.post_message(Built(lambda: self.notify(said, title="Cut off", timeout=OFFER_SECONDS, markup=False)))

    @work
    async def action_record(self) -> None:
        if self.session.race.is_replay:
            self.notify("This is a replay: its recording is there", title="Not possible", markup=False)
            return
        check = partial(reproduce.check_file_name, suffix=SUFFIX)
        name = f"{self.session.race.scenario.name}{SUFFIX}"
        answer = await self.app.push_screen_wait(Question("Write a recording", "File name", check, name))
        if answer:
            # The race's own thread writes it, between two steps.
            self.session.driver.order(partial(self._record, reproduce.path_of(answer, SUFFIX)))

    def _record(self, path: Path, race: Race) -> None:
        from gdtui.recording import write

        write(path, race)
        said = f"Recorded up to step {race.step:,} in {path}"
        self.post_message(Built(lambda: self.notify(said, markup=False)))

    def action_race_on(self) -> None:
        race = self.session.race
        recording = self._cut_off
        if race.is_replay:
            from gdtui.recording.replay import RecordedRace

            assert isinstance(race, RecordedRace)
            recording = race.recording
        if recording is None:
            self.notify("This is no replay: it races on by itself", title="Not possible", markup=False)
            return
        self.notify(f"Racing on from step {recording.step:,}", markup=False)
        self.post_message(RaceWanted(recording.race))
