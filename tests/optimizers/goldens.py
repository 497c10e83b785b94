"""The golden points of torch and optax (tests/goldens/), and their problems built of gdtui's own objectives."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from gdtui import scenario
from gdtui.contracts import Problem
from gdtui.scenario import Scenario
from tests.objectives.problems import written

Case = Mapping[str, Any]


def load(name: str) -> dict[str, Any]:
    """A file of golden points: ``library``, ``steps``, ``problems`` and ``cases``."""
    text = (Path(__file__).parents[1] / "goldens" / f"{name}.json").read_text(encoding="utf-8")
    golden: dict[str, Any] = json.loads(text)
    return golden


FILES = [load(library) for library in ("torch", "optax")]
CASES: list[Case] = [case for golden in FILES for case in golden["cases"]]
PROBLEMS: dict[str, dict[str, Any]] = FILES[0]["problems"]
STEPS: list[int] = FILES[0]["steps"]
TOLERANCE = 1e-12


def label(case: Case) -> str:
    return "-".join([case["problem"], case["optimizer"], *(f"{key}={value:g}" for key, value in case["given"].items())])


def scenario_of(name: str, folder: Path, racers: tuple[Mapping[str, Any], ...] = ({"optimizer": "gd"},)) -> Scenario:
    """A scenario on the problem of that name; its data become files in ``folder``."""
    facts = PROBLEMS[name]
    table: dict[str, Any] = {"name": name}
    if name == "quadratic":
        table |= {"matrix": facts["matrix"]}
    elif name == "logistic":
        samples = [[*row, int(y)] for row, y in zip(facts["features"], facts["labels"], strict=True)]
        data = written(folder, [["a", "b", "c", "y"], *samples], "samples.csv")
        table |= {"data": str(data), "target": "y", "standardise": False, "test_fraction": 0.0, "l2": facts["l2"]}
    elif name == "matrix_factorisation":
        ratings = written(folder, [["user", "item", "rating"], *facts["ratings"]], "ratings.csv")
        table |= {"ratings": str(ratings), "test_fraction": 0.0, "rank": 2, "l2": facts["l2"]}
    start = np.concatenate([np.ravel(block) for block in facts["start"].values()]).tolist()
    data = {"objective": table, "start": start, "steps": max(STEPS), "racers": list(racers)}
    return scenario.from_mapping(data, folder=folder)


def problems(folder: Path) -> dict[str, Problem]:
    """All of them."""
    return {name: scenario_of(name, folder).build() for name in PROBLEMS}
