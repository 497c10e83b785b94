"""The details below the family tree: pages by name, one at a time."""

from __future__ import annotations

import pytest
from textual.content import Content
from textual.widgets import Static

from gdtui.tui.panes.contour import ContourPane
from gdtui.tui.panes.details import ABOUT, Details
from gdtui.tui.race_screen import RaceScreen
from tests.tui.apps import lines_of, opened

SIZES = [(80, 24), (120, 40)]


def text_of(screen: RaceScreen) -> tuple[str, str]:
    """The title line, and the page below it."""
    details = screen.query_one(Details)
    return str(details.border_title).strip(), str(details.query_one("#details-text", Static).content)


async def test_the_page_about_the_selected_optimizer_comes_first() -> None:
    async with opened() as (_, screen):
        title, text = text_of(screen)
        assert title == "About gd"
        assert text.startswith("gradient descent")


@pytest.mark.parametrize("size", SIZES)
async def test_a_page_is_turned_to_and_back(size: tuple[int, int]) -> None:
    async with opened(size=size) as (pilot, screen):
        details = screen.query_one(Details)
        details.set_page("other", "Another page", Content("[b]as it is[/b]"))
        assert text_of(screen)[0] == "About gd", "until it is turned to"
        screen.turn_to("other")
        await pilot.pause()
        assert text_of(screen) == ("Another page", "[b]as it is[/b]")
        screen_text = "\n".join(lines_of(pilot))
        assert "Another page" in screen_text
        assert "[b]as it is[/b]" in screen_text
        details.set_page("other", "Another page", Content("newer"))
        assert text_of(screen)[1] == "newer"
        screen.turn_to("other")
        await pilot.pause()
        assert details.page == ABOUT
        assert bool(details.region) is (size[0] >= 100), "where it lay over the charts it is gone"


async def test_a_page_without_content_says_so() -> None:
    async with opened() as (_, screen):
        screen.turn_to("empty")
        assert text_of(screen) == ("Empty", "Nothing here yet.")


async def test_moving_in_the_tree_shows_the_page_about_what_is_selected() -> None:
    async with opened() as (pilot, screen):
        screen.turn_to("other")
        await pilot.press("3", "down", "down")
        await pilot.pause()
        title = text_of(screen)[0]
        assert title.startswith("About ")
        assert title != "About gd"
        screen.turn_to("other")
        screen.query_one(ContourPane).focus()
        await pilot.pause()
        assert text_of(screen)[0] == "Other", "the focus alone turns no page"


async def test_a_page_comes_out_from_behind_a_maximised_pane() -> None:
    async with opened() as (pilot, screen):
        await pilot.press("m")
        await pilot.pause()
        assert screen.maximized is screen.query_one(ContourPane)
        screen.turn_to("other")
        await pilot.pause()
        assert screen.maximized is None
        assert screen.query_one(Details).region
