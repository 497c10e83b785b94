"""The time machine: any step that was seen is reached again, equal to the bit, with all that was changed on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdtui.contracts import Reals
from gdtui.engine import checkpoints, history
from gdtui.engine.checkpoints import TimeMachine
from gdtui.engine.compile import jit_is_off
from gdtui.engine.outcome import Outcome
from gdtui.engine.race import Race
from gdtui.errors import InputError
from tests.engine.races import ALGEBRAIC, BATCH, OPTIMIZERS, assert_same, contents, fit, race

races = pytest.mark.skipif(jit_is_off(), reason="whole budgets are for the compiled loop")
SPECS: Mapping[str, tuple[str | Mapping[str, Any], str]] = {
    "full batch": ("rosenbrock", ""),
    "mini-batch": ("logistic", f":batch_size={BATCH}"),
    "matrices": (ALGEBRAIC["matrix factorisation"], ""),
}
Change = Callable[[Race], object]
CHANGES: tuple[Change, ...] = (
    lambda whole: whole.set(whole.labels[0], {"lr": 3e-4}),
    lambda whole: whole.set(whole.labels[-1], {"clip": 5.0, "schedule": "cosine(steps=50)"}),
    lambda whole: whole.bench(whole.labels[0], not next(iter(whole)).benched),
    lambda whole: whole.add("momentum:lr=1e-4"),
    lambda whole: whole.remove(whole.labels[0]) if len(whole) > 1 else None,
    lambda whole: whole[whole.labels[-1]].can_go and whole.branch(whole.labels[-1], {"lr": 2e-4}),
)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Histories that merge several times within a test, and a checkpoint after every tick."""
    monkeypatch.setattr(history, "MOST_RECORDS", 16)
    monkeypatch.setattr("gdtui.engine.state.MOST_RECORDS", 16)
    monkeypatch.setattr(history, "LONGEST_PATH", 6)
    monkeypatch.setattr(checkpoints, "LEAST_SECONDS", 0.0)
    monkeypatch.setattr(checkpoints, "SHARE", 0.0)


def everything(whole: Race) -> list[object]:
    """All that can be told of a race, in the order of its racers."""
    return [whole.step, [(r.spec, r.benched, r.events, r.origin, r.remark, contents(r)) for r in whole]]


class Naive:
    """The same race without a time machine: from the beginning every time, by what was changed up to then."""

    def __init__(self, begin: Callable[[], Race]) -> None:
        self.begin = begin
        self.script: list[tuple[int, Change]] = []

    def at(self, step: int) -> Race:
        whole = self.begin()
        for when, change in self.script:
            if when <= step:
                change(whole.advance(when - whole.step))
        return whole.advance(step - whole.step)

    def change(self, step: int, change: Change) -> None:
        self.script = [(when, what) for when, what in self.script if when <= step] + [(step, change)]


MOVES = st.one_of(
    st.tuples(st.just("on"), st.integers(0, 60)),
    st.tuples(st.just("to"), st.integers(0, 200)),
    st.tuples(st.just("change"), st.integers(0, len(CHANGES) - 1)),
)


@pytest.mark.usefixtures("small")
@settings(max_examples=40)
@given(moves=st.lists(MOVES, max_size=12), most=st.sampled_from([4, 9, 128]))
def test_wherever_one_goes_it_is_as_it_was(moves: list[tuple[str, int]], most: int) -> None:
    def begin() -> Race:
        return race("rosenbrock", "gd:lr=1e-3", "adam:lr=0.01,schedule=plateau(patience=2,every=5)")

    naive, machine = Naive(begin), TimeMachine(begin())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checkpoints, "MOST_CHECKPOINTS", most)
        machine.advance(0)
        for move, value in moves:
            here = machine.race.step
            if move == "on":
                machine.advance(value)
                assert machine.race.step == here + value
            elif move == "to":
                machine.go_to(value)
                assert machine.race.step == min(value, machine.furthest)
            else:
                naive.change(here, CHANGES[value])
                CHANGES[value](machine.race)
                machine.advance(0)
                assert machine.furthest == here or not machine.news
            assert everything(machine.race) == everything(naive.at(machine.race.step))


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("kind", SPECS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_back_step_by_step_and_forward_again_changes_nothing(optimizer: str, kind: str) -> None:
    objective, suffix = SPECS[kind]
    if optimizer not in fit(objective):
        pytest.skip(f"{optimizer} asks for more than {objective} has")
    machine, straight = (TimeMachine(race(objective, optimizer + suffix)) for _ in range(2))
    seen = {}
    for whole in (machine, straight):
        for _ in range(24):
            whole.advance(1)
            seen[whole.race.step] = everything(whole.race)
    for step in range(23, 0, -1):
        machine.go_to(step)
        assert everything(machine.race) == seen[step]
    for step in range(2, 31):
        machine.advance(1)
        assert step > 24 or everything(machine.race) == seen[step]
    assert everything(machine.race) == everything(straight.race.advance(6))


@races
def test_a_thousand_steps_back_and_forward_again() -> None:
    racers = ("gd:lr=1e-4", "momentum:lr=1e-5", "adam:lr=1e-4")

    def edited() -> TimeMachine:
        machine = TimeMachine(race("rosenbrock", *racers, steps=20_000))
        machine.advance(9_500)
        machine.race.set("adam", {"lr": 0.02, "schedule": "plateau(every=10,patience=3)"})
        machine.race.bench("gd")
        machine.advance(200)
        machine.race.bench("gd", False)
        machine.race.branch("adam", {"beta1": 0.5})
        machine.advance(300)
        return machine

    machine, straight = edited(), edited()
    for step in range(9_999, 8_999, -1):
        machine.go_to(step)
    assert_same(machine.race, race("rosenbrock", *racers, steps=20_000).advance(9_000))
    for _ in range(1_500):
        machine.advance(1)
    assert_same(machine.race, straight.race.advance(500))
    assert machine.race.scenario == straight.race.scenario


def test_a_change_in_the_past_cuts_off_what_came_after() -> None:
    machine = TimeMachine(race("rosenbrock", "gd:lr=1e-3", "adam"))
    machine.advance(30)
    machine.race.set("gd", {"lr": 2e-3})
    machine.advance(30)
    machine.go_to(20)
    assert machine.furthest == 60
    assert not machine.news
    picture = machine.race.snapshot()
    before = picture.racers[0].recorded.loss.tobytes()
    machine.race.set("adam", {"lr": 0.5})
    assert (machine.furthest, machine.news) == (20, "time forks at step 20: the steps up to 60 are gone")
    machine.go_to(60)
    assert machine.race.step == 20
    machine.advance(40)
    straight = race("rosenbrock", "gd:lr=1e-3", "adam").advance(20)
    straight.set("adam", {"lr": 0.5})
    assert_same(machine.race, straight.advance(40))
    assert picture.racers[0].recorded.loss.tobytes() == before
    assert [mark.step for mark in machine.timeline(machine.race.snapshot()).marks] == [20]


def test_changes_in_a_row_are_made_again_as_they_were() -> None:
    machine = TimeMachine(race("rosenbrock", "gd:lr=1e-3"))
    machine.advance(30)
    machine.race.add("adam:lr=0.1")
    machine.race.set("adam", {"lr": 0.01})  # before it takes a step: it never had the other
    machine.advance(0)
    machine.race.set("adam", {"lr": 0.02})
    machine.advance(30)
    last = everything(machine.race)
    machine.go_to(7)
    assert machine.race.labels == ("gd",)
    machine.advance(53)
    assert everything(machine.race) == last
    assert [(event.step, event.after) for event in machine.race["adam"].events] == [(0, 0.01), (30, 0.02)]


def test_a_branch_shares_the_past_and_leaves_the_original_as_it_is() -> None:
    whole, alone = race("rosenbrock", "adam:lr=0.01"), race("rosenbrock", "adam:lr=0.01")
    twin = whole.advance(50).branch("adam", {"lr": 0.05, "beta1": 0.5}, "bold")
    assert contents(twin) == contents(whole["adam"])
    assert twin.origin is not None
    assert (twin.label, twin.origin.label, twin.origin.step) == ("bold", "adam", 50)
    assert "branched off adam at step 50" in twin.remark
    whole.advance(70)
    assert contents(whole["adam"]) == contents(alone.advance(120)["adam"])
    edited = race("rosenbrock", "adam:lr=0.01").advance(50)
    edited.set("adam", {"lr": 0.05, "beta1": 0.5})
    assert contents(twin) == contents(edited.advance(70)["adam"])
    assert twin.events == edited["adam"].events
    assert whole.branch("bold", {}).label == "adam2"


def test_what_nothing_branches_off() -> None:
    whole = race("quadratic", "gd:lr=10", "adam", steps=200).advance(200)
    for label, words in (("gd", "diverged at step .*go back first"), ("adam", "its budget is used"), ("abc", "abc")):
        with pytest.raises(InputError, match=words):
            whole.branch(label, {})
    early = race("rosenbrock", "lbfgs:history=5")
    with pytest.raises(InputError, match="cannot change in mid-race"):
        early.branch("lbfgs", {"history": 7})
    assert early.labels == ("lbfgs",)
    with pytest.raises(InputError, match="no such key"):
        early.branch("lbfgs", {"beta7": 7.0})


def test_seconds_are_those_of_the_first_time(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter(np.cumsum(np.random.default_rng(0).uniform(0.0, 0.02, 10_000)).tolist())
    monkeypatch.setattr("gdtui.engine.racer.perf_counter", lambda: next(ticks))
    machine = TimeMachine(race("rosenbrock", "gd:lr=1e-3", "adam", seconds=0.5))
    for _ in range(60):
        machine.advance(7)
    last, ends = everything(machine.race), [racer.step for racer in machine.race]
    marks = [racer.clock.state() for racer in machine.race]
    assert [racer.status for racer in machine.race] == [Outcome.EXHAUSTED, Outcome.EXHAUSTED]
    for step in (min(ends) - 1, 3, 11):
        machine.go_to(step)
        assert all(racer.clock.total < 0.5 for racer in machine.race)
        assert [racer.status for racer in machine.race] == [Outcome.RUNNING, Outcome.RUNNING]
    machine.advance(420 - machine.race.step)
    assert everything(machine.race) == last
    assert [racer.clock.state() for racer in machine.race] == marks
    machine.go_to(5)
    machine.race.set("gd", {"lr": 2e-3})
    assert all(racer.clock.state()[0][-1] == 5 for racer in machine.race)


@races
def test_memory_and_number_of_checkpoints_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "MOST_BYTES", 6 * 2**20)
    monkeypatch.setattr(checkpoints, "SHARE", 0.0)
    monkeypatch.setattr(checkpoints, "LEAST_SECONDS", 0.0)
    machine = TimeMachine(race("rosenbrock", "gd:lr=1e-4", "momentum:lr=1e-5", "adam:lr=1e-4", steps=10**6))
    for _ in range(400):
        machine.advance(700)
        assert machine.own_bytes + machine.shared_bytes <= 6 * 2**20
        assert len(machine.steps) <= checkpoints.MOST_CHECKPOINTS + 1
    assert machine.steps[0] == 0
    here, old = machine.race.step, machine.steps[1]
    gaps = np.diff(machine.steps[1:])
    assert (gaps <= 1400 + (here - np.array(machine.steps[1:-1]))).all()
    assert gaps[-8:].max() == 700
    assert old < here / 2
    for step in (here - 1, here // 2, 1234):
        machine.go_to(step)
        assert machine.own_bytes + machine.shared_bytes <= 6 * 2**20
    straight = race("rosenbrock", "gd:lr=1e-4", "momentum:lr=1e-5", "adam:lr=1e-4", steps=10**6).advance(1234)
    assert_same(machine.race, straight)


def test_what_the_objective_raised_is_no_news() -> None:
    def steep(theta: Reals) -> tuple[float, Reals]:
        if theta[0] < 0.5:
            raise RuntimeError("no data there")
        return 0.5 * float(theta @ theta), theta

    racers = ["gd:lr=0.2,label=fast", "gd:lr=1e-6,label=slow"]
    machine = TimeMachine(Race(objective=steep, start=[1.0], racers=racers))
    machine.advance(1)
    with pytest.raises(RuntimeError):
        machine.advance(20)
    machine.advance(10)
    last = everything(machine.race)
    machine.go_to(2)
    assert machine.race["fast"].status is Outcome.RUNNING
    machine.advance(machine.furthest - 2)
    assert everything(machine.race) == last


def test_going_back_can_be_given_up() -> None:
    machine = TimeMachine(race("rosenbrock", "gd"))
    machine.advance(50)
    machine.go_to(40, lambda: True)
    assert machine.race.step < 40
    assert_same(machine.race, race("rosenbrock", "gd").advance(machine.race.step))
    machine.go_to(50)
    assert machine.race.step == machine.furthest == 50


def test_a_race_that_is_restored_begins_a_time_of_its_own() -> None:
    machine, other = TimeMachine(race("rosenbrock", "gd")), race("rosenbrock", "gd").advance(70)
    machine.advance(50)
    machine.race.restore(other.state())
    machine.advance(5)
    machine.go_to(3)
    assert machine.race.step == machine.first == 70


def test_a_race_begun_by_hand_goes_back_to_where_it_was_taken_over(tmp_path: Path) -> None:
    machine = TimeMachine(race("rosenbrock", "gd").advance(100))
    machine.advance(10)
    machine.go_to(0)
    assert machine.race.step == machine.first == 100


def test_the_time_line_tells_what_happened() -> None:
    whole: Any = race("quadratic", "gd:lr=10", "adam:lr=0.01,schedule=plateau(every=10,patience=2)", "newton")
    machine = TimeMachine(whole)
    machine.advance(40)
    whole.set("adam", {"lr": 0.02})
    whole.add("momentum")
    machine.advance(60)
    whole.branch("adam", {"lr": 0.5}, "bold")
    machine.advance(20)
    whole.remove("momentum")
    line = machine.timeline(whole.snapshot())
    told = [(mark.step, mark.kind.name, mark.text) for mark in line.marks]
    assert (40, "CHANGE", "adam lr 0.01 → 0.02") in told
    assert (40, "CHANGE", "momentum joins") in told
    assert (100, "CHANGE", "bold branches off adam") in told
    assert (100, "CHANGE", "bold lr 0.02 → 0.5") in told
    assert (120, "CHANGE", "momentum leaves") in told
    assert (whole["gd"].step, "DIVERGED", "gd diverged") in told
    assert (1, "CONVERGED", "newton converged") in told
    assert [mark.text for mark in line.marks].count("adam lr 0.01 → 0.02") == 1  # not on the branch once more
    assert line.after(40) == 100
    assert line.before(100) == 40
    assert line.after(120) is None
    machine.go_to(10)
    assert machine.timeline(whole.snapshot()).marks == line.marks
