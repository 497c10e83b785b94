"""The screens, as characters and styles in golden text files."""

from __future__ import annotations

import pytest

from gdtui.frames import Style
from tests.tui.apps import check_golden, is_settled, lines_of, opened, select_racer, take_steps, wait_until

pytestmark = pytest.mark.usefixtures("still_life")
SIZES = [(80, 24), (120, 40)]


@pytest.mark.parametrize("size", SIZES)
async def test_rosenbrock_after_sixty_steps(size: tuple[int, int]) -> None:
    async with opened(size=size) as (pilot, screen):
        await take_steps(pilot, screen, 60)
        check_golden(f"rosenbrock-{size[0]}x{size[1]}", pilot)


@pytest.mark.parametrize("ascii_only", [False, True])
async def test_a_zoomed_contour_with_a_cursor(ascii_only: bool) -> None:
    style = Style("ascii") if ascii_only else Style()
    async with opened(style=style) as (pilot, screen):
        await take_steps(pilot, screen, 60)
        await pilot.press("right", "shift+right", "shift+right", "z", "z", "h", "j")
        await wait_until(pilot, lambda: is_settled(screen))
        check_golden("zoomed-ascii-120x40" if ascii_only else "zoomed-120x40", pilot)


async def test_quadratic_with_a_diverged_and_a_resting_racer() -> None:
    async with opened("quadratic") as (pilot, screen):
        select_racer(screen, 4)
        await pilot.press("2", "enter")
        await take_steps(pilot, screen, 900)
        await pilot.pause()
        check_golden("quadratic-120x40", pilot)


async def test_help() -> None:
    async with opened() as (pilot, _):
        await pilot.press("question_mark")
        await wait_until(pilot, lambda: any("Help" in line for line in lines_of(pilot)))
        check_golden("help-120x40", pilot)


async def test_a_list_opens_over_the_compact_layout() -> None:
    async with opened(size=(80, 24)) as (pilot, _):
        await pilot.press("2")
        await pilot.pause()
        check_golden("overlay-80x24", pilot)


async def test_without_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with opened(size=(80, 24)) as (pilot, screen):
        await take_steps(pilot, screen, 60)
        check_golden("no-colour-80x24", pilot)


async def test_sixteen_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("COLORTERM")
    async with opened(size=(80, 24)) as (pilot, screen):
        await take_steps(pilot, screen, 60)
        check_golden("sixteen-colours-80x24", pilot)


@pytest.mark.parametrize("size", SIZES)
async def test_plain_ascii(size: tuple[int, int]) -> None:
    async with opened(size=size, style=Style(raster="ascii")) as (pilot, screen):
        await take_steps(pilot, screen, 60)
        assert "".join(lines_of(pilot)).isascii()
        check_golden(f"ascii-{size[0]}x{size[1]}", pilot)
        await pilot.press("question_mark")
        await pilot.pause()
        assert "".join(lines_of(pilot)).isascii()


async def test_plotext_draws_the_same_screen_but_for_the_charts() -> None:
    async with opened(size=(80, 24), style=Style(renderer="plotext")) as (pilot, screen):
        await take_steps(pilot, screen, 60)
        text = "\n".join(lines_of(pilot))
        assert "Contour: Rosenbrock" in text
        assert "step 60 of 20 000" in text


async def test_a_terminal_that_is_too_small_says_so() -> None:
    async with opened() as (pilot, _):
        for size in [(79, 24), (80, 23), (30, 5), (1, 1)]:
            await pilot.resize_terminal(*size)
            await pilot.pause()
            text = " ".join(" ".join(lines_of(pilot)).split())
            assert "gdtui needs a terminal of at least 80×24 cells" in text or size == (1, 1)
            assert "Standings" not in text
        await pilot.resize_terminal(120, 40)
        await wait_until(pilot, lambda: "Standings" in "\n".join(lines_of(pilot)))
