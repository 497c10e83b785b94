"""Schedules against PyTorch's and optax's at every step of 1,000 (tests/goldens/make_schedule_goldens.py)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gdtui import registry, schedule_specs

FOLDER = Path(__file__).parents[1] / "goldens"
LIBRARIES = ("torch", "optax")
GOLDENS = {name: json.loads((FOLDER / f"schedules_{name}.json").read_text(encoding="utf-8")) for name in LIBRARIES}
CASES = [(library, case) for library in LIBRARIES for case in GOLDENS[library]["cases"]]
TOLERANCE = 1e-12  # relative to every single rate


@pytest.mark.parametrize(
    ("library", "case"), CASES, ids=lambda part: part if isinstance(part, str) else part["schedule"]
)
def test_gives_the_rates_that_the_library_gives(library: str, case: Mapping[str, Any]) -> None:
    schedule = schedule_specs.from_value(case["schedule"])
    found = schedule.bound()(np.arange(len(case["rates"])), case["lr"])
    np.testing.assert_allclose(found, case["rates"], rtol=TOLERANCE, atol=0.0)


@pytest.mark.parametrize("library", LIBRARIES)
def test_cases_cover_a_thousand_steps_or_all_that_the_library_has(library: str) -> None:
    for case in GOLDENS[library]["cases"]:
        spec = schedule_specs.from_value(case["schedule"])
        assert len(case["rates"]) == 1000 or len(case["rates"]) in {spec.duration, (spec.duration or 0) + 1}


def test_every_schedule_has_goldens_of_both_libraries() -> None:
    covered = {
        library: {case["schedule"].partition("(")[0] for _, case in CASES if _ == library} for library in LIBRARIES
    }
    pure = {name for name, schedule in registry.schedules().items() if schedule.react is None}
    assert covered["torch"] == pure
    assert covered["optax"] == pure - {"inverse_sqrt"}  # it has none
