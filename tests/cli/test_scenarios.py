"""Every built-in scenario ends as it says it does."""

from __future__ import annotations

import json

import pytest

from gdtui import scenario as scenarios
from tests.cli.support import invoke


# The longest race, streamrec's, is held to its expectations in tests/objectives alone.
@pytest.mark.parametrize("name", [name for name in scenarios.builtin_names() if name != "streamrec"])
def test_a_built_in_scenario_meets_its_expectations(name: str) -> None:
    result = invoke("run", name, "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    assert json.loads(result.stdout)["scenario"] == name


@pytest.mark.parametrize("name", scenarios.builtin_names())
def test_a_built_in_scenario_claims_something(name: str) -> None:
    scenario = scenarios.load(name)
    assert scenario.expectations
    assert scenario.title
    assert scenario.description
