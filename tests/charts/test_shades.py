"""The palettes in 256 and 16 colours and in none, for terminals and where there is none."""

from __future__ import annotations

import pytest

from gdtui.charts.palette import PALETTES, RACERS, Ink, racer_colour
from gdtui.charts.shades import Colouring, Depth, Shade, nearest_of_256, rgb_of, shades


def test_of_256_colours_the_nearest_is_taken_that_all_terminals_have() -> None:
    assert nearest_of_256((255, 0, 0)) == 196
    assert nearest_of_256((18, 18, 18)) == 233
    assert nearest_of_256((0, 0, 0)) == 16
    assert all(rgb_of(nearest_of_256(rgb_of(k))) == rgb_of(k) for k in range(16, 256))


@pytest.mark.parametrize("theme", list(PALETTES))
@pytest.mark.parametrize("depth", ["truecolor", "256", "standard"])
def test_racers_have_a_colour_each(theme: str, depth: Depth) -> None:
    found = shades(depth, theme)  # type: ignore[arg-type]
    assert len({found[racer_colour(k)].colour for k in range(RACERS)}) == RACERS


def test_without_colours_there_are_bold_and_dim() -> None:
    found = Colouring("dark", None)
    assert found.shades[Ink.BAND] == Shade(None, dim=True)
    assert found.shades[Ink.HEADING] == Shade(None, bold=True)
    assert found.ground is None


def test_the_terminals_own_theme_leaves_the_ground_as_it_is() -> None:
    assert Colouring("terminal", "standard").ground is None
    assert [Colouring("light", depth).ground for depth in ("truecolor", "256", "standard")] == [
        (250, 250, 250), 231, 15,
    ]  # fmt: skip


@pytest.mark.parametrize("theme", list(PALETTES))
@pytest.mark.parametrize("depth", ["truecolor", "256", "standard", None])
def test_where_there_is_no_terminal_text_can_be_read_all_the_same(theme: str, depth: Depth | None) -> None:
    ink, paper = Colouring(theme, depth).ink_and_paper  # type: ignore[arg-type]
    assert abs(sum(ink) - sum(paper)) > 300
