"""What every objective has to be. Files are discovered, so a new one is tested without touching this."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from gdtui import registry
from gdtui.contracts import Ints, Option, Problem, Reals, is_kernel, number
from gdtui.errors import clean
from tests.objectives.problems import built, evaluated, value

NAMES = sorted(registry.objectives())
each = pytest.mark.parametrize("name", NAMES)
each_point = pytest.mark.parametrize("point_seed", range(2))
KINDS = {"number", "integer", "flag", "text", "path", "numbers", "matrix", "texts"}
# Differences are taken along all coordinates of a small problem and along a few of a large one, which is slow.
SMALL, FEW = 25, 4


def point(problem: Problem, seed: int) -> Reals:
    return problem.start + 0.5 * np.random.default_rng(seed).standard_normal(problem.n)


def coordinates(problem: Problem) -> Ints:
    if problem.n <= SMALL:
        return np.arange(problem.n)
    return np.random.default_rng(0).permutation(problem.n)[:FEW]


@each
def test_texts_are_there_and_fit(name: str) -> None:
    objective = registry.objective(name)
    for text, limit in ((objective.title, 30), (objective.formula, 120), (built(name).title, 60)):
        assert 0 < len(text) <= limit
        assert clean(text, limit) == text == text.strip()
    assert "https://" in objective.reference


@each
def test_options_are_of_a_known_kind_and_allow_their_default(name: str) -> None:
    options = registry.objective(name).options
    assert len({option.name for option in options}) == len(options)
    for option in options:
        assert option.kind in KINDS
        assert option.meaning
        assert default_is_allowed(option)


def default_is_allowed(option: Option) -> bool:
    if option.kind in ("number", "integer") and option.default is not None:
        return number(option.default, option.interval, integer=option.kind == "integer") == option.default
    return not option.choices or option.default in option.choices


@each
def test_problem_is_well_formed(name: str) -> None:
    problem = built(name)
    assert problem.objective == name
    for array, kind in ((problem.start, np.float64), (problem.reals, np.float64), (problem.ints, np.int64)):
        assert array.dtype == kind
        assert array.ndim == 1
        assert array.flags.c_contiguous
        assert np.isfinite(array).all()
    assert is_kernel(problem.value_grad)
    end = 0
    for block in problem.blocks:
        assert block.offset == end
        end += block.rows * block.cols
    assert end == problem.n
    assert len(problem.names) == len(set(problem.names)) == problem.n


@each
def test_view_shows_start_and_optimum(name: str) -> None:
    problem = built(name)
    assert (problem.view is not None) == (problem.n == 2)
    if problem.view is not None:
        for x, y in [problem.start] + ([problem.optimum] if problem.optimum is not None else []):
            assert problem.view.x_low < x < problem.view.x_high
            assert problem.view.y_low < y < problem.view.y_high


@each
def test_same_seed_same_problem(name: str) -> None:
    first, second = built(name, 7), built(name, 7)
    assert np.array_equal(first.start, second.start)
    assert np.array_equal(first.reals, second.reals)
    assert np.array_equal(first.ints, second.ints)


@each
@each_point
def test_gradient_against_central_differences(name: str, point_seed: int) -> None:
    problem = built(name)
    x = point(problem, point_seed)
    _, g = evaluated(problem, x)
    assert np.isfinite(g).all(), "every entry of g is written"
    for i in coordinates(problem):
        h = np.finfo(float).eps ** (1.0 / 3.0) * max(1.0, abs(x[i]))
        above, below = x.copy(), x.copy()
        above[i] += h
        below[i] -= h
        slope = (value(problem, above) - value(problem, below)) / (above[i] - below[i])
        assert slope == pytest.approx(g[i], rel=1e-6, abs=1e-8 * max(1.0, np.abs(g).max()))


@each
@each_point
def test_plane_is_the_full_objective(name: str, point_seed: int) -> None:
    problem = built(name)
    random = np.random.default_rng(point_seed)
    origin = point(problem, point_seed)
    first, second = random.standard_normal((2, problem.n))
    a, b = random.uniform(-1.0, 1.0, (2, 3, 2))
    values = problem.plane(origin, first, second, a, b)
    assert values.shape == a.shape
    for k in np.ndindex(a.shape):
        expected = value(problem, origin + a[k] * first + b[k] * second)
        assert values[k] == pytest.approx(expected, rel=1e-10)


@each
def test_optimum_is_a_minimum(name: str) -> None:
    problem = built(name)
    if problem.optimum is None:
        assert problem.optimal_value is None
        return
    f, g = evaluated(problem, problem.optimum)
    assert f == pytest.approx(problem.optimal_value, rel=1e-12, abs=1e-15)
    assert np.abs(g).max() < 1e-10
    random = np.random.default_rng(0)
    for radius in (1e-6, 1e-3, 0.1, 1.0):
        for _ in range(20):
            step = random.standard_normal(problem.n)
            near = value(problem, problem.optimum + radius * step / np.linalg.norm(step))
            assert near >= f - 1e-14 * max(1.0, abs(f)), "a lower value than the minimum was found"


@each
@each_point
def test_batches_average_to_the_full_gradient(name: str, point_seed: int) -> None:
    problem = built(name)
    x = point(problem, point_seed)
    f, g = evaluated(problem, x)
    if problem.samples == 0:
        return
    order = np.random.default_rng(point_seed).permutation(problem.samples)
    parts = [(len(part), *evaluated(problem, x, part)) for part in np.array_split(order, 3)]
    assert sum(size * part for size, part, _ in parts) / problem.samples == pytest.approx(f, rel=1e-12)
    mean = sum(size * part for size, _, part in parts) / problem.samples
    np.testing.assert_allclose(mean, g, rtol=1e-10, atol=1e-14)


@each
def test_all_samples_in_order_are_the_full_objective_to_the_bit(name: str) -> None:
    problem = built(name)
    if problem.samples:
        full, batch = evaluated(problem, problem.start), evaluated(problem, problem.start, range(problem.samples))
        assert full[0] == batch[0]
        assert np.array_equal(full[1], batch[1])


@each
def test_compiled_is_the_plain_function(name: str) -> None:
    from gdtui.engine.compile import compiled

    problem = built(name)
    function = compiled(problem.value_grad, "value_grad")
    x, g = point(problem, 0), np.empty(problem.n)
    none, noise = np.empty(0, dtype=np.int64), np.zeros(problem.noise)
    f = function(x, problem.reals, problem.ints, none, noise, g)
    plain_f, plain_g = evaluated(problem, x)
    if "math." in inspect.getsource(problem.value_grad):
        assert f == pytest.approx(plain_f, rel=1e-13)
        np.testing.assert_allclose(g, plain_g, rtol=1e-12, atol=1e-15)
    else:
        assert f == plain_f, "arithmetic alone has the same bits, compiled or not"
        assert np.array_equal(g, plain_g)


@each
@pytest.mark.parametrize("far", [np.inf, -np.inf, np.nan, 1e300, -1e300])
def test_no_point_raises(name: str, far: float) -> None:
    problem = built(name)
    x = problem.start.copy()
    x[-1] = far
    with np.errstate(all="ignore"):
        evaluated(problem, x)
        if problem.test is not None:
            problem.test(x)


@each
def test_data_are_left_alone(name: str) -> None:
    problem = built(name)
    x, reals, ints = problem.start.copy(), problem.reals.copy(), problem.ints.copy()
    evaluated(problem, problem.start)
    problem.plane(problem.start, problem.start, problem.start, np.zeros(1), np.zeros(1))
    assert np.array_equal(x, problem.start)
    assert np.array_equal(reals, problem.reals)
    assert np.array_equal(ints, problem.ints)


@each
def test_held_out_measures_are_the_known_ones(name: str) -> None:
    problem = built(name)
    if problem.test is not None:
        measures = problem.test(problem.start)
        assert set(measures) <= {"loss", "accuracy", "auc", "rmse"}
        assert "loss" in measures
        assert np.isfinite(list(measures.values())).all()
