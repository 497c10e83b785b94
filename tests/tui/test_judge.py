"""The judge: one look at a time, four a second, none where nothing comes; and verdicts that do not flicker."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gdtui.analysis.verdict import Kind, Verdict
from gdtui.engine.driver import DriverState, Published
from gdtui.engine.race import Race
from gdtui.tui import judge as judges
from gdtui.tui.judge import Judge
from gdtui.tui.messages import Built
from gdtui.tui.panes.time_line import TimeLine
from tests.tui.apps import is_settled, lines_of, opened, shown, state_of, take_steps, wait_until

A_RACE = Race("quadratic", racers=["gd:lr=0.01"])


class Screen:
    """Takes messages and timers and keeps them, as an app's queue does; time is moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.queue: list[Built] = []
        self.timers: list[tuple[float, Callable[[], None]]] = []
        self._came = threading.Semaphore(0)

    def monotonic(self) -> float:
        return self.now

    def post_message(self, message: Built) -> None:
        self.queue.append(message)
        self._came.release()

    def set_timer(self, delay: float, callback: Callable[[], None]) -> object:
        self.timers.append((self.now + delay, callback))
        return object()

    def handle(self) -> None:
        """Wait for a message, and obey it."""
        assert self._came.acquire(timeout=10)
        self.queue.pop(0).apply()

    def wait(self, seconds: float) -> None:
        self.now += seconds
        due = [callback for at, callback in self.timers if at <= self.now]
        self.timers = [timer for timer in self.timers if timer[0] > self.now]
        for callback in due:
            callback()


class Bench:
    """A judge whose verdicts are given out by hand."""

    def __init__(self) -> None:
        self.screen = Screen()
        self.shown: list[dict[str, Verdict]] = []
        self.failures: list[Exception] = []
        self.fault: Exception | None = None
        self.judge = Judge(
            self.screen,  # type: ignore[arg-type]
            lambda verdicts: self.shown.append(dict(verdicts)),
            self.failures.append,
        )
        self.kinds: list[Kind] = []
        self.looks = 0
        self.under_way = 0
        self.most = 0
        self.gate = threading.Event()
        self.gate.set()

    def verdicts_of(self, *_: Any) -> dict[str, Verdict]:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        assert self.gate.wait(10)
        if self.fault is not None:
            self.under_way -= 1
            raise self.fault
        kind = self.kinds[min(self.looks, len(self.kinds) - 1)]
        self.looks += 1
        self.under_way -= 1
        return {"gd": Verdict(kind, f"look {self.looks}")}

    def look(self, state: DriverState = DriverState.RUNNING, of: object = "race") -> None:
        self.judge.look(Published(A_RACE.snapshot(), state, 1.0, None, 0), A_RACE, of)

    def looked(self, state: DriverState = DriverState.RUNNING, of: object = "race") -> Kind:
        """Look, and say what is shown then."""
        self.look(state, of)
        self.screen.handle()
        self.screen.wait(1.0)
        return self.shown[-1]["gd"].kind


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    made = Bench()
    monkeypatch.setattr(judges, "LOOK_INTERVAL", 0.25)
    monkeypatch.setattr(judges, "monotonic", made.screen.monotonic)
    monkeypatch.setattr(judges, "verdicts_of", made.verdicts_of)
    yield made
    made.gate.set()
    made.judge.close()


def test_another_kind_has_to_hold_while_the_race_runs(bench: Bench) -> None:
    good, bad = Kind.CONVERGING, Kind.OSCILLATING
    bench.kinds = [good, bad, bad, good, bad, bad, bad, good]
    assert [bench.looked() for _ in range(8)] == [good, good, good, good, good, good, bad, bad]


def test_numbers_of_the_same_kind_are_always_new(bench: Bench) -> None:
    bench.kinds = [Kind.CONVERGING]
    for number in (1, 2, 3):
        bench.looked()
        assert bench.shown[-1]["gd"].sentence == f"look {number}"


@pytest.mark.parametrize("state", [DriverState.PAUSED, DriverState.FINISHED])
def test_what_stands_still_is_shown_as_it_is(bench: Bench, state: DriverState) -> None:
    bench.kinds = [Kind.CONVERGING, Kind.OSCILLATING]
    bench.looked()
    assert bench.looked(state) is Kind.OSCILLATING


def test_another_race_forgets_the_one_before(bench: Bench) -> None:
    bench.kinds = [Kind.CONVERGING, Kind.OSCILLATING]
    bench.looked()
    bench.look(of="another")
    assert bench.shown[-1] == {}, "until it is looked at"
    bench.screen.handle()
    assert bench.shown[-1]["gd"].kind is Kind.OSCILLATING


def test_a_look_at_the_race_before_comes_too_late(bench: Bench) -> None:
    bench.kinds = [Kind.CONVERGING]
    bench.gate.clear()
    bench.look()
    bench.look(of="another")
    bench.gate.set()
    bench.screen.handle()
    assert bench.shown[-1] == {}


def test_there_are_at_most_four_looks_a_second_and_never_two_at_once(bench: Bench) -> None:
    bench.kinds = [Kind.CONVERGING]
    looks = []
    for _ in range(60):  # of a second each, with a picture in each
        bench.look()
        if bench.judge._workshop.busy:
            looks.append(bench.screen.now)
            bench.screen.handle()
        bench.screen.wait(1.0 / 60.0)
    assert len(looks) <= 4
    assert bench.looks <= 5
    assert bench.most == 1


def test_of_pictures_that_come_during_a_look_only_the_newest_is_looked_at(bench: Bench) -> None:
    bench.kinds = [Kind.CONVERGING]
    bench.gate.clear()
    for _ in range(10):
        bench.look()
        bench.screen.wait(1.0)
    bench.gate.set()
    while bench.judge.busy:
        bench.screen.handle()
        bench.screen.wait(1.0)
    assert (bench.looks, bench.most) == (2, 1)


def test_where_no_picture_comes_nothing_is_done(bench: Bench) -> None:
    bench.kinds = [Kind.CONVERGING]
    bench.looked(DriverState.PAUSED)
    for _ in range(100):
        bench.screen.wait(1.0)
    assert bench.looks == 1
    assert not bench.screen.timers
    assert not bench.judge.busy


def test_what_is_not_compiled_is_not_judged(bench: Bench) -> None:
    bench.look(DriverState.COMPILING)
    assert not bench.judge.busy


def test_costly_looks_come_less_often(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = itertools.count(0.0, 0.05)
    monkeypatch.setattr(judges, "thread_time", lambda: next(seconds))
    monkeypatch.setattr(judges, "LOOK_SHARE", 0.025)
    bench.kinds = [Kind.CONVERGING]
    bench.look()
    bench.screen.handle()
    bench.look()
    bench.screen.wait(1.9)
    assert bench.looks == 1
    bench.screen.wait(0.2)
    bench.screen.handle()
    assert bench.looks == 2


async def test_verdicts_stand_in_the_standings_and_on_the_tree() -> None:
    async with opened("quadratic") as (pilot, screen):
        await take_steps(pilot, screen, 900)
        assert screen.verdicts["gd"].kind is Kind.CONVERGING
        assert "✓ converging 0.9810/step" in shown(screen, "standings")
        assert "✗ diverged at step 350" in shown(screen, "standings")
        assert any("gd A✓ B✗" in line for line in lines_of(pilot))
        assert any("adagrad E·" in line for line in lines_of(pilot))


async def test_a_new_race_has_no_verdicts_of_the_old_one() -> None:
    async with opened("quadratic") as (pilot, screen):
        await take_steps(pilot, screen, 900)
        screen.play(Race("rosenbrock", racers=["gd"]), None)
        assert screen.verdicts == {}
        await wait_until(pilot, lambda: is_settled(screen) and state_of(screen) != "compiling")
        await wait_until(pilot, lambda: set(screen.verdicts) == {"gd"})


async def test_a_verdict_that_became_another_is_marked_on_the_time_line() -> None:
    async with opened("quadratic") as (pilot, screen):
        await take_steps(pilot, screen, 100)
        await take_steps(pilot, screen, 800)
        assert "adagrad: " in str([mark.text for mark in screen.judge.marks])
        assert "◇" not in shown(screen, "time-line")  # the race stands there
        screen.query_one(TimeLine).go_to(400)
        await wait_until(pilot, lambda: "◇" in shown(screen, "time-line"))
        screen.play(Race("rosenbrock", racers=["gd"]), None)
        assert screen.judge.marks == ()


def test_a_look_that_fails_is_told_once_a_race_and_the_next_one_is_taken(bench: Bench) -> None:
    bench.kinds = [Kind.CONVERGING]
    assert bench.looked() is Kind.CONVERGING
    bench.fault = ZeroDivisionError("by nothing")
    for _ in range(3):
        bench.look()
        bench.screen.handle()
        bench.screen.wait(1.0)
        assert bench.shown[-1] == {}
    assert bench.failures == [bench.fault]
    bench.look(of="another")
    bench.screen.handle()
    bench.screen.wait(1.0)
    assert bench.failures == [bench.fault] * 2
    bench.fault = None
    assert bench.looked(of="another") is Kind.CONVERGING


async def test_a_judge_that_fails_does_not_end_the_race(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def fails(*_: Any) -> None:
        raise ZeroDivisionError("[bold]by nothing")

    monkeypatch.setattr(judges, "verdicts_of", fails)
    monkeypatch.setattr("gdtui.report.write_report", lambda error: str(tmp_path / f"{type(error).__name__}.txt"))
    async with opened("quadratic") as (pilot, screen):
        await take_steps(pilot, screen, 30)
        await wait_until(pilot, lambda: len(pilot.app._notifications) == 1)
        told = next(iter(pilot.app._notifications))
        assert told.message.startswith("ZeroDivisionError; the race goes on. The report is in ")
        await take_steps(pilot, screen, 30)
        assert screen.published is not None
        assert screen.published.snapshot.step == 60
        assert len(pilot.app._notifications) == 1
