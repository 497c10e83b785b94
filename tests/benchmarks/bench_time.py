"""What the time machine costs, and how long the ways back take: ``python -m tests.benchmarks.bench_time``.

Prints what it adds to racing, as a ratio of processor times taken in turns, and milliseconds for steps and jumps back;
on streamrec, where a step takes milliseconds, too. Not part of the test suite.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from gdtui.engine.checkpoints import TimeMachine
from gdtui.engine.race import Race
from gdtui.scenario import from_mapping

# Small rates, tolerance 0: nobody converges or diverges, so that every step is taken.
RACERS = ("gd:lr=1e-5", "momentum:lr=1e-5", "nesterov:lr=1e-5", "adagrad:lr=1e-3", "rmsprop:lr=1e-5", "adam:lr=1e-5")


def rosenbrock() -> Race:
    table = {"objective": {"name": "rosenbrock"}, "steps": 10**9, "tolerance": 0.0, "racers": [{"optimizer": "gd"}]}
    return Race(from_mapping(table, folder=Path.cwd()), racers=RACERS).advance(0)


def streamrec() -> Race:
    return Race("streamrec").advance(0)


def measure(name: str, begin: Callable[[], Race], steps: int, repeats: int) -> None:
    ticks = 200
    spent: dict[bool, list[float]] = {True: [], False: []}
    machine = TimeMachine(begin())
    for _ in range(repeats):
        for with_machine in (False, True):
            race = begin()
            driven: Race | TimeMachine = TimeMachine(race) if with_machine else race
            began = time.process_time()
            for _ in range(ticks):
                driven.advance(steps // ticks)
            spent[with_machine].append(time.process_time() - began)
            machine = driven if isinstance(driven, TimeMachine) else machine
    ratio = statistics.median(b / a for a, b in zip(spent[False], spent[True], strict=True))
    print(f"{name}: {steps:,} steps of {len(machine.race)} racers, {min(spent[False]):.3f} s; with time {ratio:.3f}x")
    held = (machine.own_bytes + machine.shared_bytes) / 2**20
    print(f"  {len(machine.steps)} checkpoints hold {held:.1f} MB")

    def going(step: int) -> float:
        began = time.perf_counter()
        machine.go_to(step)
        machine.race.snapshot()
        return 1e3 * (time.perf_counter() - began)

    back = [going(steps - k) for k in range(1, 101)]
    print(f"  a step back: first {back[0]:.1f} ms, median {statistics.median(back):.1f}, longest {max(back):.1f}")
    seeded = random.Random(0)
    jumps = [going(seeded.randrange(steps)) for _ in range(40)]
    print(f"  a jump anywhere: median {statistics.median(jumps):.1f} ms, longest {max(jumps):.1f}")


if __name__ == "__main__":
    measure("rosenbrock", rosenbrock, 100_000, 15)
    measure("rosenbrock", rosenbrock, 5_000_000, 3)
    measure("streamrec", streamrec, 1_000, 3)
