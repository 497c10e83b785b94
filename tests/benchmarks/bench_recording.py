"""What recording costs: ``python -m tests.benchmarks.bench_recording [SECONDS]``, a little longer for each scenario.

A race of that many seconds with a journal, whose writing is timed apart, by the clock on the wall and by the
processor's, which does not mind what else the machine does; then the recording's size, beside its histories compressed
by zlib at its default level, and the time of reading it.
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


class Spent:
    """The seconds spent inside it."""

    wall = cpu = 0.0

    def __enter__(self) -> None:
        self._began = time.perf_counter(), time.process_time()

    def __exit__(self, *_: object) -> None:
        self.wall += time.perf_counter() - self._began[0]
        self.cpu += time.process_time() - self._began[1]

    def share(self, other: Spent) -> str:
        return f"{100 * self.wall / other.wall:.2f} % ({100 * self.cpu / other.cpu:.2f} % cpu)"

    def __str__(self) -> str:
        return f"{self.wall:.3f} s ({self.cpu:.3f} s cpu)"


def main(seconds: float = 10.0) -> None:
    for name in SCENARIOS:
        race = Race(name, steps=STEPS)
        racing, writing, largest = Spent(), Spent(), 0
        with tempfile.TemporaryDirectory() as folder, Journal(Path(folder) / "race.gdtui", race) as journal:
            advance = ticks(race)
            next(advance)
            journal.tick()
            while racing.wall < seconds:
                with racing:
                    if next(advance, None) is None:
                        break
                with writing:
                    journal.tick()
                largest = max(largest, journal.path.stat().st_size)
            finishing, opening = Spent(), Spent()
            with finishing:
                path = journal.finish()
            with opening:
                read = recording.read(path)
            size = path.stat().st_size
        histories = [array for racer in read.last.racers.values() for array in (racer.records, racer.path)]
        raw = sum(len(zlib.compress(array.tobytes())) for array in histories)
        print(f"{name}: {race.step:,} steps in {racing}")
        print(f"  journal {writing}, {writing.share(racing)} of the race, at most {largest / 2**20:.1f} MB")
        print(f"  recording {finishing}, {finishing.share(racing)}; read again in {opening}")
        print(f"  {size:,} bytes, {size / raw:.3f} times the compressed histories")


if __name__ == "__main__":
    main(*map(float, sys.argv[1:]))
