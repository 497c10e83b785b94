"""The slopes that change by step, and the box that holds their parameter."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gdtui.engine.race import Race
from gdtui.errors import InputError
from gdtui.scenario import Scenario
from gdtui.specs import parse, with_unique_labels
from tests.objectives.problems import built, evaluated


def race(*specs: str, steps: int = 50) -> Race:
    racers = with_unique_labels(map(parse, specs))
    return Race(Scenario("online", "Online", "online", racers, steps, options={"C": 4.0}))


def test_three_steps_average_to_the_full_objective() -> None:
    problem, x = built("online", C=4.0), np.array([0.25])
    parts = [evaluated(problem, x, [t]) for t in (7, 8, 9)]
    assert [g[0] for _, g in parts] == [4.0, -1.0, -1.0]
    f, g = evaluated(problem, x)
    assert f == pytest.approx(np.mean([value for value, _ in parts]), rel=1e-14)
    assert g[0] == pytest.approx(2.0 / 3.0, rel=1e-14)


def test_gd_walks_within_the_box() -> None:
    raced = race("gd:lr=0.3").advance(50)
    x, expected = 0.0, [0.0]
    for t in range(1, 51):
        x = min(1.0, max(-1.0, x - 0.3 * (4.0 if t % 3 == 1 else -1.0)))
        expected.append(x)
    np.testing.assert_allclose(raced["gd"].path[:, 0], expected, rtol=0.0, atol=1e-15)
    assert min(expected) == -1.0


def test_the_box_does_not_depend_on_the_length_of_a_tick() -> None:
    whole, pieces = race("adam:lr=0.5", "lion:lr=0.3").advance(50), race("adam:lr=0.5", "lion:lr=0.3")
    for count in (1, 7, 42):
        pieces.advance(count)
    for label in ("adam", "lion"):
        assert whole[label].path.tobytes() == pieces[label].path.tobytes()
        assert np.abs(whole[label].path).max() == 1.0


def test_a_step_out_of_the_numbers_is_no_step_to_the_border() -> None:
    raced = race("gd:lr=1e308").advance(5)
    assert raced["gd"].status == "diverged"
    assert math.isfinite(raced["gd"].theta[0])


@pytest.mark.parametrize("name", ["nesterov", "lbfgs", "newton", "saddle_free_newton"])
def test_who_looks_elsewhere_than_at_its_point_is_refused(name: str) -> None:
    with pytest.raises(InputError, match=f"optimizer: online keeps its parameters within bounds, which {name} does"):
        race(name)
