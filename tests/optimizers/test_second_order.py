"""Newton's method and its kin: what they promise near a minimum, at a saddle and under noise, and what it costs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given

import gdtui
from gdtui.contracts import Ints, Problem, Reals, kernel
from gdtui.engine.outcome import Outcome
from gdtui.errors import InputError
from gdtui.objectives import logistic, saddle
from tests.engine import races
from tests.engine.races import race
from tests.objectives.problems import built
from tests.optimizers import drive, goldens
from tests.optimizers.draws import examples, random_quadratic, seeds

GOLDENS = goldens.load("scipy")
RULES = ("newton", "saddle_free_newton", "lbfgs")


def pure_saddle(start: tuple[float, float] = (0.7, 0.3)) -> Problem:
    """½(2x² − 2y²)."""
    second = {"hessian": saddle.hessian, "hessian_vector": saddle.hessian_vector}
    return drive.made(saddle.value_grad, start, reals=np.array([2.0, 2.0, 0.0]), **second)


# Near a minimum


@examples
@given(seed=seeds)
@pytest.mark.parametrize(("name", "hyper"), [("newton", {}), ("newton", {"search": 1}), ("saddle_free_newton", {})])
def test_a_quadratic_takes_one_step(name: str, hyper: dict[str, Any], seed: int) -> None:
    problem = drive.quadratic(*random_quadratic(seed, 4, kappa=100.0))
    path = drive.run(name, problem, steps=1, **hyper)
    assert np.abs(path[1]).max() < 1e-13 * np.abs(path[0]).max()


def test_the_learning_rate_is_the_share_of_the_step() -> None:
    problem = drive.valley()
    for name in ("newton", "saddle_free_newton"):
        np.testing.assert_allclose(drive.run(name, problem, 0.25, 3)[-1], 0.75**3 * problem.start, rtol=1e-14)


@pytest.mark.parametrize("name", ["newton", "saddle_free_newton"])
def test_digits_double_near_a_minimum(name: str) -> None:
    """Quadratic convergence: the error is at most a constant times the square of the one before."""
    problem = drive.made_like(drive.rosenbrock(), [1.05, 1.1])
    error = np.linalg.norm(drive.run(name, problem, steps=6) - 1.0, axis=1)
    assert all(after <= 8.0 * before * before for before, after in pairwise(error))
    assert error[3] > 1e-5
    assert error[5] < 1e-11


def test_damping_shortens_every_step_most_where_it_is_flat() -> None:
    path = drive.run("newton", drive.valley(), steps=1, damping=1.0)
    np.testing.assert_allclose(path[0] - path[1], [1.0 / 2.0, 100.0 / 101.0], rtol=1e-14)


SETTINGS = [
    ("newton", {"damping": 5.0}),
    ("newton", {"search": 1}),
    ("newton", {"search": 1, "damping": 0.5}),
    ("newton", {"search": 1, "lr": 3.0}),
    ("newton", {"l2": 0.1, "lr": 0.5}),
    ("saddle_free_newton", {"damping": 0.1}),
    ("saddle_free_newton", {"damping": 1.0, "lr": 0.5}),
    ("saddle_free_newton", {"l2": 0.1}),
    ("lbfgs", {"history": 1}),
    ("lbfgs", {"history": 3}),
    ("lbfgs", {"history": 5, "lr": 0.1}),
    ("lbfgs", {"l2": 0.1}),
]


@pytest.mark.parametrize(("name", "given"), SETTINGS)
@pytest.mark.parametrize("problem", goldens.PROBLEMS)
def test_equals_its_twin_at_other_settings(
    problem: str, name: str, given: dict[str, Any], problems: Mapping[str, Problem]
) -> None:
    """Over the first steps: these rules divide by curvature, and rounding with it, most near the stationary points."""
    path, twin = (go(name, problems[problem], steps=6, **given) for go in (drive.run, drive.twin))
    assert drive.largest_difference(path, twin) <= (1e-12 if name == "lbfgs" else 1e-11)


@pytest.mark.parametrize("history", [1, 2, 5])
def test_lbfgs_equals_its_twin_in_more_dimensions(history: int) -> None:
    problem = built("rosenbrock", dimension=4)
    path, twin = (go("lbfgs", problem, steps=30, history=history) for go in (drive.run, drive.twin))
    assert drive.largest_difference(path, twin) <= 1e-9


@pytest.mark.jit
@pytest.mark.parametrize(
    ("name", "hyper"),
    [("newton", {"search": 1}), ("newton", {"damping": 0.5}), ("saddle_free_newton", {}), ("lbfgs", {"history": 3})],
)
@pytest.mark.parametrize("objective", races.ALGEBRAIC)
def test_compiled_and_plain_give_the_same_bits(objective: str, name: str, hyper: dict[str, Any]) -> None:
    problem = races.scenario(races.ALGEBRAIC[objective]).build()
    steps = 60 if problem.n <= 5 else 8
    plain, fast = (drive.run(name, problem, steps=steps, lane=lane, **hyper) for lane in (drive.plain, drive.compiled))
    assert plain.tobytes() == fast.tobytes()


# At a saddle


def test_newton_lands_on_a_pure_saddle_from_anywhere() -> None:
    for start in ((1.0, 1e-3), (0.7, 0.3), (-5.0, 40.0)):
        assert drive.run("newton", pure_saddle(start), steps=1)[1].tolist() == [0.0, 0.0]


def test_saddle_free_newton_zeroes_the_convex_coordinate_and_doubles_the_concave_one() -> None:
    path = drive.run("saddle_free_newton", pure_saddle((0.7, 0.3)), steps=10)
    assert path[1:, 0].tolist() == [0.0] * 10
    np.testing.assert_array_equal(path[:, 1], 0.3 * 2.0 ** np.arange(11))


def test_with_a_search_newton_leaves_a_saddle() -> None:
    problem = built("saddle")
    assert drive.run("newton", problem, steps=20)[-1] == pytest.approx([0.0, 0.0], abs=1e-12)
    for name, hyper in (("newton", {"search": 1}), ("saddle_free_newton", {}), ("lbfgs", {})):
        assert drive.run(name, problem, steps=30, **hyper)[-1] == pytest.approx([0.0, 1.0], abs=1e-9)


@examples
@given(seed=seeds)
def test_with_a_search_no_step_goes_uphill(seed: int) -> None:
    start = np.random.default_rng(seed).uniform(-2.0, 2.0, 2)
    for make in (drive.rosenbrock, lambda: built("saddle")):
        problem = drive.made_like(make(), start)
        for name, hyper in (("newton", {"search": 1}), ("lbfgs", {})):
            assert (np.diff(drive.values(problem, drive.run(name, problem, steps=40, **hyper))) <= 1e-12).all()


# What it costs


def test_lbfgs_on_rosenbrock_within_60_gradients() -> None:
    whole = race({"name": "rosenbrock"}, "lbfgs")
    while whole["lbfgs"].last_seen[0] >= 1e-10:
        whole.advance(1)
    assert whole["lbfgs"].evaluations["gradient"] <= 60
    assert whole["lbfgs"].evaluations["hessian"] == whole["lbfgs"].evaluations["value"] == 0


def test_newton_with_a_search_on_rosenbrock_within_30_steps() -> None:
    newton = race({"name": "rosenbrock"}, "newton:search=1").advance(30)["newton"]
    assert newton.outcome is Outcome.CONVERGED
    assert newton.evaluations["hessian"] == newton.evaluations["gradient"] == newton.step
    assert newton.step < newton.evaluations["value"] < 2 * newton.step


def counted(problem: Problem) -> tuple[Problem, list[tuple[float, float]]]:
    """The problem, and a list that gets |f| and the largest gradient component of every point it is evaluated at."""
    known: set[bytes] = set()
    seen: list[tuple[float, float]] = []

    def value_grad(x: Reals, reals: Reals, ints: Ints, batch: Ints, noise: Reals, g: Reals) -> float:
        value = problem.value_grad(x, reals, ints, batch, noise, g)
        if x.tobytes() not in known:
            known.add(x.tobytes())
            seen.append((float(value), float(np.abs(g).max())))
        return value

    return drive.made_like(problem, problem.start, value_grad), seen


def test_lbfgs_charges_every_point_once() -> None:
    problem, seen = counted(drive.rosenbrock())
    charges = np.zeros(4, dtype=np.int64)
    steps = 25
    drive.run("lbfgs", problem, steps=steps, charges=charges)
    # The engine charges a gradient a step, at the point where the step starts; the last point's is due next.
    assert len(seen) == steps + charges[1] + 1
    assert charges.tolist() == [0, charges[1], 0, 0]


def golden_problem(facts: dict[str, Any]) -> Problem:
    if "matrix" in facts:
        return drive.quadratic(facts["matrix"], facts["start"])
    if "X" in facts:
        X, y = np.array(facts["X"]), np.array(facts["y"])
        data, count = np.concatenate([X.ravel(), y, [facts["l2"]]]), np.array([len(y)])
        return drive.made(logistic.value_grad, facts["start"], reals=data, ints=count)
    return built("rosenbrock", dimension=len(facts["start"]))


@pytest.mark.parametrize("case", GOLDENS["cases"], ids=lambda case: f"{case['problem']}-history={case['history']}")
def test_lbfgs_works_no_harder_than_scipys(case: dict[str, Any]) -> None:
    """Other line searches, so other iterates: the work is compared, to every accuracy, and the value at the end."""
    facts = GOLDENS["problems"][case["problem"]]
    problem, seen = counted(golden_problem(facts))
    assert problem.start.tolist() == facts["start"]
    drive.run("lbfgs", problem, steps=400, history=case["history"])
    gaps = [value - facts["lowest"] for value, _ in seen]
    for share, theirs in zip(GOLDENS["shares"], case["evaluations"], strict=True):
        ours = next(i for i, gap in enumerate(gaps, 1) if gap <= share * gaps[0])
        assert 0.4 * theirs - 2 <= ours <= 1.4 * theirs + 2, f"to {share}: {ours}, SciPy {theirs}"
    end = next(i for i, (_, size) in enumerate(seen, 1) if size <= GOLDENS["gradient"])
    assert 0.4 * case["until_gradient"] <= end <= 1.4 * case["until_gradient"]
    assert seen[end - 1][0] == pytest.approx(case["value"], rel=1e-12, abs=1e-15)


# Under noise


def test_lbfgs_breaks_under_noise() -> None:
    """Mini-batches of 32, the same one all through a step: between steps the gradients' difference is mostly noise."""
    data = {"name": "logistic", "samples": 1000, "test_fraction": 0.0, "l2": 0.01}
    quiet = race(data, "lbfgs").advance(100)["lbfgs"]
    noisy = race(data, "lbfgs:batch_size=32").advance(100)["lbfgs"]
    assert quiet.outcome is Outcome.CONVERGED
    assert quiet.step < 20
    assert noisy.outcome is None
    assert noisy.measure()[1] > 1e-3


def test_under_noise_pairs_have_the_wrong_curvature() -> None:
    problem = built("logistic", samples=1000, test_fraction=0.0, l2=0.01)
    steps, seed = 100, 3
    draws = np.random.default_rng(seed).standard_normal((steps, problem.samples))

    def gradient(x: Reals, noise: Reals, g: Reals) -> float:
        batch = np.argsort(noise)[:32]
        return problem.value_grad(x, problem.reals, problem.ints, batch, np.empty(0), g)

    def value_grad(x: Reals, reals: Reals, ints: Ints, batch: Ints, noise: Reals, g: Reals) -> float:
        return gradient(x, noise, g)

    path = drive.run("lbfgs", drive.made(value_grad, problem.start, noise=problem.samples), steps=steps, seed=seed)
    gradients = np.empty_like(path[:-1])
    for t in range(steps):
        gradient(path[t], draws[t], gradients[t])
    curvature = np.sum(np.diff(path[:-1], axis=0) * np.diff(gradients, axis=0), axis=1)
    assert (curvature <= 0.0).sum() > 10, "these pairs are skipped"


# Where there is no step


def outcome(name: str, problem: Problem, **hyper: Any) -> str:
    """The sentence with which the rule stops in its first steps, or nothing."""
    said: list[str] = []
    optimizer = drive.OPTIMIZERS[name]
    functions = drive.plain(problem, optimizer)

    def watched(*arguments: Any) -> int:
        status = functions.rule(*arguments)
        said.extend([optimizer.stops[status - 1]] if status else [])
        return status

    drive.run(name, problem, steps=5, lane=lambda *_: functions._replace(rule=watched), **hyper)
    return said[0] if said else ""


@kernel
def tilted(x: Reals, reals: Reals, ints: Ints, batch: Ints, noise: Reals, g: Reals) -> float:
    """A value that rises where its gradient says it falls: nothing lower is ever found."""
    value = 0.0
    for i in range(x.shape[0]):
        g[i] = 1.0
        value -= x[i]
    return value


@kernel
def broken_hessian(x: Reals, reals: Reals, ints: Ints, H: Reals) -> None:
    for i in range(x.shape[0]):
        for j in range(x.shape[0]):
            H[i, j] = reals[0]


@pytest.mark.parametrize("entry", [0.0, 1.0, math.nan, math.inf])
def test_newton_stops_at_a_hessian_it_cannot_solve(entry: float) -> None:
    problem = drive.made(tilted, [1.0, 2.0, 3.0], reals=np.array([entry]), hessian=broken_hessian)
    assert "singular" in outcome("newton", problem)
    # The search mends a singular Hessian, here one of ones, by damping; what is no number it cannot mend.
    assert outcome("newton", problem, search=1) == drive.OPTIMIZERS["newton"].stops[1 if entry == 1.0 else 0]
    drive.run("saddle_free_newton", problem, steps=5)


def test_a_search_that_finds_nothing_stops_the_rule() -> None:
    problem = drive.made(tilted, [1.0, 2.0, 3.0], reals=np.zeros(1))
    assert "nothing lower" in outcome("lbfgs", problem)


@pytest.mark.parametrize("size", [1e200, math.nan])
def test_lbfgs_says_where_a_gradient_is_too_long_for_a_search(size: float) -> None:
    """Its square, which the search starts from, is beyond all numbers."""

    def steep(x: Reals, reals: Reals, ints: Ints, batch: Ints, noise: Reals, g: Reals) -> float:
        g[:] = size
        return 0.0

    assert outcome("lbfgs", drive.made(steep, [1.0, 2.0])) == "found its gradient too long for a search"


def test_a_cliff_is_kept_away_from() -> None:
    """f is no number beyond x = 1: the searches come back from there."""

    def value_grad(x: Reals, reals: Reals, ints: Ints, batch: Ints, noise: Reals, g: Reals) -> float:
        inside = x[0] < 1.0
        g[0] = -1.0 + 0.1 / (1.0 - x[0]) if inside else math.nan
        return float(-x[0] - 0.1 * math.log(1.0 - x[0])) if inside else math.nan

    def hessian(x: Reals, reals: Reals, ints: Ints, H: Reals) -> None:
        H[0, 0] = 0.1 / (1.0 - x[0]) ** 2

    problem = drive.made(value_grad, [-3.0], hessian=hessian)
    for name, hyper in (("newton", {"search": 1}), ("lbfgs", {})):
        assert drive.run(name, problem, steps=40, **hyper)[-1] == pytest.approx([0.9], abs=1e-6)


def test_what_stopped_is_told() -> None:
    flat = race({"name": "saddle", "c": 1.0 / 3.0}, "newton", start=[0.5, 1.0]).advance(5)["newton"]
    assert flat.outcome is Outcome.STOPPED
    assert flat.note == "found the Hessian singular, so that there is no Newton step, at step 1"
    assert flat.theta.tolist() == [0.5, 1.0]


# What is refused before the race


@pytest.mark.parametrize("name", ["newton", "saddle_free_newton"])
def test_too_many_parameters_are_refused(name: str) -> None:
    race({"name": "rosenbrock", "dimension": 200}, name)
    with pytest.raises(InputError, match=rf"racer '{name}': .*up to 200 parameters.*has 201; race lbfgs") as caught:
        race({"name": "rosenbrock", "dimension": 201}, name)
    assert "\n" not in str(caught.value)
    race({"name": "rosenbrock", "dimension": 201}, "lbfgs")


def test_an_objective_without_a_hessian_is_refused() -> None:
    def bowl(theta: Reals) -> tuple[float, Reals]:
        return 0.5 * float(theta @ theta), theta

    with pytest.raises(InputError, match="newton needs a Hessian, and bowl has none; race lbfgs"):
        gdtui.Race(objective=bowl, start=[1.0, 2.0], racers=["newton"])
    python = gdtui.Race(objective=bowl, start=[1.0, 2.0], racers=["lbfgs"]).advance(10)
    assert python["lbfgs"].outcome is Outcome.CONVERGED


@pytest.mark.parametrize(
    "spec", ["newton:damping=-1", "newton:search=2", "newton:search=0.5", "saddle_free_newton:damping=0",
             "lbfgs:history=0", "lbfgs:history=101", "lbfgs:history=2.5", "lbfgs:damping=1"],
)  # fmt: skip
def test_hyperparameters_out_of_range_are_refused(spec: str) -> None:
    with pytest.raises(InputError, match=f"racer '{spec}'"):
        race({"name": "rosenbrock"}, spec)


# Extremes


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("scale", [1e-300, 1e-160, 1e-20, 1e20, 1e150])
def test_any_unit_of_f_gives_numbers(name: str, scale: float) -> None:
    problem = drive.quadratic(scale * np.diag([1.0, 100.0]), [1.0, 1.0])
    path = drive.run(name, problem, steps=30)
    assert np.isfinite(path).all()
    if 1e-30 < scale < 1e30 and (name != "saddle_free_newton" or scale > 1.0):  # whose damping has a unit
        assert np.abs(path[-1]).max() < 1e-6


def test_one_parameter_is_enough() -> None:
    for name in RULES:
        assert abs(drive.run(name, drive.quadratic([[3.0]], [2.0]), steps=5)[-1, 0]) < 1e-12
