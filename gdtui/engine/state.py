"""Everything a racer needs to go on as if it had never been interrupted, as values: for checkpoints and recordings.

This module and :mod:`gdtui.engine.racer` alone know what a racer consists of. Its gradients, samples and noise follow
from the race's problem and seed, and are not part of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from gdtui import registry
from gdtui.contracts import Ints, Reals
from gdtui.engine import lockstep as at
from gdtui.engine.events import Event, Origin
from gdtui.engine.history import MOST_RECORDS, path_capacity
from gdtui.engine.lanes import functions_for
from gdtui.engine.outcome import Outcome
from gdtui.engine.racer import Racer
from gdtui.engine.rates import Piece
from gdtui.errors import InputError
from gdtui.specs import RacerSpec

_Array = TypeVar("_Array", Reals, Ints)


@dataclass(frozen=True, slots=True, eq=False)
class RacerState:
    """A racer between two steps. All arrays are read-only; ``records`` and ``path`` share memory with the history.

    ``x``, ``kept`` and ``g`` are float64 ``(n,)``, ``rule`` is the rule's state, ``counts``, ``cursor`` and
    ``scalars`` are the loop's, ``records`` float64 ``(rows, RECORD_WIDTH)``, ``path`` float64 ``(points, n)``.
    ``rates`` are the pieces of the learning rate, ``look_at`` and ``memory`` what a schedule that looks at the loss
    keeps, ``clock`` the marks of steps and seconds: empty where a racer's own clock is to be put back to this step.
    ``origin`` is where a branch comes from.
    """

    spec: RacerSpec
    benched: bool
    ended: Outcome | None
    spent: bool
    note: str
    loss_start: float
    events: tuple[Event, ...]
    x: Reals
    kept: Reals
    g: Reals
    rule: Reals
    counts: Ints
    cursor: Ints
    scalars: Reals
    records: Reals
    path: Reals
    taken: int
    rates: tuple[Piece, ...]
    look_at: int
    memory: Reals
    clock: tuple[tuple[int, ...], tuple[float, ...]]
    origin: Origin | None = None

    @property
    def step(self) -> int:
        """The last step taken."""
        return int(self.cursor[at.STEP])


@dataclass(frozen=True, slots=True, eq=False)
class RaceState:
    """A race between two steps: where it stands, and its racers by label."""

    step: int
    racers: Mapping[str, RacerState]


def of(racer: Racer, *, timed: bool = True) -> RacerState:
    """The state of a racer that has started; without the marks of its clock, which may be many, unless ``timed``."""
    pieces, look_at, memory = racer._rates.state()
    history, cursor = racer._history, racer._cursor
    return RacerState(
        spec=racer.spec,
        benched=racer.benched,
        ended=racer._ended,
        spent=racer._spent,
        note=racer.note,
        loss_start=racer.loss_start,
        events=racer.events,
        x=_frozen(racer._x.copy()),
        kept=_frozen(racer._kept.copy()),
        g=_frozen(racer._g.copy()),
        rule=_frozen(racer._state.copy()),
        counts=_frozen(racer._counts.copy()),
        cursor=_frozen(cursor.copy()),
        scalars=_frozen(racer._scalars.copy()),
        records=_frozen(history.records[: cursor[at.RECORDS]]),
        path=_frozen(history.path[: cursor[at.PATHS]]),
        taken=history.taken,
        rates=pieces,
        look_at=look_at,
        memory=_frozen(memory),
        clock=racer.clock.state() if timed else ((), ()),
        origin=racer.origin,
    )


def restore(racer: Racer, state: RacerState, *, again: bool = False) -> None:
    """Put ``racer`` into ``state``, which one of the same optimizer was in on the same problem.

    What it showed before stays as it is: its history goes on in new arrays; or, if it goes ``again`` the way it went
    from this very state, in those of the state, as :meth:`History.resume` says.
    """
    racer._apply(state.spec)
    racer._functions = functions_for(racer._problem, racer.optimizer, racer._sees)
    for own, saved in (
        (racer._x, state.x),
        (racer._kept, state.kept),
        (racer._g, state.g),
        (racer._counts, state.counts),
        (racer._cursor, state.cursor),
        (racer._scalars, state.scalars),
    ):
        own[...] = saved
    racer._state = state.rule.copy()
    racer._replay = None  # it led to where the racer was
    racer.benched, racer._ended, racer._spent = state.benched, state.ended, state.spent
    racer.note, racer.loss_start, racer._events = state.note, state.loss_start, list(state.events)
    racer._rates.restore(state.rates, state.look_at, state.memory)
    (racer._history.resume if again else racer._history.restore)(state.records, state.path, state.taken)
    racer.origin = state.origin
    if state.clock[0]:
        racer.clock.restore(*state.clock)
    else:
        racer.clock.rewind(state.step)


def check(racer: Racer, state: RacerState) -> None:
    """Raise an :class:`InputError` unless ``racer`` can be put into ``state``."""
    n = racer._problem.n
    shapes: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
        "x": (state.x.shape, (n,)),
        "kept": (state.kept.shape, (n,)),
        "g": (state.g.shape, (n,)),
        "rule": (state.rule.shape, racer._state_shape(racer._own(state.spec))),
        "counts": (state.counts.shape, racer._counts.shape),
        "cursor": (state.cursor.shape, (at.CURSOR_WIDTH,)),
        "scalars": (state.scalars.shape, (at.SCALARS_WIDTH,)),
        "records": (state.records.shape[1:], (at.RECORD_WIDTH,)),
        "path": (state.path.shape[1:], (n,)),
        "memory": (state.memory.shape, (len(registry.schedule(state.rates[-1].schedule.name).memory),)),
    }
    where = f"racer {racer.label!r}"
    if state.spec.optimizer != racer.optimizer.name:
        raise InputError(f"the state is one of {state.spec.optimizer}, not of {racer.optimizer.name}", where=where)
    for name, (found, wanted) in shapes.items():
        if found != wanted:
            raise InputError(f"has shape {found}, not {wanted}", where=where, key=name)
    rows, points = len(state.records), len(state.path)
    fits = rows <= MOST_RECORDS + 1 and points <= path_capacity(n) + 1
    if not fits or rows != state.cursor[at.RECORDS] or points != state.cursor[at.PATHS]:
        raise InputError(f"{rows} rows and {points} points are not what its cursor says", where=where, key="records")


def _frozen(array: _Array) -> _Array:
    view = array.view()
    view.flags.writeable = False
    return view
