"""The keys for recordings: write one, and race on from one."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType

from gdtui.engine.race import Race
from gdtui.tui import reproduce
from gdtui.tui.dialogs import Question
from gdtui.tui.messages import Built, RaceWanted
from gdtui.tui.time_actions import TimeActions

SUFFIX = ".gdtui"


class RecordingActions(TimeActions):
    """Keys beside those of :class:`TimeActions`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("w", "record", "Record", id="race.record", tooltip="Write a recording of this race, as it stands"),
        Binding("G", "race_on", "Race on", id="race.on", tooltip="In a replay: race on from the end of the recording"),
    ]

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
        if not race.is_replay:
            self.notify("This is no replay: it races on by itself", title="Not possible", markup=False)
            return
        from gdtui.recording.replay import RecordedRace

        assert isinstance(race, RecordedRace)
        recording = race.recording
        self.notify(f"Racing on from step {recording.step:,}", markup=False)
        self.post_message(RaceWanted(recording.race))
