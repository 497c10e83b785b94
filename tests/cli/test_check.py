"""``gdtui check``: findings, exit codes, and files that are no scenarios."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gdtui.scenario import builtin_names
from tests.cli.support import SCENARIO, invoke, scenario_file

WRONG_GRADIENT = """\
import numpy as np
from gdtui.contracts import Block, Objective, Problem, kernel

@kernel
def value_grad(x, reals, ints, batch, noise, g):
    g[0] = 2.0 * x[0]
    g[1] = 3.0 * x[1]
    return x[0] * x[0] + x[1] * x[1]

def plane(origin, first, second, a, b):
    return sum((origin[i] + a * first[i] + b * second[i]) ** 2 for i in range(2))

def build(options, seed):
    return Problem(objective="wrong", title="Wrong", value_grad=value_grad, start=np.array([1.0, 2.0]), plane=plane,
                   blocks=(Block("x", 0, 2, 1),))

OBJECTIVE = Objective(name="wrong", title="Wrong", formula="", build=build)
"""


@pytest.mark.parametrize("name", builtin_names())
def test_the_built_in_scenarios_pass(name: str) -> None:
    result = invoke("check", name)
    assert (result.exit_code, result.stderr) == (0, "")
    assert all(line.startswith(f"ok      {name}: ") for line in result.stdout.splitlines())
    for check in ("kernels compile", "central differences", "same values", "rates are positive", "bit by bit"):
        assert check in result.stdout


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The file of a plugged-in objective called wrong."""
    (tmp_path / "objectives").mkdir()
    monkeypatch.setenv("GDTUI_PLUGINS", str(tmp_path))
    yield tmp_path / "objectives" / "wrong.py"
    sys.modules.pop("gdtui_plugins.objectives.wrong", None)


def test_a_wrong_gradient_is_found_and_named(plugin: Path, tmp_path: Path) -> None:
    plugin.write_text(WRONG_GRADIENT, encoding="utf-8")
    result = invoke("check", scenario_file(tmp_path, SCENARIO.replace("rosenbrock", "wrong")))
    assert result.exit_code == 1
    (failed,) = (line for line in result.stdout.splitlines() if line.startswith("FAILED"))
    assert "gradient equals central differences (6 derivatives, largest relative error " in failed
    assert failed.endswith("; correct the derivative for parameter 1")


@pytest.mark.jit
def test_a_kernel_that_does_not_compile_is_a_failed_check(plugin: Path, tmp_path: Path) -> None:
    plugin.write_text(WRONG_GRADIENT.replace("g[0] = 2.0 * x[0]", "g[0] = open('x')"), encoding="utf-8")
    path = scenario_file(tmp_path, SCENARIO.replace("rosenbrock", "wrong"))
    result = invoke("check", path)
    assert result.exit_code == 1
    (line,) = result.stdout.splitlines()
    assert line.startswith(f"FAILED  {path}: kernels compile (")
    assert result.stderr == ""


def test_a_file_that_is_not_valid_does_not_keep_the_others_from_being_checked(tmp_path: Path) -> None:
    bad = scenario_file(tmp_path, SCENARIO.replace("lr = 1e-3", "lr = -1"))
    result = invoke("check", bad, "saddle")
    assert result.exit_code == 2
    assert result.stderr.startswith(f"gdtui: {bad}: racers[0]: lr: -1.0 is out of range")
    assert "ok      saddle: " in result.stdout
