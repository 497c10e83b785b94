"""The link to the terminal: one frame in flight, so that a slow line costs frames and never keys.

Textual writes frames into a queue, and a terminal that cannot keep up fills it until the event loop itself blocks: keys
then take seconds. So each frame of the charts ends with a request for the cursor's position, and the next waits until
the terminal has answered, which it does when it has read that far. A terminal that never answers is paced by how late
the loop itself is.
"""

from __future__ import annotations

import sys
import termios
import time
from collections.abc import Callable
from typing import Protocol, runtime_checkable

from textual import events
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

REQUEST = "\x1b[6n"
_UNANSWERED = 3  # requests in a row after which the terminal is taken for one that does not answer
_PATIENCE, _FIRST_PATIENCE = 5.0, 2.0  # seconds until a request counts as unanswered; before there was any answer
_LAST_WAIT = 1.0  # seconds to wait at the end for answers that would otherwise be typed into the user's shell


class Gate:
    """Says whether another frame may be drawn. All times are seconds of one clock that never goes back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._asked: float | None = None
        self._missed = 0
        self._patience = _FIRST_PATIENCE
        self._frame_at = 0.0
        self.interval = 0.0
        """Without answers: the least time between frames, which grows while frames are late."""

    @property
    def answers(self) -> bool:
        """Whether the terminal is believed to answer."""
        return self._missed < _UNANSWERED

    @property
    def waiting(self) -> bool:
        """Whether an answer is still due."""
        return self._asked is not None

    def may_draw(self) -> bool:
        """Whether the terminal has read what was sent before, as far as can be told."""
        now = self._clock()
        if not self.answers:
            return now - self._frame_at >= self.interval
        if self._asked is not None and now - self._asked > self._patience:
            self._asked = None
            self._missed += 1
        return self._asked is None

    def drawn(self, seconds: float) -> bool:
        """Note a frame whose drawing and writing took ``seconds``; True if an answer to it is to be asked for."""
        now = self._clock()
        self._frame_at = now
        if not self.answers:
            self.interval = min(2.0, 2.0 * seconds) if seconds > 0.05 else 0.8 * self.interval
            return False
        if self._asked is None:
            self._asked = now
            return True
        return False

    def answered(self) -> bool:
        """Note an answer; False if none was due."""
        due, self._asked, self._missed, self._patience = self._asked is not None, None, 0, _PATIENCE
        return due


@runtime_checkable
class PacedApp(Protocol):
    """An app whose terminal says when it has read a frame."""

    def may_draw(self) -> bool: ...

    def frame_begins(self) -> None: ...


class PacedDriver(LinuxDriver):
    """Textual's driver, on stdout, that keeps the answers to its gate's requests to itself."""

    def __init__(
        self, app: App[object], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._file = sys.__stdout__  # stderr may be a log file
        self.gate = Gate()
        self._read: Callable[[], None] = _nothing

    def process_message(self, message: Message) -> None:
        if isinstance(message, events.CursorPosition) and self.gate.answered():
            self._app.call_later(self._read)
            return
        super().process_message(message)

    def ask(self, read: Callable[[], None]) -> None:
        """Ask for the cursor's position: the terminal answers once it has read up to here, and ``read`` is called."""
        self._read = read
        self.write(REQUEST)

    def stop_application_mode(self) -> None:
        self._await_answer()
        super().stop_application_mode()

    def _await_answer(self) -> None:
        deadline = time.monotonic() + _LAST_WAIT
        while self.gate.waiting and self.gate.answers and time.monotonic() < deadline:
            time.sleep(0.01)
        try:
            termios.tcflush(self.fileno, termios.TCIFLUSH)
        except termios.error:
            return


def _nothing() -> None:
    return None
