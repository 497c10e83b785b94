"""The learning rate of every step: lr, schedule and what a schedule makes of the loss, as pieces over the steps."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdtui import schedule_specs
from gdtui.engine.rates import Rates

GOLDENS = json.loads((Path(__file__).parents[1] / "goldens" / "plateau_torch.json").read_text(encoding="utf-8"))


def test_rates_over_any_stretch() -> None:
    rates = Rates(1.0, None)
    for step, lr in ((3, 2.0), (4, 3.0), (9, 4.0)):
        rates.change(step, lr, None)
    every = [1.0] * 3 + [2.0] + [3.0] * 5 + [4.0] * 6
    for taken in range(12):
        for count in range(1, 15 - taken):
            assert rates.table(taken, count).tolist() == every[taken : taken + count]


def test_a_schedule_can_change_and_counts_from_the_first_step_all_the_same() -> None:
    rates, cosine = Rates(1.0, None), schedule_specs.from_value("cosine(steps=10)")
    rates.change(4, 1.0, cosine)
    assert rates.table(0, 6).tolist() == [1.0] * 4 + cosine.bound()(np.array([4, 5]), 1.0).tolist()
    assert rates.schedule == cosine
    rates.change(4, 1.0, None)
    assert rates.table(0, 6).tolist() == [1.0] * 6, "no step was taken with it"


def test_a_schedule_that_looks_at_nothing_never_asks_for_the_loss() -> None:
    rates = Rates(1.0, schedule_specs.from_value("cosine(steps=10)"))
    assert rates.look_at > 10**15
    assert rates.look(0, 1.0) is None


def test_a_plateau_asks_for_the_loss_at_fixed_steps_and_cuts_from_the_next_step_on() -> None:
    rates = Rates(1.0, schedule_specs.from_value("plateau(every=5,patience=0,factor=0.5)"))
    assert rates.look_at == 5
    assert rates.look(5, 3.0) is None, "the first loss is the best so far"
    assert rates.look_at == 10
    assert rates.look(10, 3.0) == (1.0, 0.5)
    assert rates.table(8, 4).tolist() == [1.0, 1.0, 0.5, 0.5]


def test_another_lr_keeps_the_cuts_and_another_schedule_forgets_them() -> None:
    plateau = schedule_specs.from_value("plateau(every=1,patience=0,factor=0.5)")
    rates = Rates(1.0, plateau)
    for step in (1, 2):
        rates.look(step, 1.0)
    rates.change(2, 4.0, plateau)
    assert rates.table(2, 1).tolist() == [2.0]
    rates.change(2, 4.0, schedule_specs.from_value("plateau(every=3)"))
    assert rates.table(2, 1).tolist() == [4.0]
    assert rates.look_at == 3


@pytest.mark.parametrize("case", GOLDENS["cases"], ids=lambda case: case["schedule"])
def test_a_plateau_has_the_rates_that_torch_has(case: dict[str, Any]) -> None:
    rates = Rates(case["lr"], schedule_specs.from_value(case["schedule"]))
    found = []
    for step, loss in enumerate(case["losses"], 1):
        found += rates.table(step - 1, 1).tolist()
        rates.look(step, loss)
    np.testing.assert_allclose(found, case["rates"], rtol=1e-12, atol=0.0)


@given(st.lists(st.floats(allow_nan=False), max_size=60), st.floats(1e-9, 1e9), st.integers(0, 4), st.integers(0, 4))
def test_a_plateau_only_ever_cuts_and_never_below_min(
    losses: list[float], lr: float, patience: int, cooldown: int
) -> None:
    text = f"plateau(every=1,patience={patience},cooldown={cooldown},min=1e-3)"
    rates = Rates(lr, schedule_specs.from_value(text))
    for step, loss in enumerate(losses, 1):
        rates.look(step, loss)
    table = rates.table(0, len(losses) + 1)
    assert (np.diff(table) <= 0.0).all()
    assert table.min() >= min(lr, 1e-3) * (1.0 - 1e-12)
    cuts = int((np.diff(table) < 0.0).sum())
    assert cuts * (patience + 1) <= len(losses)
