"""The app: a race on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from textual.app import SystemCommand
from textual.binding import Binding
from textual.screen import Screen

from gdtui.config import Config
from gdtui.engine.race import Race
from gdtui.folders import TRAPS, trap_names
from gdtui.frames import Style
from gdtui.tui.bindings import bindings_of
from gdtui.tui.messages import ScenarioChosen
from gdtui.tui.panes.contour import ContourPane
from gdtui.tui.race_screen import RaceScreen
from gdtui.tui.rescue import Rescue
from gdtui.tui.terminal_app import FRAME_RATE, TerminalApp, frame_rate_of, play, settings_of


class GdtuiApp(TerminalApp):
    """One race at a time, on one screen. The other settings are those of every app."""

    def __init__(
        self,
        race: Race,
        *,
        speed: float | None = None,
        paused: bool = False,
        frame_rate: float = FRAME_RATE,
        keymap: Mapping[str, str] | None = None,
        **settings: Any,
    ) -> None:
        self._on_race = partial(
            RaceScreen, race, speed=speed, paused=paused, frame_rate=frame_rate, keymap=keymap or {}
        )
        super().__init__(keymap=keymap, **settings)

    def make_screen(self, style: Style) -> RaceScreen:
        screen = self._on_race(style=style)
        self._rescue = Rescue(screen.session)
        return screen

    def is_cut_off(self) -> None:
        self._rescue.order()

    def has_ended(self, *, cut_off: bool) -> None:
        if cut_off or self._rescue.is_wanted:
            self._rescue.finish()

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        yield from super().get_system_commands(screen)
        if isinstance(screen, RaceScreen):
            yield from self.commands_of(bindings_of(RaceScreen))
            yield from self.commands_of(
                Binding.make_bindings(ContourPane.VIEW_BINDINGS), on=screen.query_one(ContourPane)
            )
            for name in trap_names():
                title = f"Trap: {name.removeprefix(f'{TRAPS}/')}"
                yield SystemCommand(title, f"Open {name}", lambda n=name: screen.post_message(ScenarioChosen(n)))


def run(race: Race, *, speed: float | None = None, paused: bool = False, config: Config) -> int:
    """Play ``race`` on this terminal until the user leaves; returns the exit code. Raises what went wrong."""
    app = GdtuiApp(race, speed=speed, paused=paused, frame_rate=frame_rate_of(config), **settings_of(config))
    return play(app, config)
