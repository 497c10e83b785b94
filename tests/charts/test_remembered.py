"""Kept sheets: the same sheet as plotext draws, found by a later start, and nothing trusted that is not whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from gdtui.charts import remembered
from gdtui.charts.cells import CellGrid

START = """
import sys
import numpy as np
from gdtui.charts.contour import ContourChart, ContourSpec
from gdtui.contracts import View
axis = np.linspace(-1.0, 1.0, 40)
x, y = np.meshgrid(axis, axis)
chart = ContourChart(ContourSpec(axis, axis, x * x + 9 * y * y, View(-1.0, 1.0, -1.0, 1.0), 60, 20, title="Bowl"))
print("plotext" in sys.modules)
print("\\n".join(chart.sheet.lines()), chart.sheet.colours.tolist())
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GDTUI_CACHE_DIR", str(tmp_path))
    return tmp_path / "sheets"


def test_a_second_start_has_the_same_sheet_without_plotext(run_python: Callable[..., str], tmp_path: Path) -> None:
    first, second = (run_python(START, GDTUI_CACHE_DIR=str(tmp_path)).split("\n", 1) for _ in range(2))
    assert (first[0], second[0]) == ("True", "False")
    assert first[1] == second[1]


def test_where_nothing_can_be_kept_it_is_drawn_anew(run_python: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert run_python(START, GDTUI_CACHE_DIR=str(tmp_path / "file")).startswith("True")


def test_what_is_kept_comes_back(folder: Path) -> None:
    grid = CellGrid.blank(7, 3)
    grid.write(1, 2, "κ⠿", 5)
    remembered.keep("some", grid)
    kept = remembered.recall("some", 7, 3)
    assert kept is not None
    assert kept.lines() == grid.lines()
    assert np.array_equal(kept.colours, grid.colours)
    assert remembered.recall("some", 8, 3) is None
    assert remembered.recall("other", 7, 3) is None


@pytest.mark.parametrize("damage", [b"", b"not numpy", b"\x93NUMPY\x01\x00"])
def test_a_damaged_file_is_no_sheet(folder: Path, damage: bytes) -> None:
    remembered.keep("some", CellGrid.blank(7, 3))
    (folder / "some.npy").write_bytes(damage)
    assert remembered.recall("some", 7, 3) is None


def test_few_are_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "_MOST_SHEETS", 3)
    for k in range(6):
        remembered.keep(f"sheet{k}", CellGrid.blank(2, 2))
    assert len(list(folder.iterdir())) == 3


def test_the_key_tells_contents_apart() -> None:
    assert remembered.key_of([b"ab", b"c"]) != remembered.key_of([b"a", b"bc"])
    assert remembered.key_of([b"ab"]) == remembered.key_of([b"ab"])
