"""Grids of cells as the characters that a terminal shows them for: whole, or what has changed since the last one."""

from __future__ import annotations

from collections.abc import Sequence

from gdtui.charts.cells import CellGrid, changed_runs, displayable
from gdtui.charts.shades import RGB, Colouring, Shade

RESET = "\x1b[0m"
_PLAIN = Shade(None)


class CellPen:
    """Writes runs of cells one after the other, and only what changes of how it is set.

    Begins, and ends (:meth:`lift`), with the terminal's own setting.
    """

    def __init__(self, colouring: Colouring) -> None:
        ground = colouring.ground
        self._shades, self._ground = colouring.shades, [] if ground is None else _codes(ground, background=True)
        self._set, self._is_grounded = _PLAIN, not self._ground

    def write(self, runs: Sequence[tuple[str, int]]) -> str:
        """The characters that show these texts in their colours at the cursor."""
        return "".join(self._run(text, colour) for text, colour in runs)

    def _run(self, text: str, colour: int) -> str:
        codes = [] if self._is_grounded else [*self._ground]
        shade = self._set if text.isspace() else self._shades[colour]
        before = self._set
        if (before.bold and not shade.bold) or (before.dim and not shade.dim):
            # There is no way to switch one off that every terminal knows.
            codes, before = ["0", *self._ground], _PLAIN
        codes += [code for code, on in (("1", shade.bold > before.bold), ("2", shade.dim > before.dim)) if on]
        codes += _codes(shade.colour) if shade.colour != before.colour else []
        self._set, self._is_grounded = shade, True
        return f"\x1b[{';'.join(codes)}m{text}" if codes else text

    def lift(self) -> str:
        """The characters that give the terminal its own setting back."""
        changed = self._set != _PLAIN or (self._is_grounded and bool(self._ground))
        self._set, self._is_grounded = _PLAIN, not self._ground
        return RESET if changed else ""


def as_ansi(grid: CellGrid, colouring: Colouring, title: str = "") -> str:
    """The grid as lines for a terminal. Without a background the blanks at their ends are left out."""
    grid, pen, lines = displayable(grid), CellPen(colouring), []
    for row in range(grid.shape[0]):
        runs = grid.runs(row)
        if colouring.ground is None and runs:
            runs[-1] = runs[-1][0].rstrip(), runs[-1][1]
        lines.append(pen.write([run for run in runs if run[0]]) + pen.lift() + "\n")
    return "".join(lines)


def as_changes(old: CellGrid | None, new: CellGrid, pen: CellPen) -> str:
    """What a terminal that shows ``old`` is to be sent to show ``new``; all of it, from nothing."""
    parts = []
    for row, first, last in changed_runs(old, new):
        part = CellGrid(new.glyphs[row : row + 1, first:last], new.colours[row : row + 1, first:last])
        parts.append(f"\x1b[{row + 1};{first + 1}H{pen.write(part.runs(0))}")
    return "".join(parts)


def _codes(colour: RGB | int | None, *, background: bool = False) -> list[str]:
    base = 48 if background else 38
    if colour is None:
        return [str(base + 1)]
    if isinstance(colour, tuple):
        return [str(base), "2", *map(str, colour)]
    if colour >= 16:
        return [str(base), "5", str(colour)]
    return [str(base - 8 + colour if colour < 8 else base + 52 + colour - 8)]
