"""Numbers from outside are checked, never converted; kernels stay plain functions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdtui.contracts import Block, Hyperparameter, Interval, Problem, is_kernel, kernel, number
from gdtui.errors import InputError


@pytest.mark.parametrize(
    ("interval", "inside", "outside"),
    [
        ("[0, 1)", (0.0, 0.5, -0.0), (1.0, -1e-300, 2.0)),
        ("(0, inf)", (5e-324, 1e308), (0.0, -1.0, math.inf)),
        ("[-1, 1]", (-1.0, 1.0), (-1.0000001, 1.0000001)),
        ("(-inf, inf)", (-1e308, 0.0), (math.inf, -math.inf)),
    ],
)
def test_intervals(interval: str, inside: tuple[float, ...], outside: tuple[float, ...]) -> None:
    assert all(value in Interval(interval) for value in inside)
    assert not any(value in Interval(interval) for value in outside)
    assert math.nan not in Interval(interval)


@given(st.floats(0, 1, exclude_max=True) | st.integers(0, 0))
def test_numbers_inside_pass_unchanged(value: float) -> None:
    assert number(value, "[0, 1)") == value
    assert type(number(value, "[0, 1)")) is float


@pytest.mark.parametrize("value", [np.float64(0.5), np.float32(0.5), np.int64(0), 0])
def test_numpy_numbers_are_numbers(value: float) -> None:
    assert type(number(value, "[0, 1)")) is float


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (True, "true is not a number"), (False, "false is not a number"), (np.True_, "is not a number"),
        ("1", "'1' is not a number"), (None, "None is not a number"), ([1], "is not a number"), (1j, "is not a number"),
        (math.nan, "nan is not finite"), (math.inf, "inf is not finite"), (-math.inf, "-inf is not finite"),
        (10**400, "inf is not finite"), (1.0, "1.0 is out of range"), (-1, "-1.0 is out of range"),
    ],
)  # fmt: skip
def test_everything_else_is_refused(value: object, words: str) -> None:
    with pytest.raises(InputError) as caught:
        number(value, "[0, 1)")
    assert words in str(caught.value)
    assert str(caught.value).endswith("; give a number in [0, 1)")


@pytest.mark.parametrize(
    ("value", "words"),
    [(1.5, "1.5 is not a whole number"), (True, "true is not a whole number"), (11, "11 is out of range")],
)
def test_whole_numbers(value: object, words: str) -> None:
    assert number(3.0, "[0, 10]", integer=True) == 3.0
    with pytest.raises(InputError, match=words):
        number(value, "[0, 10]", integer=True)


def test_a_hyperparameter_checks_its_values() -> None:
    beta = Hyperparameter("beta", 0.9, "[0, 1)", "share kept")
    assert beta.check(0.5) == 0.5
    with pytest.raises(InputError, match=r"1.0 is out of range; give a number in \[0, 1\)"):
        beta.check(1.0)


def test_a_kernel_stays_the_function_it_was() -> None:
    def plain() -> int:
        return 3

    assert not is_kernel(plain)
    assert kernel(plain) is plain
    assert is_kernel(plain)
    assert plain() == 3
    assert not is_kernel(3)


def test_a_problem_counts_its_parameters() -> None:
    problem = Problem(
        objective="x", title="x", value_grad=lambda *_: 0.0, start=np.zeros(4), plane=lambda *_: np.zeros(1),
        blocks=(Block("x", 0, 2, 2),),
    )  # fmt: skip
    assert problem.n == 4
    assert problem.reals.shape == problem.ints.shape == (0,)
    assert problem.ints.dtype == np.int64
