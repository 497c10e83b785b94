"""The first frame: everything that there is to see, before anything is compiled."""

from __future__ import annotations

import pytest

from tests.tui.terminals import COMPILED, PROGRAM, Terminal

# What the screen held, and what was imported, when the first bytes after the terminal's set-up were sent.
WATCHED = """
import sys
from textual.drivers.linux_driver import LinuxDriver
real = LinuxDriver.write
def write(self, data):
    if len(data) > 2000 and not hasattr(self, "seen"):
        self.seen = True
        real(self, "\\x1b]0;" + ("numba" if "numba" in sys.modules else "nothing") + "\\x07")
        real(self, data)
        real(self, "\\x1b[?2026l\\x1b]0;done\\x07")
        import os
        self.flush()
        self._writer_thread.stop()
        os._exit(0)
    real(self, data)
LinuxDriver.write = write
"""


@pytest.mark.parametrize("scenario", ["rosenbrock", "streamrec"])
def test_every_pane_has_its_content_before_numba_is_imported(scenario: str) -> None:
    marks = {
        "rosenbrock": ["Rosenbrock, κ", "★", "20k", "B momentum", "gd A", "what it is", "compiling", "▸ rosenbrock"],
        "streamrec": ["steepest", "random", "2k", "C momentum", "gd A", "what it is", "compiling", "▸ streamrec"],
    }[scenario]
    with Terminal(scenario, size=(120, 40), program=WATCHED + PROGRAM, environment=COMPILED) as terminal:
        terminal.wait()
        assert b"\x1b]0;nothing\x07" in terminal.output
        assert b"\x1b]0;numba\x07" not in terminal.output
        for mark in marks:
            assert mark in terminal.text, mark


def test_the_first_frame_is_sent_once() -> None:
    with Terminal("--paused", size=(120, 40), environment=COMPILED) as terminal:
        terminal.wait_for("· paused")
        assert len(terminal.output) < 45_000
        terminal.type("q")
        assert terminal.wait() == 0
