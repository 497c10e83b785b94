"""Where the x axis of the curves ends."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdtui.engine.outcome import Limits, Outcome
from gdtui.engine.race import Race
from gdtui.frames.reach import BELOW, HEADROOM, LEAP, SLACK, UNKNOWN, Abscissa, Reach
from tests.frames.snapshots import STEPS, history, racer, snapshot


def at(step: int, *, cost: float = 1.0, seconds: float = 1e-3, index: int = 0, **fields: object):  # type: ignore[no-untyped-def]
    """A racer that has taken so many steps, each with that cost."""
    stride = max(1, step // 100)
    recorded = history([1.0] * (step // stride + 1), stride=stride, cost=cost, seconds=seconds)
    return racer(index, recorded, **{"step": step, **fields})


@pytest.mark.parametrize("abscissa", list(Abscissa))
def test_it_spans_the_budget_if_there_is_one(abscissa: Abscissa) -> None:
    limits = Limits(steps=500, work=700.0, seconds=0.25)
    reach = Reach(abscissa)
    for step in (0, 3, 400):
        assert reach.update(snapshot(at(step, seconds=5e-4), limits=limits), 10.0 * step) == abscissa.limit(limits)
        assert not reach.behind


@pytest.mark.parametrize("abscissa", list(Abscissa))
def test_it_grows_to_hold_what_is_beyond_the_budget_but_not_for_a_hair(abscissa: Abscissa) -> None:
    limits = Limits(steps=100, work=100.0, seconds=0.1)
    reach = Reach(abscissa)
    budget = reach.update(snapshot(at(100), limits=limits), 0.0)
    assert reach.update(snapshot(at(101), limits=limits), 5.0) == budget
    assert reach.update(snapshot(at(130), limits=limits), 10.0) == pytest.approx(1.3 * HEADROOM * budget)


def test_work_without_a_budget_begins_with_a_gradient_a_step() -> None:
    assert Reach(Abscissa.WORK).update(snapshot(at(0)), 0.0) == STEPS


def test_a_costly_racer_that_lasts_moves_the_end_to_what_it_will_need() -> None:
    reach = Reach(Abscissa.WORK)
    assert reach.update(snapshot(at(100, cost=3.0)), 0.0) == STEPS
    assert reach.update(snapshot(at(250, cost=3.0)), 10.0) == pytest.approx(3.0 * STEPS * HEADROOM)
    assert reach.update(snapshot(at(1000, cost=3.0)), 20.0) == pytest.approx(3.0 * STEPS * HEADROOM)


def test_a_costly_racer_that_ends_soon_does_not() -> None:
    reach = Reach(Abscissa.WORK)
    costly = at(20, cost=40.0, outcome=Outcome.CONVERGED)
    for step in (0, 20, 200, 600, 1000):
        assert reach.update(snapshot(costly, at(step, index=1)), 10.0 * step) == STEPS


def test_an_early_estimate_looks_only_so_far_ahead() -> None:
    reach = Reach(Abscissa.WORK)
    reach.update(snapshot(at(0)), 0.0)
    end = reach.update(snapshot(at(20, cost=100.0)), 10.0)  # 100,000 in the end, by what is seen so far
    assert end == pytest.approx(2000.0 * LEAP * HEADROOM)


def test_what_is_to_come_is_judged_by_what_came_last() -> None:
    slow_start = replace(history([1.0] * 401), marks=([0.0, 10.0, 400.0], [0.0, 1.0, 1.4]))  # type: ignore[arg-type]
    end = Reach(Abscissa.SECONDS).update(snapshot(racer(0, slow_start)), 0.0)
    assert end == pytest.approx((1.4 + 600 * 0.4 / 390) * HEADROOM)


def test_seconds_wait_for_the_first_of_them() -> None:
    reach = Reach(Abscissa.SECONDS)
    assert reach.update(snapshot(at(0)), 0.0) == 1.0
    end = reach.update(snapshot(at(1)), 0.1)
    assert end == pytest.approx(1e-3 * LEAP * HEADROOM)


def test_steps_and_work_are_extrapolated_from_seconds() -> None:
    limits = Limits(seconds=1.0)
    for abscissa in (Abscissa.STEPS, Abscissa.WORK):
        end = Reach(abscissa).update(snapshot(at(400), limits=limits), 0.0)
        assert end == pytest.approx(1000.0 * HEADROOM)


def test_without_any_budget_it_grows() -> None:
    reach, limits = Reach(Abscissa.STEPS), Limits()
    first = reach.update(snapshot(at(10), limits=limits), 0.0)
    assert first >= 64.0
    assert reach.update(snapshot(at(500), limits=limits), 0.5) == first
    assert reach.behind
    assert 500.0 <= reach.update(snapshot(at(500), limits=limits), 2.0) <= 1200.0
    assert not reach.behind


def test_resting_racers_need_no_room() -> None:
    reach = Reach(Abscissa.WORK)
    assert reach.update(snapshot(at(900, cost=50.0, benched=True)), 0.0) == STEPS
    assert reach.update(snapshot(), 0.0) == STEPS


@pytest.mark.parametrize("abscissa", list(Abscissa))
def test_nothing_recorded_yet(abscissa: Abscissa) -> None:
    nobody = racer(0, history([]))
    assert Reach(abscissa).update(snapshot(nobody), 0.0) in {STEPS, 1.0}


COSTS = st.floats(0.5, 200.0)


@given(
    st.sampled_from(list(Abscissa)),
    st.sampled_from(
        [Limits(steps=STEPS), Limits(work=900.0), Limits(seconds=0.3), Limits(), Limits(STEPS, 500.0, 0.1)]
    ),
    st.lists(st.tuples(st.integers(0, 40), COSTS, COSTS, st.floats(0.0, 2.0)), min_size=1, max_size=60),
)
def test_it_moves_outward_once_a_second_at_most_and_holds_everybody_then(
    abscissa: Abscissa, limits: Limits, moves: list[tuple[int, float, float, float]]
) -> None:
    reach, step, now, ends, changed = Reach(abscissa), 1, 0.0, [], -1.0
    for taken, cost, other, wait in moves:
        step, now = step + taken, now + wait
        seen = snapshot(at(step, cost=cost, seconds=other * 1e-3), at(step // 2, cost=other, index=1), limits=limits)
        end = reach.update(seen, now)
        if ends and end != ends[-1]:
            assert end > ends[-1]
            assert now - changed >= 0.999
        if not ends or end != ends[-1]:
            changed = now
        if wait > 1.001 or not ends:
            assert all(abscissa.used(r) <= end * SLACK for r in seen.racers)
            assert not reach.behind
        ends.append(end)


def test_a_real_race_fits_by_work_and_by_time() -> None:
    race = Race("rosenbrock", racers=["adam:lr=1e-3", "newton:search=true,lr=1e-3"], steps=800)
    reaches = {abscissa: (Reach(abscissa), []) for abscissa in Abscissa}  # type: ignore[var-annotated]
    for k in range(80):
        race.advance(10)
        for reach, ends in reaches.values():
            ends.append(reach.update(race.snapshot(), 0.3 * k))
    for abscissa, (reach, ends) in reaches.items():
        most = max(abscissa.used(r) for r in race.snapshot().racers)
        assert most <= ends[-1] * SLACK
        assert not reach.behind
        assert len(set(ends)) <= 8
        assert abscissa is not Abscissa.WORK or ends[-1] == pytest.approx(most, rel=0.2)


# --- where a logarithmic axis begins


@pytest.mark.parametrize("abscissa", [Abscissa.STEPS, Abscissa.WORK])
def test_it_begins_a_little_before_the_first_step(abscissa: Abscissa) -> None:
    assert Reach(abscissa).first(snapshot(at(0))) == Reach(abscissa).first(snapshot(at(900, cost=50.0))) == BELOW


def test_it_begins_in_the_decade_of_the_first_steps_time_and_moves_outward_only() -> None:
    reach = Reach(Abscissa.SECONDS)
    reach.update(snapshot(at(0), limits=Limits(seconds=50.0)), 0.0)
    assert reach.first(snapshot(at(0))) == 50.0 * UNKNOWN  # nothing is known yet
    assert reach.first(snapshot(at(10, seconds=3e-4))) == pytest.approx(BELOW * 1e-4)
    assert reach.first(snapshot(at(10, seconds=8e-4), at(10, seconds=2e-6, index=1))) == pytest.approx(BELOW * 1e-6)
    assert reach.first(snapshot(at(10, seconds=8e-4))) == pytest.approx(BELOW * 1e-6)
    assert reach.first(snapshot(at(10, seconds=2e-9, benched=True))) == pytest.approx(BELOW * 1e-6)
