"""The driver: orders, states, pace and pictures; on a clock of the test's own, and waiting for events only."""

from __future__ import annotations

import itertools
import math
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

import gdtui
from gdtui.contracts import Reals
from gdtui.engine.driver import DriverState, Published, RaceDriver
from gdtui.engine.outcome import Outcome
from gdtui.engine.race import Race
from tests.engine.races import contents, race, scenario, spin_until

PATIENCE = 60.0  # seconds after which a test gives up; none should take one


class Clock:
    """Seconds that pass when somebody looks, a millisecond each time, when the driver waits, or when told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 0.001
        return self.now


class Audience:
    """Keeps what was published, and waits for what is expected."""

    def __init__(self) -> None:
        self.seen: list[Published] = []
        self._changed = threading.Condition()
        self._plans: list[tuple[Callable[[Published], bool], Callable[[], object]]] = []

    def __call__(self, published: Published) -> None:
        for plan in [plan for plan in self._plans if plan[0](published)]:
            self._plans.remove(plan)
            plan[1]()
        with self._changed:
            self.seen.append(published)
            self._changed.notify_all()

    def when(self, expected: Callable[[Published], bool], action: Callable[[], object]) -> None:
        """Do something at the first publication that is as expected, in the driver's thread: before it goes on."""
        self._plans.append((expected, action))

    def wait_for(self, expected: Callable[[Published], bool], since: int = 0) -> Published:
        """The first publication, from number ``since`` on, that is as expected."""
        with self._changed:
            assert self._changed.wait_for(lambda: any(map(expected, self.seen[since:])), PATIENCE)
            return next(filter(expected, self.seen[since:]))

    def wait_for_state(self, state: DriverState, since: int = 0) -> Published:
        return self.wait_for(lambda published: published.state is state, since)


class WatchedDriver(RaceDriver):
    """A driver that waits for the next frame on the clock alone, and tells when nothing but an order can wake it."""

    def __init__(self, race: Race, audience: Audience, clock: Clock, **options: Any) -> None:
        super().__init__(race, audience, clock=clock, **options)
        self.clock = clock
        self.asleep = threading.Event()

    def _wait(self, seconds: float | None) -> None:
        if seconds is not None:
            self.clock.now += seconds
            return
        self.asleep.set()
        super()._wait(seconds)
        self.asleep.clear()


@contextmanager
def playing(whole: Race, **options: Any) -> Iterator[tuple[WatchedDriver, Audience]]:
    audience = Audience()
    driver = WatchedDriver(whole, audience, **{"clock": Clock(), "paused": True, **options})
    driver.start()
    try:
        audience.wait_for(lambda published: published.state is not DriverState.COMPILING)
        yield driver, audience
    finally:
        driver.close()
        assert not driver._thread.is_alive()


def test_from_compiling_to_finished() -> None:
    with playing(Race(scenario(steps=500), racers=["gd", "adam"]), speed=math.inf) as (driver, audience):
        driver.run()
        last = audience.wait_for_state(DriverState.FINISHED)
    states = [state for state, _ in itertools.groupby(published.state for published in audience.seen)]
    assert states == [DriverState.COMPILING, DriverState.PAUSED, DriverState.RUNNING, DriverState.FINISHED]
    assert audience.seen[0].snapshot.racers[0].loss is None
    assert last.snapshot.step == 500
    steps = [published.snapshot.step for published in audience.seen]
    assert steps == sorted(steps)
    assert all(racer.outcome is Outcome.EXHAUSTED for racer in last.snapshot.racers)


def test_played_or_not_the_bits_are_the_same() -> None:
    with playing(Race(scenario(steps=700), racers=["gd", "adam"]), speed=3000.0) as (driver, audience):
        driver.run()
        audience.wait_for_state(DriverState.FINISHED)
        played = driver.race
    straight = Race(scenario(steps=700), racers=["gd", "adam"]).advance(700)
    assert [contents(racer) for racer in played] == [contents(racer) for racer in straight]


@pytest.mark.parametrize("speed", [None, 100.0, math.inf])
def test_a_race_advanced_by_hand_is_played_from_there(speed: float | None) -> None:
    whole = Race(scenario(steps=10_000)).advance(9_000)
    moments: list[float] = []
    with playing(whole, speed=speed) as (driver, audience):
        audience.when(lambda seen: seen.snapshot.step > 9_000, lambda: moments.append(driver.clock.now))
        driver.run()
        audience.wait_for_state(DriverState.FINISHED)
    assert moments[0] < 1.0


def test_pausing_is_idle_and_running_goes_on() -> None:
    with playing(Race(scenario(steps=10**9)), speed=1000.0) as (driver, audience):
        driver.run()
        audience.wait_for(lambda seen: seen.snapshot.step > 10)
        driver.pause()
        paused = audience.wait_for(lambda seen: seen.state is DriverState.PAUSED and seen.snapshot.step > 10)
        assert driver.asleep.wait(PATIENCE)
        published = len(audience.seen)
        assert audience.seen[-1].snapshot.step == paused.snapshot.step
        driver.clock.now += 3600.0  # an hour's pause is no debt
        driver.run()
        on = audience.wait_for(lambda seen: seen.snapshot.step > paused.snapshot.step, since=published)
        assert audience.seen[published].snapshot.step == paused.snapshot.step
        assert on.snapshot.step < paused.snapshot.step + 100  # a frame's worth is 67
        driver.toggle()
        audience.wait_for_state(DriverState.PAUSED, since=published)


def test_single_steps() -> None:
    with playing(race("rosenbrock", "gd")) as (driver, audience):
        for steps in (1, 3):
            before = len(audience.seen)
            driver.step(steps)
            audience.wait_for_state(DriverState.PAUSED, since=before)
        assert audience.seen[-1].snapshot.step == 4
        driver.step(10**9)  # no further than the budget
        assert audience.wait_for_state(DriverState.FINISHED).snapshot.step == 1000


def test_single_steps_taken_are_not_waited_for() -> None:
    with playing(race("rosenbrock", "gd"), speed=10.0) as (driver, audience):
        driver.step(100)
        audience.wait_for(lambda seen: seen.snapshot.step == 100)
        before, moments = driver.clock.now, []
        audience.when(lambda seen: seen.snapshot.step > 100, lambda: moments.append(driver.clock.now))
        driver.run()
        audience.wait_for_state(DriverState.FINISHED)
        assert moments[0] < before + 1.0


def test_speeds() -> None:
    with playing(Race(scenario(steps=10**9)), speed=10.0) as (driver, audience):
        for order, speed in (
            (driver.faster, 30.0),
            (driver.slower, 10.0),
            (lambda: driver.set_speed(None), None),
            (lambda: driver.set_speed(math.inf), math.inf),
            (driver.slower, 3e7),
        ):
            before = len(audience.seen)
            order()
            assert audience.wait_for(lambda _: True, since=before).speed == speed


def test_a_restart_gives_the_same_bits() -> None:
    with playing(Race(scenario(steps=300), racers=["gd", "adam"]), speed=math.inf) as (driver, audience):
        driver.run()
        audience.wait_for_state(DriverState.FINISHED)
        first = [contents(racer) for racer in driver.race]
        driver.restart()
        audience.wait_for(lambda seen: seen.generation == 1 and seen.state is DriverState.FINISHED)
        assert [contents(racer) for racer in driver.race] == first
        driver.restart([0.0, 0.5], paused=True)
        elsewhere = audience.wait_for(lambda seen: seen.generation == 2 and seen.state is DriverState.PAUSED)
        assert elsewhere.snapshot.step == 0
        assert elsewhere.snapshot.racers[0].theta.tolist() == [0.0, 0.5]


def test_a_refused_order_changes_nothing() -> None:
    with playing(race("rosenbrock", "gd")) as (driver, audience):
        for order, words in (
            (lambda: driver.restart([1.0, 2.0, 3.0]), "start: has 3 numbers"),
            (lambda: driver.order(lambda whole: whole.set_lr("gd", -1.0)), "racer 'gd': lr: -1.0 is out of range"),
            (lambda: driver.order(lambda whole: whole.add("adm")), "unknown optimizer 'adm'"),
        ):
            before = len(audience.seen)
            order()
            refused = audience.wait_for(lambda seen: bool(seen.reason), since=before)
            assert words in refused.reason
            assert refused.state is DriverState.PAUSED
        before = len(audience.seen)
        driver.step()
        assert audience.wait_for(lambda seen: seen.snapshot.step == 1, since=before).reason == ""


def test_a_racer_added_on_the_way_catches_up() -> None:
    with playing(Race(scenario(steps=400)), speed=2000.0) as (driver, audience):
        audience.when(
            lambda seen: seen.snapshot.step > 50, lambda: driver.order(lambda whole: whole.add("adam:lr=0.01"))
        )
        driver.run()
        last = audience.wait_for_state(DriverState.FINISHED)
        assert [racer.step for racer in last.snapshot.racers] == [400, 400]
        present = race("rosenbrock", "gd", "adam:lr=0.01").advance(400)
        assert [contents(racer) for racer in driver.race] == [contents(racer) for racer in present]


def test_a_rested_racer_catches_up_even_after_the_end() -> None:
    with playing(Race(scenario(steps=200), racers=["gd", "adam"])) as (driver, audience):
        driver.order(lambda whole: whole.bench("gd"))
        driver.set_speed(math.inf)
        driver.run()
        assert audience.wait_for_state(DriverState.FINISHED).snapshot.racers[0].step == 0
        driver.order(lambda whole: whole.bench("gd", False))
        audience.wait_for(lambda seen: seen.snapshot.racers[0].step == 200)
        never = race("rosenbrock", "gd", "adam").advance(200)
        assert contents(driver.race["gd"]) == contents(never["gd"])


def test_a_debt_of_slow_steps_is_not_paid_back_at_once() -> None:
    clock, calls = Clock(), 0

    def moody(theta: Reals) -> tuple[float, Reals]:
        nonlocal calls
        calls += 1
        clock.now += 1.0 if calls <= 40 else 0.0  # slow at first: a second a step, where 100 are asked for
        return 0.5 * float(theta @ theta), theta

    whole = gdtui.Race(objective=moody, start=[1.0], racers=["gd:lr=1e-6"], steps=2000)
    with playing(whole, speed=100.0, clock=clock) as (driver, audience):
        driver.run()
        audience.wait_for(lambda seen: seen.snapshot.step > 1000)
    steps = [published.snapshot.step for published in audience.seen]
    assert max(later - earlier for earlier, later in itertools.pairwise(steps)) <= 20  # 7 a frame are asked for


def test_closing_stops_a_step_in_flight() -> None:
    endless = Race(scenario(tolerance=0.0), racers=["gd:lr=1e-9"], steps=10**12)
    with playing(endless) as (driver, _):
        driver.step(10**11)
        gd = next(iter(endless))
        spin_until(lambda: gd.step > 0)
    assert 0 < endless.step < 10**11
    taken = endless.step
    assert endless.advance(5).step == taken + 5  # whoever holds the race can go on by hand


def test_closing_before_the_start_or_twice_does_no_harm() -> None:
    driver = RaceDriver(race("rosenbrock", "gd"), lambda _: None)
    driver.close()
    driver.close()
    assert driver.race.advance(3).step == 3


def test_a_failing_objective_is_a_state_not_a_dead_thread() -> None:
    def steep(theta: Reals) -> tuple[float, Reals]:
        if theta[0] < 0.5:
            raise RuntimeError("no\x1b[2J data\nthere")
        return 0.5 * float(theta @ theta), theta

    racers = ["gd:lr=0.2,label=fast", "gd:lr=1e-6,label=slow"]
    whole = gdtui.Race(objective=steep, start=[1.0], racers=racers, steps=100)
    with playing(whole, speed=math.inf) as (driver, audience):
        driver.run()
        failed = audience.wait_for_state(DriverState.FAILED)
        assert failed.reason.startswith("RuntimeError: no")
        assert failed.reason.isprintable()
        assert driver.asleep.wait(PATIENCE)
        driver.run()
        last = audience.wait_for_state(DriverState.FINISHED)
        assert [racer.outcome for racer in last.snapshot.racers] == [Outcome.DIVERGED, Outcome.EXHAUSTED]


def test_an_objective_with_wrong_answers_is_named() -> None:
    calls = 0

    def forgetful(theta: Reals) -> tuple[float, Reals] | None:
        nonlocal calls
        calls += 1
        return None if calls > 5 else (0.5 * float(theta @ theta), theta)

    whole = gdtui.Race(objective=forgetful, start=[1.0], racers=["gd"], steps=100)  # type: ignore[arg-type]
    with playing(whole) as (driver, audience):
        driver.run()
        assert "objective forgetful: returned NoneType" in audience.wait_for_state(DriverState.FAILED).reason
        driver.restart()
        audience.wait_for(lambda seen: seen.state is DriverState.FAILED or bool(seen.reason), since=len(audience.seen))


def test_orders_from_many_threads_are_all_obeyed() -> None:
    with playing(Race(scenario(steps=10**9))) as (driver, audience):
        threads = [threading.Thread(target=lambda: [driver.step() for _ in range(25)]) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert audience.wait_for(lambda seen: seen.snapshot.step == 100).state is DriverState.PAUSED


@pytest.mark.parametrize("rate", [5.0, 500.0])
def test_a_tick_leaves_part_of_the_frame_free(rate: float) -> None:
    driver = RaceDriver(race("rosenbrock", "gd"), lambda _: None, frame_rate=rate)
    assert driver._affordable() == 1  # nothing measured yet
    driver._step_seconds = 1e-4
    assert driver._affordable() * 1e-4 <= 0.6 / rate * 1.001
