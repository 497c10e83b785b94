"""How soon the app shows its first frame, as a ratio to an empty Textual app with a header and a footer.

    python tests/benchmarks/bench_first_frame.py

Each figure is the median over several starts in an emulated terminal, taken in turns so that a busy machine is busy for
both. The frame counts when the contour, the loss chart, the standings and the family tree all show their content.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.tui.terminals import COMPILED, PROGRAM, Terminal

ROUNDS = 7
EMPTY = """
from textual.app import App
from textual.widgets import Footer, Header

class Empty(App):
    TITLE = "Empty"
    BINDINGS = [("q", "quit", "Quit")]

    def compose(self):
        yield Header()
        yield Footer()

Empty().run()
"""
PROGRAMS = {"empty Textual app": (EMPTY, ("Empty", "Quit")), "gdtui": (PROGRAM, ("┤", "20k", "B momentum"))}


def seconds(program: str, marks: tuple[str, ...], size: tuple[int, int]) -> float:
    """From the start of the process until all of ``marks`` are on the screen."""
    began = time.perf_counter()
    with Terminal(program=program, size=size, environment=COMPILED) as terminal:
        terminal.wait_for(lambda: all(mark in terminal.text for mark in marks))
        taken = time.perf_counter() - began
        terminal.type("q")
        terminal.wait()
    return taken


def measure(size: tuple[int, int], rounds: int = ROUNDS) -> dict[str, float]:
    """The median seconds of each program."""
    taken: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    for _ in range(rounds):
        for name, (program, marks) in PROGRAMS.items():
            taken[name].append(seconds(program, marks, size))
    return {name: statistics.median(values) for name, values in taken.items()}


def main() -> None:
    os.environ.pop("NO_COLOR", None)
    for size in ((80, 24), (120, 40), (200, 60)):
        medians = measure(size)
        floor = medians["empty Textual app"]
        for name, median in medians.items():
            print(f"{size[0]}x{size[1]}  {name:20} {1000 * median:7.0f} ms   {median / floor:5.2f} x")


if __name__ == "__main__":
    main()
