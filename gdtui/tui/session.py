"""The race behind the screen: which one is played, by which driver. Knows nothing of widgets."""

from __future__ import annotations

from collections.abc import Callable

from gdtui.engine.driver import DriverState, Published, RaceDriver
from gdtui.engine.race import Race


class Session:
    """Plays one race at a time. ``publish`` is called from the race's thread with a picture and its driver."""

    def __init__(
        self,
        race: Race,
        publish: Callable[[Published, RaceDriver], None],
        *,
        speed: float | None = None,
        paused: bool = False,
        frame_rate: float = 15.0,
    ) -> None:
        self._publish = publish
        self._speed, self._frame_rate = speed, frame_rate
        self.driver = self._driver(race, paused)

    def _driver(self, race: Race, paused: bool) -> RaceDriver:
        def publish(published: Published) -> None:
            self._publish(published, driver)

        kind: type[RaceDriver] = RaceDriver
        if race.is_replay:  # the first frame of a race does without
            from gdtui.recording.replay import ReplayDriver

            kind = ReplayDriver
        driver = kind(race, publish, speed=self._speed, paused=paused, frame_rate=self._frame_rate)
        return driver

    @property
    def race(self) -> Race:
        """The race being played. Its thread advances it: read its problem and scenario, order everything else."""
        return self.driver.race

    def first_picture(self) -> Published:
        """What there is to see before anything is compiled."""
        return Published(
            self.race.snapshot(), DriverState.COMPILING, 0.0, self._speed, 0, is_replay=self.race.is_replay
        )

    def start(self) -> None:
        """Begin the race."""
        self.driver.start()

    def replace(self, race: Race, *, paused: bool = False) -> None:
        """Play another race; the one before ends."""
        self.driver.close(timeout=0.0)
        self.driver = self._driver(race, paused)
        self.driver.start()

    def close(self) -> None:
        """End the race and wait for its thread; one that is compiling is left behind."""
        self.driver.close(timeout=0.5)
