"""The cell grid: text in and out, runs, differences."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdtui.charts.cells import CellGrid, changed_runs, displayable, one_line

_GLYPHS = st.sampled_from(" ab⣿★")


@st.composite
def grids(draw: st.DrawFn, count: int = 1) -> list[CellGrid]:
    width, height = draw(st.integers(0, 12)), draw(st.integers(0, 4))
    result = []
    for _ in range(count):
        grid = CellGrid.blank(width, height)
        for row in range(height):
            for column in range(width):
                grid.write(row, column, draw(_GLYPHS), draw(st.integers(0, 3)))
        result.append(grid)
    return result


def test_blank_is_spaces_of_the_default_colour() -> None:
    grid = CellGrid.blank(4, 2)
    assert grid.shape == (2, 4)
    assert grid.lines() == ["    ", "    "]
    assert not grid.colours.any()
    assert CellGrid.blank(-1, -3).shape == (0, 0)


def test_write_is_cut_at_every_edge() -> None:
    grid = CellGrid.blank(4, 1)
    grid.write(0, -1, "abc", 1)
    grid.write(0, 3, "xyz", 2)
    grid.write(1, 0, "below", 3)
    grid.write(-1, 0, "above", 3)
    assert grid.lines() == ["bc x"]
    assert grid.colours.tolist() == [[1, 1, 0, 2]]


def test_paste_is_cut_at_every_edge() -> None:
    stamp = CellGrid.blank(3, 3)
    for row in range(3):
        stamp.write(row, 0, "abc", row + 1)
    grid = CellGrid.blank(4, 2)
    grid.paste(stamp, -2, -1)
    grid.paste(stamp, 1, 3)
    grid.paste(stamp, 5, 5)
    assert grid.lines() == ["bc  ", "   a"]


def test_runs_join_spaces_to_the_run_before() -> None:
    grid = CellGrid.blank(9, 1)
    grid.write(0, 1, "ab", 1)
    grid.write(0, 4, "cd", 1)
    grid.write(0, 6, "e", 2)
    assert grid.runs(0) == [(" ", 0), ("ab cd", 1), ("e  ", 2)]


@given(grids())
def test_runs_say_the_row_and_its_colours(drawn: list[CellGrid]) -> None:
    [grid] = drawn
    for row, line in enumerate(grid.lines()):
        runs = grid.runs(row)
        assert "".join(text for text, _ in runs) == line
        assert all(a != b for (_, a), (_, b) in pairwise(runs))
        colours = [colour for text, colour in runs for _ in text]
        assert all(c == colours[k] for k, c in enumerate(grid.colours[row].tolist()) if line[k] != " ")


def test_changed_runs_joins_small_gaps_and_takes_no_invisible_change() -> None:
    old, new = CellGrid.blank(20, 2), CellGrid.blank(20, 2)
    for column in (1, 5, 12):
        new.write(0, column, "x", 1)
    new.colours[1, :] = 7
    assert changed_runs(old, new, gap=4) == [(0, 1, 6), (0, 12, 13)]
    assert changed_runs(old, new, gap=3) == [(0, 1, 2), (0, 5, 6), (0, 12, 13)]
    assert changed_runs(new, new) == []
    assert changed_runs(None, new) == [(0, 0, 20), (1, 0, 20)]
    assert changed_runs(CellGrid.blank(19, 2), new) == [(0, 0, 20), (1, 0, 20)]


@given(grids(2), st.integers(0, 5))
def test_repainting_the_changed_runs_gives_the_new_frame(drawn: list[CellGrid], gap: int) -> None:
    old, new = drawn
    screen = old.copy()
    for row, first, last in changed_runs(old, new, gap):
        assert first < last
        screen.glyphs[row, first:last] = new.glyphs[row, first:last]
        screen.colours[row, first:last] = new.colours[row, first:last]
    assert screen.lines() == new.lines()
    inked = new.glyphs != 32
    assert np.array_equal(screen.colours[inked], new.colours[inked])


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("Rosenbrock", 20, "Rosenbrock"),
        ("Rosenbrock", 6, "Rosen…"),
        ("a b c", 3, "a…"),
        ("two\nlines\x1b[31m", 30, "two�lines�[31m"),
        ("漢 e\u0301", 10, "� é"),
        ("anything", 1, "…"),
        ("anything", 0, ""),
    ],
)
def test_one_line(text: str, width: int, shown: str) -> None:
    assert one_line(text, width) == shown


def test_one_line_in_ascii_spells_symbols_out() -> None:
    assert one_line("κ ≈ 2508, ‖g‖ − x₁ é 漢", 60, ascii_only=True) == "kappa ~ 2508, ||g|| - x1 e ?"
    assert one_line("Rosenbrock", 6, ascii_only=True) == "Rosen~"


@given(st.text(), st.integers(0, 30), st.booleans())
def test_one_line_is_always_printable_and_single_width(text: str, width: int, plain: bool) -> None:
    shown = one_line(text, width, ascii_only=plain)
    assert len(shown) <= width
    assert shown.isascii() or not plain
    for character in shown:
        assert unicodedata.east_asian_width(character) not in "WF"
        assert unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Mn", "Me"}


def test_what_cannot_be_displayed_in_one_column_is_replaced() -> None:
    codes = [ord("a"), 0, 10, 27, 0x9B, 0x301, 0x202E, 0x6F22, 0xD800, 0x110000, 2**32 - 1, ord("⣿")]
    grid = CellGrid(np.array([codes], dtype=np.uint32), np.zeros((1, len(codes)), dtype=np.uint8))
    assert displayable(grid).lines() == ["a" + "\ufffd" * 10 + "⣿"]
    clean = displayable(grid)
    assert displayable(clean) is clean
