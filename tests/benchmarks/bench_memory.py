"""What a long race costs in memory, and its last frame against its first: ``python -m tests.benchmarks.bench_memory``.

A hundred million steps of eight racers on the quadratic take about a minute.
"""

from __future__ import annotations

import resource
import statistics
import sys
import time
from pathlib import Path

from tests.benchmarks.frame_stage import Stage

STEPS = 10**8


def resident() -> float:
    """Megabytes of memory in use now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def cost(stage: Stage) -> float:
    """The median milliseconds of a frame."""
    times = []
    for _ in range(100):
        stage.advance()
        began = time.perf_counter()
        stage.frame()
        times.append(time.perf_counter() - began)
    return 1e3 * statistics.median(times)


def main(steps: int = STEPS) -> None:
    stage = Stage(history=1000, scenario="quadratic")
    first, before = cost(stage), resident()
    began = time.perf_counter()
    while stage.race.step < steps:
        stage.race.advance(min(10**6, steps - stage.race.step))
    seconds, after = time.perf_counter() - began, resident()
    stage.set_up("raster")
    last = cost(stage)
    print(f"{steps:,} steps of {len(stage.race)} racers in {seconds:.0f} s")
    print(f"memory {before:.0f} MB -> {after:.0f} MB, and {resident():.0f} MB with the last frames drawn")
    print(f"frame {first:.2f} ms -> {last:.2f} ms, {last / first:.2f} times")


if __name__ == "__main__":
    main(int(float(sys.argv[1])) if len(sys.argv) > 1 else STEPS)
