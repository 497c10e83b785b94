"""Grids as terminals are sent them: whole and by their changes, each read back by a terminal."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdtui.charts.cells import CellGrid, displayable
from gdtui.charts.shades import Colouring
from gdtui.frames.ansi import CellPen, as_ansi, as_changes
from tests.frames.grids import COLOURINGS, Shown, check_golden, grids, small

SGR = re.compile(r"\x1b\[[0-9;]*m")


@settings(max_examples=60)
@given(grids(), st.sampled_from(COLOURINGS))
def test_a_terminal_shows_any_grid_as_it_is(drawn: list[CellGrid], colouring: Colouring) -> None:
    [grid] = drawn
    terminal = Shown(grid.shape[1], grid.shape[0])
    terminal.feed(as_ansi(grid, colouring).rstrip("\n").replace("\n", "\r\n"))
    terminal.check(grid, colouring)


@settings(max_examples=60)
@given(grids(count=4), st.sampled_from(COLOURINGS))
def test_changes_lead_from_one_grid_to_the_next(drawn: list[CellGrid], colouring: Colouring) -> None:
    terminal, pen, before = Shown(drawn[0].shape[1], drawn[0].shape[0]), CellPen(colouring), None
    for grid in drawn:
        terminal.feed(as_changes(before, grid, pen))
        terminal.check(grid, colouring)
        assert as_changes(grid, grid, pen) == ""
        before = grid


@settings(max_examples=60)
@given(grids(hostile=True), st.sampled_from(COLOURINGS))
def test_nothing_in_a_grid_is_obeyed(drawn: list[CellGrid], colouring: Colouring) -> None:
    [grid] = drawn
    sent = as_ansi(grid, colouring)
    lines = SGR.sub("", sent).split("\n")
    assert [line.rstrip() for line in lines] == [*(line.rstrip() for line in displayable(grid).lines()), ""]
    assert all(character.isprintable() for line in lines for character in line)


@pytest.mark.parametrize("colouring", COLOURINGS, ids=lambda c: f"{c.theme}-{c.depth}")
def test_every_line_gives_the_terminal_back(colouring: Colouring) -> None:
    for line in as_ansi(small(), colouring).splitlines():
        codes = SGR.findall(line)
        assert not codes or codes[-1] == "\x1b[0m"
        if colouring.depth is None:
            assert {code for found in codes for code in found[2:-1].split(";")} <= {"0", "1", "2"}


@pytest.mark.parametrize("colouring", [Colouring(), Colouring("terminal", "standard")], ids=lambda c: c.theme)
def test_the_bytes_are_as_they_were(colouring: Colouring) -> None:
    check_golden(f"small-{colouring.theme}.ansi", as_ansi(small(), colouring))


def test_a_grid_without_cells_is_nothing() -> None:
    assert as_ansi(CellGrid.blank(0, 0), Colouring()) == ""
    assert as_ansi(CellGrid.blank(3, 1), Colouring("terminal", "standard")) == "\n"
