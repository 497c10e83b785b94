"""The last row of the screen of a log: how far it has come, whether it still grows, and what is wrong with the file."""

from __future__ import annotations

from pathlib import PurePath

from gdtui.analysis.verdict import short
from gdtui.analysis.watching import Activity
from gdtui.charts.cells import CellGrid, one_line
from gdtui.charts.palette import Ink
from gdtui.tui.watcher import Sight

QUIET = 90.0  # seconds without a row, from which on it is said
_LONGEST_NAME = 30
_UNITS = ((86400.0, "d"), (3600.0, "h"), (60.0, "min"))


def status_line(
    sight: Sight, width: int, *, now: float, hint: str = "? help", slow: bool = False, ascii_only: bool = False
) -> CellGrid:
    """``now`` is in seconds of the wall clock, as the times of files are; ``slow`` says that the line to the terminal
    limits the pictures.
    """
    grid = CellGrid.blank(width, 1)
    dot = " | " if ascii_only else " · "
    runs = [run for _, _, run in sight.runs()]
    names = [PurePath(log.path).name or log.path for log in sight.logs]
    parts = [one_line(names[0], _LONGEST_NAME, ascii_only=ascii_only) if len(names) == 1 else f"{len(names)} logs"]
    if len(runs) > 1:
        parts.append(f"{len(runs)} runs")
    if runs:
        rows = sum(run.run.rows for run in runs)
        parts += [f"step {short(max(run.run.steps[1] for run in runs))}", f"{rows:,} row{'s' * (rows != 1)}"]
    if slow:
        parts.append("link slow")
    text = f" {dot.join(parts)}{dot}"
    grid.write(0, 0, text, Ink.TEXT)
    used, fault = len(text), sight.fault
    if fault is not None:
        path, what = fault
        said = f"{PurePath(path).name} {what}" if len(names) > 1 else what
        grid.write(0, used, one_line(said, width - used, ascii_only=ascii_only), Ink.WARNING)
        return grid
    word = _activity(sight, now)
    grid.write(0, used, word, Ink.HEADING)
    used += len(word) + 2
    if width - len(hint) - 1 > used:
        grid.write(0, width - len(hint) - 1, hint, Ink.DIM)
    return grid


def _activity(sight: Sight, now: float) -> str:
    reading = [log.share for log in sight.logs if log.activity is Activity.READING]
    if reading:
        return f"reading {100.0 * min(reading):.0f} %"
    changed = [log.changed_at for log in sight.logs if log.changed_at is not None]
    quiet = now - max(changed, default=now)
    for seconds, unit in _UNITS:
        if quiet >= max(seconds, QUIET):
            return f"quiet for {quiet // seconds:.0f} {unit}"
    return Activity.FOLLOWING.value
