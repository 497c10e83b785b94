"""Cell grids on the screen: unchanged rows keep their strips, and only changed runs are repainted."""

from __future__ import annotations

from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.geometry import Region

from gdtui.charts.cells import CellGrid
from gdtui.charts.palette import PALETTES, Ink, racer_colour
from gdtui.tui.ink import CellView, css_colour, styles


class Bench(App[None]):
    """A single cell view."""

    CSS = "CellView { width: 40; height: 5; }"

    def compose(self) -> ComposeResult:
        yield CellView(id="view")


def grid_of(*lines: str) -> CellGrid:
    grid = CellGrid.blank(40, 5)
    for row, line in enumerate(lines):
        grid.write(row, 0, line, Ink.TEXT)
    return grid


async def test_rows_that_did_not_change_keep_their_strips() -> None:
    async with Bench().run_test() as pilot:
        view = pilot.app.query_one(CellView)
        view.show(grid_of("one", "two", "three"))
        await pilot.pause()
        before = [view.render_line(y) for y in range(5)]
        kept = list(view._strips)
        view.show(grid_of("one", "TWO", "three"))
        assert [a is b for a, b in zip(kept, view._strips, strict=True)] == [True, False, True, True, True]
        assert view.render_line(1).text.startswith("TWO")
        assert view.render_line(0).text == before[0].text


async def test_only_runs_of_cells_that_changed_are_repainted(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Bench().run_test() as pilot:
        view = pilot.app.query_one(CellView)
        view.show(grid_of("a long line of text, that changes here", "still"))
        await pilot.pause()
        asked: list[tuple[Region, ...]] = []
        real = CellView.refresh

        def spy(self: CellView, *regions: Region, **options: Any) -> CellView:
            asked.append(regions)
            return real(self, *regions, **options)

        monkeypatch.setattr(CellView, "refresh", spy)
        view.show(grid_of("a LONG line of text, that changes HERE", "still"))
        view.show(grid_of("a LONG line of text, that changes HERE", "still"))
        assert asked == [(Region(2, 0, 4, 1), Region(34, 0, 4, 1))]


async def test_another_size_repaints_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Bench().run_test() as pilot:
        view = pilot.app.query_one(CellView)
        view.show(grid_of("one"))
        await pilot.pause()
        asked: list[tuple[Region, ...]] = []
        monkeypatch.setattr(CellView, "refresh", lambda _, *regions, **__: asked.append(regions))
        view.show(CellGrid.blank(38, 5))
        assert asked == [()]
        assert view.render_line(0).cell_length == 40


async def test_rows_beyond_the_grid_are_blank() -> None:
    async with Bench().run_test() as pilot:
        view = pilot.app.query_one(CellView)
        assert view.render_line(0).text == " " * 40
        view.show(CellGrid.blank(10, 2))
        assert view.render_line(1).text == " " * 40
        assert view.render_line(4).text == " " * 40
        assert all(segment.style is not None for y in range(5) for segment in view.render_line(y))


def test_every_entry_of_the_palette_names_its_own_of_sixteen_colours() -> None:
    sixteen = styles("standard")
    for colour, style in zip(PALETTES["dark"], sixteen, strict=True):
        assert style.color is not None
        assert (style.color.number or 0) == max(colour.ansi, 0)
    racers = [sixteen[racer_colour(k)].color for k in range(8)]
    assert len(set(racers)) == 8


def test_without_colours_only_weight_tells_them_apart() -> None:
    for colour, style in zip(PALETTES["dark"], styles(None), strict=True):
        assert style.color is None
        assert style.bold == colour.bold
    assert styles(None)[Ink.BAND].dim
    assert not styles(None)[racer_colour(0)].dim


@pytest.mark.parametrize("system", ["truecolor", "256", "standard"])
def test_a_colour_for_style_sheets_agrees_with_the_style(system: str) -> None:
    from textual.color import Color

    for index, style in enumerate(styles(system)):
        named = Color.parse(css_colour(system, index))
        assert style.color is not None
        if system == "standard" and PALETTES["dark"][index].ansi >= 0:
            assert named.ansi == style.color.number
        elif system != "standard":
            assert named.rgb == PALETTES["dark"][index].rgb
