"""The editor over a race: what it changes, what it enters, and that the race runs on."""

from __future__ import annotations

from textual.pilot import Pilot
from textual.widgets import Input, Tree

from gdtui.engine.race import Race
from gdtui.tui.editor import RacerEditor
from gdtui.tui.race_screen import RaceScreen
from tests.tui.apps import (
    is_settled,
    lines_of,
    opened,
    select_racer,
    shown,
    step_of,
    take_steps,
    wait_until,
)
from tests.tui.stage import fill, line, said
from tests.tui.test_keys import labels, racer


async def edited(pilot: Pilot[int], key: str) -> RacerEditor:
    """The editor, opened by a key."""
    await pilot.press(key)
    await wait_until(pilot, lambda: isinstance(pilot.app.screen.focused, Input))
    editor = pilot.app.screen
    assert isinstance(editor, RacerEditor)
    return editor


def title_of(editor: RacerEditor) -> str:
    return str(editor.query_one(".editor").border_title)


async def test_e_sets_hyperparameters_from_the_next_step_on() -> None:
    async with opened() as (pilot, screen):
        await take_steps(pilot, screen, 10)
        select_racer(screen, 1)
        editor = await edited(pilot, "e")
        assert title_of(editor) == "Edit B momentum"
        await pilot.press(*"2.5e-4", "down", *"0.5", "enter")
        await wait_until(pilot, lambda: racer(screen, "momentum").lr == 2.5e-4)
        assert step_of(screen) == 10
        await take_steps(pilot, screen, 5)
        changes = [(e.step, e.name, e.before, e.after) for e in screen.session.race["momentum"].events]
        assert changes == [(10, "lr", 1e-3, 2.5e-4), (10, "beta", 0.9, 0.5)]
        rates = screen.session.race["momentum"].recorded.rate
        assert (rates[10], rates[11]) == (1e-3, 2.5e-4)


async def test_e_gives_a_racer_a_schedule() -> None:
    async with opened(Race("saddle", racers=["gd:lr=0.1"])) as (pilot, screen):
        await take_steps(pilot, screen, 5)
        await edited(pilot, "e")
        await pilot.press("pagedown", "c", "enter")
        await wait_until(pilot, lambda: racer(screen, "gd").spec.schedule is not None)
        assert racer(screen, "gd").spec.text() == "gd:lr=0.1,schedule=cosine(steps=400)"


async def test_e_left_as_it_is_changes_no_bit() -> None:
    async with opened(Race("rosenbrock", racers=["gd:lr=0.1234567890123456"])) as (pilot, screen):
        await edited(pilot, "e")
        await pilot.press("enter")
        await wait_until(pilot, lambda: pilot.app.screen is screen)
        await take_steps(pilot, screen, 1)
        assert racer(screen, "gd").lr == 0.1234567890123456
        assert racer(screen, "gd").events == ()


async def test_e_on_a_racer_that_has_diverged_or_gone() -> None:
    async with opened(Race("quadratic", racers=["gd:lr=1", "adam"])) as (pilot, screen):
        await take_steps(pilot, screen, 60)
        editor = await edited(pilot, "e")
        assert title_of(editor).startswith("Edit A gd (diverged at step ")
        screen.session.driver.order(lambda race: race.remove("gd"))
        await pilot.press(*"0.5", "enter")
        await wait_until(pilot, lambda: "no racer is called 'gd'" in shown(screen, "status"))


async def test_the_race_runs_on_beneath_and_its_keys_are_letters() -> None:
    async with opened(speed=30.0) as (pilot, screen):
        await pilot.press("space")
        await wait_until(pilot, lambda: step_of(screen) > 1)
        await edited(pilot, "e")
        before = screen.session.race.step
        await pilot.press("space", ".", "-", "+", "=", "q", "r", "?", "1")
        assert pilot.app.screen.focused.value == " .-+=qr?1"  # type: ignore[union-attr]
        await wait_until(pilot, lambda: screen.session.race.step > before)
        await pilot.press("escape")
        await wait_until(pilot, lambda: pilot.app.screen is screen)
        assert screen.published is not None
        assert (screen.published.state.value, screen.published.speed) == ("running", 30.0)


async def test_n_adds_a_racer_like_the_selected_one() -> None:
    async with opened(Race("rosenbrock", racers=["gd", "adam:lr=0.02,beta1=0.8,schedule=warmup(steps=50)"])) as (
        pilot,
        screen,
    ):
        await take_steps(pilot, screen, 20)
        select_racer(screen, 1)
        editor = await edited(pilot, "n")
        assert title_of(editor) == "Another racer like adam"
        await pilot.press("down", *"0.7", "enter")
        await wait_until(pilot, lambda: "adam2" in labels(screen) and racer(screen, "adam2").step == 20)
        expected = "adam:lr=0.02,beta1=0.7,schedule=warmup(steps=50),label=adam2"
        assert racer(screen, "adam2").spec.text() == expected
        await wait_until(pilot, lambda: is_settled(screen))
        assert "adam2" in shown(screen, "standings")


async def test_n_takes_a_label_that_is_typed_but_none_that_is_taken() -> None:
    async with opened() as (pilot, screen):
        editor = await edited(pilot, "n")
        await fill(pilot, editor, "label", "adam")
        await pilot.press("enter")
        assert "label: ✗ is taken" in said(editor, "#editor-help")
        await fill(pilot, editor, "label", "[red]x[/]")
        await pilot.press("enter")
        await wait_until(pilot, lambda: "[red]x[/]" in labels(screen))


async def test_a_adds_the_optimizer_under_the_cursor_of_the_tree_with_its_defaults() -> None:
    async with opened() as (pilot, screen):
        await pilot.press("3")
        await pilot.pause()
        tree = screen.query_one(Tree)
        tree.move_cursor(next(node for node in tree._tree_nodes.values() if str(node.label) == "rmsprop"))
        editor = await edited(pilot, "a")
        assert title_of(editor) == "Add rmsprop, selected in the family tree"
        assert "scenario" in line(pilot, "lr")
        await pilot.press("down", *"0.9", "enter")
        await wait_until(pilot, lambda: "rmsprop2" in labels(screen))
        assert racer(screen, "rmsprop2").spec.text() == "rmsprop:rho=0.9,label=rmsprop2"


async def test_a_says_at_once_where_an_optimizer_cannot_race() -> None:
    async with opened("streamrec") as (pilot, screen):
        tree = screen.query_one(Tree)
        tree.move_cursor(next(node for node in tree._tree_nodes.values() if str(node.label) == "newton"))
        await pilot.press("a")
        await wait_until(pilot, lambda: "newton is for up to 200" in " ".join(" ".join(lines_of(pilot)).split()))
        assert pilot.app.screen is screen


async def test_the_editor_fits_over_every_layout() -> None:
    async with opened(size=(80, 24)) as (pilot, screen):
        await edited(pilot, "e")
        for size in ((200, 60), (79, 23), (120, 40)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
        await pilot.press("escape")
        await wait_until(pilot, lambda: pilot.app.screen is screen and isinstance(screen, RaceScreen))
