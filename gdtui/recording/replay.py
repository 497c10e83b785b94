"""A recorded race, played: the driver of a race on what was recorded of it, with nothing computed anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NoReturn

from gdtui.engine.checkpoints import TimeMachine
from gdtui.engine.driver import RaceDriver
from gdtui.engine.edits import Action
from gdtui.engine.race import Race
from gdtui.engine.snapshot import Snapshot
from gdtui.engine.state import RaceState
from gdtui.engine.timeline import Timeline, marks
from gdtui.errors import InputError
from gdtui.recording.reading import Recording


class RecordedRace(Race):
    """A race that goes through the steps that were recorded, and does nothing else. Nothing of it is compiled."""

    is_replay = True
    recording: Recording

    @classmethod
    def of(cls, recording: Recording) -> RecordedRace:
        """The race of a recording, at its start. An :class:`InputError` where its data or its function are not there.

        Its problem is needed for the landscape, which is not recorded.
        """
        made = recording.fresh(kind=cls)
        assert isinstance(made, cls)
        made.recording = recording
        return made

    def prepare(self) -> None:
        """There is nothing to compile."""

    @property
    def is_prepared(self) -> bool:
        return True

    @property
    def is_level(self) -> bool:
        return True

    @property
    def is_over(self) -> bool:
        return self.step >= self.recording.step

    @property
    def budget(self) -> int | None:
        """The last step that was recorded."""
        return self.recording.step

    def advance(self, steps: int) -> Race:
        """Go on by so many steps, to the last one at the most."""
        self.step = min(self.step + steps, self.recording.step)
        return self

    def examine(self) -> None:
        """What was not recorded stays unknown."""

    def snapshot(self) -> Snapshot:
        """The race as it was recorded at this step."""
        return self.recording.snapshot(self.step)

    def restarted(self, start: Sequence[float] | None = None, seed: int | None = None) -> Race:
        """The same recording from its beginning."""
        if start is not None or seed is not None:
            _refuse()
        return RecordedRace.of(self.recording)

    def state(self) -> RaceState:
        """The last state that was recorded."""
        return self.recording.last

    def _edit(self, label: str, what: str, action: Action, *, is_noted: bool = False) -> NoReturn:  # noqa: ARG002 - none
        _refuse()


def _refuse() -> NoReturn:
    raise InputError("this is a replay, and nothing is raced anew", remedy="race on from its end (G)")


class _RecordedTime(TimeMachine):
    """Every step of a recording is known, and reached at once."""

    race: RecordedRace

    def _begin(self) -> None:
        super()._begin()
        recording = self.race.recording
        self.furthest = recording.step
        self._marks = marks(recording.snapshot())

    def advance(self, steps: int) -> None:
        self.race.advance(steps)

    @property
    def first(self) -> int:
        return 0

    def seconds_to(self, step: int) -> float:  # noqa: ARG002 - any
        return 0.0

    def go_to(self, step: int, given_up: Callable[[], bool] = lambda: False) -> None:  # noqa: ARG002 - at once
        self.race.step = min(max(step, 0), self.furthest)

    def timeline(self, snapshot: Snapshot) -> Timeline:  # noqa: ARG002 - known from the beginning
        return Timeline(0, self.furthest, self._marks)


class ReplayDriver(RaceDriver):
    """Plays a :class:`RecordedRace` as :class:`RaceDriver` plays a race; what would change it is refused."""

    def _machine(self, race: Race) -> TimeMachine:
        assert isinstance(race, RecordedRace)
        return _RecordedTime(race)
