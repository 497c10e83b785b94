"""Text from users and files is shown as it is: never obeyed by the terminal, never read as markup."""

from __future__ import annotations

from pathlib import Path

import pytest

from gdtui.engine.race import Race
from tests.cli.support import scenario_file
from tests.tui.apps import lines_of, opened, take_steps, wait_until

HOSTILE = """\
title = "[@click=app.quit]x[/] [red]title"
description = "[b]bold[/b] [@click=app.quit]leave[/] \\u001b[31mred\\u0007"
steps = 60

[objective]
name = "logistic"
data = "{data}"
target = "bad"
positive = "1"

[[racers]]
optimizer = "gd"
label = "[red]x[/]"

[[racers]]
optimizer = "adam"
label = "[@click=app.quit]"

[[racers]]
optimizer = "sgd"
label = "[/] [/b] $accent"
"""


@pytest.fixture
def hostile(tmp_path: Path) -> str:
    data = tmp_path / "[red]data.csv"
    rows = "".join(f"{k % 7},{k % 5},{k % 2}\n" for k in range(60))
    data.write_text("[red]a[/],[@click=app.quit]b,bad\n" + rows, encoding="utf-8")
    return scenario_file(tmp_path, HOSTILE.format(data=data), name="[b]file.toml")


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_markup_is_shown_and_not_read(hostile: str, size: tuple[int, int]) -> None:
    async with opened(Race(hostile), size=size) as (pilot, screen):
        await take_steps(pilot, screen, 8)
        text = "\n".join(lines_of(pilot))
        assert "[red]x[" in text
        assert "\x1b" not in text
        if size[0] >= 120:
            assert "[b]bold[/b]" in " ".join(text.split())
            assert "[b]file.toml" in text
        clickable = [
            segment
            for strip in pilot.app.screen._compositor.render_strips()
            for segment in strip
            if segment.style is not None and "@click" in segment.style.meta
        ]
        assert clickable == []


async def test_dialogs_show_markup_too(hostile: str) -> None:
    async with opened(Race(hostile), size=(160, 50)) as (pilot, screen):
        await pilot.press("e")
        await wait_until(pilot, lambda: "Edit A [red]x[/]" in "\n".join(lines_of(pilot)))
        await pilot.press(*"[red]")
        await wait_until(pilot, lambda: "✗ '[red]' is not a number" in "\n".join(lines_of(pilot)))
        await pilot.press("escape")
        await wait_until(pilot, lambda: pilot.app.screen is screen)
        await pilot.press("n")
        await wait_until(pilot, lambda: "Another racer like [red]x[/]" in "\n".join(lines_of(pilot)))
        pilot.app.screen.query("Input").last().value = "[@click=app.quit]y[/]"  # type: ignore[attr-defined]
        await wait_until(pilot, lambda: "adds gd:label=[@click=app.quit]y[/]" in "\n".join(lines_of(pilot)))
        await pilot.press("escape")
        await wait_until(pilot, lambda: pilot.app.screen is screen)
        await pilot.press("c")
        await wait_until(pilot, lambda: "label=[red]x[/]" in "\n".join(lines_of(pilot)))
        await pilot.press("escape")
        await pilot.press("question_mark")
        await wait_until(pilot, lambda: "Help" in "\n".join(lines_of(pilot)))


async def test_refusals_show_markup_too(hostile: str) -> None:
    async with opened(Race(hostile)) as (pilot, screen):
        Path(hostile).unlink()
        await pilot.press("c")
        await wait_until(pilot, lambda: "[b]file.toml" in "\n".join(lines_of(pilot)[30:]) or "no such file" in " ".join(
            " ".join(lines_of(pilot)).split()
        ))  # fmt: skip
        await take_steps(pilot, screen, 1)
