"""Keeping the race when the app is ended from outside: once, and by whoever comes first."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from gdtui.engine.race import Race
from gdtui.tui.session import Session


class Rescue:
    """Keeps the race of a session; in the race's own thread, since a terminal that is gone may hold the event loop."""

    def __init__(self, session: Session) -> None:
        self.is_wanted = False
        """Whether a signal has asked for it."""
        self._session = session
        self._lock = threading.Lock()
        self._is_done = False
        self._path: Path | None = None

    def order(self) -> None:
        """Have the race kept between two steps; callable from a signal handler."""
        self.is_wanted = True
        self._session.driver.order(self._keep)

    def finish(self) -> None:
        """Keep the race if it was not kept yet, and say where it is. The session is closed."""
        driver = self._session.driver
        if self._is_done or not driver.is_running:  # else it is in the middle of a step that takes long
            self._keep(driver.race)
        if self._path is not None:
            said = f"gdtui: the race is kept in {self._path}; the app offers it at its next start"
            print(said, file=sys.stderr)

    def _keep(self, race: Race) -> None:
        from gdtui.recording import autosave

        with self._lock:
            if not self._is_done:
                self._is_done = True
                self._path = autosave.save(race)
