"""An optimizer is one file: plugged in, it is in the lists, the races, the app and the conformance tests by itself."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.widgets import Tree

from gdtui.engine.race import Race
from gdtui.tui.editor import RacerEditor
from gdtui.tui.panes.family import FamilyPane
from tests.cli.support import ROOT, invoke
from tests.optimizers import test_conformance
from tests.tui.apps import lines_of, opened, state_of, take_steps, wait_until
from tests.tui.conftest import quick_axes as quick_axes
from tests.tui.conftest import terminal as terminal

TIMID = '''
"""Timid descent: the steeper the slope, the smaller its share of the step.

    x <- x - lr g / (caution + |g|)

Nobody, "On steps not taken", 2025, https://example.org/timid.
"""

import math

from gdtui.contracts import Hyperparameter, Optimizer, kernel


@kernel
def update(
    value_grad, hessian, hessian_vector, reals, ints, blocks, batch, noise, x, f, g, state, hyper, t, lr, counts
):
    squares = 0.0
    for i in range(x.shape[0]):
        squares += g[i] * g[i]
    for i in range(x.shape[0]):
        x[i] -= lr * g[i] / (hyper[0] + math.sqrt(squares))
    return 0


def naive(gradient, x, lr, caution):
    while True:
        g = gradient(x)
        x = x - lr * g / (caution + (g @ g) ** 0.5)
        yield x


OPTIMIZER = Optimizer(
    name="timid",
    title="timid descent",
    parent="gd",
    rule=update,
    learning_rate=0.02,
    formula="θ ← θ − ηg/(c + ‖g‖)",
    fixes="Gradient descent's leaps. No step is longer than η, however steep the slope.",
    fails="It is late. On Rosenbrock the start is steep and the steps are short.",
    fails_on="rosenbrock",
    reference="Nobody 2025, https://example.org/timid",
    hyperparameters=(Hyperparameter("caution", 1.0, "(0, inf)", "added to the length of the gradient"),),
)
'''

# tests/conftest.py takes the plug-ins of whoever runs the tests away; this brings ours back before tests are collected.
CONFORMANCE = """
import os, sys
import pytest

class PluggedIn:
    def pytest_configure(self):
        os.environ["GDTUI_PLUGINS"] = sys.argv[1]

sys.exit(pytest.main(["tests/optimizers/test_conformance.py", *sys.argv[2:]], plugins=[PluggedIn()]))
"""


@pytest.fixture(autouse=True)
def plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A plug-in folder with the one file in it."""
    (tmp_path / "optimizers").mkdir()
    (tmp_path / "optimizers" / "timid.py").write_text(TIMID.lstrip(), encoding="utf-8")
    monkeypatch.setenv("GDTUI_PLUGINS", str(tmp_path))
    yield tmp_path
    sys.modules.pop("gdtui_plugins.optimizers.timid", None)


def test_it_is_listed() -> None:
    lines = invoke("list", "optimizers").stdout.splitlines()
    (row,) = (line for line in lines if line.startswith("timid "))
    assert row.split()[1:4] == ["gd", "lr=0.02,", "caution=1.0"]
    assert "No step is longer than η" in row


def test_it_has_a_page() -> None:
    text = invoke("explain", "timid").stdout
    assert text.startswith("timid descent (optimizer timid)\n\nRule\n  θ ← θ − ηg/(c + ‖g‖)\n")
    assert "timid" in json.loads(invoke("explain", "gd", "--json").stdout)["optimizer"]["children"]


def test_it_races_and_its_hyperparameters_are_checked() -> None:
    result = invoke("run", "saddle", "--racer", "timid:caution=2", "--steps", "50", "--json")
    (racer,) = json.loads(result.stdout)["racers"]
    assert racer["optimizer"] == "timid"
    assert racer["hyperparameters"]["caution"] == 2.0
    assert racer["loss"] < racer["loss_start"]
    refused = invoke("run", "saddle", "--racer", "timid:caution=0")
    assert refused.exit_code == 2
    assert "racer 'timid:caution=0': caution: 0.0 is out of range; give a number in (0, inf)" in refused.stderr


async def test_it_is_in_the_family_tree_and_can_be_picked_from_there() -> None:
    async with opened(Race("saddle", racers=["gd"]), size=(160, 60)) as (pilot, screen):
        tree = screen.query_one(Tree)
        node = next(node for node in tree._tree_nodes.values() if str(node.label) == "timid")
        assert node.parent is not None
        assert str(node.parent.label) == "gd"
        tree.move_cursor(node)
        await wait_until(pilot, lambda: any("No step is longer" in line for line in lines_of(pilot)))
        await pilot.press("a")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, RacerEditor))
        await pilot.press("enter")
        await wait_until(pilot, lambda: "timid" in screen.session.race.labels and state_of(screen) == "paused")


async def test_its_step_is_explained_without_a_word_of_its_own() -> None:
    async with opened(Race("saddle", racers=["timid"])) as (pilot, screen):
        await take_steps(pilot, screen, 3)
        await pilot.press("W")
        details = screen.query_one(FamilyPane).details
        await wait_until(pilot, lambda: "step 3" in getattr(details.content_of("why"), "plain", ""))
        page = details.content_of("why")
        assert page is not None
        for word in ("g: gradient", "η: learning rate", "Δ: how the step moved θ"):
            assert word in page.plain


def test_it_is_held_to_what_every_optimizer_is_held_to(plugins: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-c", CONFORMANCE, str(plugins), "-v", "-k", "timid"],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr
    held = re.findall(r"::(test_\w+)\[.*timid.*\] (?:PASSED|SKIPPED)", result.stdout)
    assert set(held) == {name for name, test in vars(test_conformance).items() if is_about_each(test)}


def is_about_each(test: object) -> bool:
    """Whether a test runs once for every optimizer."""
    return any(mark.name == "parametrize" and "name" in mark.args[0] for mark in getattr(test, "pytestmark", ()))
