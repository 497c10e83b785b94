"""A recording as a table: a row for every racer at each of its recorded steps."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat
from typing import Any, Final

from gdtui.engine.snapshot import RacerSnapshot
from gdtui.recording.pictures import path_steps
from gdtui.recording.reading import Recording

MOST_THETA: Final = 16  # columns of a point in CSV
QUANTITIES: Final = {
    "loss": "loss", "loss_low": "loss_low", "loss_high": "loss_high", "grad_norm": "grad_norm", "lr": "rate",
    "work": "work", "move": "move", "move_low": "move_low", "move_high": "move_high", "seconds": "seconds",
}  # fmt: skip

Row = tuple[Any, ...]


def columns(recording: Recording) -> tuple[str, ...]:
    """The names of the columns of :func:`rows`."""
    theta = range(recording.size) if recording.size <= MOST_THETA else ()
    return ("step", "label", *QUANTITIES, *(f"theta_{i}" for i in theta))


def rows(recording: Recording) -> Iterator[Row]:
    """The rows by step, and then in the racers' order: step, label, the quantities, and the point if it is short.

    Where a path was thinned more than the history, a row has None in place of each coordinate.
    """
    for step, label, numbers, point in points(recording):
        if recording.size > MOST_THETA:
            yield (step, label, *numbers)
        else:
            yield (step, label, *numbers, *(point if point is not None else repeat(None, recording.size)))


def points(recording: Recording) -> Iterator[tuple[int, str, list[float], list[float] | None]]:
    """Step, label, quantities and point, None where it was thinned out, of every row."""
    lanes = [list(_lane(recording, racer)) for racer in recording.snapshot().racers]
    order = sorted((row[0], i, k) for i, lane in enumerate(lanes) for k, row in enumerate(lane))
    for _, i, k in order:
        yield lanes[i][k]


def _lane(recording: Recording, racer: RacerSnapshot) -> Iterator[tuple[int, str, list[float], list[float] | None]]:
    recorded = racer.recorded
    numbers = zip(*(getattr(recorded, name).tolist() for name in QUANTITIES.values()), strict=True)
    known = dict(zip(path_steps(recording.last.racers[racer.label]).tolist(), racer.path, strict=True))
    for step, values in zip(recorded.steps.tolist(), numbers, strict=True):
        point = known.get(step)
        yield step, racer.label, list(values), None if point is None else point.tolist()
