"""Where the parts of a whole picture stand, at any size: contour beside the loss or over it, standings, status."""

from __future__ import annotations

import math
from dataclasses import dataclass

SMALLEST, LARGEST = (40, 12), (400, 200)  # columns and rows
MOST_STANDINGS, COMPACT_STANDINGS, FEWEST_STANDINGS = 8, 3, 2  # rows
_ROOMY, _COMPACT = 30, 18  # rows of a picture from which there are as many
_CONTOUR_SHARE = 0.6  # of the height, where the contour is over the loss
_GOOD_SHAPE = 1.5  # width to height of a contour
_CELL = 2.0  # height of a cell to its width
FRAME = 2  # columns and rows that a border takes


@dataclass(frozen=True, slots=True)
class Box:
    """A part of the picture with its border, in cells."""

    row: int
    column: int
    width: int
    height: int

    @property
    def inside(self) -> tuple[int, int]:
        """Columns and rows within the border."""
        return max(self.width - FRAME, 0), max(self.height - FRAME, 0)


@dataclass(frozen=True, slots=True)
class Layout:
    """The parts of a picture; the status is its last row."""

    contour: Box
    loss: Box
    standings: Box


def layout(width: int, height: int, racers: int) -> Layout:
    """The parts of a picture of ``width`` by ``height`` cells, of so many racers.

    The contour gets the better of the two shapes that it has beside and over the loss.
    """
    most = MOST_STANDINGS if height >= _ROOMY else COMPACT_STANDINGS if height >= _COMPACT else FEWEST_STANDINGS
    listed = min(most, max(racers, 1)) + FRAME
    charts = height - listed - 1
    standings = Box(charts, 0, width, listed)
    half, upper = (width + 1) // 2, round(_CONTOUR_SHARE * charts)
    beside, over = Box(0, 0, half, charts), Box(0, 0, width, upper)
    if _misshape(beside) <= _misshape(over):
        return Layout(beside, Box(0, half, width - half, charts), standings)
    return Layout(over, Box(upper, 0, width, charts - upper), standings)


def _misshape(box: Box) -> float:
    width, height = (max(side, 1) for side in box.inside)
    return abs(math.log(width / (_CELL * height) / _GOOD_SHAPE))
