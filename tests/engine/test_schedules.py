"""Racers whose learning rate follows a schedule."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdtui import registry, schedule_specs
from gdtui.analysis import conformance
from gdtui.contracts import Reals
from gdtui.engine import history
from gdtui.engine.race import Race
from gdtui.errors import InputError
from tests.engine.races import assert_same, contents, race, scenario

# One of every schedule, with something going on within the first 100 steps.
EXAMPLES = {
    "constant": "constant",
    "step": "step(every=20,gamma=0.5)",
    "exponential": "exponential(decay_rate=0.02)",
    "inverse_sqrt": "inverse_sqrt",
    "cosine": "cosine(steps=60,min=1e-5)",
    "warmup": "warmup(steps=30)",
    "warmup_cosine": "warmup_cosine(steps=80,warmup=15)",
    "one_cycle": "one_cycle(steps=90)",
    "warmup_stable_decay": "warmup_stable_decay(steps=80,warmup=10,decay=30,min=1e-6)",
    "plateau": "plateau(every=7,patience=1,threshold=0.5)",
    "join": "join(warmup(steps=11),constant(length=20),cosine(steps=40))",
}
PURE = tuple(name for name in EXAMPLES if registry.schedule(name).react is None)


def rates(schedule: str, lr: float, start: int, stop: int) -> list[float]:
    """What the schedule itself gives for the steps taken from ``start`` to before ``stop``."""
    found: Reals = schedule_specs.from_value(schedule).bound()(np.arange(start, stop), lr)
    return found.tolist()


@pytest.fixture
def small_histories() -> Iterator[None]:
    """Histories so short that they merge several times within a test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(history, "MOST_RECORDS", 16)
        yield


def test_there_is_an_example_of_every_schedule() -> None:
    assert set(EXAMPLES) == set(registry.schedules())


@pytest.mark.usefixtures("small_histories")
@pytest.mark.parametrize("name", EXAMPLES)
def test_tick_size_changes_nothing(name: str) -> None:
    spec = f"momentum:lr=1e-3,schedule={EXAMPLES[name]}"

    @settings(max_examples=10)
    @given(st.lists(st.integers(0, 60), min_size=1, max_size=5))
    def check(cuts: list[int]) -> None:
        together, pieces = race("rosenbrock", spec).advance(sum(cuts)), race("rosenbrock", spec)
        for steps in cuts:
            pieces.advance(steps)
        assert_same(together, pieces)

    check()


@pytest.mark.parametrize("name", PURE)
def test_the_recorded_rate_is_the_schedules(name: str) -> None:
    gd = race("rosenbrock", f"gd:lr=2e-4,schedule={EXAMPLES[name]}").advance(100)["gd"]
    used = rates(EXAMPLES[name], 2e-4, 0, 100)
    assert gd.learning_rate.tolist() == [used[0], *used]  # row t has step t's, row 0 that of the step to come
    assert (gd.rate, gd.lr) == (used[-1], 2e-4)


@pytest.mark.parametrize("name", PURE)
def test_gd_steps_by_the_schedules_rate(name: str) -> None:
    whole = race("rosenbrock", f"gd:lr=2e-4,schedule={EXAMPLES[name]}").advance(100)
    lengths = np.linalg.norm(np.diff(whole["gd"].path, axis=0), axis=1)
    expected = np.array(rates(EXAMPLES[name], 2e-4, 0, 100)) * whole["gd"].grad_norm[:-1]
    np.testing.assert_allclose(lengths, expected, rtol=1e-9, atol=1e-15)


def test_a_constant_schedule_changes_nothing() -> None:
    plain, given = race("rosenbrock", "adam").advance(50), race("rosenbrock", "adam:schedule=constant").advance(50)
    assert_same(plain, given)
    assert given["adam"].spec.text() == "adam:schedule=constant"


def test_a_rate_that_is_set_is_the_base_from_then_on_and_k_counts_on() -> None:
    schedule = "cosine(steps=60,min=1e-5)"
    whole = race("rosenbrock", f"gd:lr=1e-4,schedule={schedule}").advance(20)
    whole.set_lr("gd", 2e-4)
    assert whole["gd"].rate == rates(schedule, 1e-4, 19, 20)[0], "the last step was not taken with it"
    whole.advance(30)
    first, *used = whole["gd"].learning_rate.tolist()
    assert used == rates(schedule, 1e-4, 0, 20) + rates(schedule, 2e-4, 20, 50)
    assert first == used[0]
    assert whole["gd"].spec.text() == f"gd:lr=0.0002,schedule={schedule.replace('1e-5', '1e-05')}"


def test_a_rate_can_be_set_before_the_first_step() -> None:
    whole = race("rosenbrock", "gd:lr=1e-4,schedule=warmup(steps=10)")
    whole.set_lr("gd", 1e-3)
    assert whole.advance(2)["gd"].learning_rate.tolist() == pytest.approx([1e-4, 1e-4, 2e-4])


def test_a_schedule_stays_through_restarts_and_into_added_racers() -> None:
    spec = "gd:lr=2e-4,schedule=inverse_sqrt"
    whole = race("rosenbrock", "adam", spec).advance(10)
    again = whole.restarted().advance(10)
    assert contents(again["gd"]) == contents(whole["gd"])
    whole.add(f"{spec},label=late")
    whole.advance(5)
    late, early = contents(whole["late"]), contents(whole["gd"])
    assert late == early


def test_mini_batches_and_rules_that_evaluate_elsewhere_get_the_same_rates() -> None:
    schedule = EXAMPLES["one_cycle"]
    whole = race("logistic", f"sgd:lr=0.1,batch_size=8,schedule={schedule}", f"nesterov:lr=0.1,schedule={schedule}")
    whole.advance(60)
    for racer in whole:
        assert racer.learning_rate[1:].tolist() == rates(schedule, 0.1, 0, 60)


def test_a_python_objective_takes_a_schedule_too() -> None:
    schedule = EXAMPLES["join"]
    whole = Race(objective=lambda x: (0.5 * float(x @ x), x), start=[1.0], racers=[f"gd:lr=0.1,schedule={schedule}"])
    theta = whole.advance(80)["gd"].theta[0]
    assert theta == pytest.approx(np.prod(1.0 - np.array(rates(schedule, 0.1, 0, 80))), rel=1e-12)


def test_a_warmup_longer_than_the_run_is_refused() -> None:
    text = "warmup_cosine(steps=5000,warmup=1001)"
    with pytest.raises(InputError, match=r"racer 'gd': schedule: a warm-up of 1001 is longer than the run of 1000"):
        race("rosenbrock", f"gd:schedule={text}")
    assert race("rosenbrock", f"gd:schedule={text}", steps=1001).budget == 1001
    Race(objective=lambda x: (0.0, x), start=[1.0], racers=[f"gd:schedule={text}"])  # it has no budget


def test_a_schedule_that_ends_at_zero_passes_the_check() -> None:
    whole = Race(scenario(), racers=["gd:schedule=cosine(steps=20)"])
    check = conformance.check_learning_rates(whole)
    assert check.passed
    assert check.found == "lowest 0"
