"""Grids as pictures: well-formed, self-contained, every cell in its place."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdtui.charts.cells import CellGrid, displayable
from gdtui.charts.shades import Colouring
from gdtui.frames.strokes import block_path, line_path
from gdtui.frames.svg import HEIGHT, WIDTH, as_svg
from tests.frames.grids import COLOURINGS, check_golden, grids, small

SVG = "{http://www.w3.org/2000/svg}"
DRAWN = re.compile(r"[\u2500-\u259f\u2800-\u28ff]")


@settings(max_examples=60)
@given(grids(hostile=True), st.sampled_from(COLOURINGS))
def test_every_text_stands_in_its_columns(drawn: list[CellGrid], colouring: Colouring) -> None:
    [grid] = drawn
    picture = ElementTree.fromstring(as_svg(grid, colouring))
    rows = [[" "] * grid.shape[1] for _ in range(grid.shape[0])]
    for text in picture.iter(f"{SVG}text"):
        shown = text.text or ""
        column, row = int(text.attrib["x"]) // WIDTH, int(float(text.attrib["y"])) // HEIGHT
        assert int(text.attrib["textLength"]) == len(shown) * WIDTH
        rows[row][column : column + len(shown)] = shown
    assert ["".join(row) for row in rows] == [DRAWN.sub(" ", line) for line in displayable(grid).lines()]


def dots(picture: str) -> int:
    return sum(path.count("h.01") for path in re.findall(r'" d="([^"]*)"', picture))


def test_a_dot_of_braille_is_a_dot() -> None:
    grid = CellGrid.blank(2, 1)
    for k in range(256):
        grid.write(0, 1, chr(0x2800 + k), 0)
        assert dots(as_svg(grid, Colouring())) == k.bit_count()
    grid.write(0, 1, "⡈", 0)  # dots 4 and 7: at the right above, at the left below
    assert 'd="M7 1h.01M5 7h.01"' in as_svg(grid, Colouring())


@pytest.mark.parametrize(
    ("character", "path"),
    [
        ("─", "M0 10h10"),
        ("───", "M0 10h30"),
        ("│", "M5 0v20"),
        ("┤", "M5 0v20M5 10h-5"),
        ("┬", "M0 10h10M5 10v10"),
        ("┼", "M0 10h10M5 0v20"),
        ("└", "M5 10v-10M5 10h5"),
        ("╭", "M5 20V15Q5 10 10 10"),
        ("╯", "M5 0V5Q5 10 0 10"),
        ("═", ""),
        ("┄", ""),
        ("╱", ""),
        ("┡", ""),
        ("x", ""),
    ],
)
def test_light_borders_are_lines(character: str, path: str) -> None:
    assert line_path(character, 0, 0, 10, 20) == path


@pytest.mark.parametrize(
    ("character", "path"),
    [
        ("█", "M0 0h10v20h-10z"),
        ("▌", "M0 0h5v20h-5z"),
        ("▂", "M0 15h10v5h-10z"),
        ("▚", "M0 0h5v10h-5zM5 10h5v10h-5z"),
        ("▙", "M0 0h5v10h-5zM0 10h5v10h-5zM5 10h5v10h-5z"),
        ("░", ""),
        ("x", ""),
    ],
)
def test_blocks_are_filled(character: str, path: str) -> None:
    assert block_path(character, 0, 0, 10, 20) == path


@pytest.mark.parametrize("colouring", [Colouring(), Colouring("light", "256"), Colouring("light", None)], ids=str)
def test_it_needs_nothing_from_elsewhere(colouring: Colouring) -> None:
    picture = as_svg(small(), colouring, "A race").replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert not any(word in picture for word in ("http:", "https:", "url(", "@import", "@font-face", "href"))


def test_the_bytes_are_as_they_were() -> None:
    check_golden("small.svg", as_svg(small(), Colouring(), "A <race> & more"))
