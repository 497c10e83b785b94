"""What the engine costs, on one core: ``python -m tests.benchmarks.bench_engine``.

Prints times and, since those depend on the machine, ratios: to the obvious loop in NumPy, to a loop fused by hand, to
nothing but the steps themselves. Not part of the test suite.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numba
import numpy as np

from gdtui import registry
from gdtui.contracts import Ints, Reals
from gdtui.engine.compile import compiled
from gdtui.engine.driver import RaceDriver
from gdtui.engine.race import Race
from gdtui.scenario import from_mapping
from tests import naive, naive_objectives

CHECKOUT = Path(__file__).resolve().parents[2]
# Small rates, tolerance 0: nobody converges or diverges, so that every step is taken.
MIXED = (
    "gd:lr=1e-5", "momentum:lr=1e-5", "nesterov:lr=1e-5", "adagrad:lr=1e-3", "rmsprop:lr=1e-5", "adam:lr=1e-5",
    "adamw:lr=1e-5", "gd:lr=2e-5,label=gd2", "momentum:lr=2e-5,label=momentum2", "adam:lr=2e-5,label=adam2",
)  # fmt: skip


def best(task: Callable[[], object], repeats: int = 5) -> float:
    """The shortest time of ``task`` in seconds: what the machine can do when nothing else is going on."""
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        task()
        times.append(time.perf_counter() - begin)
    return min(times)


def mixed_race(*racers: str) -> Race:
    table = {"objective": {"name": "rosenbrock"}, "steps": 10**9, "tolerance": 0.0, "racers": [{"optimizer": "gd"}]}
    return Race(from_mapping(table, folder=Path.cwd()), racers=racers or MIXED).advance(0)


def adagrad(gradient: Callable[[Reals], Reals], x: Reals, lr: float, eps: float) -> Iterator[Reals]:
    """Unlike its twin in the tests, which sums all gradients anew at every step, no slower than it has to be."""
    total = np.zeros_like(x)
    while True:
        g = gradient(x)
        total = total + g**2
        x = x - lr * g / (np.sqrt(total) + eps)
        yield x


def numpy_steps(racer: str) -> Iterator[Reals]:
    """The iterates of the racer's twin: plain NumPy, one obvious line after the other."""
    parsed = next(iter(mixed_race(racer))).spec
    known = {h.name: h.default for h in registry.optimizer(parsed.optimizer).hyperparameters}
    rule = adagrad if parsed.optimizer == "adagrad" else getattr(naive, parsed.optimizer)
    return rule(lambda x: naive_objectives.rosenbrock(x)[1], np.array([-1.2, 1.0]), lr=parsed.lr, **known)  # type: ignore[no-any-return]


def throughput() -> None:
    steps, race = 200_000, mixed_race()
    seconds = best(lambda: race.advance(steps))
    assert all(racer.outcome is None for racer in race)
    fast = len(race) * steps / seconds

    def numpy_race() -> None:
        for racer in MIXED:
            for _ in islice(numpy_steps(racer), 300):
                pass

    slow = len(MIXED) * 300 / best(numpy_race, 3)
    print(f"ten mixed racers on rosenbrock, {steps:,} steps each, one core")
    print(f"  engine   {fast / 1e6:8.2f} million racer-steps/s  (goal: at least 10)")
    print(f"  numpy    {slow / 1e6:8.4f} million racer-steps/s  engine/numpy = {fast / slow:.0f}  (goal: at least 100)")
    for racer in MIXED[:7]:
        alone = mixed_race(racer)
        print(f"    {racer:20} {best(lambda alone=alone: alone.advance(steps)) / steps * 1e9:6.1f} ns a step")


@numba.njit(error_model="numpy")
def fused(x: Reals, users: Ints, items: Ints, ratings: Reals, rank: int, l2: float, g: Reals) -> float:
    """The same gradient, written for nothing but speed: ranks unrolled by the compiler, no indirection."""
    penalty = squares = 0.0
    for i in range(x.shape[0]):
        penalty += x[i] * x[i]
        g[i] = l2 * x[i]
    scale = 1.0 / ratings.shape[0]
    for k in range(ratings.shape[0]):
        u, v = users[k], items[k]
        residual = -ratings[k]
        for j in range(rank):
            residual += x[u + j] * x[v + j]
        squares += residual * residual
        residual *= scale
        for j in range(rank):
            g[u + j] += residual * x[v + j]
            g[v + j] += residual * x[u + j]
    return 0.5 * squares * scale + 0.5 * l2 * penalty


def large_gradient() -> None:
    race = Race("streamrec", racers=["gd:lr=1e-6"]).advance(0)
    problem, steps = race.problem, 200
    observed, rank = problem.reals.shape[0] - 1, int(problem.ints[0])
    users, items = problem.ints[1 : 1 + observed].copy(), problem.ints[1 + observed :].copy()
    ratings, l2, x, g = problem.reals[:observed].copy(), float(problem.reals[observed]), problem.start, race["gd"].theta
    none, quiet = np.empty(0, dtype=np.int64), np.empty(0)
    value_grad = compiled(problem.value_grad, "value_grad")

    def by_hand() -> None:
        for _ in range(steps):
            fused(x, users, items, ratings, rank, l2, g)

    def kernel() -> None:
        for _ in range(steps):
            value_grad(x, problem.reals, problem.ints, none, quiet, g)

    by_hand()
    hand, ours, step = (best(task) / steps for task in (by_hand, kernel, lambda: race.advance(steps)))
    print(f"one gradient of streamrec, {observed:,} ratings at rank {rank}")
    print(f"  fused by hand     {hand * 1e6:8.1f} us")
    print(f"  the kernel        {ours * 1e6:8.1f} us  ratio {ours / hand:.2f}  (goal: at most 2)")
    print(f"  a whole gd step   {step * 1e6:8.1f} us  ratio {step / hand:.2f}")


def overheads() -> None:
    race = mixed_race()
    empty, single = (best(lambda n=n: race.advance(n), 50) for n in (0, 1))
    print("ten racers, per tick")
    print(f"  a tick of no step {empty * 1e6:8.0f} us")
    print(f"  a tick of 1 step  {single * 1e6:8.0f} us  {single / len(race) * 1e6:.0f} us a racer")
    race.advance(100_000)
    print(f"  a snapshot        {best(race.snapshot, 50) * 1e6:8.0f} us")
    threaded = Race(race.scenario, threads=2).advance(0)
    one, two = (best(lambda r=r: r.advance(100_000)) for r in (race, threaded))
    print(f"  two threads       {one / two:8.2f} times as fast as one")
    driver = RaceDriver(race, lambda _: None)
    driver._step_seconds = one / 100_000
    print(f"  the driver's tick at full speed takes {driver._affordable():,} steps")


PREPARE = """
import time; begin = time.perf_counter()
import numpy, numba; imported = time.perf_counter()
from gdtui.engine.race import Race
race = Race({racers}); race.prepare()
print(imported - begin, time.perf_counter() - imported)
"""


def cold_and_warm() -> None:
    print("prepare, in a new process (importing numba is extra)")
    every = list(registry.optimizers())
    for name, arguments in (("gd", "'rosenbrock', racers=['gd']"), ("all", f"'rosenbrock', racers={every}")):
        with tempfile.TemporaryDirectory() as cache:
            environment: dict[str, Any] = os.environ | {"GDTUI_CACHE_DIR": cache, "PYTHONPATH": str(CHECKOUT)}
            times = [
                subprocess.run(
                    [sys.executable, "-c", PREPARE.format(racers=arguments)],
                    env=environment, capture_output=True, text=True, check=True,
                ).stdout.split()
                for _ in range(3)
            ]  # fmt: skip
        (numba_, cold), (_, again), (_, third) = ((float(a), float(b)) for a, b in times)
        warm = min(again, third)
        print(f"  {name:4} cold {cold:6.2f} s   warm {warm:6.2f} s   ratio {cold / warm:5.1f}   numba {numba_:.2f} s")


if __name__ == "__main__":
    for part in (throughput, large_gradient, overheads, cold_and_warm):
        part()
