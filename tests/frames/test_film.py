"""Films: which steps they show, and what a terminal shows of them."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdtui.charts.cells import CellGrid, displayable
from gdtui.charts.shades import Colouring
from gdtui.frames.film import asciicast, frame_steps
from tests.frames.grids import COLOURINGS, Shown, check_golden, grids, small


@given(st.integers(0, 10**9), st.integers(1, 2000), st.booleans())
def test_a_film_goes_from_the_first_step_to_the_last(last: int, frames: int, evenly: bool) -> None:
    steps = frame_steps(last, frames, evenly=evenly)
    assert len(steps) == frames
    assert steps == sorted(steps)
    assert steps[-1] == last
    assert frames == 1 or steps[0] == 0


def test_it_begins_slowly_or_goes_evenly() -> None:
    slowly, evenly = frame_steps(20_000, 201), frame_steps(20_000, 201, evenly=True)
    assert slowly[:5] == [0, 0, 1, 1, 1]
    assert slowly[-1] - slowly[-2] > 500
    assert {b - a for a, b in pairwise(evenly)} == {100}


@settings(max_examples=40)
@given(grids(count=5, hostile=True), st.sampled_from(COLOURINGS), st.text(max_size=8))
def test_a_terminal_that_plays_it_shows_every_grid(drawn: list[CellGrid], colouring: Colouring, title: str) -> None:
    height, width = drawn[0].shape
    header, *events = map(json.loads, asciicast(drawn, (width, height), 4.0, colouring, title))
    assert (header["version"], header["width"], header["height"]) == (2, width, height)
    assert header.get("title", "") == title
    assert "timestamp" not in header
    terminal, at = Shown(width, height), 0
    for k, grid in enumerate(drawn):
        while at < len(events) - 1 and events[at][0] <= k / 4.0:
            assert events[at][1] == "o"
            terminal.feed(events[at][2])
            at += 1
        terminal.check(displayable(grid), colouring)
        assert terminal.screen.cursor.hidden
    assert at == len(events) - 1
    terminal.feed(events[-1][2])
    terminal.check(displayable(drawn[-1]), colouring)
    assert events[-1][0] == len(drawn) / 4.0
    assert not terminal.screen.cursor.hidden
    assert (terminal.screen.cursor.x, terminal.screen.cursor.y) == (0, height - 1)


def test_what_does_not_change_is_not_sent() -> None:
    grid = small()
    lines = list(asciicast([grid, grid.copy(), grid], (24, 5), 10.0, Colouring()))
    assert [json.loads(line)[0] for line in lines[1:]] == [0.0, 0.3]


@pytest.mark.parametrize("colouring", [Colouring("light", "256"), Colouring("terminal", "standard")], ids=str)
def test_a_player_is_told_the_colours_unless_they_are_the_terminals_own(colouring: Colouring) -> None:
    header = json.loads(next(asciicast([small()], (24, 5), 10.0, colouring)))
    assert ("theme" in header) == (colouring.theme != "terminal")
    if "theme" in header:
        assert len(header["theme"]["palette"].split(":")) == 16


def test_the_bytes_are_as_they_were() -> None:
    changed = small()
    changed.write(2, 9, "loss 1e-3", 2)
    check_golden("small.cast", "".join(asciicast([small(), changed], (24, 5), 10.0, Colouring(), "A race")))
