"""What the engine's tests share: small scenarios, races on them, and what it means that two racers are equal."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from gdtui import registry
from gdtui.contracts import Optimizer
from gdtui.engine.race import Race
from gdtui.engine.racer import Racer
from gdtui.scenario import Scenario, from_mapping

PLUGINS = Path(__file__).resolve().parent / "plugins"
OPTIMIZERS = tuple(registry.optimizers())
BATCH = 12  # does not divide the samples, so that batches straddle epochs

# Nothing but + - * / and sqrt, so that compiled and plain code agree to the bit.
ALGEBRAIC: Mapping[str, Mapping[str, Any]] = {
    "rosenbrock": {"name": "rosenbrock"},
    "rosenbrock in 5-D": {"name": "rosenbrock", "dimension": 5},
    "quadratic": {"name": "quadratic", "dimension": 3},
    "saddle": {"name": "saddle"},
    "matrix factorisation": {
        "name": "matrix_factorisation", "users": 8, "items": 6, "density": 0.8, "rank": 2, "true_rank": 2,
    },
}  # fmt: skip


def scenario(objective: str | Mapping[str, Any] = "rosenbrock", **changes: Any) -> Scenario:
    """A small scenario with one gd racer; ``changes`` are top-level keys of a scenario file."""
    table = {"name": objective} if isinstance(objective, str) else dict(objective)
    data = {"objective": table, "steps": 1000, "racers": [{"optimizer": "gd"}], **changes}
    return from_mapping(data, folder=Path.cwd())


def fit(objective: str | Mapping[str, Any] | None) -> tuple[str, ...]:
    """The optimizers that can run on an objective; None stands for one in Python, which has no Hessian."""
    problem = None if objective is None else scenario(objective).build()

    def fits(optimizer: Optimizer) -> bool:
        lacking = [name for name in optimizer.calls if name != "value_grad" and getattr(problem, name, None) is None]
        formless = problem is None or not any(block.rows > 1 and block.cols > 1 for block in problem.blocks)
        lacking += ["matrices"] if optimizer.matrices and formless else []
        return not lacking and (problem is None or problem.n <= (optimizer.most_parameters or problem.n))

    return tuple(name for name in OPTIMIZERS if fits(registry.optimizer(name)))


def race(objective: str | Mapping[str, Any] = "rosenbrock", *racers: str, **arguments: Any) -> Race:
    """A race on a small scenario; ``arguments`` are the race's."""
    return Race(scenario(objective), racers=racers or ["gd"], **arguments)


def spin_until(condition: Callable[[], bool], patience: float = 60.0) -> None:
    """Watch for something that nothing announces."""
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline


def contents(racer: Racer) -> dict[str, object]:
    """Everything a racer can tell, comparable: its point, its outcome, its whole history, its charges."""
    arrays = {
        "theta": racer.theta, "steps": racer.steps, "records": racer.history.records[: len(racer.steps)],
        "path": racer.path, "path_steps": racer.path_steps, "last_seen": np.array(racer.last_seen),
    }  # fmt: skip
    told = {"step": racer.step, "outcome": racer.outcome, "note": racer.note, "evaluations": racer.evaluations}
    return {**{name: (array.shape, array.tobytes()) for name, array in arrays.items()}, **told}


def assert_same(left: Race, right: Race) -> None:
    """Both races have the same racers, equal to the bit, in whatever order."""
    assert set(left.labels) == set(right.labels)
    for label in left.labels:
        assert contents(left[label]) == contents(right[label]), label
