"""Runs a shell command that opens gdtui, in a terminal emulator: waits for a race on screen, types q, and looks around.

    python .ci/first_run.py COMMAND

Exits 0 if the race was drawn, the program ended with 0, and the terminal is as it was before.
"""

from __future__ import annotations

import os
import pty
import re
import select
import struct
import sys
import termios
import time
from fcntl import ioctl

import pyte

COLUMNS, LINES = 120, 40
UNTIL_DRAWN = 600.0  # seconds: the command may have to install everything first
UNTIL_ENDED = 20.0
BRAILLE = range(0x2801, 0x2900)
# What a program that took over the terminal has to give back: the other screen, the cursor, the mouse, paste mode.
GIVEN_BACK = {"1049": "l", "25": "h", "1000": "l", "1003": "l", "2004": "l"}


class Terminal(pyte.Screen):
    """A screen that answers the program's questions, as a terminal does."""

    def __init__(self, master: int) -> None:
        super().__init__(COLUMNS, LINES)
        self._master = master

    def write_process_input(self, data: str) -> None:
        os.write(self._master, data.encode())


def main() -> int:
    command = sys.argv[1]
    process, master = pty.fork()
    if process == 0:
        os.environ |= {"TERM": "xterm-256color", "LINES": str(LINES), "COLUMNS": str(COLUMNS)}
        os.execvp("bash", ["bash", "-c", command])
    ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    before = termios.tcgetattr(master)
    screen = Terminal(master)
    output, raced = bytearray(), False
    stream = pyte.ByteStream(screen)
    deadline = time.monotonic() + UNTIL_DRAWN
    after = before
    while time.monotonic() < deadline:
        if select.select([master], [], [], 0.2)[0]:
            try:
                data = os.read(master, 65536)
            except OSError:  # the other end is closed: the program has ended
                break
            output += data
            stream.feed(data)
        if not raced and is_racing(screen):
            raced = True
            print("\n".join(line.rstrip() for line in screen.display))
            os.write(master, b"q")
            deadline = time.monotonic() + UNTIL_ENDED
        after = termios.tcgetattr(master)
    else:
        os.kill(process, 9)
    code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    faults = [
        *([] if raced else ["no race was drawn; the last screen was:\n" + "\n".join(screen.display)]),
        *([] if code == 0 else [f"the program ended with {code}"]),
        *([] if after == before else ["the terminal's settings are not what they were"]),
        *(f"mode {mode} was not given back" for mode, end in GIVEN_BACK.items() if not is_last(output, mode, end)),
    ]
    for fault in faults:
        print(f"first run: {fault}", file=sys.stderr)
    return 1 if faults else 0


def is_racing(screen: pyte.Screen) -> bool:
    """Whether there are braille dots, which only charts are made of, and a status line of a race that goes on."""
    text = "\n".join(screen.display)
    under_way = re.search(r"step [1-9].* running", text) is not None
    return under_way and sum(ord(character) in BRAILLE for character in text) > 20


def is_last(output: bytes, mode: str, end: str) -> bool:
    """Whether the last switch of a private mode is ``end`` (h on, l off), or it was never switched."""
    switches = [output.rfind(f"\x1b[?{mode}{way}".encode()) for way in (end, "l" if end == "h" else "h")]
    return switches[0] >= switches[1]


if __name__ == "__main__":
    sys.exit(main())
