"""The driver goes back: exactly, in the order of its orders, and no further than anybody asked."""

from __future__ import annotations

import math
import threading

import pytest

import gdtui
from gdtui.contracts import Reals
from gdtui.engine import checkpoints
from gdtui.engine import driver as drivers
from gdtui.engine.driver import DriverState
from gdtui.engine.race import Race
from tests.engine.races import contents, race
from tests.engine.test_driver import playing


def test_back_and_forward() -> None:
    with playing(race("rosenbrock", "gd", "adam")) as (driver, audience):
        driver.step(20)
        driver.back()
        back = audience.wait_for(lambda seen: seen.snapshot.step == 19)
        assert back.state is DriverState.PAUSED
        assert (back.timeline.first, back.timeline.furthest) == (0, 20)
        driver.back(7)
        driver.back(1)
        audience.wait_for(lambda seen: seen.snapshot.step == 11)
        before = len(audience.seen)
        driver.step()
        audience.wait_for(lambda seen: seen.snapshot.step == 12, since=before)
        for step, reached in ((3, 3), (-5, 0), (10**9, 20)):
            before = len(audience.seen)
            driver.go_to(step)
            audience.wait_for(lambda seen, there=reached: seen.snapshot.step == there, since=before)  # type: ignore[misc]
        driver.back(10)
        driver.set_speed(math.inf)
        driver.run()
        audience.wait_for_state(DriverState.FINISHED)
        straight = race("rosenbrock", "gd", "adam").advance(1000)
        assert [contents(racer) for racer in driver.race] == [contents(racer) for racer in straight]
        before = len(audience.seen)
        driver.back()
        assert audience.wait_for_state(DriverState.PAUSED, since=before).snapshot.step == 999


def test_orders_keep_their_order() -> None:
    with playing(race("rosenbrock", "gd")) as (driver, audience):
        driver.step(50)
        audience.wait_for(lambda seen: seen.snapshot.step == 50)
        held, go_on = threading.Event(), threading.Event()

        def hold(_: Race) -> None:
            held.set()
            go_on.wait(30.0)

        driver.order(hold)
        assert held.wait(30.0)
        driver.go_to(40)
        driver.go_to(30)
        driver.back()
        driver.order(lambda whole: whole.set_lr("gd", 2e-3))  # at 29, wherever one goes afterwards
        driver.go_to(10)
        driver.back(2)
        assert len(driver._orders) == 3
        go_on.set()
        last = audience.wait_for(lambda seen: seen.snapshot.step == 8)
        assert [(mark.step, mark.text) for mark in last.timeline.marks] == [(29, "gd lr 0.001 → 0.002")]
        assert last.timeline.furthest == 29
        assert last.snapshot.racers[0].lr == 1e-3


def test_a_fork_and_a_branch_are_told() -> None:
    with playing(race("rosenbrock", "gd")) as (driver, audience):
        driver.step(50)
        driver.back(20)
        driver.branch("gd", {"lr": 5e-4}, "slow")
        forked = audience.wait_for(lambda seen: len(seen.snapshot.racers) == 2)
        assert forked.reason == "time forks at step 30: the steps up to 50 are gone"
        driver.step(10)
        audience.wait_for(lambda seen: seen.snapshot.step == 40 and not seen.reason)
        alone = race("rosenbrock", "gd").advance(40)
        assert contents(driver.race["gd"]) == contents(alone["gd"])
        before = len(audience.seen)
        driver.branch("gd", {"lr": -1.0})
        assert "out of range" in audience.wait_for(lambda seen: bool(seen.reason), since=before).reason
        driver.back(15)
        audience.wait_for(lambda seen: len(seen.snapshot.racers) == 1 and seen.snapshot.step == 25, since=before)


def test_a_long_way_back_shows_what_is_known_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drivers, "PREVIEW_SECONDS", -1.0)
    with playing(race("rosenbrock", "gd", "adam")) as (driver, audience):
        driver.step(50)
        audience.wait_for(lambda seen: seen.snapshot.step == 50)
        before = len(audience.seen)
        driver.go_to(20)
        preview = audience.wait_for(lambda seen: seen.snapshot.step == 20, since=before)
        exact = audience.wait_for(lambda seen: seen is not preview, since=before)
        assert preview.timeline == exact.timeline
        for shown, known in zip(preview.snapshot.racers, exact.snapshot.racers, strict=True):
            assert shown.theta.tolist() == known.theta.tolist()
            assert shown.recorded.loss.tolist() == known.recorded.loss.tolist()


def test_a_way_back_that_is_overtaken_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    evaluations = 0

    def counting(theta: Reals) -> tuple[float, Reals]:
        nonlocal evaluations
        evaluations += 1
        return 0.5 * float(theta @ theta), theta

    whole = gdtui.Race(objective=counting, start=[1.0], racers=["gd:lr=1e-4"], steps=10**6)
    with playing(whole) as (driver, audience):
        driver.step(30)
        audience.wait_for(lambda seen: seen.snapshot.step == 30)
        driver._time._checkpoints[1:] = []
        monkeypatch.setattr(checkpoints, "PART_SECONDS", 0.0)  # so that it looks for orders after every step

        overtaken = driver._is_overtaken
        sent: list[int] = []

        def watched() -> bool:
            if evaluations - began == 10 and not sent:
                sent.append(4)
                driver.go_to(sent[0])
            return overtaken()

        began, before = evaluations, len(audience.seen)
        driver._is_overtaken = watched  # type: ignore[method-assign]
        driver.go_to(25)
        audience.wait_for(lambda seen: seen.snapshot.step == 4, since=before)
        assert evaluations - began < 25
