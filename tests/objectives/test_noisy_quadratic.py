"""The bowl with noise on its gradient."""

from __future__ import annotations

import numpy as np
import pytest

from gdtui.engine.race import Race
from gdtui.errors import InputError
from gdtui.scenario import Scenario
from gdtui.specs import RacerSpec
from tests import naive_objectives
from tests.objectives.problems import built, evaluated

X = np.array([1.0, -2.0, 0.5])


def test_without_noise_it_is_a_quadratic() -> None:
    f, g = evaluated(built("noisy_quadratic", eigenvalues=[1.0, 20.0, 3.0]), X)
    expected, gradient = naive_objectives.quadratic(X, np.diag([1.0, 20.0, 3.0]), np.zeros(3))
    assert f == pytest.approx(expected, rel=1e-14)
    assert g == pytest.approx(gradient, rel=1e-14)


def test_noise_tilts_the_bowl() -> None:
    problem, g = built("noisy_quadratic", dimension=3, noise=0.5), np.empty(3)
    z, none = np.array([1.0, -1.0, 2.0]), np.empty(0, dtype=np.int64)
    f = problem.value_grad(X, problem.reals, problem.ints, none, z, g)
    assert g == pytest.approx(X + 0.5 * z, rel=1e-14)
    assert f == pytest.approx(0.5 * X @ X + 0.5 * z @ X, rel=1e-14)


def test_common_noise_tilts_all_coordinates_alike() -> None:
    problem, g = built("noisy_quadratic", dimension=3, noise=0.5, common=True), np.empty(3)
    f = problem.value_grad(X, problem.reals, problem.ints, np.empty(0, dtype=np.int64), np.array([2.0]), g)
    assert problem.noise == 1
    assert g == pytest.approx(X + 1.0, rel=1e-14)
    assert f == pytest.approx(0.5 * X @ X + X.sum(), rel=1e-14)


def test_a_step_takes_its_noise_from_the_table_of_the_race() -> None:
    options = {"dimension": 3, "noise": 2.0}
    scenario = Scenario("noisy", "Noisy", "noisy_quadratic", (RacerSpec("gd", "gd", lr=0.5),), 1, options=options)
    race = Race(scenario).advance(1)
    z = race._tables.noise(0, 1)[0]
    np.testing.assert_allclose(race["gd"].theta, 1.0 - 0.5 * (1.0 + 2.0 * z), rtol=1e-14)


def test_what_does_not_go_together_is_refused() -> None:
    with pytest.raises(InputError, match=r"^dimension: 4 does not go with 2 eigenvalues; leave it out"):
        built("noisy_quadratic", dimension=4, eigenvalues=[1.0, 2.0])
    with pytest.raises(InputError, match=r"^eigenvalues: 0 of them; give 1 to 1000"):
        built("noisy_quadratic", eigenvalues=[])
