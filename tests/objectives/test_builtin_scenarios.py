"""The scenario files that come with gdtui: complete, and true to what they claim."""

from __future__ import annotations

import operator
from functools import cache

import numpy as np
import pytest

from gdtui import scenario
from gdtui.engine.compile import jit_is_off
from gdtui.engine.race import Race

NAMES = scenario.builtin_names()
COMPARE = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
FIRST_ORDER = {"gd", "sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw"}
each = pytest.mark.parametrize("name", NAMES)
races = pytest.mark.skipif(jit_is_off(), reason="whole budgets take minutes as plain Python")


@cache
def finished(name: str) -> Race:
    race = Race(name)
    return race.advance(race.scenario.steps)


def test_the_six_are_there() -> None:
    assert {"credit", "credit-2d", "quadratic", "rosenbrock", "saddle", "streamrec"} <= set(NAMES)


@each
def test_every_first_order_rule_has_a_learning_rate(name: str) -> None:
    loaded = scenario.load(name)
    assert set(loaded.learning_rates) >= FIRST_ORDER
    assert 0 < len(loaded.description) < 400, "a longer one would be cut"
    assert 1 <= len(loaded.expectations) <= 3


@races
@each
def test_expectations_hold(name: str) -> None:
    race = finished(name)
    pictures = {picture.label: picture for picture in race.snapshot().racers}
    for expected in race.scenario.expectations:
        picture, racer = pictures[expected.racer], race[expected.racer]
        if expected.quantity.startswith("test."):
            measured: object = (race.test(racer) or {})[expected.quantity.removeprefix("test.")]
        elif expected.quantity == "status":
            measured = picture.outcome.value
        else:
            measured = getattr(picture, expected.quantity)
        assert COMPARE[expected.operator](measured, expected.value), (expected, measured)


@races
@each
def test_at_most_one_racer_diverges(name: str) -> None:
    outcomes = [picture.outcome.value for picture in finished(name).snapshot().racers]
    assert outcomes.count("diverged") <= 1


@races
@each
def test_any_rule_added_goes_down(name: str) -> None:
    """Those that the scenario itself races at no other settings have gone the whole budget already."""
    own = finished(name)
    rates = {label: {"optimizer": label, "lr": own.scenario.learning_rates[label]} for label in FIRST_ORDER}
    bare = {racer.label for racer in own if racer.spec.table() == rates.get(racer.label)}
    assert bare < FIRST_ORDER, "one at least is left to add"
    added = Race(name, racers=sorted(FIRST_ORDER - bare))
    added.advance(added.scenario.steps)
    pictures = [*added.snapshot().racers, *(p for p in own.snapshot().racers if p.label in bare)]
    assert {picture.label for picture in pictures} == FIRST_ORDER
    for picture in pictures:
        assert picture.outcome.value != "diverged"
        assert picture.loss is not None
        assert picture.loss < own.loss_start - 0.5 * abs(own.loss_start) or name.startswith("credit")


@races
def test_adam_predicts_credit() -> None:
    scores = []
    for seed in range(5):
        race = Race("credit", racers=["adam"], seed=seed)
        race.advance(race.scenario.steps)
        scores.append((race.test(race["adam"]) or {})["auc"])
    assert np.mean(scores) >= 0.75
