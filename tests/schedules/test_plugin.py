"""A schedule in a plug-in folder is one like any other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gdtui import registry
from gdtui.errors import InputError
from gdtui.specs import parse
from tests.engine.races import race

SAWTOOTH = """
import numpy as np
from gdtui.contracts import Option, Schedule


def rates(k, base, arguments):
    return base * (1.0 - (k % arguments["teeth"]) / arguments["teeth"])


SCHEDULE = Schedule(
    name="sawtooth", title="sawtooth", formula="η₀(1 − (k mod s)/s)", rates=rates,
    arguments=(Option("teeth", "integer", 4, "steps of a tooth (s)", "[1, 1e12]"),), length="teeth",
)
"""


@pytest.fixture(autouse=True)
def _plugged_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "schedules").mkdir()
    (tmp_path / "schedules" / "sawtooth.py").write_text(SAWTOOTH, encoding="utf-8")
    monkeypatch.setenv("GDTUI_PLUGINS", str(tmp_path))


def test_it_is_found_checked_and_raced() -> None:
    assert "sawtooth" in registry.schedules()
    gd = race("rosenbrock", "gd:lr=1e-4,schedule=join(sawtooth,sawtooth(teeth=2))").advance(8)["gd"]
    expected = 1e-4 * np.array([1.0, 0.75, 0.5, 0.25, 1.0, 0.5, 1.0, 0.5])
    assert gd.learning_rate[1:].tolist() == expected.tolist()
    with pytest.raises(InputError, match=r"schedule.teeth: 0 is out of range; give a whole number in \[1, 1e12\]"):
        parse("gd:schedule=sawtooth(teeth=0)")
