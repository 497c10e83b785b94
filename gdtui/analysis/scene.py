"""A racer under a second look: its picture, the problem it is on, and who answers for the curvature at its point."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from gdtui.analysis import iteration, theory
from gdtui.analysis.curvature import DENSE_UP_TO, Curvature, Extremes
from gdtui.analysis.series import Series, Setting
from gdtui.analysis.theory import Terms
from gdtui.contracts import CLIP, Problem, Reals
from gdtui.engine.snapshot import RacerSnapshot

PATH_POINTS: Final = 64  # of the path, to see how far it has come
PATH_NUMBERS: Final = 20_000  # at the most, in them

Ask = Callable[[], Extremes | None]


@dataclass(frozen=True, eq=False)
class Scene:
    """What a second look has to go by. ``ask`` gives the curvature at the racer's point, or None."""

    racer: RacerSnapshot
    problem: Problem
    series: Series
    setting: Setting
    curvature: Curvature
    ask: Ask

    @cached_property
    def terms(self) -> Terms:
        """What predictions rest on."""
        return theory.terms(self.racer, self.problem, self.ask())

    @cached_property
    def gradient(self) -> Reals:
        """The full gradient at the racer's point."""
        return self.curvature.gradient(self.racer.theta)

    @property
    def is_linear(self) -> bool:
        """Whether its rule is one whose steps on a quadratic are known in closed form."""
        return self.racer.spec.optimizer in iteration.METHODS

    @property
    def is_free(self) -> bool:
        """Whether nothing holds the steps back but the learning rate."""
        clipped = self.racer.spec.hyperparameters.get(CLIP.name, 0.0) > 0.0
        return not (clipped or self.problem.bounds is not None or self.problem.time_dependent)

    @property
    def is_small(self) -> bool:
        """Whether the Hessian is decomposed whole, and gradients cost next to nothing."""
        return self.problem.n <= DENSE_UP_TO

    @property
    def has_every_point(self) -> bool:
        """Whether the path has every point, so that its differences are the steps."""
        return len(self.racer.path) >= max(3, self.racer.step)

    @cached_property
    def extent(self) -> float:
        """How far away the farthest point of the path lies."""
        points = max(2, min(PATH_POINTS, PATH_NUMBERS // self.problem.n))
        path = self.racer.path[:: max(1, -(-len(self.racer.path) // points))]
        return float(np.sqrt(np.max(np.sum((path - self.racer.theta) ** 2, axis=1), initial=0.0)))
