"""Random quadratics and what theory says of gd and momentum on them, worked out from the whole spectrum.

An oracle apart from the package: eigenvalues of step matrices, and races replayed mode by mode. The whole budget of
10^6 steps: ``python -m tests.analysis.quadratics 1000000 [seed]``.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gdtui.analysis.look import WINDOW
from gdtui.analysis.race_verdicts import of_race
from gdtui.analysis.steady import in_distance
from gdtui.analysis.verdict import Kind, Verdict
from gdtui.contracts import Reals
from gdtui.engine.race import Race
from gdtui.scenario import from_mapping

COUNT = 200
SEED = 5
WITHIN = 0.02  # of -ln(rate)
NEGLIGIBLE = 1e-3  # of the squared gradient, at the beginning of the window


@dataclass(frozen=True)
class Case:
    """A quadratic with its eigenvalues, and the settings of both racers."""

    seed: int
    eigenvalues: Reals
    lr: float
    beta: float

    def race(self, steps: int) -> Race:
        """gd and momentum on it, at the same learning rate."""
        table = {
            "objective": {"name": "quadratic", "eigenvalues": self.eigenvalues.tolist()},
            "steps": steps, "seed": self.seed, "racers": [{"optimizer": "gd"}],
        }  # fmt: skip
        racers = [f"gd:lr={self.lr!r}", f"momentum:lr={self.lr!r},beta={self.beta!r}"]
        return Race(from_mapping(table, folder=Path.cwd()), racers=racers)


def cases(random_seed: int = SEED) -> list[Case]:
    """Condition numbers from 1 to 1e5, 2 to 20 parameters, learning rates from 0.01/L to 2.5/L."""
    generator = np.random.default_rng(random_seed)
    made = []
    for seed in range(COUNT):
        n, kappa = int(generator.integers(2, 21)), 10.0 ** generator.uniform(0.0, 5.0)
        L = 10.0 ** generator.uniform(-2.0, 2.0)
        eigenvalues = L * kappa ** -np.concatenate([[0.0, 1.0], generator.uniform(0.0, 1.0, n - 2)])
        h = 10.0 ** generator.uniform(-2.0, np.log10(2.5)) if seed % 2 else generator.uniform(0.01, 2.5)
        made.append(Case(seed, eigenvalues, h / L, generator.uniform(0.0, 0.95)))
    return made


def steps_of(case: Case, beta: float) -> Reals:
    """What a step does to (x, lr v) of every mode, float64 ``(n, 2, 2)``: v <- beta v + g, x <- x - lr v."""
    return np.array([[[1.0 - each, -beta], [each, beta]] for each in case.lr * case.eigenvalues])


def radius(case: Case, beta: float) -> float:
    """The spectral radius of the whole iteration."""
    return float(np.abs(np.linalg.eigvals(steps_of(case, beta))).max())


def others_share(case: Case, beta: float, taken: int) -> float:
    """Of the squared gradient after ``taken`` steps from one unit along every mode: what is not the slowest mode's."""
    steps = steps_of(case, beta)
    radii = np.abs(np.linalg.eigvals(steps)).max(axis=1)
    # Scaled, so that nothing underflows; a mode that sinks below the others by more than the numbers hold is 0.
    powers = np.array([np.linalg.matrix_power(step / radii.max(), taken) for step in steps])
    states = powers @ np.array([1.0, 0.0])
    squares = (case.eigenvalues[:, np.newaxis] * states) ** 2
    slowest = radii >= radii.max() * (1.0 - 1e-12)
    return float(squares[~slowest].sum() / squares.sum())


@dataclass(frozen=True)
class Answer:
    """A verdict beside theory: whether the slowest mode dominates the window, and by how much the rate misses."""

    case: Case
    label: str
    verdict: Verdict
    predicted: float
    dominates: bool
    missed: float | None

    @property
    def agrees(self) -> bool:
        """Diverging where theory says so and nowhere else; the rate as predicted, or called a transient if not."""
        diverges = self.verdict.kind in {Kind.DIVERGED, Kind.DIVERGING}
        if diverges or self.predicted > 1.0:
            return diverges == (self.predicted > 1.0)
        if self.missed is not None and self.missed <= WITHIN:
            return True
        if self.verdict.kind is Kind.CONVERGED and self.missed is None:
            return True  # in too few steps for a rate
        return not self.dominates and "transient" in self.verdict.sentence


def answers(case: Case, steps: int) -> list[Answer]:
    """Both racers' verdicts after ``steps`` steps, beside the oracle's."""
    race = case.race(steps).advance(steps)
    verdicts = of_race(race)
    found = []
    for label, beta in (("gd", 0.0), ("momentum", case.beta)):
        predicted, racer = radius(case, beta), race[label]
        measured = in_distance(verdicts[label])
        missed = None if measured is None else abs(np.log(measured) / np.log(predicted) - 1.0)
        rows = min(WINDOW, len(racer.steps) // 2)
        begin = int(racer.steps[-rows])
        dominates = predicted < 1.0 and others_share(case, beta, begin) < NEGLIGIBLE
        found.append(Answer(case, label, verdicts[label], predicted, dominates, missed))
    return found


def main(steps: int, random_seed: int = SEED) -> None:
    """Print how verdicts and theory agree after ``steps`` steps."""
    began = time.perf_counter()
    found = [answer for case in cases(random_seed) for answer in answers(case, steps)]
    table = Counter(
        (answer.label, "diverges" if answer.predicted > 1.0 else "shrinks", answer.verdict.kind.value,
         "slowest mode dominates" if answer.dominates else "several modes",
         "no rate" if answer.missed is None else "within 2 %" if answer.missed <= WITHIN else "beyond 2 %",
         "agrees" if answer.agrees else "DISAGREES")
        for answer in found
    )  # fmt: skip
    for row, count in sorted(table.items()):
        print(f"{count:4d}  {'  '.join(row)}")
    for answer in found:
        if not answer.agrees:
            print(answer.case.seed, answer.label, answer.predicted, answer.missed, answer.verdict.sentence)
    share = np.mean([answer.agrees for answer in found])
    print(f"{steps:,} steps, {len(found)} racers: {share:.2%} agree; {time.perf_counter() - began:.1f} s")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
