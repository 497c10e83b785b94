"""A race without a screen: played to its budget in ticks, and its history as rows while it is played."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import chain, repeat

from gdtui.engine import lockstep as at
from gdtui.engine.outcome import Outcome
from gdtui.engine.race import Race
from gdtui.engine.racer import Racer
from gdtui.scenario import MOST_STEPS

TICK_SECONDS = 0.07  # short enough for a lively progress bar and a quick answer to ctrl+c
MOST_CSV_THETA = 16
_FASTEST_GROWTH = 8

Row = list[int | str | float]


def ticks(
    race: Race, *, seconds: float = TICK_SECONDS, to_the_end: bool = False, target: int | None = None
) -> Iterator[int]:
    """Advance ``race`` to its budget; yields after each tick of about ``seconds`` how many steps it took.

    The first yield, of 0, comes when everything is compiled and step 0 is recorded. A race that is over ends early
    unless ``to_the_end`` asks for the steps in which converged racers only keep their place, or there is a ``target``,
    a step to go to in place of the budget. Once the race is interrupted, the tick it was in is dropped and
    KeyboardInterrupt raised.
    """
    _advance(race, 0)
    yield 0
    count = 1
    last = target if target is not None else MOST_STEPS if race.budget is None else race.budget
    while (left := last - race.step) > 0 and (
        target is not None or _goes_on(race, to_the_end and race.budget is not None)
    ):
        count = min(count, left, *(racer.history.room for racer in race if racer.history.every is not None))
        began = time.perf_counter()
        _advance(race, count)
        spent = time.perf_counter() - began
        yield count
        count = max(1, min(_FASTEST_GROWTH * count, int(seconds * count / max(spent, 1e-9))))


def _advance(race: Race, count: int) -> None:
    race.advance(count)
    if race.stop_flag[0]:
        raise KeyboardInterrupt


def csv_columns(race: Race) -> list[str]:
    """The names of the columns of :func:`csv_rows`."""
    theta = [f"theta_{i}" for i in range(race.problem.n)] if race.problem.n <= MOST_CSV_THETA else []
    return ["step", "label", "loss", "grad_norm", "lr", *theta]


def csv_rows(race: Race, *, seconds: float = TICK_SECONDS) -> Iterator[tuple[int, list[Row]]]:
    """Play a race made with ``every``; yields for each tick the steps it took and its rows.

    There is a row for every racer at the steps 0, every, 2 every, …, by step and then in the racers' order. A converged
    racer keeps its place: its rows go on with unchanged values. The rows of a diverged or stopped racer end.
    """
    due = 0
    for count in ticks(race, seconds=seconds, to_the_end=True):
        racers = list(race)
        every = racers[0].history.every or 1
        steps = range(due, race.step + 1, every)
        lanes = [_lane(racer, steps, with_theta=race.problem.n <= MOST_CSV_THETA) for racer in racers]
        yield count, [row for together in zip(*lanes, strict=True) for row in together if row is not None]
        due += len(steps) * every


def _lane(racer: Racer, steps: range, *, with_theta: bool) -> list[Row | None]:
    """The rows of one racer at ``steps``, None where it has none any more."""
    records, points = racer.history.take()
    numbers = records[:, [at.LOSS, at.GRAD_NORM, at.RATE]].tolist()
    thetas = points.tolist() if with_theta else repeat([])
    rows: list[Row | None] = [
        [step, racer.label, *number, *theta] for step, number, theta in zip(steps, numbers, thetas, strict=False)
    ]
    rest = steps[len(rows) :]
    if racer.outcome is not Outcome.CONVERGED:
        return [*rows, *repeat(None, len(rest))]
    place = [*racer.last_seen, racer.rate, *(racer.theta.tolist() if with_theta else [])]
    return list(chain(rows, ([step, racer.label, *place] for step in rest)))


def _goes_on(race: Race, to_the_end: bool) -> bool:
    return not race.is_over or (to_the_end and any(racer.outcome is Outcome.CONVERGED for racer in race))
