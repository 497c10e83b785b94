"""What recording costs: ``python -m tests.benchmarks.bench_recording [SECONDS]``, a little longer for each scenario.

A race of that many seconds with a journal, whose writing is timed apart; then the recording's size, beside its
histories compressed by zlib at its default level, and the time of reading it.
"""

from __future__ import annotations

import sys
import tempfile
import time
import zlib
from pathlib import Path

from gdtui import recording
from gdtui.cli.headless import ticks
from gdtui.engine.race import Race
from gdtui.recording.journal import Journal

SCENARIOS = ("rosenbrock", "credit", "streamrec")
STEPS = 10**9


def main(seconds: float = 10.0) -> None:
    for name in SCENARIOS:
        race = Race(name, steps=STEPS)
        racing = written = largest = 0.0
        with tempfile.TemporaryDirectory() as folder, Journal(Path(folder) / "race.gdtui", race) as journal:
            advance = ticks(race)
            next(advance)
            journal.tick()
            while racing < seconds:
                began = time.perf_counter()
                if next(advance, None) is None:
                    break
                raced = time.perf_counter()
                journal.tick()
                racing += raced - began
                written += time.perf_counter() - raced
                largest = max(largest, journal.path.stat().st_size)
            began = time.perf_counter()
            path = journal.finish()
            finished = time.perf_counter() - began
            began = time.perf_counter()
            read = recording.read(path)
            opened = time.perf_counter() - began
            size = path.stat().st_size
        histories = [array for racer in read.last.racers.values() for array in (racer.records, racer.path)]
        began = time.perf_counter()
        raw = sum(len(zlib.compress(array.tobytes())) for array in histories)
        compressed = time.perf_counter() - began
        print(
            f"{name}: {race.step:,} steps in {racing:.1f} s; journal {written:.3f} s ({100 * written / racing:.2f} %), "
            f"at most {largest / 2**20:.1f} MB; recording written in {finished:.3f} s, "
            f"{100 * (written + finished) / racing:.2f} % with the journal, read in {opened:.3f} s; "
            f"{size:,} bytes, {size / raw:.3f} times its compressed histories ({compressed:.2f} s)"
        )


if __name__ == "__main__":
    main(*map(float, sys.argv[1:]))
