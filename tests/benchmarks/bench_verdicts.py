"""What verdicts and theory cost, as the app asks for them: ``python -m tests.benchmarks.bench_verdicts``.

Prints milliseconds of a look at each built-in race, and for StreamRec the share of a whole race. Processor time of the
looking thread, so that what else the machine does is not counted. Not part of the test suite.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np

from gdtui.analysis import theory
from gdtui.analysis.curvature import Curvature
from gdtui.analysis.race_verdicts import of_race, of_snapshot
from gdtui.analysis.steady import in_distance
from gdtui.engine.race import Race
from gdtui.engine.snapshot import Snapshot

SHOWN_SECONDS = 20.0  # in which the app's own pace shows a budget
LOOKS = 4.0  # a second
NAMES = ("quadratic", "rosenbrock", "saddle", "credit-2d", "credit", "streamrec")


def seconds(task: Callable[[], object]) -> float:
    """Processor time of this thread for ``task``."""
    began = time.thread_time()
    task()
    return time.thread_time() - began


def look(snapshot: Snapshot, race: Race, curvature: Curvature) -> None:
    """One look of the app: all verdicts, and the theory of the first racer, whose page is open."""
    verdicts = of_snapshot(snapshot, race.scenario.tolerance, race.problem, curvature=curvature)
    first = snapshot.racers[0]
    measured = in_distance(verdicts[first.label])
    theory.of_racer(first, race.problem, measured=measured, curvature=curvature, saving=True)


def bench(name: str) -> None:
    race = Race(name)
    race.prepare()
    curvature = Curvature(race.problem)
    curvature.at(race.problem.start)  # compiles
    curvature.gradient(race.problem.start)
    assert race.budget is not None
    looks = int(SHOWN_SECONDS * LOOKS)
    racing, costs = 0.0, []
    for k in range(looks - 1):
        target = race.budget * (k + 1) // looks
        racing += seconds(lambda target=target: race.advance(target - race.step))  # type: ignore[misc]
        snapshot = race.snapshot()
        costs.append(seconds(lambda: look(snapshot, race, curvature)))  # noqa: B023
    racing += seconds(lambda: race.advance(race.budget - race.step))
    final = seconds(lambda: of_race(race))
    shown = np.array(costs) * 1e3
    print(
        f"{name:<11}{len(race):2d} racers  look: mean {shown.mean():6.2f} ms  median {np.median(shown):6.2f}  "
        f"most {shown.max():6.2f}  at the end {final * 1e3:6.2f}"
    )
    if name == "streamrec":
        total = shown.sum() / 1e3 + final
        print(
            f"  race: {racing:.2f} s of computing, of which the verdicts at its end alone are {final / racing:.2%}; "
            f"{looks} looks with theory: {total:.3f} s, {total / SHOWN_SECONDS:.2%} of the {SHOWN_SECONDS:.0f} s in "
            f"which the app shows it"
        )


def main() -> None:
    for name in sys.argv[1:] or NAMES:
        bench(name)


if __name__ == "__main__":
    main()
