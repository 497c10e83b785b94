"""A race that is killed leaves a journal that opens, and that goes on to the bit. The script beside it kills many."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.recording.kill import RACES, check, killed


@pytest.mark.parametrize(("name", "ticks"), [("rosenbrock", 14), ("streamrec", 5)])
def test_killed_while_it_writes_all_the_time(name: str, ticks: int, tmp_path: Path) -> None:
    check(RACES[name], [killed(RACES[name], tmp_path, lambda _, made: made >= ticks, every=0.001)])
