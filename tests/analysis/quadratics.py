"""Random quadratics and what theory says of gd and momentum on them, worked out from the whole spectrum.

An oracle apart from the package: eigenvalues of step matrices, and races replayed mode by mode.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gdtui.contracts import Reals
from gdtui.engine.race import Race
from gdtui.scenario import from_mapping

COUNT = 200


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


def cases(count: int = COUNT) -> list[Case]:
    """Condition numbers from 1 to 1e5, 2 to 20 parameters, learning rates from 0.01/L to 2.5/L."""
    generator = np.random.default_rng(5)
    made = []
    for seed in range(count):
        n, kappa = int(generator.integers(2, 21)), 10.0 ** generator.uniform(0.0, 5.0)
        L = 10.0 ** generator.uniform(-2.0, 2.0)
        eigenvalues = L * kappa ** -np.concatenate([[0.0, 1.0], generator.uniform(0.0, 1.0, n - 2)])
        h = 10.0 ** generator.uniform(-2.0, np.log10(2.5)) if seed % 2 else generator.uniform(0.01, 2.5)
        made.append(Case(seed, eigenvalues, h / L, generator.uniform(0.0, 0.95)))
    return made


def radii(case: Case, beta: float) -> Reals:
    """The spectral radius of every mode's step matrix, float64 ``(n,)``."""
    h = case.lr * case.eigenvalues
    steps = np.array([[[1.0 - each, -beta], [each, beta]] for each in h])
    return np.abs(np.linalg.eigvals(steps)).max(axis=1)
