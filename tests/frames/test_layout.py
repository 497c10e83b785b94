"""The parts of a picture: all of it, without gaps, in sensible shapes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdtui.frames.layout import LARGEST, SMALLEST, layout


@given(st.integers(SMALLEST[0], LARGEST[0]), st.integers(SMALLEST[1], LARGEST[1]), st.integers(0, 64))
def test_the_parts_fill_the_picture_and_do_not_overlap(width: int, height: int, racers: int) -> None:
    parts = layout(width, height, racers)
    boxes = [parts.contour, parts.loss, parts.standings]
    cells = [
        (row, column)
        for box in boxes
        for row in (box.row, box.row + box.height - 1)
        for column in (box.column, box.column + box.width - 1)
    ]
    assert len(set(cells)) == 12
    assert sum(box.width * box.height for box in boxes) == width * (height - 1)
    assert all(0 <= row < height - 1 and 0 <= column < width for row, column in cells)
    assert all(box.inside[0] >= 18 and box.inside[1] >= 3 for box in (parts.contour, parts.loss))
    assert parts.standings.inside[1] >= 1


@pytest.mark.parametrize(
    ("size", "is_beside"),
    [((120, 40), True), ((80, 24), True), ((40, 12), True), ((160, 50), True), ((80, 60), False), ((60, 44), False)],
)
def test_the_contour_stands_beside_the_loss_in_wide_pictures_and_over_it_in_tall_ones(
    size: tuple[int, int], is_beside: bool
) -> None:
    parts = layout(*size, 6)
    assert (parts.contour.row == parts.loss.row) == is_beside


@pytest.mark.parametrize(("racers", "listed"), [(1, 1), (6, 6), (8, 8), (40, 8)])
def test_there_are_no_more_standings_than_racers(racers: int, listed: int) -> None:
    assert layout(120, 40, racers).standings.inside[1] == listed
