"""The loss pane: what it plots, over what, and that a choice stays."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np
import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList

from gdtui.charts.palette import head_colour
from gdtui.engine.race import Race
from gdtui.frames import Abscissa, Quantity, Style
from gdtui.tui.panes.loss import LossPane
from gdtui.tui.race_screen import RaceScreen
from tests.charts import pictures
from tests.tui.apps import GOLDEN, is_settled, lines_of, opened, shown, take_steps, wait_until

RACERS = ["gd:lr=1e-3", "momentum:lr=1e-3,schedule=warmup_cosine(steps=300,warmup=60)", "newton:search=true"]


def title(screen: RaceScreen) -> str:
    return str(screen.query_one(LossPane).border_title)


async def press(pilot: Pilot[int], screen: RaceScreen, *keys: str) -> str:
    """Press keys, wait until the chart that they ask for is there; its title."""
    for key in keys:
        await pilot.press(key)
        await pilot.pause()
        await wait_until(pilot, lambda: is_settled(screen))
    return title(screen)


async def edit(pilot: Pilot[int], screen: RaceScreen, label: str, **changes: float | str) -> None:
    """Change hyperparameters as the editor does."""
    before = len(screen.session.race[label].events)
    screen.session.driver.order(lambda race: race.set(label, changes))
    await wait_until(pilot, lambda: len(screen.session.race[label].events) > before and is_settled(screen))


def check_golden(name: str, screen: RaceScreen, monkeypatch: pytest.MonkeyPatch) -> None:
    """Compare the pane's cells with a golden text."""
    grid = screen.query_one(LossPane).view.grid
    assert grid is not None
    monkeypatch.setattr(pictures, "GOLDEN", GOLDEN)
    pictures.check_golden(name, grid)


async def test_v_goes_round_the_quantities() -> None:
    async with opened() as (pilot, screen):
        await take_steps(pilot, screen, 20)
        assert title(screen) == "Loss (log) by step"
        assert await press(pilot, screen, "v") == "Gradient norm (log) by step"
        assert await press(pilot, screen, "v") == "Learning rate (log) by step"
        assert await press(pilot, screen, "v") == "Effective step per unit of gradient (log) by step"
        assert await press(pilot, screen, "v") == "Loss (log) by step"


async def test_x_goes_round_the_abscissas() -> None:
    async with opened() as (pilot, screen):
        await take_steps(pilot, screen, 20)
        assert shown(screen, "loss").splitlines()[-1].split() == ["0", "5k", "10k", "15k", "20k"]
        assert await press(pilot, screen, "x") == "Loss (log) by work, in gradient evaluations"
        assert shown(screen, "loss").splitlines()[-1].split() == ["0", "5k", "10k", "15k", "20k"]
        assert await press(pilot, screen, "x") == "Loss (log) by computing time"
        assert shown(screen, "loss").splitlines()[-1].split()[-1] in {"µs", "ms", "s"}
        assert await press(pilot, screen, "x") == "Loss (log) by step"


async def test_y_is_kept_for_each_quantity() -> None:
    async with opened() as (pilot, screen):
        await take_steps(pilot, screen, 20)
        assert await press(pilot, screen, "y", "v") == "Gradient norm (log) by step"
        assert await press(pilot, screen, "v", "y") == "Learning rate (linear) by step"
        assert await press(pilot, screen, "v", "v") == "Loss (linear) by step"
        assert await press(pilot, screen, "v", "v") == "Learning rate (linear) by step"
        assert await press(pilot, screen, "y") == "Learning rate (log) by step"


async def test_upper_x_is_kept_for_each_abscissa() -> None:
    async with opened() as (pilot, screen):
        await take_steps(pilot, screen, 900)
        assert await press(pilot, screen, "X") == "Loss (log–log) by step"
        assert shown(screen, "loss").splitlines()[-1].split() == ["1", "10", "100", "1k", "10k"]
        assert await press(pilot, screen, "x") == "Loss (log) by work, in gradient evaluations"
        assert await press(pilot, screen, "X", "y") == "Loss (lin–log) by work, in gradient evaluations"
        assert await press(pilot, screen, "x", "X") == "Loss (lin–log) by computing time"
        assert shown(screen, "loss").splitlines()[-1].split()[-1] in {"ns", "µs", "ms", "s"}
        assert await press(pilot, screen, "x") == "Loss (lin–log) by step"
        assert await press(pilot, screen, "X", "y") == "Loss (log) by step"
        assert await press(pilot, screen, "x") == "Loss (log–log) by work, in gradient evaluations"


async def test_o_smooths_lightly_then_strongly_then_not() -> None:
    async with opened("credit") as (pilot, screen):
        await take_steps(pilot, screen, 300)
        plain = shown(screen, "loss")
        assert await press(pilot, screen, "o") == "Loss above the minimum, lightly smoothed (log) by step"
        light = shown(screen, "loss")
        assert await press(pilot, screen, "o") == "Loss above the minimum, smoothed (log) by step"
        strong = shown(screen, "loss")
        assert len({plain, light, strong}) == 3
        assert await press(pilot, screen, "o") == "Loss above the minimum (log) by step"
        assert shown(screen, "loss") == plain


async def test_what_is_not_noisy_is_not_smoothed_and_says_so() -> None:
    async with opened() as (pilot, screen):
        await take_steps(pilot, screen, 20)
        assert await press(pilot, screen, "o", "v", "v") == "Learning rate (log) by step"
        await press(pilot, screen, "o")
        await wait_until(pilot, lambda: "Only the loss and the gradient norm" in "\n".join(lines_of(pilot)))
        assert await press(pilot, screen, "v", "v") == "Loss, lightly smoothed (log) by step"


async def test_choices_survive_a_restart_and_another_scenario() -> None:
    async with opened() as (pilot, screen):
        await take_steps(pilot, screen, 20)
        wanted = await press(pilot, screen, "v", "x", "y")
        assert wanted == "Gradient norm (linear) by work"
        await pilot.press("r")
        await wait_until(pilot, lambda: screen.published is not None and screen.published.generation == 1)
        await wait_until(pilot, lambda: is_settled(screen))
        assert title(screen) == wanted
        before, options = screen.session.race, screen.query_one("#scenario-list", OptionList)
        options.highlighted = [options.get_option_at_index(k).id for k in range(options.option_count)].index("credit")
        options.action_select()
        await wait_until(pilot, lambda: screen.session.race is not before and is_settled(screen))
        assert title(screen) == wanted
        assert await press(pilot, screen, "v", "v", "v") == "Loss above the minimum (log) by work"


async def test_the_palette_has_both() -> None:
    async with opened() as (pilot, screen):
        commands = {command.title: command.callback for command in pilot.app.get_system_commands(screen)}
        commands["What to plot"]()
        await wait_until(pilot, lambda: title(screen).startswith("Gradient norm"))
        commands["X axis"]()
        await wait_until(pilot, lambda: "by work" in title(screen))


async def test_help_tells_of_both() -> None:
    async with opened(size=(120, 90), keymap={"loss.quantity": "f6"}) as (pilot, screen):
        await press(pilot, screen, "f6")
        await pilot.press("question_mark")
        await wait_until(pilot, lambda: any("Help" in line for line in lines_of(pilot)))
        text = " ".join(" ".join(lines_of(pilot)).split())
        assert "f6 Plot loss, gradient norm, learning rate or effective step" in text
        assert "x Plot over steps, work or computing time" in text
        assert "◆ is where a hyperparameter changed" in text.replace("│ │ ", "")


async def test_no_title_is_cut() -> None:
    async with opened("credit", (80, 24)) as (pilot, screen):
        await take_steps(pilot, screen, 3)
        for _, abscissa in product(Quantity, Abscissa):
            assert any(f"─ {title(screen)} ─" in line for line in lines_of(pilot))
            await press(pilot, screen, "x", *(("v",) if abscissa is Abscissa.SECONDS else ()))


async def test_titles_follow_the_width() -> None:
    async with opened(size=(80, 24)) as (pilot, screen):
        assert await press(pilot, screen, "x") == "Loss (log) by work"
        await pilot.resize_terminal(160, 50)
        await wait_until(pilot, lambda: title(screen) == "Loss (log) by work, in gradient evaluations")
        await pilot.resize_terminal(80, 24)
        await wait_until(pilot, lambda: title(screen) == "Loss (log) by work")


async def test_it_can_have_the_whole_screen() -> None:
    async with opened(size=(80, 24)) as (pilot, screen):
        await press(pilot, screen, "tab", "x")
        assert screen.query_one(LossPane).has_focus
        assert await press(pilot, screen, "m") == "Loss (log) by work, in gradient evaluations"
        assert screen.maximized is screen.query_one(LossPane)
        assert "A gd  B momentum" in shown(screen, "loss")
        assert await press(pilot, screen, "escape") == "Loss (log) by work"
        assert screen.maximized is None


async def test_curves_are_never_drawn_on_axes_of_another_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened("credit") as (pilot, screen):
        await take_steps(pilot, screen, 30)
        loss = screen.query_one(LossPane)
        drawn = []
        real: Callable[..., object] = loss.view.show

        def show(grid: object) -> None:
            assert loss._axes is not None
            drawn.append((loss._kind, loss._axes.kind, title(screen)))
            real(grid)

        monkeypatch.setattr(loss.view, "show", show)
        for _ in range(3):  # faster than charts can be built
            for key in ("v", "x", "y", "v"):
                pilot.app.simulate_key(key)
                await pilot.pause(0)
        await wait_until(pilot, lambda: is_settled(screen))
        assert drawn
        assert all(built == wanted for built, wanted, _ in drawn)
        assert all(kind[0].value.split()[0] in shown_title.lower() for kind, _, shown_title in drawn)


@pytest.mark.parametrize("ascii_only", [False, True])
async def test_an_edit_is_marked_on_every_quantity(ascii_only: bool) -> None:
    style, mark = (Style("ascii"), "#") if ascii_only else (Style(), "◆")
    async with opened(style=style) as (pilot, screen):
        await take_steps(pilot, screen, 3000)
        await edit(pilot, screen, "adam", lr=1e-3)
        await take_steps(pilot, screen, 3000)
        for _ in Quantity:
            grid = screen.query_one(LossPane).view.grid
            assert grid is not None
            places = np.nonzero(grid.glyphs == ord(mark))
            assert grid.colours[places].tolist() == [head_colour(5)]
            await press(pilot, screen, "v")


GOLDENS = [
    ("loss-rate", Style(), ("v", "v")),
    ("loss-work-ascii", Style("ascii"), ("x",)),
    ("loss-gradient-linear-block", Style("block"), ("v", "y")),
    ("loss-step", Style(), ("v", "v", "v")),
    ("loss-log-log", Style(), ("X",)),
    ("loss-smoothed-ascii", Style("ascii"), ("v", "o", "o", "X")),
]


@pytest.mark.parametrize(("name", "style", "keys"), GOLDENS)
async def test_golden(name: str, style: Style, keys: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(Race("rosenbrock", racers=RACERS, steps=300), style=style) as (pilot, screen):
        await take_steps(pilot, screen, 100)
        await edit(pilot, screen, "gd", lr=5e-4)
        await take_steps(pilot, screen, 80)
        await press(pilot, screen, *keys)
        check_golden(name, screen, monkeypatch)
