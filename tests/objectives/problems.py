"""Problems by name and option, and their value and gradient without the engine."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gdtui import registry
from gdtui.contracts import Problem, Reals
from gdtui.scenario import builtin_folder

CREDIT = {"data": builtin_folder() / "data" / "german_credit.csv", "target": "creditability", "positive": "bad"}


def built(name: str, seed: int = 0, **options: Any) -> Problem:
    """The objective's problem, with the default of every option not given."""
    objective = registry.objective(name)
    defaults = {option.name: option.default for option in objective.options}
    assert not set(options) - set(defaults)
    return objective.build(defaults | options, seed)


def evaluated(problem: Problem, x: Reals, batch: Sequence[int] = ()) -> tuple[float, Reals]:
    """Value and gradient from the plain kernel; what it does not write stays NaN."""
    g = np.full(problem.n, np.nan)
    batch_row, noise = np.array(batch, dtype=np.int64), np.zeros(problem.noise)
    f = problem.value_grad(np.array(x, dtype=float), problem.reals, problem.ints, batch_row, noise, g)
    return float(f), g


def value(problem: Problem, x: Reals) -> float:
    return evaluated(problem, x)[0]


def written(folder: Path, rows: Sequence[Sequence[object]], name: str = "data.csv") -> Path:
    """A CSV file of these rows."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    path = folder / name
    path.write_text(text.getvalue(), encoding="utf-8")
    return path
