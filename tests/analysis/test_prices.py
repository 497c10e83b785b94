"""What an optimizer keeps, and what a step of it costs, in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gdtui import registry
from gdtui.analysis.prices import state_of, step_of
from gdtui.contracts import Charge

GD = registry.optimizer("gd")


@pytest.mark.parametrize(
    ("name", "state", "step"),
    [
        ("gd", "none", "1 gradient"),
        ("momentum", "1 number per parameter (velocity)", "1 gradient"),
        ("nesterov", "2 numbers per parameter (velocity, look-ahead)", "1 gradient elsewhere than at θ"),
        (
            "adam",
            "2 numbers per parameter (mean gradient, mean squared gradient), and 2 numbers besides "
            "(beta1 power, beta2 power)",
            "1 gradient",
        ),
        (
            "newton",
            "2n² numbers, the Hessian and what elimination leaves of it, and 3 per parameter",
            "1 gradient and 1 Hessian, worth n + 1 gradients; more values as needed",
        ),
        (
            "saddle_free_newton",
            "2n² numbers, the Hessian and its eigenvectors",
            "1 gradient and 1 Hessian, worth n + 1 gradients",
        ),
        (
            "lbfgs",
            "2m + 5 numbers per parameter (m pairs of a step and a change of gradient), and 2m + 3 besides",
            "1 gradient; more gradients as needed",
        ),
    ],
)  # fmt: skip
def test_what_the_optimizers_cost(name: str, state: str, step: str) -> None:
    optimizer = registry.optimizer(name)
    assert (state_of(optimizer), step_of(optimizer)) == (state, step)


@pytest.mark.parametrize(
    ("charges", "text"),
    [
        ((Charge("gradient", 2, 2),), "2 gradients"),
        (
            (Charge("gradient", 1, 1), Charge("value", 1, 3)),
            "1 gradient and 1 value, worth 1.5 gradients; more values as needed",
        ),
        ((Charge("hessian_vector", 3, 3),), "3 Hessian–vector products, worth 6 gradients"),
        ((Charge("hessian", 2, 2),), "2 Hessians, worth 2n gradients"),
    ],
)  # fmt: skip
def test_everything_counts_in_gradients(charges: tuple[Charge, ...], text: str) -> None:
    assert step_of(replace(GD, charges=charges)) == text


def test_scalars_alone() -> None:
    assert state_of(replace(GD, scalars=("age",))) == "1 number (age)"
