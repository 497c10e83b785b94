"""The link to the terminal: what it answers, how often it changes its size, and whether it is still there.

How many frames may be on their way is for the gate to say (``gdtui.tui.gate``); here the terminal is asked, and heard.
"""

from __future__ import annotations

import codecs
import os
import selectors
import signal
import sys
import termios
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol, TextIO, runtime_checkable

from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Size

from gdtui.tui.gate import Gate
from gdtui.tui.untangle import Untangler

REQUEST = "\x1b[6n"
_LAST_WAIT = 1.0  # seconds to wait at the end for answers that would otherwise be typed into the user's shell
_LISTEN_SECONDS = 0.1  # between two looks at whether the program wants to end, or a sequence will never be whole


@runtime_checkable
class PacedApp(Protocol):
    """An app whose terminal says when it has read a frame."""

    def may_draw(self) -> bool: ...

    def frame_begins(self) -> None: ...

    def rest(self) -> float: ...

    @property
    def is_link_slow(self) -> bool: ...


class PacedDriver(LinuxDriver):
    """Textual's driver, on stdout, that keeps the answers to its gate's requests to itself."""

    def __init__(
        self, app: App[object], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        assert sys.__stdout__ is not None
        self._file = _Line(sys.__stdout__)  # type: ignore[assignment]  # stderr may be a log file
        self.gate = Gate()
        self.unanswered = 0
        """Bytes written since the terminal was last asked."""
        self._read: Callable[[], None] = _nothing
        self._untangler = Untangler(self._answered)

    def ask(self, read: Callable[[], None]) -> None:
        """Ask for the cursor's position: the terminal answers once it has read up to here, and ``read`` is called."""
        self._read = read
        self.write(REQUEST)
        self.unanswered = 0

    def write(self, data: str) -> None:
        self.unanswered += len(data.encode())
        super().write(data)

    def size_now(self, seen: Size) -> Size:
        """The terminal's size, which was last ``seen`` as that: of two signals close together, the first may come last.

        A terminal that tells its sizes itself tells them in order, and before the kernel knows of them.
        """
        return seen if self._in_band_window_resize else Size(*self._get_terminal_size())

    def sound(self) -> None:
        """Find out how long the way is, now and then, while nothing is on it."""
        if self.gate.sounds():
            self.write(REQUEST)

    def _answered(self) -> bool:
        due = self.gate.answered()
        if due:
            self._app.call_later(self._read)
        return due

    def run_input_thread(self) -> None:
        """Textual's loop, with two differences: what a slow line cut up is put together, and the end is an end.

        Textual's own reads on, as fast as it can, from a terminal that is gone.
        """
        parser = XTermParser(self._debug)
        decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                keys = self._untangler.overdue()
                if selector.select(_LISTEN_SECONDS):
                    try:
                        data = os.read(self.fileno, 4096)
                    except OSError:
                        data = b""
                    if not data:
                        _hang_up()
                        break
                    keys += self._untangler.feed(decode(data), waiting=self.gate.waiting)
                for message in parser.feed(keys) if keys else ():
                    self.process_message(message)
                for message in parser.tick():
                    self.process_message(message)
        with suppress(Exception):  # the rest of a sequence that will not come
            list(parser.feed(""))

    def stop_application_mode(self) -> None:
        self._await_answers()
        super().stop_application_mode()

    def _await_answers(self) -> None:
        deadline = time.monotonic() + _LAST_WAIT
        while self.gate.waiting and self.gate.answers and time.monotonic() < deadline:
            time.sleep(0.01)
        with suppress(termios.error):
            termios.tcflush(self.fileno, termios.TCIFLUSH)


class _Line:
    """The way to the terminal. Once it is gone nothing more is written, so that whoever waits to write can end."""

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._gone = stream, False

    def write(self, text: str) -> None:
        encoding = self._stream.encoding or "utf-8"
        self._attempt(lambda: self._stream.write(text.encode(encoding, "replace").decode(encoding)))

    def flush(self) -> None:
        self._attempt(self._stream.flush)

    def fileno(self) -> int:
        return self._stream.fileno()

    def _attempt(self, action: Callable[[], object]) -> None:
        if self._gone:
            return
        try:
            action()
        except (OSError, ValueError):  # a stream that is closed raises the second
            self._gone = True
            _hang_up()


def _hang_up() -> None:
    """The terminal is gone: leave as on the signal that says so, which a program under nohup does not get."""
    os.kill(os.getpid(), signal.SIGHUP)


def _nothing() -> None:
    return None
