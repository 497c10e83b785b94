"""A terminal to run the program in: a pseudo-terminal whose screen is emulated, and that answers as xterm would."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Literal

import pyte

PROGRAM = "from gdtui.cli import main; main(prog_name='gdtui')"
QUERIES = re.compile(rb"\x1b\[[<>=?][0-9;]*[a-zA-Z$]+")
MODES = {"alternate screen": 1049, "mouse": 1000, "mouse motion": 1003, "bracketed paste": 2004}


COMPILED: Mapping[str, str | None] = {"NUMBA_DISABLE_JIT": None}


class Terminal:
    """``gdtui`` with these arguments in a terminal of ``size`` (columns, rows), in a session of its own.

    Without the compiler, which takes half of the time to start up; with ``COMPILED`` for an environment, with it.
    """

    def __init__(
        self,
        *arguments: str,
        size: tuple[int, int] = (100, 30),
        program: str = PROGRAM,
        environment: Mapping[str, str | None] | None = None,
        answers: bool | Literal["in parts"] = True,
        ignored: int | None = None,
        rate: float | None = None,
    ) -> None:
        given = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8", "NO_COLOR": None}
        given |= {"XDG_STATE_HOME": os.devnull}  # what a test keeps, it keeps where it says
        given |= {"SSH_CONNECTION": None, "SSH_TTY": None, "NUMBA_DISABLE_JIT": "1", **(environment or {})}
        variables = {k: v for k, v in (os.environ | given).items() if v is not None}
        self.screen = pyte.Screen(*size)
        self.output = bytearray()
        self.read = True
        """Whether what the program writes is read; if not, the line stalls."""
        self._rate = rate  # bytes a second that the line carries
        self._stream = pyte.ByteStream(self.screen)
        self._replies: list[str] = []
        self._in_parts = answers == "in parts"
        self.screen.write_process_input = self._replies.append if answers else lambda _: None
        self.pid, self._descriptor = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
            if ignored is not None:
                signal.signal(ignored, signal.SIG_IGN)
            os.execve(sys.executable, [sys.executable, "-c", program, *arguments], variables)
        self.code: int | None = None

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self.code is None:
            os.kill(self.pid, signal.SIGKILL)
            self.code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        self.hang_up()

    @property
    def text(self) -> str:
        """What is on the screen."""
        return "\n".join(self.screen.display)

    def type(self, keys: str) -> None:
        os.write(self._descriptor, keys.encode())

    def click(self, column: int, row: int) -> None:
        """Press and release the left button on a cell, counted from 0."""
        self.type(f"\x1b[<0;{column + 1};{row + 1}M\x1b[<0;{column + 1};{row + 1}m")

    def resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.screen.resize(rows, columns)

    def kill(self, number: int) -> None:
        os.kill(self.pid, number)

    def hang_up(self) -> None:
        """Close the terminal: the program loses it."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def wait_for(self, what: str | Callable[[], bool], seconds: float = 30.0) -> float:
        """Wait until a regular expression is on the screen, or a condition holds; returns how long that took."""
        met = what if callable(what) else lambda: re.search(what, self.text) is not None
        began = time.monotonic()
        while not met():
            assert time.monotonic() - began < seconds, f"never came: {what}\n{self.text}"
            self._pump()
        return time.monotonic() - began

    def run_for(self, seconds: float) -> None:
        """Go on reading for that long."""
        ends = time.monotonic() + seconds
        self.wait_for(lambda: time.monotonic() >= ends, seconds + 5.0)

    def wait(self, seconds: float = 30.0) -> int:
        """Wait until the program has ended; returns its exit code, or minus the signal that ended it."""
        self.wait_for(self.has_ended, seconds)
        while self._descriptor >= 0 and self._pump():
            pass
        assert self.code is not None
        return self.code

    def modes_left_on(self) -> set[str]:
        """Which of the modes that the program switched on it left on."""
        last = self.output.rfind
        left = {name for name, number in MODES.items() if last(b"\x1b[?%dh" % number) > last(b"\x1b[?%dl" % number)}
        return left | ({"hidden cursor"} if last(b"\x1b[?25l") > last(b"\x1b[?25h") else set())

    def has_ended(self) -> bool:
        """Whether the program is gone; ``code`` is then known."""
        if self.code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
        return self.code is not None

    def _pump(self) -> bool:
        """Read what is there, show it and answer it; False if there was nothing."""
        if self._descriptor < 0 or not self.read:
            select.select([], [], [], 0.01)
            return False
        ready, _, _ = select.select([self._descriptor], [], [], 0.01)
        try:
            data = os.read(self._descriptor, 65536 if self._rate is None else 512) if ready else b""
        except OSError:  # the program closed its side
            data = b""
        if not data:
            return False
        self.output += data
        if b"\x1b[?2026$p" in data:
            self._replies.append("\x1b[?2026;2$y")
        self._stream.feed(QUERIES.sub(_known_modes, data))
        while self._replies:
            reply = self._replies.pop(0)
            if self._in_parts:
                os.write(self._descriptor, reply[:4].encode())
                time.sleep(0.15)  # longer than Textual waits for the rest of a sequence
                reply = reply[4:]
            os.write(self._descriptor, reply.encode())
        if self._rate is not None:
            time.sleep(len(data) / self._rate)
        return True


def _known_modes(sequence: re.Match[bytes]) -> bytes:
    """pyte takes private sequences other than modes for text."""
    known = sequence.group()[2:3] == b"?" and sequence.group()[-1:] in b"hl"
    return sequence.group() if known else b""
