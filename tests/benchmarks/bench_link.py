"""What a terminal and a line see of the app: ``python -m tests.benchmarks.bench_link``.

In an emulated terminal of 120x40 cells: bytes and processor time of a race at 30 pictures a second, and paused; then at
full speed, on lines of several widths, how long a key's own label takes to change and how fast the race goes on. The
emulator takes processor time of its own, so leave it a core.
"""

from __future__ import annotations

import os
import re
import statistics
import tempfile
import time
from pathlib import Path

from tests.tui.terminals import COMPILED, PROGRAM, Terminal

SIZE = (120, 40)
SECONDS = 15.0
PRESSES = 10
RACERS = {"gd": 1e-4, "momentum": 2e-5, "nesterov": 2e-5, "adagrad": 0.01, "rmsprop": 1e-4, "adam": 1e-4}
# The driver's thread tells at its end how much processor time it took.
TIMED = """
import time
from pathlib import Path
from gdtui.engine.driver import RaceDriver
loop = RaceDriver._loop
def timed(self):
    loop(self)
    Path({file!r}).write_text(str(time.thread_time()))
RaceDriver._loop = timed
"""


def processor_seconds(pid: int) -> float:
    """What a process has taken up to now."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def step(terminal: Terminal) -> int:
    found = re.search(r"step (\d[\d\s]*) of", terminal.text)
    return int("".join(found.group(1).split())) if found else 0


def load() -> None:
    """Bytes and processor time while a race is on, and while it rests."""
    with tempfile.TemporaryDirectory() as folder:
        file = f"{folder}/driver"
        program = TIMED.format(file=file) + PROGRAM
        with Terminal("rosenbrock", "--fps", "30", program=program, size=SIZE, environment=COMPILED) as terminal:
            terminal.wait_for("running")
            began = processor_seconds(terminal.pid)
            sent, at = len(terminal.output), time.monotonic()
            terminal.run_for(SECONDS)
            sent, at = len(terminal.output) - sent, time.monotonic() - at
            used = processor_seconds(terminal.pid) - began
            pictures = re.findall(r"(\d+) fps", terminal.text)
            terminal.type(" ")
            terminal.wait_for("paused|finished")
            terminal.run_for(1.5)
            still, resting = len(terminal.output), processor_seconds(terminal.pid)
            terminal.run_for(SECONDS)
            still, resting = len(terminal.output) - still, processor_seconds(terminal.pid) - resting
            terminal.type("q")
            terminal.wait()
        driver = float(Path(file).read_text())
    rate = float(pictures[-1]) if pictures else 0.0
    each = sent / at / max(rate, 1.0)
    print(f"running, {rate:.0f} pictures a second: {sent / at / 1000:.1f} kB/s, {each:.0f} bytes each")
    print(f"  processor {used / at:.0%} of a core, of it the driver's thread up to {driver / at:.0%}")
    print(f"paused: {still} bytes, {resting / SECONDS:.1%} of a core")


def endless(folder: str) -> str:
    """A scenario file in which nobody arrives: six racers on rosenbrock."""
    racers = "".join(f'[[racers]]\noptimizer = "{name}"\nlr = {lr}\n' for name, lr in RACERS.items())
    file = Path(folder) / "endless.toml"
    file.write_text(f'steps = 1_000_000_000\ntolerance = 0\n[objective]\nname = "rosenbrock"\n{racers}')
    return str(file)


def narrow(rate: float | None, scenario: str) -> float:
    """Keys and steps on a line that carries ``rate`` bytes a second; returns the steps a second."""
    with Terminal(scenario, "--speed", "max", size=SIZE, rate=rate, environment=COMPILED) as terminal:
        terminal.wait_for("running", 60.0)
        terminal.run_for(3.0)
        first, began = step(terminal), time.monotonic()
        terminal.run_for(SECONDS)
        steps = (step(terminal) - first) / (time.monotonic() - began)
        waits = []
        for _ in range(PRESSES):
            for key, label in ((" ", "· paused"), (" ", "· running"), ("?", "Help ─"), ("\x1b", "Standings")):
                terminal.type(key)
                waits.append(terminal.wait_for(label, 20.0))
                terminal.run_for(0.7)
        slow = re.search(r"link slow: \d+ fps", terminal.text)
        terminal.type("q")
        terminal.wait()
    line = "an open line" if rate is None else f"{rate / 1000:.0f} kB/s"
    print(
        f"{line:>12}: a label after {statistics.median(waits):.2f} s, at worst {max(waits):.2f} s; "
        f"{steps / 1e6:.2f} million steps a second{'; ' + slow.group() if slow else ''}"
    )
    return steps


def main() -> None:
    load()
    with tempfile.TemporaryDirectory() as folder:
        scenario = endless(folder)
        open_line = narrow(None, scenario)
        for rate in (20_000.0, 5_000.0):
            print(f"              steps: {narrow(rate, scenario) / open_line:.2f} of those on an open line")


if __name__ == "__main__":
    main()
