"""The anatomies of the built-in optimizers, beyond what every optimizer is held to: their terms are what they say."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping

import numpy as np
import pytest

from gdtui.anatomy import Anatomy
from gdtui.contracts import Reals
from gdtui.engine.last_step import LastStep
from gdtui.errors import clean
from tests.engine.races import race
from tests.optimizers.anatomies import steps_of
from tests.optimizers.drive import MODULES, OPTIMIZERS

NAMES = sorted(name for name, optimizer in OPTIMIZERS.items() if optimizer.anatomy is not None)
each = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(scope="module")
def taken() -> dict[str, list[LastStep]]:
    return {name: steps_of(name) for name in NAMES}


def anatomy_of(last: LastStep) -> Anatomy:
    assert last.anatomy is not None
    return last.anatomy


def test_every_optimizer_has_one() -> None:
    assert [name for name, optimizer in OPTIMIZERS.items() if optimizer.anatomy is None] == []


@each
def test_the_gradient_is_the_one_that_the_rule_saw(name: str, taken: Mapping[str, list[LastStep]]) -> None:
    for last in taken[name]:
        gradients = [
            term.value for term in anatomy_of(last).terms if term.symbol in ("g", "G") and len(term.meaning) == 8
        ]
        assert len(gradients) == 1
        np.testing.assert_array_equal(np.asarray(gradients[0]), last.step.gradient)
        np.testing.assert_array_equal(last.step.gradient, last.objective_gradient)


SPELT = {"η": "lr", "θ": "x", "λ": "weight_decay", "β": "beta", "ε": "eps", "μ": "mu", "ρ": "rho", "Π": "mu", "α": "a"}


@each
def test_symbols_are_those_of_the_rule(name: str, taken: Mapping[str, list[LastStep]]) -> None:
    known, kin = "", OPTIMIZERS.get(name)
    while kin is not None:  # a descendant's formula may say "Adam's step"
        known += kin.formula + kin.fixes + (MODULES[kin.name].__doc__ or "")
        kin = OPTIMIZERS.get(kin.parent or "")
    for term in anatomy_of(taken[name][-1]).terms:
        assert 0 < len(term.symbol) <= 20
        assert clean(term.symbol, 40) == term.symbol
        assert len(term.meaning) <= 40
        for letter in unicodedata.normalize("NFD", re.sub(r"least|most|max|sign|cols|rows|NS₅", "", term.symbol)):
            if letter.isalpha() and unicodedata.category(letter) != "Lm":
                assert letter in known or SPELT.get(letter, letter) in known, term.symbol


@each
def test_the_newton_steps_solve_what_they_say(name: str, taken: Mapping[str, list[LastStep]]) -> None:
    if name != "newton":
        pytest.skip("about newton's own terms")
    for last in taken[name]:
        values = {term.symbol: term.value for term in anatomy_of(last).terms}
        n = last.step.before.size
        H: Reals = last.step.state[:n]
        eigenvalues = np.linalg.eigvalsh(H)
        assert values["λ least"] == pytest.approx(float(eigenvalues[0]), rel=1e-9, abs=1e-9)
        if last.step.hyper["search"] == 0.0:
            damped = H + last.step.hyper["damping"] * np.eye(n)
            np.testing.assert_allclose(damped @ np.asarray(values["p"]), last.step.gradient, rtol=1e-6, atol=1e-9)


def test_radam_trusts_no_denominator_at_first() -> None:
    running = race("rosenbrock", "radam")
    first = running.advance(1)["radam"].last_step
    later = running.advance(20)["radam"].last_step
    assert first is not None and later is not None  # noqa: PT018
    assert "no denominator" in anatomy_of(first).remark
    assert anatomy_of(later).remark == ""
    assert math.isfinite(later.losses[1])
