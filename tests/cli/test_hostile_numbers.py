"""Races over numbers that break things: every racer takes a defined step or ends with a status, and says which."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tomli_w

import gdtui
from gdtui import registry, specs
from gdtui.contracts import BATCH_SIZE, Hyperparameter, Interval, Reals
from gdtui.engine.race import Race
from tests.cli.support import invoke, scenario_file
from tests.engine.races import fit

STATUSES = {"converged", "diverged", "exhausted", "stopped"}
STEPS = 40
Objective = Mapping[str, Any]
SADDLE = {"name": "saddle"}
FLAT = {"name": "saddle", "b": 3.0}  # at y = 1 its Hessian is diag(1, 0)
STEEP = {"name": "quadratic", "eigenvalues": [1e200, 2e200]}
FAINT = {"name": "quadratic", "eigenvalues": [1e-310, 5e-324]}
BOWL = {"name": "quadratic", "eigenvalues": [1.0, 2.0]}
RATINGS = {
    "name": "matrix_factorisation", "users": 4, "items": 3, "density": 1.0, "rank": 2, "true_rank": 2, "l2": 0.0,
}  # fmt: skip
U, V = 8, 6  # the parameters of the two blocks of the ratings
SEARCHING = {"optimizer": "newton", "search": True, "label": "searching"}


def race_file(folder: Path, objective: Objective, start: Sequence[float], *racers: str | Objective) -> str:
    """A scenario that never converges by its tolerance; without ``racers`` all that the objective can have."""
    tables = [{"optimizer": racer} if isinstance(racer, str) else racer for racer in racers or fit(objective)]
    file = {"steps": STEPS, "tolerance": 0.0, "objective": objective, "start": start, "racers": tables}
    return scenario_file(folder, tomli_w.dumps(file))


def results(path: str) -> dict[str, dict[str, Any]]:
    """What ``gdtui run`` says of every racer; it ends well, without a word on stderr."""
    result = invoke("run", path, "--json", "--quiet")
    assert (result.exit_code, result.stderr) == (0, "")
    return {racer["label"]: racer for racer in json.loads(result.stdout)["racers"]}


@pytest.mark.parametrize(
    ("objective", "start"),
    [
        pytest.param(SADDLE, [1.0, 1e-3], id="an indefinite Hessian"),
        pytest.param(FLAT, [1.0, 1.0], id="a singular Hessian"),
        pytest.param(STEEP, [1.0, -1.0], id="a gradient of 1e200"),
        pytest.param(BOWL, [1e150, -1e150], id="a start at 1e150"),
        pytest.param(FAINT, [1.0, -1.0], id="a gradient of denormals"),
        pytest.param(BOWL, [1e-310, 5e-324], id="a start of denormals"),
        pytest.param(RATINGS, [0.0] * (U + V), id="zero blocks with a zero gradient"),
        pytest.param(RATINGS, [0.0] * U + [0.5] * V, id="a zero block, and one with a zero gradient"),
        pytest.param(RATINGS, [1e50] * (U + V), id="blocks of 1e50"),
        pytest.param(RATINGS, [5e-324] * U + [1e-310] * V, id="blocks of denormals"),
    ],
)
def test_every_racer_ends_with_a_status_at_a_finite_point(
    objective: Objective, start: Sequence[float], tmp_path: Path
) -> None:
    found = results(race_file(tmp_path, objective, start))
    assert set(found) == set(fit(objective))
    for racer in found.values():
        assert racer["status"] in STATUSES
        assert 1 <= racer["step"] <= STEPS
        assert np.isfinite(racer["loss"])
        assert np.isfinite(racer["theta"]).all()


def ends(hyper: Hyperparameter) -> Iterator[float]:
    """The lowest and the highest number that a hyperparameter may be."""
    low, high = Interval(hyper.interval).bounds()
    for end, inwards in ((low, high), (min(high, 1e308), low)):
        yield hyper.typed(end if end in Interval(hyper.interval) else math.nextafter(end, inwards))


@pytest.mark.parametrize("name", fit(RATINGS))
def test_every_hyperparameter_may_be_at_the_ends_of_its_range(name: str, tmp_path: Path) -> None:
    racers = [
        {"optimizer": name, hyper.name: value, "label": f"{hyper.name} {i}"}
        for hyper in specs.hyperparameters(registry.optimizer(name)).values()
        if hyper is not BATCH_SIZE  # of which a race takes no more than it has samples
        for i, value in enumerate(ends(hyper))
    ]
    for racer in results(race_file(tmp_path, RATINGS, [0.5, -0.3] * ((U + V) // 2), *racers)).values():
        assert racer["status"] in STATUSES
        assert np.isfinite(racer["theta"]).all()


@pytest.mark.parametrize(("objective", "start"), [(SADDLE, [0.0, 0.0]), (RATINGS, [0.0] * (U + V))])
def test_where_the_gradient_is_zero_nobody_moves(objective: Objective, start: Sequence[float], tmp_path: Path) -> None:
    for racer in results(race_file(tmp_path, objective, start)).values():
        assert racer["theta"] == start
        assert racer["grad_norm"] == 0.0


def test_a_singular_hessian_stops_newton_unless_it_searches(tmp_path: Path) -> None:
    path = race_file(tmp_path, FLAT, [1.0, 1.0], "newton", SEARCHING)
    found = results(path)
    assert (found["newton"]["status"], found["newton"]["theta"]) == ("stopped", [1.0, 1.0])
    assert found["searching"]["loss"] == pytest.approx(-2.25)
    note = gdtui.Race(path).advance(STEPS)["newton"].note
    assert note == "found the Hessian singular, so that there is no Newton step, at step 1"


def test_an_indefinite_hessian_draws_newton_to_the_saddle_unless_it_searches(tmp_path: Path) -> None:
    found = results(race_file(tmp_path, SADDLE, [1.0, 1e-3], "newton", SEARCHING, "saddle_free_newton", "lbfgs"))
    assert found["newton"]["theta"] == [0.0, 0.0]
    for label in ("searching", "saddle_free_newton", "lbfgs"):
        assert found[label]["loss"] == pytest.approx(-0.25)


def test_a_search_that_finds_nothing_lower_stops_the_racer() -> None:
    def lying(theta: Reals) -> tuple[float, Reals]:
        return 0.5 * float(theta @ theta), -theta

    racer = Race(objective=lying, start=np.ones(3), racers=["lbfgs"]).advance(STEPS)["lbfgs"]
    assert (racer.status, racer.note) == ("stopped", "found nothing lower, not even along the gradient, at step 1")
    assert racer.theta.tolist() == [1.0, 1.0, 1.0]


def slope(size: float) -> Callable[[Reals], tuple[float, Reals]]:
    return lambda theta: (float(theta.sum()), np.full(theta.shape, size))


@pytest.mark.parametrize("size", [1e200, -1e308, np.inf, -np.inf, np.nan, 1e-310, 5e-324, 0.0])
def test_a_python_function_may_return_anything(size: float) -> None:
    names = fit(None)
    race = Race(objective=slope(size), start=np.ones(3), racers=names, steps=STEPS).advance(STEPS)
    for racer in race:
        assert np.isfinite(racer.theta).all()
        assert racer.status in (
            {"converged"} if abs(size) < 1e-300 else STATUSES if np.isfinite(size) else {"diverged"}
        )
    assert {racer.optimizer.name for racer in race} == set(names) <= set(registry.optimizers())


def test_a_start_where_the_objective_is_not_finite_is_refused(tmp_path: Path) -> None:
    path = race_file(tmp_path, RATINGS, [1e100] * (U + V), "gd")
    result = invoke("run", path)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"gdtui: {path}: start: the objective is not finite there; start where it is\n"
