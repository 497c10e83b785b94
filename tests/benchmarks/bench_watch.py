"""How long a training log takes to be read, looked at and drawn: ``python tests/benchmarks/bench_watch.py [ROWS]``.

Prints for a log of a million rows, or of as many as are given: seconds until it is read, with the longest look on the
way and the memory it took; then milliseconds of a look with four new rows, and of drawing its curves at 118 × 19 cells.
"""

from __future__ import annotations

import math
import random
import resource
import sys
import tempfile
import time
from pathlib import Path

from gdtui.analysis.watching import Watch
from gdtui.frames import LogAxes, Style, build_curves

LOOKS = 40


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    numbers = random.Random(0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.csv"
        with path.open("w", encoding="utf-8") as log:
            log.write("step,loss,lr,grad_norm\n")
            log.writelines(row(i, numbers) for i in range(rows))
        watch = Watch(str(path), {})
        began, longest, more = time.perf_counter(), 0.0, True
        while more:
            before = time.perf_counter()
            seen, more = watch.look()
            longest = max(longest, time.perf_counter() - before)
        spent = time.perf_counter() - began
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{rows:,} rows: read in {spent:.2f} s, the longest look {longest:.2f} s, {memory:.0f} MB in all")
        looking = 0.0
        with path.open("a", encoding="utf-8") as log:
            for k in range(LOOKS):
                log.writelines(row(rows + 4 * k + i, numbers) for i in range(4))
                log.flush()
                before = time.perf_counter()
                seen, _ = watch.look()
                looking += time.perf_counter() - before
        assert seen is not None
        axes, runs = LogAxes(), [("", seen.runs[0].run.series)]
        chart = build_curves(axes.spec(axes.curves(runs), (118, 21), 0.0, Style()))
        before = time.perf_counter()
        for _ in range(LOOKS):
            chart.draw(axes.curves(runs))
        drawing = time.perf_counter() - before
        print(f"a look with 4 new rows {1e3 * looking / LOOKS:.1f} ms, drawing {1e3 * drawing / LOOKS:.1f} ms")
        watch.close()


def row(i: int, numbers: random.Random) -> str:
    return f"{i},{2.0 + 8.0 * math.exp(-i / 2e5) + numbers.gauss(0.0, 0.05):.5f},3e-4,{1.0 + numbers.random():.4f}\n"


if __name__ == "__main__":
    main()
