"""Theory beside measurement on the screen: about whom, when, at what cost; and taking the best setting there is."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets._toast import Toast

from gdtui.charts.curves import CurveLayer
from gdtui.engine.race import Race
from gdtui.frames import Style
from gdtui.tui import theory_actions
from gdtui.tui.panes.family import FamilyPane
from gdtui.tui.panes.loss import LossPane
from gdtui.tui.race_screen import RaceScreen
from tests.tui.apps import check_golden, is_settled, lines_of, opened, select_racer, shown, take_steps, wait_until

RACERS = ["gd:lr=0.01", "momentum:lr=0.01,beta=0.95", "adam:lr=0.01"]


def valley() -> Race:
    return Race("quadratic", racers=RACERS)


def page(screen: RaceScreen) -> str:
    content = screen.query_one(FamilyPane).details.content_of(theory_actions.THEORY)
    return "" if content is None else content.plain


def said(screen: RaceScreen) -> str:
    """The words of the page, wherever its lines break."""
    return " ".join(page(screen).split())


def dotted(screen: RaceScreen) -> list[CurveLayer]:
    return [curve for curve in screen.query_one(LossPane).curves() if curve.dotted]


def told(pilot: Pilot[int]) -> str:
    """What the messages on the screen say."""
    return "\n".join(str(toast._notification.message) for toast in pilot.app.screen.query(Toast))


async def read(pilot: Pilot[int], screen: RaceScreen, *words: str) -> None:
    """Wait until the page says this, and all of it is drawn."""
    await wait_until(pilot, lambda: all(word in said(screen) for word in words) and is_settled(screen))
    await pilot.pause()


async def test_the_key_opens_page_and_dotted_line_and_closes_both() -> None:
    async with opened(valley()) as (pilot, screen):
        await take_steps(pilot, screen, 250)
        await pilot.press("t")
        await read(pilot, screen, "A gd, step 250", "rate", "T takes lr = 0.0198.")
        assert any("Theory beside measurement" in line for line in lines_of(pilot))
        assert "┈ predicted" in shown(screen, "loss")
        (curve,) = dotted(screen)
        assert curve.x[-1] == 1000
        await pilot.press("t")
        await wait_until(pilot, lambda: "predicted" not in shown(screen, "loss"))
        assert dotted(screen) == []
        assert not any("Theory beside measurement" in line for line in lines_of(pilot))


async def test_what_was_measured_stands_beside_the_prediction() -> None:
    async with opened(valley()) as (pilot, screen):
        await take_steps(pilot, screen, 400)
        await pilot.press("t")
        await read(pilot, screen, "rate 0.9900 0.9900 best")


async def test_the_page_is_about_the_pinned_racer_or_else_the_selected_one() -> None:
    async with opened(valley()) as (pilot, screen):
        await take_steps(pilot, screen, 50)
        await pilot.press("t")
        await read(pilot, screen, "A gd")
        select_racer(screen, 2)
        await read(pilot, screen, "C adam", "does not apply")
        assert dotted(screen) == []
        select_racer(screen, 1)
        await read(pilot, screen, "B momentum", " T takes lr")
        await pilot.press("P")
        select_racer(screen, 0)
        await read(pilot, screen, "B momentum", "Select it, and T takes lr")
        assert [curve.colour for curve in dotted(screen)] == [
            curve.colour for curve in screen.query_one(LossPane).curves() if curve.letter == "B"
        ]


async def test_the_best_setting_is_taken_by_the_selected_racer_and_said() -> None:
    async with opened(valley()) as (pilot, screen):
        await take_steps(pilot, screen, 50)
        await pilot.press("t")
        await read(pilot, screen, "A gd, step 50")
        select_racer(screen, 1)
        await pilot.press("T")
        await wait_until(pilot, lambda: "beta 0.95 → 0.6694" in told(pilot))
        assert "lr 0.01 → 0.03306" in told(pilot)
        assert "Predicted in the end: 0.8182 a step in the distance to the minimum, not 0.9747." in told(pilot)
        racer = screen.session.race["momentum"]
        assert (racer.lr, racer.hyperparameters["beta"]) == pytest.approx((4 / 121, (9 / 11) ** 2))
        assert [event.step for event in racer.events] == [50, 50]
        await read(pilot, screen, "B momentum", "Nothing to take", "rate 0.8182 – best")
        await pilot.press("T")
        await wait_until(pilot, lambda: "is the best already" in told(pilot))
        assert len(racer.events) == 2


async def test_where_there_is_no_best_setting_the_reason_is_said_and_nothing_changes() -> None:
    async with opened(valley()) as (pilot, screen):
        await take_steps(pilot, screen, 5)
        select_racer(screen, 2)
        await pilot.press("T")
        await wait_until(pilot, lambda: "no best setting of Adam is known in closed form" in told(pilot))
        assert told(pilot).startswith("does not apply: ")
        assert screen.session.race["adam"].events == ()


async def test_it_can_be_taken_before_the_first_step() -> None:
    async with opened(valley()) as (pilot, screen):
        await pilot.press("t", "T")
        await read(pilot, screen, "Nothing to take")
        assert screen.session.race["gd"].lr == 2.0 / 101.0


async def test_the_user_s_own_key_is_on_the_page() -> None:
    async with opened(valley(), keymap={"racer.take_best": "f7"}) as (pilot, screen):
        await pilot.press("t")
        await read(pilot, screen, "f7 takes lr = 0.0198.")
        await pilot.press("f7")
        await read(pilot, screen, "Nothing to take")


async def test_it_follows_the_race_at_most_four_times_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    work_out = theory_actions._work_out

    def counted(of: Any) -> Any:
        asked.append(of.racer.step)
        return work_out(of)

    monkeypatch.setattr(theory_actions, "_work_out", counted)
    # Verdicts come at once in a test; here they come no more often than numbers do.
    monkeypatch.setattr("gdtui.tui.judge.LOOK_INTERVAL", 0.25)
    async with opened(Race("rosenbrock"), speed=100.0) as (pilot, screen):
        await pilot.press("t", "space")
        await wait_until(pilot, lambda: len(asked) >= 4)
        loop = pilot.app._loop
        assert loop is not None
        began, before = loop.time(), len(asked)
        await wait_until(pilot, lambda: len(asked) >= before + 3)
        assert loop.time() - began >= 2 * 0.25 * 0.9
        await pilot.press("space")
        await wait_until(pilot, lambda: is_settled(screen) and screen.published is not None)
        asked.clear()
        for key in ("2", "1", "y"):  # nothing that a paused race is asked of works it out again
            await pilot.press(key)
        await pilot.pause()
        assert asked == []


async def test_nothing_is_worked_out_while_the_page_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(of: Any) -> Any:
        raise AssertionError("nobody asked")

    monkeypatch.setattr(theory_actions, "_work_out", refused)
    async with opened(valley()) as (pilot, screen):
        await take_steps(pilot, screen, 20)
        await pilot.press("P")
        await take_steps(pilot, screen, 1)
        assert page(screen) == ""


async def test_another_race_has_a_theory_of_its_own() -> None:
    async with opened(valley()) as (pilot, screen):
        await take_steps(pilot, screen, 50)
        await pilot.press("t")
        await read(pilot, screen, "A gd, step 50")
        screen.play(Race("saddle", racers=["gd"]), None)
        await wait_until(pilot, lambda: "the Hessian has a negative" in said(screen))
        assert dotted(screen) == []
        screen.session.driver.pause()


async def test_a_python_objective_has_no_curvature_and_says_so() -> None:
    race = Race(objective=lambda x: (float(x @ x), 2.0 * x), start=[1.0, 2.0], racers=["gd:lr=0.1"])
    async with opened(race) as (pilot, screen):
        await take_steps(pilot, screen, 3)
        await pilot.press("t")
        await read(pilot, screen, "nobody knows")


async def test_the_page_is_written_for_the_width_of_its_column() -> None:
    async with opened(valley()) as (pilot, screen):
        await take_steps(pilot, screen, 60)
        await pilot.press("t")
        await read(pilot, screen, "step 60")
        narrow = page(screen)
        await pilot.resize_terminal(170, 50)
        await wait_until(pilot, lambda: page(screen) != narrow)
        width = screen.query_one(FamilyPane).details.size.width
        assert max(map(len, narrow.splitlines())) < max(map(len, page(screen).splitlines())) <= width - 2


@pytest.mark.usefixtures("still_life")
@pytest.mark.parametrize("ascii_only", [False, True])
async def test_the_screen(ascii_only: bool) -> None:
    async with opened(valley(), style=Style("ascii") if ascii_only else Style()) as (pilot, screen):
        await take_steps(pilot, screen, 250)
        await pilot.press("P", "t")
        await read(pilot, screen, "A gd, step 250")
        if ascii_only:
            assert "".join(lines_of(pilot)).isascii()
        check_golden("theory-ascii-120x40" if ascii_only else "theory-120x40", pilot)


@pytest.mark.usefixtures("still_life")
async def test_the_compact_screen_has_the_page_over_it_and_the_line_below() -> None:
    async with opened(valley(), size=(80, 24)) as (pilot, screen):
        await take_steps(pilot, screen, 250)
        await pilot.press("t")
        await read(pilot, screen, "A gd, step 250")
        await wait_until(pilot, lambda: any("Theory beside" in line for line in lines_of(pilot)))
        check_golden("theory-80x24", pilot)
        await pilot.press("escape")
        await pilot.pause()
        assert "┈ predicted" in shown(screen, "loss")
        assert dotted(screen)


async def test_a_theory_that_fails_says_so_on_its_page_and_the_race_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("[bold]by nothing")

    async with opened(valley()) as (pilot, screen):
        await take_steps(pilot, screen, 50)
        monkeypatch.setattr("gdtui.analysis.theory.of_racer", fails)
        await pilot.press("t")
        await read(pilot, screen, "A gd No theory: ZeroDivisionError: [bold]by nothing")
        assert dotted(screen) == []
        monkeypatch.undo()
        await take_steps(pilot, screen, 10)
        await read(pilot, screen, "A gd, step 60", "T takes lr = 0.0198.")
