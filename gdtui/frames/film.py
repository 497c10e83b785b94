"""A race as a film for terminals: which steps its frames show, and the frames as an asciicast.

The format is asciicast v2, https://docs.asciinema.org/manual/asciicast/v2/: a header, then one event a line with its
time in seconds. Times are the frames' own, so that the same race makes the same file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from gdtui.charts.cells import CellGrid, displayable
from gdtui.charts.shades import Colouring, rgb_of
from gdtui.engine.pace import SHOW_SECONDS, Pace
from gdtui.frames.ansi import CellPen, as_changes
from gdtui.frames.html import hexadecimal

TERM = "xterm-256color"
_BEGIN, _END = "\x1b[?25l\x1b[2J", "\x1b[?25h"  # hide the cursor and clear the screen; show it again
_DIGITS = 6  # of a time after the point


def frame_steps(last: int, frames: int, *, evenly: bool = False) -> list[int]:
    """The steps that so many frames show, from 0 to ``last``: at the app's pace, which begins slowly, or ``evenly``."""
    if frames == 1:
        return [last]
    pace = Pace(last, speed=1.0 if evenly else None)
    whole = pace.target(SHOW_SECONDS)
    return [round(last * pace.target(SHOW_SECONDS * k / (frames - 1)) / whole) for k in range(frames)]


def asciicast(
    grids: Iterable[CellGrid], size: tuple[int, int], rate: float, colouring: Colouring, title: str = ""
) -> Iterator[str]:
    """The lines of a file that shows ``grids`` of ``size`` columns and rows, ``rate`` a second.

    Of every grid there is what differs from the one before. In the end the cursor stands below the picture.
    """
    header: dict[str, object] = {"version": 2, "width": size[0], "height": size[1]}
    if title:
        header["title"] = title
    header["env"] = {"TERM": TERM}
    if colouring.ground is not None:
        header["theme"] = _theme(colouring)
    yield _line(header)
    pen, shown, count = CellPen(colouring), None, 0
    for taken in grids:
        grid = displayable(taken)
        change = as_changes(shown, grid, pen)
        if shown is None:
            change = _BEGIN + change
        if change:
            yield _line([round(count / rate, _DIGITS), "o", change])
        shown, count = grid, count + 1
    yield _line([round(count / rate, _DIGITS), "o", f"{pen.lift()}\x1b[{size[1] + 1};1H{_END}"])


def _theme(colouring: Colouring) -> dict[str, str]:
    """The colours that a player should give a terminal: foreground, background and the sixteen."""
    ink, paper = colouring.ink_and_paper
    palette = ":".join(hexadecimal(rgb_of(number)) for number in range(16))
    return {"fg": hexadecimal(ink), "bg": hexadecimal(paper), "palette": palette}


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"
