"""Races that are killed at random moments: ``python -m tests.recording.kill [HOW_MANY]``, about 5 s for each.

Prints how many left a journal that opens, how many seconds of racing were lost at the most, and whether each is, and
stays for a while, to the bit what an uninterrupted race is.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from gdtui import recording
from gdtui.engine.race import Race
from gdtui.recording import Recording
from tests.cli.support import ROOT
from tests.engine.races import assert_same

STEPS = 10**9  # more than anybody waits for
LONGER = 200  # steps for which a race that goes on is compared
# What is killed: the command line itself, which also writes down when the race stood where.
PROGRAM = """
import sys, time
from gdtui.cli import headless, main
from gdtui.recording import journal

if every := float(sys.argv.pop(1)):
    journal.EVERY_SECONDS, journal.MOST_SHARE = every, 1.0
ticks, log = headless.ticks, open(sys.argv.pop(1), "w", buffering=1)


def logged(race, **options):
    for count in ticks(race, **options):
        print(time.monotonic(), race.step, file=log)
        yield count


headless.ticks = logged
main(prog_name="gdtui")
"""


@dataclass(frozen=True, slots=True)
class Killed:
    """A race that was killed: what its journal holds, and the seconds of racing that it does not."""

    read: Recording
    lost: float


def killed(race: Sequence[str], folder: Path, until: Callable[[float, int], bool], *, every: float = 0.0) -> Killed:
    """Begin to record a race by these arguments of ``gdtui run``, and kill it.

    That is when ``until`` the seconds since its journal is there, and the ticks it has made, is true. ``every`` makes
    entries come sooner than they do by themselves.
    """
    out, log = folder / "race.gdtui", folder / "race.log"
    journal = folder / "race.gdtui.journal"
    command = ["run", *race, "--steps", str(STEPS), "--quiet", "--force", "--out", str(out)]
    child = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(every), str(log), *command],
        env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        began: float | None = None
        while began is None or not until(time.monotonic() - began, log.read_text().count("\n")):
            assert child.poll() is None
            if began is None and journal.exists():
                began = time.monotonic()
            time.sleep(0.002)
    finally:
        child.send_signal(signal.SIGKILL)
        at = time.monotonic()
        child.wait()
    read = recording.read(journal)
    journal.unlink()
    stood = [line.split() for line in log.read_text().splitlines() if line.count(" ") == 1]
    when = max((float(moment) for moment, step in stood if int(step) <= read.step), default=at)
    return Killed(read, at - when)


def check(race: Sequence[str], found: Sequence[Killed]) -> None:
    """Compare what was recorded, and some steps more, with a race that nobody interrupts."""
    scenario, *options = race
    racers = [text for option, text in pairwise(options) if option == "--racer"]
    straight = Race(scenario, racers=racers, steps=STEPS)
    for one in sorted(found, key=lambda one: one.read.step):
        straight.advance(one.read.step - straight.step)
        resumed = one.read.race()
        assert_same(straight, resumed)
        assert_same(Race.advance(one.read.race(), LONGER), Race.advance(_copy(straight), LONGER))


def _copy(race: Race) -> Race:
    copy = race.restarted()
    copy.restore(race.state())
    return copy


RACES = {
    "rosenbrock": ["rosenbrock", "--racer", "rmsprop:lr=0.01", "--racer", "adagrad:lr=0.001", "--racer", "lion"],
    "streamrec": ["streamrec", "--racer", "gd", "--racer", "adam:batch_size=32", "--racer", "momentum"],
}  # fmt: skip


def main(count: int = 50) -> None:
    random = np.random.default_rng(int(time.time()))
    for name, race in RACES.items():
        found: list[Killed] = []
        with tempfile.TemporaryDirectory() as folder:
            for _ in range(count // len(RACES)):
                moment = random.uniform(0.0, 8.0)
                found.append(killed(race, Path(folder), lambda seconds, _, due=moment: seconds >= due))
        check(race, found)
        lost = [one.lost for one in found]
        torn = sum(one.read.lost > 0 for one in found)
        print(
            f"{name}: {len(found)} killed, all open ({torn} in the middle of an entry) and equal to the bit, also "
            f"with {LONGER} steps more; lost at the most {max(lost):.2f} s, {np.mean(lost):.2f} s on average"
        )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
