"""Columns of growing histories, copied once: always what the history has."""

from __future__ import annotations

import numpy as np
import pytest

from gdtui.engine.race import Race
from gdtui.frames.columns import Columns
from tests.frames.snapshots import history


@pytest.mark.parametrize("base", [0.0, 0.25])
def test_a_copy_follows_its_history_through_merges_and_a_restart(base: float) -> None:
    race, columns = Race("rosenbrock", racers=["gd:lr=1e-4", "adam"], steps=100_000), Columns()
    for steps in (0, 1, 30, 5000, 0, 9000, 20_000, 1, -1, 50):
        race = race.restarted() if steps < 0 else race
        race.advance(max(steps, 0))
        for racer in race.snapshot().racers:
            for name in ("loss", "loss_low", "grad_norm", "move"):
                expected = getattr(racer.recorded, name) - base
                np.testing.assert_array_equal(columns.of(racer.label, racer.recorded, name, base), expected)


def test_what_was_handed_out_does_not_change() -> None:
    race, columns = Race("rosenbrock", racers=["gd:lr=1e-4"], steps=100_000).advance(10), Columns()
    (racer,) = race.snapshot().racers
    before = columns.of("gd", racer.recorded, "loss")
    kept = before.copy()
    race.advance(20_000)
    (racer,) = race.snapshot().racers
    columns.of("gd", racer.recorded, "loss")
    np.testing.assert_array_equal(before, kept)


def test_another_base_is_another_column() -> None:
    race, columns = Race("rosenbrock", racers=["gd:lr=1e-4"]).advance(10), Columns()
    (racer,) = race.snapshot().racers
    for base in (0.0, 3.0, 0.0):
        np.testing.assert_array_equal(columns.of("gd", racer.recorded, "loss", base), racer.recorded.loss - base)


def test_arrays_that_do_not_grow_are_taken_as_they_are() -> None:
    recorded, columns = history([3.0, np.nan, -1.7e308]), Columns()
    assert columns.of("a", recorded, "loss", 1.0).tolist()[0] == 2.0
    assert columns.of("a", recorded, "loss", 1.7e308)[2] == -np.inf
