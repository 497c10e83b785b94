"""Shampoo and Muon: their twins and optax, what they do not notice, and their claims, run."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdtui import scenario
from gdtui.contracts import Block, Ints, Problem, Reals, kernel
from gdtui.optimizers import shampoo
from tests import naive
from tests.objectives.problems import built, evaluated, written
from tests.optimizers import drive
from tests.optimizers.test_matrix_kernels import orthogonal

GOLDEN = json.loads((Path(__file__).parents[1] / "goldens" / "matrix_optax.json").read_text(encoding="utf-8"))
CASES, PROBLEMS, STEPS = GOLDEN["cases"], GOLDEN["problems"], GOLDEN["steps"]
RULES = ["shampoo", "muon"]
LONG = shampoo.LONGEST_SIDE + 1

rules = pytest.mark.parametrize("name", RULES)
examples = settings(max_examples=15, deadline=None, derandomize=True, database=None)
seeds = st.integers(0, 2**32 - 1)
shapes = st.sampled_from([(3, 3), (4, 2), (2, 5)])


def in_blocks(problem: Problem, *sides: tuple[int, int]) -> Problem:
    """The same problem with its parameters in blocks of these rows and columns."""
    offsets = np.cumsum([0, *(rows * cols for rows, cols in sides)]).tolist()
    assert offsets[-1] == problem.n
    blocks = (Block(f"b{k}", at, *side) for k, (at, side) in enumerate(zip(offsets[:-1], sides, strict=True)))
    return replace(problem, blocks=tuple(blocks))


def fit(seed: int, rows: int, cols: int, left: Reals | None = None, right: Reals | None = None) -> Problem:
    """1/2 |A W B - C|^2 for one block W, or the same in other coordinates: for left W right in W's place."""
    draw = np.random.default_rng(seed)
    A, B = draw.standard_normal((rows, rows)), draw.standard_normal((cols, cols))
    C, start = draw.standard_normal((2, rows, cols))
    left, right = np.eye(rows) if left is None else left, np.eye(cols) if right is None else right

    def value_grad(x: Reals, reals: Reals, ints: Ints, batch: Ints, noise: Reals, g: Reals) -> float:
        residual = A @ left.T @ x.reshape(rows, cols) @ right.T @ B - C
        g[:] = (left @ A.T @ residual @ B.T @ right).ravel()
        return float(np.sum(residual**2)) / 2

    return in_blocks(drive.made(value_grad, (left @ start @ right).ravel()), (rows, cols))


def scaled(problem: Problem, scale: float) -> Problem:
    """The problem with its gradient multiplied."""

    def value_grad(x: Reals, reals: Reals, ints: Ints, batch: Ints, noise: Reals, g: Reals) -> float:
        f = problem.value_grad(x, reals, ints, batch, noise, g)
        g *= scale
        return scale * f

    return replace(problem, value_grad=value_grad)


def steady(x: Reals, reals: Reals, ints: Ints, batch: Ints, noise: Reals, g: Reals) -> float:
    g[:] = reals
    return 0.0


@kernel
def noise_alone(x: Reals, reals: Reals, ints: Ints, batch: Ints, noise: Reals, g: Reals) -> float:
    for i in range(x.shape[0]):
        g[i] = noise[i]
    return 0.0


@kernel
def affine(x: Reals, reals: Reals, ints: Ints, batch: Ints, noise: Reals, g: Reals) -> float:
    """1/2 |X W + c - Y|^2: W, then c, in x; X's width and Y's width in ints; rows of X, each with its row of Y."""
    inputs, outputs = ints[0], ints[1]
    f = 0.0
    for i in range(x.shape[0]):
        g[i] = 0.0
    for sample in range(0, reals.shape[0], inputs + outputs):
        for k in range(outputs):
            residual = x[inputs * outputs + k] - reals[sample + inputs + k]
            for j in range(inputs):
                residual += reals[sample + j] * x[j * outputs + k]
            f += 0.5 * residual * residual
            g[inputs * outputs + k] += residual
            for j in range(inputs):
                g[j * outputs + k] += residual * reals[sample + j]
    return f


def affine_problem(X: Reals, Y: Reals, start: Reals) -> Problem:
    inputs, outputs = X.shape[1], Y.shape[1]
    reals, ints = np.hstack([X, Y]).ravel(), np.array([inputs, outputs])
    return in_blocks(drive.made(affine, start, reals=reals, ints=ints), (inputs, outputs), (1, outputs))


# Their twins, and optax


def twin(name: str, problem: Problem, steps: int, **hyper: Any) -> Reals:
    """As drive's, but told the blocks."""
    optimizer = drive.OPTIMIZERS[name]
    blocks = [(slice(b.offset, b.offset + b.rows * b.cols), b.rows, b.cols) for b in problem.blocks]
    values = {h.name: h.default for h in optimizer.hyperparameters} | {"lr": optimizer.learning_rate} | hyper
    iterates = getattr(naive, name)(lambda x: evaluated(problem, x)[1], problem.start, **values, blocks=blocks)
    return np.array([problem.start, *islice(iterates, steps)])


@pytest.fixture(scope="module")
def problems(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Problem]:
    """The golden points' problems, of gdtui's own objectives but for the affine map."""
    folder = tmp_path_factory.mktemp("data")
    logistic, factors, map_of = (PROBLEMS[name] for name in ("logistic", "matrix_factorisation", "affine"))
    samples = [[*row, int(label)] for row, label in zip(logistic["features"], logistic["labels"], strict=True)]
    credit = written(folder, [["a", "b", "c", "y"], *samples], "samples.csv")
    ratings = written(folder, [["user", "item", "rating"], *factors["ratings"]], "ratings.csv")
    starts = {name: np.concatenate([np.ravel(b) for b in facts["start"].values()]) for name, facts in PROBLEMS.items()}
    unstarted = {
        "rosenbrock": built("rosenbrock"),
        "quadratic": built("quadratic", matrix=PROBLEMS["quadratic"]["matrix"]),
        "logistic": built("logistic", data=credit, target="y", standardise=False, test_fraction=0.0, l2=logistic["l2"]),
        "matrix_factorisation": built(
            "matrix_factorisation", ratings=ratings, test_fraction=0.0, rank=2, l2=factors["l2"]
        ),
        "affine": affine_problem(np.array(map_of["inputs"]), np.array(map_of["outputs"]), starts["affine"]),
    }
    return {name: replace(problem, start=starts[name]) for name, problem in unstarted.items()}


def rule(name: str, problem: Problem, steps: int, **given: Any) -> Reals:
    return drive.run(name, problem, steps=steps, **given)


def compiled(name: str, problem: Problem, steps: int, **given: Any) -> Reals:
    return drive.run(name, problem, steps=steps, lane=drive.compiled, **given)


def label(case: Mapping[str, Any]) -> str:
    return "-".join([case["problem"], *(f"{key}={value}" for key, value in case["given"].items())])


@pytest.mark.parametrize("case", CASES, ids=label)
def test_muon_stands_where_optaxs_does(case: Mapping[str, Any], problems: Mapping[str, Problem]) -> None:
    for path_of in (rule, compiled, twin):
        path = path_of("muon", problems[case["problem"]], max(STEPS), **case["given"])
        assert drive.largest_difference(path[STEPS], np.array(case["points"])) <= 1e-12
    assert drive.OPTIMIZERS["muon"].learning_rate == case["lr"] or "lr" in case["given"]


@pytest.mark.parametrize("hyper", [{"eps": 1e-6}, {"lr": 0.5, "eps": 1e-3}, {"lr": 0.1, "eps": 1e-4}])
@pytest.mark.parametrize("problem", ["logistic", "matrix_factorisation", "affine"])
def test_shampoo_is_its_twin(problem: str, hyper: dict[str, Any], problems: Mapping[str, Problem]) -> None:
    """Where A has no more than eps, its inverse root blows rounding up: by 1 / sqrt(eps)."""
    path, expected = (go("shampoo", problems[problem], 100, **hyper) for go in (rule, twin))
    assert drive.largest_difference(path, expected) <= 1e-12 * max(1.0, 0.01 / math.sqrt(hyper["eps"]))


MIXED = [(LONG, 2), (2, LONG), (LONG, 1), (1, LONG), (3, 4), (1, 1), (1, 5), (5, 1)]


def mixed(seed: int = 0) -> Problem:
    """A quadratic over blocks of all kinds of shape."""
    n = sum(rows * cols for rows, cols in MIXED)
    draw = np.random.default_rng(seed)
    weights, start = draw.uniform(0.5, 5.0, n), draw.standard_normal(n)
    shared = draw.standard_normal(n) / np.sqrt(n)

    def value_grad(x: Reals, reals: Reals, ints: Ints, batch: Ints, noise: Reals, g: Reals) -> float:
        g[:] = weights * x + (shared @ x) * shared
        return float(g @ x) / 2

    return in_blocks(drive.made(value_grad, start), *MIXED)


@rules
def test_blocks_of_every_shape_go_as_the_twin_says(name: str) -> None:
    problem = mixed()
    path, expected = (go(name, problem, 12, lr=0.1) for go in (rule, twin))
    assert drive.largest_difference(path, expected) <= 1e-11


@pytest.mark.jit
@rules
def test_compiled_and_plain_give_the_same_bits(name: str, problems: Mapping[str, Problem]) -> None:
    wide = affine_problem(*(np.random.default_rng(0).standard_normal((4, k)) for k in (2, LONG)), np.zeros(3 * LONG))
    for problem, steps in ((problems["matrix_factorisation"], 150), (problems["affine"], 150), (wide, 10)):
        assert rule(name, problem, steps).tobytes() == compiled(name, problem, steps).tobytes()


# What they do not notice


@rules
@examples
@given(seed=seeds, shape=shapes)
def test_turning_rows_and_columns_turns_the_path(name: str, seed: int, shape: tuple[int, int]) -> None:
    left, right = (orthogonal(seed + k, side) for k, side in enumerate(shape))
    path = rule(name, fit(seed, *shape), 25, lr=0.05).reshape(-1, *shape)
    turned = rule(name, fit(seed, *shape, left, right), 25, lr=0.05).reshape(-1, *shape)
    assert drive.largest_difference(turned, left @ path @ right) <= 1e-8


def test_adagrad_and_adamw_notice() -> None:
    left, right = orthogonal(0, 3), orthogonal(1, 4)
    for name in ("adagrad", "adamw"):
        path = rule(name, fit(0, 3, 4), 25, lr=0.05).reshape(-1, 3, 4)
        turned = rule(name, fit(0, 3, 4, left, right), 25, lr=0.05).reshape(-1, 3, 4)
        assert drive.largest_difference(turned, left @ path @ right) > 0.1


def test_a_side_that_is_too_long_does_not_stand_in_the_way_of_turning() -> None:
    right = orthogonal(0, 3)
    path = rule("shampoo", fit(0, LONG, 3), 8).reshape(-1, LONG, 3)
    turned = rule("shampoo", fit(0, LONG, 3, None, right), 8).reshape(-1, LONG, 3)
    assert drive.largest_difference(turned, path @ right) <= 1e-9


@examples
@given(seed=seeds, shape=shapes, exponent=st.integers(-20, 20), sign=st.sampled_from([-1.0, 1.0]))
def test_the_gradients_scale_does_not_matter(seed: int, shape: tuple[int, int], exponent: int, sign: float) -> None:
    """With eps in proportion: to the bit, since a power of two only moves exponents. Its sign turns steps around."""
    problem = in_blocks(drive.made(steady, np.zeros(math.prod(shape)), reals=np.empty(0)), shape)
    G = np.random.default_rng(seed).standard_normal(math.prod(shape))
    scale = 4.0**exponent
    for name, power in (("shampoo", 2), ("muon", 1)):
        once, other = (
            rule(name, replace(problem, reals=c * G), 10, eps=abs(c) ** power * 2.0**-30) for c in (1.0, sign * scale)
        )
        assert np.array_equal(other, sign * once)


@rules
def test_a_gradient_of_1e200_is_a_gradient_of_one(name: str) -> None:
    problem = fit(0, 3, 4)
    path, huge = (rule(name, scaled(problem, scale), 20, eps=1e-20) for scale in (1.0, 1e200))
    np.testing.assert_allclose(huge, path, rtol=1e-9, atol=1e-9)


@examples
@given(seed=seeds, n=st.integers(2, 4))
@rules
def test_the_transposed_problem_takes_the_transposed_path(name: str, seed: int, n: int) -> None:
    problem, order = fit(seed, n, n), np.arange(n * n).reshape(n, n).T.ravel()

    def value_grad(x: Reals, reals: Reals, ints: Ints, batch: Ints, noise: Reals, g: Reals) -> float:
        f, g[:] = problem.value_grad(x[order], reals, ints, batch, noise, g), g[order]
        return f

    transposed = replace(problem, value_grad=value_grad, start=problem.start[order])
    assert drive.largest_difference(rule(name, transposed, 15)[:, order], rule(name, problem, 15)) <= 1e-9


@rules
def test_a_matrix_of_one_row_or_column_is_a_vector(name: str) -> None:
    row, column = (rule(name, in_blocks(fit(0, 1, 5), sides), 30) for sides in ((1, 5), (5, 1)))
    assert np.array_equal(row, column)


@rules
def test_blocks_go_their_own_ways_where_the_objective_separates(name: str) -> None:
    first, second = fit(0, 3, 2), fit(1, 2, 4)

    def value_grad(x: Reals, reals: Reals, ints: Ints, batch: Ints, noise: Reals, g: Reals) -> float:
        values = (p.value_grad(x[k], reals, ints, batch, noise, g[k]) for p, k in ((first, here), (second, there)))
        return sum(values)

    here, there = slice(6), slice(6, 14)
    both = in_blocks(drive.made(value_grad, np.concatenate([first.start, second.start])), (3, 2), (2, 4))
    assert np.array_equal(rule(name, both, 20), np.hstack([rule(name, p, 20) for p in (first, second)]))


def test_a_shampoo_step_is_one_with_a_kronecker_product() -> None:
    problem, lr, eps = fit(3, 3, 4), 0.1, 0.5
    path = rule("shampoo", problem, 6, lr=lr, eps=eps)
    gradients = [evaluated(problem, x)[1].reshape(3, 4) for x in path[:-1]]
    A, B = eps * np.eye(3) + sum(G @ G.T for G in gradients), eps * np.eye(4) + sum(G.T @ G for G in gradients)
    eigenvalues, basis = np.linalg.eigh(np.kron(A, B))
    step = basis @ (eigenvalues**-0.25 * (basis.T @ gradients[-1].ravel()))
    np.testing.assert_allclose(path[-2] - path[-1], lr * step, atol=1e-8 * lr)


# Blocks and gradients that have nothing to divide by


@rules
@pytest.mark.parametrize("size", [0.0, 5e-324, 1e-310, 1e-200, 1e200, -1e308, math.inf, math.nan])
@pytest.mark.parametrize("G", [np.ones((3, 2)), np.eye(3, 2), np.array([[1.0, -1.0], [0, 0], [0, 0]])])
def test_gradients_of_any_size_and_rank_take_a_step(name: str, size: float, G: Reals) -> None:
    start = np.arange(8.0)
    with np.errstate(all="ignore"):
        gradient = np.append(size * G.ravel(), [0.0, size])
    problem = in_blocks(drive.made(steady, start, reals=gradient), (3, 2), (2, 1))
    path = rule(name, problem, 30)
    if abs(size) <= 1e200:
        assert np.isfinite(path).all()
    if size == 0.0:
        assert np.array_equal(path, np.broadcast_to(start, path.shape))


@examples
@given(seed=seeds, weight_decay=st.floats(0.0, 1.0))
def test_muons_decay_is_decoupled_in_matrices_and_vectors(seed: int, weight_decay: float) -> None:
    problem = in_blocks(
        drive.made(steady, np.random.default_rng(seed).standard_normal(8), reals=np.zeros(8)), (3, 2), (2, 1)
    )
    path = rule("muon", problem, 20, lr=0.1, weight_decay=weight_decay)
    np.testing.assert_allclose(path[-1], problem.start * (1 - 0.1 * weight_decay) ** 20, rtol=1e-13)


def test_shampoos_state_goes_by_its_own_sides() -> None:
    def shape(*sides: tuple[int, int]) -> tuple[int, int]:
        blocks = [[0, rows, cols] for rows, cols in sides]
        return shampoo.state_shape(0, np.array(blocks), np.array([1e-6]))

    assert shape((500, 10), (200, 10)) == (2 * (1 + 31), 10)
    assert shape((3, 4)) == (10 + 13, 4)
    assert shape((LONG, 1), (1, 1), (2, 1)) == ((2 + LONG) + (2 + 1) + (7 + 1), 2)


# Their claims


def test_shampoos_first_step_is_the_rate_in_every_singular_direction() -> None:
    for shape in ((4, 3), (2, 5), (LONG, 3)):
        path = rule("shampoo", fit(1, *shape), 1, lr=0.3, eps=1e-12)
        landed = np.linalg.svd((path[0] - path[1]).reshape(shape), compute_uv=False)
        np.testing.assert_allclose(landed, 0.3, rtol=1e-5)


def test_shampoos_rate_falls_under_steady_noise() -> None:
    """Of unit noise on m x n, A grows as nt, B as mt, and so their fourth roots' product as (mn)^(1/4) sqrt(t)."""
    for t in (100, 2_500):
        path = rule("shampoo", in_blocks(drive.made(noise_alone, np.zeros(6), noise=6), (2, 3)), t, lr=1.0)
        last = np.random.default_rng(0).standard_normal((t, 6))[-1]
        error = (path[-2] - path[-1]) * 6**0.25 * math.sqrt(t) - last
        assert np.linalg.norm(error) < 1.5 / math.sqrt(t) * np.linalg.norm(last)


@pytest.fixture(scope="module")
def streamrec() -> Problem:
    return scenario.load("streamrec").build()


def losses(problem: Problem, path: Reals) -> Reals:
    """As drive's values, from the compiled gradient."""
    value_grad = drive.compiled(problem, drive.OPTIMIZERS["gd"]).value_grad
    return drive.values(drive.made_like(problem, problem.start, value_grad), path)


@pytest.mark.jit
def test_on_streamrec_shampoo_needs_a_large_rate(streamrec: Problem) -> None:
    small, large = (compiled("shampoo", streamrec, steps, lr=lr) for steps, lr in ((2_000, 0.1), (1_000, 4.0)))
    assert losses(streamrec, small[-1:])[0] > 1
    assert losses(streamrec, large[-1:])[0] == pytest.approx(0.3626, abs=1e-4)


@pytest.mark.jit
@pytest.mark.parametrize(
    ("name", "lr", "least", "most"),
    [
        ("momentum", 3.0, 3.0, 3.8), ("momentum", 30.0, 3.0, 3.8), ("muon", 0.02, 1.2, 1.35), ("muon", 0.5, 1.2, 1.35),
        ("adagrad", 0.1, 2.5, 3.8), ("shampoo", 0.3, 1.0, 1.4), ("shampoo", 4.0, 1.0, 1.4),
    ],
)  # fmt: skip
def test_on_streamrec_all_traits_grow_together(
    streamrec: Problem, name: str, lr: float, least: float, most: float
) -> None:
    """Five are in the data; how much larger the first is than the fifth when f passes 2."""
    path = compiled(name, streamrec, 300, lr=lr)
    x = path[np.argmax(losses(streamrec, path) < 2)]
    U, V = (x[b.offset : b.offset + b.rows * b.cols].reshape(b.rows, b.cols) for b in streamrec.blocks)
    traits = np.linalg.svd(np.linalg.qr(U)[1] @ np.linalg.qr(V)[1].T, compute_uv=False)
    assert least < traits[0] / traits[4] < most


@pytest.mark.jit
def test_muon_never_settles_on_streamrec(streamrec: Problem) -> None:
    path = compiled("muon", streamrec, 1_000, lr=0.1)
    assert losses(streamrec, path[-1:])[0] == pytest.approx(0.3621, abs=1e-4)
    gradients = [float(np.linalg.norm(evaluated(streamrec, path[k])[1])) for k in (100, 999)]
    steps = [float(np.linalg.norm(path[k + 1] - path[k])) for k in (100, 999)]
    assert gradients[0] > 20 * gradients[1]
    assert steps[1] == pytest.approx(steps[0], rel=0.05)
    late = losses(streamrec, compiled("muon", streamrec, 1_300, lr=1.0)[600:])
    assert late.min() == pytest.approx(0.369, abs=5e-4)
    assert late.max() == pytest.approx(0.382, abs=6e-4)


@rules
def test_they_are_for_matrices(name: str) -> None:
    optimizer = drive.OPTIMIZERS[name]
    assert optimizer.matrices
    assert not drive.OPTIMIZERS[optimizer.instead].matrices
