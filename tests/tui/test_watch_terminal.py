"""``gdtui watch`` in a terminal: a file that is not there, comes, grows and breaks; and ways to leave."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from tests.tui.terminals import Terminal

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals")


def test_a_log_is_awaited_followed_and_left(tmp_path: Path) -> None:
    path = tmp_path / "run.csv"
    with Terminal("watch", str(path)) as terminal:
        terminal.wait_for("does not exist yet: waiting for it")
        with path.open("w", encoding="utf-8", buffering=1) as log:
            log.write("step,loss\n")
            terminal.wait_for("has no row yet")
            log.writelines(f"{i},{1 + i % 2}\n" for i in range(40))
            terminal.wait_for("step 39 · 40 rows · following")
            terminal.wait_for("limit cycle")
            log.write("40,na")
            log.write("n\n")
            terminal.wait_for("not a number")
        terminal.type("y")
        terminal.wait_for(r"Loss \(linear\)")
        terminal.resize(70, 20)
        terminal.wait_for("at least 80×24")
        terminal.resize(100, 30)
        terminal.wait_for("step 40 · 41 rows")
        terminal.type("q")
        assert terminal.wait() == 0
        assert terminal.modes_left_on() == set()


def test_a_fifo_is_followed_and_a_signal_ends_it(tmp_path: Path) -> None:
    path = tmp_path / "log"
    os.mkfifo(path)
    with Terminal("watch", str(path)) as terminal:
        terminal.wait_for("has no row yet")
        with path.open("w", encoding="utf-8") as log:
            log.writelines(["loss\n", *(f"{1 + i % 2}\n" for i in range(30))])
        terminal.wait_for("step 30 · 30 rows")
        terminal.kill(signal.SIGTERM)
        assert terminal.wait_for(terminal.has_ended, 10.0) < 3.0
        assert terminal.wait() == 128 + signal.SIGTERM
        assert terminal.modes_left_on() == set()
