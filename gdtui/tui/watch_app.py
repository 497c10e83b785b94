"""The app on training logs that grow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from textual.app import SystemCommand
from textual.binding import Binding
from textual.screen import Screen

from gdtui.analysis.watching import Watch
from gdtui.config import Config
from gdtui.frames import Style
from gdtui.tui.terminal_app import TerminalApp, play, settings_of
from gdtui.tui.watch_screen import WatchScreen
from gdtui.tui.watcher import Watcher


class WatchApp(TerminalApp):
    """Logs on one screen. The settings are those of every app."""

    def __init__(self, watcher: Watcher, *, keymap: Mapping[str, str] | None = None, **settings: Any) -> None:
        self._watcher, self._keys = watcher, keymap or {}
        super().__init__(keymap=keymap, **settings)

    def make_screen(self, style: Style) -> WatchScreen:
        return WatchScreen(self._watcher, style=style, keymap=self._keys)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        yield from super().get_system_commands(screen)
        if isinstance(screen, WatchScreen):
            yield from self.commands_of(Binding.make_bindings(WatchScreen.BINDINGS))


def run(paths: Sequence[str], given: Mapping[str, str], *, config: Config) -> int:
    """Watch logs on this terminal until the user leaves; returns the exit code. ``given`` are columns by their role."""
    watcher = Watcher([Watch(path, given) for path in paths])
    return play(WatchApp(watcher, **settings_of(config)), config)
