"""Races with something to say: traps, with what to expect and what came, and a failing racer against its fixer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot

from gdtui import registry, specs
from gdtui import scenario as scenarios
from gdtui.analysis.race_verdicts import of_race
from gdtui.analysis.verdict import Kind, Verdict
from gdtui.engine.compile import jit_is_off
from gdtui.engine.race import Race
from gdtui.specs import RacerSpec
from gdtui.tui.duel import DuelStory, duel, whom
from gdtui.tui.panes.details import Details
from gdtui.tui.race_screen import RaceScreen
from gdtui.tui.story import TrapStory, demonstration
from tests.tui.apps import check_golden, is_settled, lines_of, opened, select_racer, state_of, take_steps, wait_until
from tests.tui.test_details import text_of

races = pytest.mark.skipif(jit_is_off(), reason="whole budgets take minutes as plain Python")
SIZES = [(80, 24), (120, 40)]
ZIG_ZAG = "traps/gd-zig-zag"
TOLD = ("Came as expected", "not the race of the file", "How they ended", "Why they raced")


async def select_optimizer(pilot: Pilot[int], screen: RaceScreen, name: str) -> None:
    """Put the cursor of the tree on an optimizer, as a user does."""
    tree = screen.query_one("#family-tree")
    tree.move_cursor(next(node for node in tree._tree_nodes.values() if str(node.label) == name))  # type: ignore[attr-defined]
    await pilot.pause()


async def demonstrated(pilot: Pilot[int], screen: RaceScreen) -> None:
    """Press the key, and wait until the race it loads stands there."""
    before = screen.session.driver
    await pilot.press("d")
    await wait_until(pilot, lambda: screen.session.driver is not before)
    await wait_until(pilot, lambda: state_of(screen) == "paused" and is_settled(screen))


async def run_out(pilot: Pilot[int], screen: RaceScreen) -> str:
    """Take all steps there are, and say what the page says then."""
    screen.session.driver.step(10**6)
    await wait_until(pilot, lambda: state_of(screen) == "finished" and is_settled(screen))
    await wait_until(pilot, lambda: any(word in text_of(screen)[1] for word in TOLD))
    return text_of(screen)[1]


async def test_d_says_what_to_expect_before_the_trap_begins_and_what_came_of_it_after() -> None:
    async with opened() as (pilot, screen):
        await demonstrated(pilot, screen)
        title, text = text_of(screen)
        assert screen.session.race.scenario.name == ZIG_ZAG
        assert screen.session.race.labels == ("gd", "too-fast", "momentum")
        assert title == "Trap: gd-zig-zag"
        assert "Where gd fails" in text
        assert "A gd\n· x2 changes sign 300 times in steps 0 to 300\n" in text
        assert "B too-fast\n· diverges\n" in text
        assert "It waits" in text
        await pilot.press("space")
        await wait_until(pilot, lambda: state_of(screen) in {"running", "finished"})
        await wait_until(pilot, lambda: "It waits" not in text_of(screen)[1])
        text = await run_out(pilot, screen)
        assert "Came as expected: all 4" in text
        assert "✓ x2 changes sign 300 times in steps 0 to 300\n  came: 300" in text
        assert "✓ diverges\n  came: it diverged" in text
        await pilot.press("r")
        await wait_until(pilot, lambda: "What to expect" in text_of(screen)[1])


async def test_a_race_that_was_changed_is_not_held_against_the_file() -> None:
    async with opened() as (pilot, screen):
        await demonstrated(pilot, screen)
        screen.session.driver.order(lambda race: race.set("gd", {"lr": 0.01}))
        assert "not the race of the file" in await run_out(pilot, screen)


async def test_the_palette_shows_the_page_of_a_trap_and_another_scenario_takes_it_away() -> None:
    async with opened() as (pilot, screen):
        commands = {command.title: command.callback for command in pilot.app.get_system_commands(screen)}
        commands["Trap: momentum-overshoot"]()
        await wait_until(pilot, lambda: text_of(screen)[0] == "Trap: momentum-overshoot")
        assert "· the loss is above 1 at some step from 271 to 300" in text_of(screen)[1]
        screen.play(Race("saddle"), None)
        assert text_of(screen)[0] == "About gd"
        assert screen.query_one(Details).content_of("trap") is None


async def test_a_trap_that_was_opened_from_the_command_line_says_what_to_expect() -> None:
    async with opened(ZIG_ZAG) as (pilot, screen):
        assert text_of(screen)[0] == "Trap: gd-zig-zag"
        assert "all 4" in await run_out(pilot, screen)


@pytest.mark.parametrize("keys", [(), ("1",), ("2",), ("3",), ("m",)])
async def test_in_a_small_window_the_page_comes_out_over_the_rest(keys: tuple[str, ...]) -> None:
    async with opened(size=(80, 24)) as (pilot, screen):
        await pilot.press(*keys)
        await pilot.pause()
        await demonstrated(pilot, screen)
        await wait_until(pilot, lambda: "Trap: gd-zig-zag" in "\n".join(lines_of(pilot)))
        await pilot.pause()
        assert screen.query_one(Details).region
        await pilot.press("escape")
        await wait_until(pilot, lambda: not screen.query_one(Details).region)


async def test_d_turns_to_the_page_of_the_trap_that_is_being_played() -> None:
    async with opened() as (pilot, screen):
        await demonstrated(pilot, screen)
        await pilot.press("3", "down", "up")
        await pilot.pause()
        assert text_of(screen)[0] == "About gd"
        driver = screen.session.driver
        await pilot.press("d")
        await pilot.pause()
        assert text_of(screen)[0] == "Trap: gd-zig-zag"
        assert screen.session.driver is driver
        await demonstrated(pilot, screen)
        assert screen.session.driver is not driver, "asked for again, it begins again"


async def test_with_fewer_steps_it_is_not_the_race_of_the_file() -> None:
    async with opened(Race(ZIG_ZAG, steps=50)) as (pilot, screen):
        assert "not the race of the file" in await run_out(pilot, screen)


async def test_a_later_trap_takes_the_place_of_one_that_is_being_loaded() -> None:
    async with opened() as (pilot, screen):
        await select_optimizer(pilot, screen, "rmsprop")
        screen.action_demonstrate()
        await select_optimizer(pilot, screen, "momentum")
        await demonstrated(pilot, screen)
        await wait_until(pilot, lambda: screen.session.race.scenario.name == "traps/momentum-overshoot")


async def test_where_there_is_no_trap_the_optimizer_races_beside_its_parent() -> None:
    async with opened() as (pilot, screen):
        await select_optimizer(pilot, screen, "lion")
        await demonstrated(pilot, screen)
        assert screen.session.race.labels == ("lion", "adamw")
        title, text = text_of(screen)
        assert title == "Where lion fails"
        assert registry.optimizer("lion").fails in text
        assert "How they ended\nA lion " in await run_out(pilot, screen)


@pytest.mark.parametrize("name", registry.optimizers())
def test_every_optimizer_can_be_demonstrated_beside_another(name: str) -> None:
    race, story = demonstration(registry.optimizer(name))
    assert name in {racer.optimizer.name for racer in race}
    assert len(race) >= 2
    assert story.before().plain


def test_what_did_not_come_is_marked_and_counted() -> None:
    scenario = scenarios.load(ZIG_ZAG)
    wrong = replace(scenario.expectations[0], value=299.0)
    story = TrapStory(replace(scenario, expectations=(wrong, *scenario.expectations[1:])), ("x1", "x2"))
    race = Race(scenario)
    assert race.budget is not None
    text = story.after(race.advance(race.budget)).plain
    assert "Came as expected: 3 of 4" in text
    assert "✗ x2 changes sign 299 times in steps 0 to 300\n  came: 300" in text


async def test_pages_are_ascii_where_there_is_nothing_else() -> None:
    async with opened(ZIG_ZAG, style=_ascii()) as (pilot, screen):
        assert text_of(screen)[1].isascii()
        text = await run_out(pilot, screen)
        assert text.isascii()
        assert "v diverges" in text
        assert "".join(lines_of(pilot)).isascii()


def _ascii() -> Any:
    from gdtui.frames import Style

    return Style(raster="ascii")


# --- a failing racer against its fixer


async def dueled(pilot: Pilot[int], screen: RaceScreen) -> None:
    before = screen.session.driver
    await pilot.press("F")
    await wait_until(pilot, lambda: screen.session.driver is not before)
    await wait_until(pilot, lambda: is_settled(screen) and state_of(screen) != "compiling")


async def test_the_fixer_races_from_the_same_start_and_what_changed_is_told() -> None:
    async with opened("quadratic", speed=1.0) as (pilot, screen):
        await take_steps(pilot, screen, 900)
        screen.session.driver.order(lambda race: race.set("adagrad", {"eps": 1e-6}))
        select_racer(screen, 4)
        await dueled(pilot, screen)
        race = screen.session.race
        assert race.labels == ("adagrad", "rmsprop")
        assert race.budget == 1000
        assert {racer.label: racer.lr for racer in race} == {"adagrad": 0.1, "rmsprop": 0.02}
        assert race.scenario.racers[0].hyperparameters["eps"] == 1e-6
        title, text = text_of(screen)
        assert title == "adagrad against rmsprop"
        assert text.startswith("adagrad · Crawling:")
        text = await run_out(pilot, screen)
        assert "adagrad ended with a loss of 0.209, rmsprop ended with a loss of " in text
        assert "rmsprop passed adagrad's last loss at step" in text
        assert "A adagrad (was crawling) ✓ Converging" in text


async def test_f_in_the_tree_takes_the_racer_of_the_optimizer_that_has_a_fix() -> None:
    async with opened("quadratic") as (pilot, screen):
        await take_steps(pilot, screen, 900)
        await pilot.press("3")
        await select_optimizer(pilot, screen, "rmsprop")
        assert "rmsprop ! Oscillating" in text_of(screen)[1].replace("F ", "", 1)
        assert "fixed by: adam" in text_of(screen)[1]
        await dueled(pilot, screen)
        assert screen.session.race.labels == ("rmsprop", "adam")


async def test_where_nobody_was_made_against_it_that_is_said() -> None:
    async with opened("quadratic") as (pilot, screen):
        await take_steps(pilot, screen, 900)
        select_racer(screen, 2)
        await pilot.press("F")
        await wait_until(pilot, lambda: any("nothing to fix" in line for line in lines_of(pilot)))
        assert screen.session.race.scenario.name == "quadratic"


def duel_of(
    *racers: str, steps: int = 400, verdict: Verdict | None = None, against: RacerSpec | None = None
) -> tuple[Race, DuelStory]:
    """A duel between the first racer and whom its verdict names."""
    before = Race("quadratic", racers=list(racers), steps=steps).advance(steps)
    label = before.labels[0]
    verdict = verdict or of_race(before)[label]
    race, story = duel(before, label, verdict, against or whom(verdict) or RacerSpec("adam"))
    return race.advance(steps), story


def against(kind: Kind, fixer: str) -> Verdict:
    return Verdict(kind, "As it was.", fixed_by=fixer)


def test_an_optimizer_that_does_not_race_yet_has_its_default_rate() -> None:
    race, story = duel_of("adagrad:lr=0.1", verdict=against(Kind.STALLED, "rmsprop"))
    assert {racer.label: racer.lr for racer in race} == {"adagrad": 0.1, "rmsprop": 0.01}
    assert story.rates == (0.1, 0.01)


def test_the_same_optimizer_may_race_with_other_settings() -> None:
    race, story = duel_of("gd:lr=0.0202", "gd:lr=0.5", "adam", against=RacerSpec("gd", lr=0.01))
    assert {racer.label: racer.lr for racer in race} == {"gd": 0.0202, "gd2": 0.01}
    assert "gd2 is gd with other settings." in story.before().plain
    text = story.after(race).plain
    assert text.startswith("gd2 fixes it here.")
    assert "gd diverged at step" in text


def test_whom_a_verdict_sends_for() -> None:
    assert whom(Verdict(Kind.STALLED, "", fixed_by="rmsprop", fixer="adagrad:lr=1")) == RacerSpec("rmsprop")
    assert whom(Verdict(Kind.DIVERGED, "", fixer="gd:lr=0.01")) == RacerSpec("gd", lr=0.01)
    assert whom(Verdict(Kind.CONVERGED, "")) is None


def test_a_fixer_that_converges_has_fixed_it() -> None:
    race, story = duel_of("gd:lr=0.001", "momentum:lr=0.01", steps=800, verdict=against(Kind.RISING, "momentum"))
    text = story.after(race).plain
    assert text.startswith("momentum fixes it here.")
    assert "momentum passed gd's last loss at step" in text
    assert "times as many" in text
    assert "(was rising)" in text


def test_a_fixer_that_fails_itself_has_not() -> None:
    race, story = duel_of("gd:lr=0.01", "momentum:lr=0.5", verdict=against(Kind.CRAWLING, "momentum"))
    text = story.after(race).plain
    assert text.startswith("momentum does not fix it here, at this learning rate.")
    assert "momentum diverged at step" in text
    assert "passed" not in text


def test_a_duel_that_was_changed_decides_nothing() -> None:
    race, story = duel_of("gd:lr=0.01", "momentum:lr=0.01", verdict=against(Kind.CRAWLING, "momentum"))
    race.set("gd", {"lr": 0.02})
    assert "decides nothing" in story.after(race).plain
    race.remove("momentum")
    assert "decides nothing" in story.after(race).plain


# --- pictures


@pytest.mark.usefixtures("still_life")
@pytest.mark.parametrize("size", SIZES)
async def test_golden_of_the_tree_and_of_a_verdict(size: tuple[int, int]) -> None:
    async with opened("quadratic", size=size) as (pilot, screen):
        await take_steps(pilot, screen, 900)
        await pilot.press("3")
        await pilot.pause()
        await wait_until(pilot, lambda: is_settled(screen))
        check_golden(f"tree-{size[0]}x{size[1]}", pilot)
        await select_optimizer(pilot, screen, "adagrad")
        await wait_until(pilot, lambda: is_settled(screen))
        check_golden(f"verdict-{size[0]}x{size[1]}", pilot)


@pytest.mark.usefixtures("still_life")
@pytest.mark.parametrize("size", SIZES)
async def test_golden_of_a_trap_before_and_after(size: tuple[int, int]) -> None:
    async with opened(size=size) as (pilot, screen):
        await demonstrated(pilot, screen)
        await pilot.pause()
        check_golden(f"trap-before-{size[0]}x{size[1]}", pilot)
        await run_out(pilot, screen)
        await pilot.pause()
        check_golden(f"trap-after-{size[0]}x{size[1]}", pilot)


@pytest.mark.parametrize("optimizer", ["nadam", "amsgrad", "muon", "shampoo"])
def test_a_failure_is_played_at_the_rate_of_which_it_is_told(optimizer: str) -> None:
    race, story = demonstration(registry.optimizer(optimizer))
    assert race.labels == (optimizer, registry.optimizer(optimizer).parent)
    assert race[optimizer].lr == specs.parse(registry.optimizer(optimizer).shown_by[0]).lr
    assert registry.optimizer(optimizer).fails in story.before().plain
