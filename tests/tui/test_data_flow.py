"""From the race's thread to the screen: late pictures merge, an idle screen stays still, numbers keep their pace."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest

from gdtui.engine.driver import DriverState
from gdtui.engine.race import Race
from gdtui.tui.chart_thread import ChartThread, Workshop
from gdtui.tui.messages import Built, SnapshotPublished
from gdtui.tui.panes.contour import ContourPane
from gdtui.tui.panes.loss import LossPane
from gdtui.tui.race_screen import RaceScreen
from tests.tui.apps import is_settled, lines_of, opened, shown, state_of, step_of, take_steps, wait_until


def test_a_later_picture_of_the_same_race_takes_the_place_of_an_earlier_one() -> None:
    one, other = object(), object()
    earlier, later = SnapshotPublished(None, one), SnapshotPublished(None, one)  # type: ignore[arg-type]
    foreign = SnapshotPublished(None, other)  # type: ignore[arg-type]
    assert later.can_replace(earlier)
    assert not later.can_replace(foreign)
    assert not later.can_replace(Built(lambda: None))


async def test_of_pictures_that_come_together_only_the_last_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened() as (pilot, screen):
        drawn: list[int] = []
        real = ContourPane.show

        def spy(pane: ContourPane, published: Any, *rest: Any) -> None:
            drawn.append(published.snapshot.step)
            real(pane, published, *rest)

        monkeypatch.setattr(ContourPane, "show", spy)
        race = screen.session.race.restarted()
        pictures = []
        for _ in range(50):
            race.advance(1)
            pictures.append(replace(screen.published, snapshot=race.snapshot()))  # type: ignore[type-var]
        for picture in pictures:  # none of which the app can see before all are there
            screen._receive(picture, screen.session.driver)  # type: ignore[arg-type]
        await wait_until(pilot, lambda: step_of(screen) == 50)
        assert drawn == [50]


async def test_a_picture_of_a_race_that_was_replaced_is_ignored() -> None:
    async with opened(speed=1.0) as (pilot, screen):
        await take_steps(pilot, screen, 5)
        old, last = screen.session.driver, screen.published
        assert last is not None
        screen.play(Race("saddle"), None)
        await wait_until(pilot, lambda: screen.session.driver is not old and is_settled(screen))
        screen._receive(last, old)
        await pilot.pause()
        await pilot.pause()
        assert screen.published is not last
        assert "of 400" in shown(screen, "status")


async def test_an_idle_screen_is_not_painted(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened() as (pilot, screen):
        await take_steps(pilot, screen, 7)
        await wait_until(pilot, lambda: screen._numbers_timer is None and screen._spinner is None)
        await pilot.pause(0.1)  # what was asked for before is painted
        painted: list[int] = []
        monkeypatch.setattr(type(pilot.app), "post_display_hook", lambda _: painted.append(1))
        await pilot.pause(0.7)
        assert painted == []
        await pilot.press("full_stop")
        await wait_until(pilot, lambda: step_of(screen) == 8 and is_settled(screen))
        await wait_until(pilot, lambda: bool(painted))


async def test_nothing_is_painted_under_a_dialog_and_everything_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(speed=1.0) as (pilot, screen):
        await pilot.press("question_mark")
        await wait_until(pilot, lambda: pilot.app.screen is not screen and "Help" in "\n".join(lines_of(pilot)))
        await pilot.pause(0.1)
        painted: list[int] = []
        monkeypatch.setattr(type(pilot.app), "post_display_hook", lambda _: painted.append(1))
        screen.session.driver.step(30)
        await wait_until(pilot, lambda: screen.session.race.step == 30)
        await pilot.pause(0.3)
        assert painted == []
        await pilot.press("escape")
        await wait_until(pilot, lambda: step_of(screen) == 30 and is_settled(screen))
        assert "step 30 of" in shown(screen, "status")


class Seconds:
    """A clock for the screen, moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


async def test_numbers_change_four_times_a_second_at_the_most(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened() as (_, screen):
        clock = Seconds()
        monkeypatch.setattr("gdtui.tui.race_screen.time", clock)
        screen._numbers_at = clock.now
        charts: list[int] = []
        numbers: list[int] = []
        real = screen._show_numbers
        monkeypatch.setattr(screen, "_show_numbers", lambda: (numbers.append(step_of(screen)), real()))
        monkeypatch.setattr(screen, "_numbers_due", lambda: None)  # time is ours here
        monkeypatch.setattr(
            screen.query_one(LossPane), "show", lambda published, *_: charts.append(published.snapshot.step)
        )
        race = screen.session.race.restarted()
        assert screen.published is not None
        for step in range(1, 31):  # thirty pictures in a second
            clock.now += 1.0 / 30.0
            screen.published = replace(screen.published, snapshot=race.advance(1).snapshot())
            assert charts[-1] == step
        assert len(numbers) <= 4
        assert len(charts) == 30
        screen.published = replace(screen.published, state=DriverState.RUNNING)  # news is shown at once
        assert numbers[-1] == 30


async def test_the_axes_catch_up_after_the_last_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened("saddle", speed=float("inf")) as (pilot, screen):
        clock, loss = Seconds(), screen.query_one(LossPane)
        assert loss._axes is not None
        clock.now = loss._axes._looked_at  # time stands still from the last look on
        monkeypatch.setattr("gdtui.tui.panes.loss.monotonic", clock.monotonic)
        screen.session.driver.step(400)
        await wait_until(pilot, lambda: state_of(screen) == "finished")
        await wait_until(pilot, lambda: loss._axes.behind and loss._later is not None)
        assert "↓" in shown(screen, "loss")
        clock.now += 2.0
        await wait_until(pilot, lambda: is_settled(screen))
        assert "↓" not in shown(screen, "loss")


async def test_a_slow_terminal_gets_the_newest_picture_when_it_has_read_the_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with opened() as (pilot, screen):
        reading = threading.Event()
        reading.set()
        monkeypatch.setattr(type(pilot.app), "may_draw", lambda _: not reading.is_set())
        for _ in range(5):
            screen.session.driver.step(4)
        await wait_until(pilot, lambda: step_of(screen) == 20)
        assert screen._drawn is not screen.published
        assert "step 0 of" in shown(screen, "status")
        reading.clear()
        screen.frame_read()
        await wait_until(pilot, lambda: is_settled(screen))
        assert "step 20 of" in shown(screen, "status")


def test_a_workshop_does_one_job_at_a_time_and_drops_all_but_the_newest_that_wait() -> None:
    class Pane:
        """Takes messages and keeps them, as a pane's queue does."""

        def __init__(self) -> None:
            self.queue: list[Built] = []
            self.came = threading.Semaphore(0)

        def post_message(self, message: Built) -> None:
            self.queue.append(message)
            self.came.release()

        def handle(self) -> None:
            assert self.came.acquire(timeout=10)
            self.queue.pop(0).apply()

    pane, thread, results = Pane(), ChartThread(), []  # type: ignore[var-annotated]
    workshop: Workshop[int] = Workshop(pane, thread, results.append)  # type: ignore[arg-type]
    workshop.have(lambda: 0)
    assert results == [0]
    start = threading.Event()
    workshop.want(lambda: (start.wait(10), 1)[1])
    for k in (2, 3, 4):
        workshop.want(lambda k=k: k)  # type: ignore[misc]
    assert workshop.busy
    start.set()
    pane.handle()
    pane.handle()
    assert results == [0, 1, 4]
    assert not workshop.busy
    thread.close()


def test_a_first_picture_that_takes_long_does_not_hold_the_app(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gdtui.tui.chart_thread.FIRST_FRAME_SECONDS", 0.01)
    came, start = threading.Event(), threading.Event()
    messages: list[Built] = []

    class Pane:
        def post_message(self, message: Built) -> None:
            messages.append(message)
            came.set()

    results: list[int] = []
    thread = ChartThread()
    workshop: Workshop[int] = Workshop(Pane(), thread, results.append)  # type: ignore[arg-type]
    workshop.have(lambda: (start.wait(10), 5)[1])
    assert workshop.busy
    assert results == []
    start.set()
    assert came.wait(10)
    messages[0].apply()
    assert results == [5]
    thread.close()


def test_what_a_job_raises_reaches_the_app() -> None:
    thread = ChartThread()
    workshop: Workshop[float] = Workshop(None, thread, lambda _: None)  # type: ignore[arg-type]
    with pytest.raises(ZeroDivisionError):
        workshop.have(lambda: 1 / 0)
    thread.close()


async def test_a_crash_in_the_screen_ends_the_app_with_the_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: RaceScreen) -> None:
        raise RuntimeError("broken")

    async def press_y() -> None:
        async with opened() as (pilot, _):
            monkeypatch.setattr(RaceScreen, "action_log", broken)
            await pilot.press("y")
            await pilot.pause()

    with pytest.raises(RuntimeError, match="broken"):
        await press_y()
