"""What holds of schedules whatever their arguments."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdtui import schedule_specs
from gdtui.contracts import Reals
from gdtui.schedule_specs import ScheduleSpec
from tests import drawn

RATES = st.floats(1e-12, 1e12)
SHORT = 60
SLACK = 1.0 + 1e-14  # a weighted mean may round to just beyond its ends


def rates(schedule: str | ScheduleSpec, lr: float = 1.0, steps: int = 4 * SHORT) -> Reals:
    spec = schedule_specs.from_value(schedule) if isinstance(schedule, str) else schedule
    return spec.bound()(np.arange(steps), lr)


@given(drawn.schedules(longest=SHORT), RATES)
def test_rates_lie_between_0_and_lr_or_min(spec: ScheduleSpec, lr: float) -> None:
    found = rates(spec, lr)
    assert (found >= 0.0).all()
    assert (found <= SLACK * max([lr, *drawn.floors(spec)])).all()
    assert found[0] > 0.0


@given(drawn.schedules(), RATES, st.integers(0, 10**12), st.lists(st.integers(0, 70), max_size=6))
def test_any_split_gives_the_bits_of_the_whole(spec: ScheduleSpec, lr: float, start: int, cuts: list[int]) -> None:
    of = spec.bound()
    k = np.arange(start, start + 100)
    whole = of(k, lr)
    pieces = np.split(k, sorted(min(cut, 100) for cut in cuts))
    assert np.concatenate([of(piece, lr) for piece in pieces]).tobytes() == whole.tobytes()
    assert np.array([of(k[i : i + 1], lr)[0] for i in range(100)]).tobytes() == whole.tobytes()


@given(drawn.schedules(longest=SHORT).filter(lambda spec: not any(drawn.floors(spec))), RATES)
def test_rates_are_proportional_to_lr(spec: ScheduleSpec, lr: float) -> None:
    np.testing.assert_allclose(
        rates(spec, 4.0 * lr), 4.0 * rates(spec, lr), rtol=0.0, atol=1e-300
    )  # equal, or denormal


@pytest.mark.parametrize("name", ["cosine", "step", "exponential", "inverse_sqrt"])
def test_decay_never_rises(name: str) -> None:
    @given(drawn.simple_schedules(name, longest=SHORT), st.floats(0.0, 1e6))
    def check(spec: ScheduleSpec, extra: float) -> None:
        found = rates(spec, max([0.0, *drawn.floors(spec)]) + extra + 1e-12)
        assert (found[1:] <= found[:-1] * SLACK).all()

    check()


@pytest.mark.parametrize("name", ["cosine", "warmup_cosine", "warmup_stable_decay"])
def test_min_is_reached_at_the_last_step_and_kept_to_the_bit(name: str) -> None:
    @given(drawn.simple_schedules(name, longest=SHORT), RATES)
    def check(spec: ScheduleSpec, lr: float) -> None:
        arguments = spec.filled()
        found = rates(spec, lr)
        assert (found[arguments["steps"] :] == arguments["min"]).all()
        assert found[arguments.get("warmup", 0)] == lr or arguments["steps"] - arguments.get("decay", 0) == 0

    check()


@pytest.mark.parametrize("name", ["warmup", "warmup_cosine", "warmup_stable_decay"])
def test_a_warmup_rises_in_equal_steps_and_never_from_zero(name: str) -> None:
    @given(drawn.simple_schedules(name, longest=SHORT), RATES)
    def check(spec: ScheduleSpec, lr: float) -> None:
        found = rates(spec, lr)[: spec.warmup]
        np.testing.assert_allclose(found, lr * np.arange(1, spec.warmup + 1) / max(spec.warmup, 1), rtol=1e-15)

    check()


@given(st.integers(1, SHORT), st.floats(0.01, 0.99), st.floats(1.0, 1e6), st.floats(1.0, 1e6), RATES)
def test_one_cycle_rises_to_lr_and_falls_to_its_last(
    steps: int, at: float, div: float, final: float, lr: float
) -> None:
    spec = ScheduleSpec("one_cycle", {"steps": steps, "peak_at": at, "div_factor": div, "final_div_factor": final})
    found = rates(spec, lr)
    peak = int(np.ceil(at * steps))
    assert found[0] == pytest.approx(lr / div)
    assert (np.diff(found[:peak]) >= -1e-15 * lr).all()
    assert (np.diff(found[peak:]) <= 1e-15 * lr).all()
    assert (found[steps:] == lr / div / final).all()


@given(drawn.joins(longest=SHORT), RATES)
def test_a_join_is_its_phases_each_from_its_own_start(spec: ScheduleSpec, lr: float) -> None:
    phases = spec.arguments["phases"]
    assert isinstance(phases, tuple)
    pieces = [rates(phase, lr, phase.duration or 0) for phase in phases[:-1]]
    expected = np.concatenate([*pieces, rates(phases[-1], lr, 4 * SHORT)])
    assert rates(spec, lr, len(expected)).tobytes() == expected.tobytes()


@pytest.mark.parametrize(
    ("joined", "whole"),
    [
        ("join(warmup(steps=30),constant)", "warmup(steps=30)"),
        ("join(warmup(steps=30),cosine(steps=50,min=0.1))", "warmup_cosine(steps=80,warmup=30,min=0.1)"),
        ("join(constant(length=7),constant)", "constant"),
        ("join(cosine(steps=40))", "cosine(steps=40)"),
        ("join(cosine(steps=40,length=10),cosine(steps=40,length=200),constant)", ""),
    ],
)
def test_what_joins_come_to(joined: str, whole: str) -> None:
    found = rates(joined)
    if whole:
        assert found.tobytes() == rates(whole).tobytes()
    else:  # a length of one's own cuts a phase short, or lets it go on
        cosine = rates("cosine(steps=40)")
        assert found.tolist() == [*cosine[:10], *cosine[:200], *[1.0] * 30]


def test_values_by_hand() -> None:
    assert rates("cosine(steps=4,min=0.5)", 1.5, 6).tolist() == pytest.approx(
        [1.5, 1.3535533905932737, 1.0, 0.6464466094067263, 0.5, 0.5]
    )
    assert rates("step(every=2,gamma=0.5)", 8.0, 7).tolist() == [8.0, 8.0, 4.0, 4.0, 2.0, 2.0, 1.0]
    assert rates("warmup(steps=4)", 2.0, 6).tolist() == [0.5, 1.0, 1.5, 2.0, 2.0, 2.0]
    assert rates("inverse_sqrt", 6.0, 9)[[0, 3, 8]].tolist() == [6.0, 3.0, 2.0]
    assert rates("exponential(decay_rate=1)", 1.0, 2).tolist() == pytest.approx([1.0, 0.36787944117144233])
    found = rates("warmup_stable_decay(steps=8,warmup=2,decay=4,min=1)", 5.0, 10).tolist()
    assert found == [2.5, 5.0, 5.0, 5.0, 5.0, 4.0, 3.0, 2.0, 1.0, 1.0]
    found = rates("one_cycle(steps=4,peak_at=0.5,div_factor=4,final_div_factor=2)", 4.0, 6).tolist()
    assert found == pytest.approx([1.0, 2.5, 4.0, 2.25, 0.5, 0.5])
