"""Matrix factorisation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gdtui.contracts import Problem
from gdtui.errors import InputError
from tests import naive_objectives
from tests.objectives.problems import built, evaluated, value, written

NOTHING = np.nan
R = np.array([[5.0, NOTHING, 1.0], [NOTHING, 2.0, NOTHING], [4.0, 3.5, NOTHING], [NOTHING, NOTHING, -1.0]])
ROWS = [["stars", "film", "person"]] + [
    [R[i, j], f"film {j}", f"person {i}"] for j in (2, 0, 1) for i in (3, 0, 2, 1) if not np.isnan(R[i, j])
]
COLUMNS = {"user": "person", "item": "film", "rating": "stars"}


def small(folder: Path, rows: list[list[object]] = ROWS, **options: Any) -> Problem:
    given = {"test_fraction": 0.0, "rank": 2, "l2": 0.1, **COLUMNS}
    return built("matrix_factorisation", ratings=written(folder, rows), **(given | options))


def test_is_its_naive_twin(tmp_path: Path) -> None:
    problem = small(tmp_path)
    for x in np.random.default_rng(0).standard_normal((20, problem.n)):
        f, g = evaluated(problem, x)
        expected, gradient = naive_objectives.matrix_factorisation(x, R, 2, 0.1)
        assert f == pytest.approx(expected, rel=1e-13)
        np.testing.assert_allclose(g, gradient, rtol=1e-11, atol=1e-14)


def test_a_batch_leaves_the_regulariser_whole(tmp_path: Path) -> None:
    problem = small(tmp_path)
    f, g = evaluated(problem, problem.start, [2])
    only = np.full_like(R, NOTHING)
    only[1, 1] = R[1, 1]  # sorted by user, the third rating is person 1's
    expected, gradient = naive_objectives.matrix_factorisation(problem.start, only, 2, 0.1)
    assert f == pytest.approx(expected, rel=1e-13)
    np.testing.assert_allclose(g, gradient, rtol=1e-12, atol=1e-15)


def test_zero_is_stationary() -> None:
    problem = built("matrix_factorisation")
    f, g = evaluated(problem, np.zeros(problem.n))
    assert f == pytest.approx(0.5 * np.mean(problem.reals[:-1] ** 2))
    assert not g.any()
    assert problem.start.std() == pytest.approx(0.1, rel=0.03)


def test_a_turn_of_both_factors_changes_nothing(tmp_path: Path) -> None:
    problem = small(tmp_path)
    x = np.random.default_rng(0).standard_normal((7, 2))
    c, s = np.cos(0.7), np.sin(0.7)
    turned = x @ np.array([[c, -s], [s, c]])
    assert value(problem, turned.ravel()) == pytest.approx(value(problem, x.ravel()), rel=1e-13)


def test_stretching_one_factor_and_shrinking_the_other_changes_nothing_without_l2(tmp_path: Path) -> None:
    problem = small(tmp_path, l2=0.0)
    x = np.random.default_rng(0).standard_normal(problem.n)
    stretched = np.concatenate([3.0 * x[:8], x[8:] / 3.0])
    assert value(problem, stretched) == pytest.approx(value(problem, x), rel=1e-13)


def test_streamrec() -> None:
    problem = built("matrix_factorisation")
    assert problem.samples == 10_000
    assert problem.n == 7_000
    assert [(block.name, block.offset, block.rows, block.cols) for block in problem.blocks] == [
        ("U", 0, 500, 10),
        ("V", 5_000, 200, 10),
    ]
    users, items = problem.ints[1:10_001], problem.ints[10_001:]
    assert (np.diff(users) >= 0).all()
    assert len(set(zip(users.tolist(), items.tolist(), strict=True))) == 10_000
    assert problem.names[0] == "U[1,1]"
    assert problem.names[-1] == "V[200,10]"


def test_streamrec_is_the_same_for_every_seed_but_for_the_start() -> None:
    first, second = built("matrix_factorisation", 0), built("matrix_factorisation", 1)
    assert np.array_equal(first.reals, second.reals)
    assert np.array_equal(first.ints, second.ints)
    assert not np.array_equal(first.start, second.start)
    other = built("matrix_factorisation", data_seed=43)
    assert not np.array_equal(first.reals, other.reals)


def test_held_out_error_of_the_truth_is_the_noise() -> None:
    options = {"users": 60, "items": 40, "rank": 5, "noise": 0.5}
    problem = built("matrix_factorisation", **options)
    random = np.random.default_rng(42)
    truth = np.concatenate([random.standard_normal((60, 5)).ravel(), random.standard_normal((40, 5)).ravel()])
    assert problem.test is not None
    measures = problem.test(truth)
    assert measures["rmse"] == pytest.approx(0.5, rel=0.03)
    assert measures["loss"] == pytest.approx(0.5 * measures["rmse"] ** 2)
    assert value(built("matrix_factorisation", l2=0.0, **(options | {"noise": 0.0})), truth) == pytest.approx(0.0)


def test_everything_observed_leaves_nothing_to_test() -> None:
    assert built("matrix_factorisation", users=5, items=4, density=1.0).test is None


def test_a_share_of_a_file_is_held_out(tmp_path: Path) -> None:
    problem = small(tmp_path, test_fraction=0.3)
    assert problem.samples == 4
    assert problem.test is not None
    assert set(problem.test(problem.start)) == {"loss", "rmse"}
    assert (np.diff(problem.ints[1:5]) >= 0).all()
    other = built("matrix_factorisation", 1, ratings=tmp_path / "data.csv", rank=2, test_fraction=0.3, **COLUMNS)
    assert not np.array_equal(problem.reals[:4], other.reals[:4])


@pytest.mark.parametrize(
    ("rows", "options", "message"),
    [
        ([*ROWS, [1, "film 2", "person 0"]], {}, "ratings: 'person 0' rates 'film 2' more than once, on lines 3, 8"),
        ([*ROWS, ["good", "film 9", "person 9"]], {}, "rating: line 8: 'good' in column 'stars' is not a number"),
        ([*ROWS, ["", "film 9", "person 9"]], {}, "rating: line 8: '' in column 'stars' is not a number"),
        ([*ROWS, [1, "film 9", "NA"]], {}, "user: missing values on line 8; fill them in"),
        (ROWS, {"user": "persons"}, "user: no column 'persons'; did you mean 'person'?"),
        (ROWS, {"test_fraction": 0.99}, "test_fraction: leaves no rating to learn from; lower it"),
    ],
)
def test_bad_files_are_refused_with_the_reason(
    tmp_path: Path, rows: list[list[object]], options: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError) as error:
        small(tmp_path, rows, **options)
    assert str(error.value).startswith(f"{tmp_path / 'data.csv'}: {message}")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"rank": 1000, "users": 2000},
            "rank: 2000 users and 200 items at rank 1000 are 2200000 parameters, more than",
        ),
        ({"users": 5000, "items": 5000}, "users: 5000 users and 5000 items have 25000000 entries, more than 4000000"),
    ],
)
def test_too_large_a_matrix_is_refused(options: dict[str, int], message: str) -> None:
    with pytest.raises(InputError) as error:
        built("matrix_factorisation", **options)
    assert str(error.value).startswith(message)
