"""The states of a race as records and arrays, and back. What comes back is checked before anything goes on from it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from gdtui import registry, schedule_specs, specs
from gdtui.contracts import LEARNING_RATE, Ints, Reals, number
from gdtui.engine import lockstep as at
from gdtui.engine.events import Event, Origin
from gdtui.engine.history import MOST_MARKS, MOST_RECORDS, path_capacity
from gdtui.engine.outcome import Outcome
from gdtui.engine.racer import CHECK_EVERY
from gdtui.engine.rates import Piece
from gdtui.engine.state import RacerState, RaceState
from gdtui.errors import InputError, clean
from gdtui.recording.container import Container, Member
from gdtui.recording.manifest import EventRecord, OriginRecord, PieceRecord, RacerRecord, StateRecord
from gdtui.scenario import MOST_STEPS
from gdtui.specs import LABEL_LENGTH, RacerSpec

MOST_STATES: Final = 1024
MOST_EVENTS: Final = 100_000  # of a racer
_NEVER: Final = 2**62
_LONGEST_NOTE = 400


def encoded(
    states: Sequence[RaceState], *, times: bool = True, before: RaceState | None = None
) -> tuple[list[StateRecord], dict[str, Member]]:
    """The records and the arrays of states in the order of their steps, the last of which is whole.

    Without ``times`` the clocks are left out. Of histories that go on from the state ``before``, what is there is, too.
    """
    records: list[StateRecord] = []
    members: dict[str, Member] = {}
    later: dict[str, tuple[RacerState, int, int]] = {}
    for k, state in reversed(list(enumerate(states))):
        racers: list[RacerRecord] = []
        here: dict[str, tuple[RacerState, int, int]] = {}
        for i, (label, racer) in enumerate(state.racers.items()):
            rows_in = points_in = k
            if label in later:
                other, other_rows_in, other_points_in = later[label]
                rows_in = other_rows_in if _is_prefix(racer.records, other.records) else k
                points_in = other_points_in if _is_prefix(racer.path, other.path) else k
            rows_from, points_from = _known(racer, None if before is None else before.racers.get(label))
            arrays = _arrays(racer, times=times)
            if rows_in == k:
                arrays["records"] = racer.records[rows_from:]
            if points_in == k:
                arrays["path"] = racer.path[points_from:]
            members |= {member_name(k, i, name): array for name, array in arrays.items()}
            racers.append(_record(racer, rows_in, points_in, rows_from, points_from))
            here[label] = racer, rows_in, points_in
        records.append(StateRecord(state.step, racers))
        later = here
    return records[::-1], members


def member_name(state: int, racer: int, array: str) -> str:
    """Where in the container an array is."""
    return f"states/{state}/{racer}/{array}.npy"


def _known(racer: RacerState, before: RacerState | None) -> tuple[int, int]:
    """From which row and which point on the history is not that of the state before."""
    if before is None:
        return 0, 0
    is_row, is_point = (racer.cursor[place] == before.cursor[place] for place in (at.STRIDE, at.PATH_STRIDE))
    return (
        len(before.records) if is_row and _is_prefix(before.records, racer.records) else 0,
        len(before.path) if is_point and _is_prefix(before.path, racer.path) else 0,
    )


def _is_prefix(short: Reals, long: Reals) -> bool:
    """Whether ``long`` begins with the bits of ``short``."""
    if len(short) > len(long) or short.shape[1:] != long.shape[1:]:
        return False
    head = long[: len(short)]
    return head.ctypes.data == short.ctypes.data or np.array_equal(short.view(np.int64), head.view(np.int64))


def _arrays(racer: RacerState, *, times: bool) -> dict[str, Member]:
    steps, seconds = racer.clock if times else ((0,), (0.0,))
    return {
        "x": racer.x,
        "kept": racer.kept,
        "g": racer.g,
        "rule": racer.rule,
        "counts": racer.counts,
        "cursor": racer.cursor,
        "scalars": racer.scalars,
        "memory": racer.memory,
        "clock_steps": np.array(steps, dtype=np.int64),
        "clock_seconds": np.array(seconds, dtype=np.float64),
    }


def _record(racer: RacerState, rows_in: int, points_in: int, rows_from: int, points_from: int) -> RacerRecord:
    return RacerRecord(
        spec={**racer.spec.table(), "label": racer.spec.label},
        benched=racer.benched,
        ended=None if racer.ended is None else racer.ended.value,
        spent=racer.spent,
        note=racer.note,
        loss_start=racer.loss_start,
        events=[EventRecord(e.step, e.name, e.before, e.after) for e in racer.events],
        rates=[PieceRecord(p.start, p.lr, p.schedule.table(), p.factor) for p in racer.rates],
        look_at=racer.look_at,
        rows=len(racer.records),
        rows_in=rows_in,
        points=len(racer.path),
        points_in=points_in,
        rows_from=rows_from,
        points_from=points_from,
        origin=None if racer.origin is None else OriginRecord(racer.origin.label, racer.origin.step),
    )


class States:
    """The states in a container, each made when it is asked for."""

    def __init__(self, records: Sequence[StateRecord], container: Container, n: int, where: str) -> None:
        self._records, self._container, self._n, self._where = records, container, n, where
        if not 1 <= len(records) <= MOST_STATES:
            raise InputError(f"{len(records)} states", where=where, remedy="fetch it again")
        self.labels = [tuple(_label(racer, where) for racer in record.racers) for record in records]
        for record, labels in zip(records, self.labels, strict=True):
            if not 1 <= len(labels) <= specs.MOST_RACERS or len(set(labels)) != len(labels):
                raise InputError("its racers are not those of a race", where=where, remedy="fetch it again")
            if not 0 <= record.step <= MOST_STEPS:
                raise InputError(f"stands at step {record.step}", where=where, remedy="fetch it again")

    def __len__(self) -> int:
        return len(self._records)

    def steps(self) -> tuple[int, ...]:
        """Where each state stands."""
        return tuple(record.step for record in self._records)

    def state(self, k: int, before: RaceState | None = None) -> RaceState:
        """The k-th state; ``before`` is the one that an entry of a journal goes on from."""
        record = self._records[k]
        racers: dict[str, RacerState] = {}
        for i, (label, racer) in enumerate(zip(self.labels[k], record.racers, strict=True)):
            where = f"{self._where}: racer {label!r}"
            known = before.racers.get(label) if before is not None else None
            try:
                racers[label] = self._racer(k, i, racer, record.step, known)
            except InputError as error:
                raise error.at(where) from None
        return RaceState(record.step, racers)

    def _racer(self, k: int, i: int, record: RacerRecord, most: int, known: RacerState | None) -> RacerState:
        n, container = self._n, self._container

        def reals(name: str, *shape: int | None) -> Reals:
            return container.reals(member_name(k, i, name), shape)

        def ints(name: str, *shape: int | None) -> Ints:
            return container.ints(member_name(k, i, name), shape)

        spec = specs.from_table(record.spec, "")
        if spec.label != self.labels[k][i]:
            raise InputError("its label is not one", remedy="fetch the recording again")
        state = RacerState(
            spec=spec,
            benched=record.benched,
            ended=_ended(record.ended),
            spent=record.spent,
            note=clean(record.note, _LONGEST_NOTE),
            loss_start=record.loss_start,
            events=tuple(_events(record.events)),
            x=reals("x", n),
            kept=reals("kept", n),
            g=reals("g", n),
            rule=reals("rule", None, None),
            counts=ints("counts", 4),
            cursor=ints("cursor", at.CURSOR_WIDTH),
            scalars=reals("scalars", at.SCALARS_WIDTH),
            records=self._rows(record, k, i, None if known is None else known.records),
            path=self._points(record, k, i, None if known is None else known.path),
            taken=0,
            rates=tuple(_pieces(record.rates)),
            look_at=record.look_at,
            memory=reals("memory", None),
            clock=_clock(ints("clock_steps", None), reals("clock_seconds", None)),
            origin=None if record.origin is None else _origin(record.origin),
        )
        _check(state, most)
        return state

    def _rows(self, record: RacerRecord, k: int, i: int, known: Reals | None) -> Reals:
        place, racer = self._source(record.rows_in, k, i)
        rows = self._container.reals(member_name(place, racer, "records"), (None, at.RECORD_WIDTH))
        return _joined(rows, record.rows, record.rows_from, known, MOST_RECORDS + 1)

    def _points(self, record: RacerRecord, k: int, i: int, known: Reals | None) -> Reals:
        place, racer = self._source(record.points_in, k, i)
        points = self._container.reals(member_name(place, racer, "path"), (None, self._n))
        return _joined(points, record.points, record.points_from, known, path_capacity(self._n) + 1)

    def _source(self, place: int, k: int, i: int) -> tuple[int, int]:
        """The state and the racer's number there that has what a racer of the k-th state shares."""
        if not k <= place < len(self._records):
            raise InputError(f"has its history in state {place}", remedy="fetch the recording again")
        label = self.labels[k][i]
        if label not in self.labels[place]:
            raise InputError(f"has its history in state {place}, where it does not race", remedy="fetch it again")
        return place, self.labels[place].index(label)


def _joined(found: Reals, count: int, begin: int, known: Reals | None, most: int) -> Reals:
    """The ``count`` first rows: those found, after the ``begin`` first that were known before."""
    if begin:
        if known is None or not 0 < begin <= len(known):
            raise InputError(f"goes on from row {begin}, and nothing is before it", remedy="fetch it again")
        found = np.concatenate([known[:begin], found])
        found.flags.writeable = False
    if not 0 < count <= min(len(found), most):
        raise InputError(f"{count} rows are not what it has", remedy="fetch it again")
    return found[:count]


def _label(record: RacerRecord, where: str) -> str:
    label = record.spec.get("label")
    if not isinstance(label, str) or not label:
        raise InputError("has a racer without a label", where=where, remedy="fetch it again")
    return label


def _ended(value: str | None) -> Outcome | None:
    final = (Outcome.CONVERGED, Outcome.DIVERGED, Outcome.STOPPED)
    if value is None:
        return None
    if value not in final:
        raise InputError(f"ended as {value!r}", remedy=f"there are {', '.join(final)}")
    return Outcome(value)


def _events(records: Sequence[EventRecord]) -> Iterator[Event]:
    if len(records) > MOST_EVENTS:
        raise InputError(f"{len(records)} events", key="events", remedy="fetch the recording again")
    for record in records:
        values = [clean(value, _LONGEST_NOTE) if isinstance(value, str) else value for value in _values(record)]
        yield Event(record.step, clean(record.name), *values)


def _origin(record: OriginRecord) -> Origin:
    if not record.step >= 0:
        raise InputError(f"step {record.step}", key="origin", remedy="fetch the recording again")
    return Origin(clean(record.label, LABEL_LENGTH), record.step)


def _values(record: EventRecord) -> tuple[float | str, float | str]:
    for value in (record.before, record.after):
        if not isinstance(value, str) and not math.isfinite(value):
            raise InputError(f"{value} is not finite", key="events", remedy="fetch the recording again")
    return record.before, record.after


def _pieces(records: Sequence[PieceRecord]) -> Iterator[Piece]:
    if not 1 <= len(records) <= MOST_EVENTS:
        raise InputError(f"{len(records)} pieces of learning rate", key="rates", remedy="fetch the recording again")
    for record in records:
        schedule = schedule_specs.from_value(record.schedule)
        lr, factor = (
            LEARNING_RATE.check(record.lr),
            number(record.factor, "[0, inf)"),
        )  # a plateau may have cut it to nothing
        yield Piece(record.start, lr, schedule, factor)


def _clock(steps: Ints, seconds: Reals) -> tuple[tuple[int, ...], tuple[float, ...]]:
    rising = np.isfinite(seconds).all() and (np.diff(seconds) >= 0.0).all() and (np.diff(steps) > 0).all()
    if not 1 <= len(steps) <= MOST_MARKS + 1 or len(steps) != len(seconds) or steps[0] < 0 or not rising:
        raise InputError("is not one that goes forward", key="clock", remedy="fetch the recording again")
    return tuple(steps.tolist()), tuple(seconds.tolist())


def _check(state: RacerState, most: int) -> None:
    """Refuse what the loop, which believes its arguments, could not bear, and what no race comes to."""
    cursor, step = state.cursor, state.step
    optimizer = registry.optimizer(state.spec.optimizer)
    rows, points = len(state.records), len(state.path)
    rows_due = _due(step, int(cursor[at.STRIDE]))
    points_due = _due(step, int(cursor[at.PATH_STRIDE]))
    starts = [piece.start for piece in state.rates]
    steps = [event.step for event in state.events]
    wrong = {
        "step": not 0 <= step <= most or most > MOST_STEPS,
        "origin": state.origin is not None and state.origin.step > step,
        "records": rows != cursor[at.RECORDS] or rows not in rows_due,
        "path": points != cursor[at.PATHS] or points not in points_due,
        "cursor": cursor[at.CHECK_EVERY] != CHECK_EVERY
        or cursor[at.EVALUATES] != optimizer.evaluates
        or cursor[at.EXACT] not in (0, 1),
        "x": not (np.isfinite(state.x).all() and np.isfinite(state.kept).all()),
        "path's numbers": not np.isfinite(state.path).all(),
        "loss": not (np.isfinite(state.records[:, at.LOSS]).all() and math.isfinite(state.scalars[at.NOW])),
        "loss_start": not math.isfinite(state.loss_start),
        "lr": not np.isfinite(state.records[:, at.RATE]).all(),
        "work": not (state.records[1:, at.WORK] >= state.records[:-1, at.WORK]).all(),
        "counts": bool((state.counts < 0).any()),
        "rates": starts[0] != 0 or starts[-1] > step or any(a >= b for a, b in pairwise(starts)),
        "look_at": not step + (state.ended is None and not state.spent) <= state.look_at <= _NEVER,
        "events": any(not 0 <= event <= step for event in steps),
    }
    for key, is_wrong in wrong.items():
        if is_wrong:
            raise InputError("is not what a race comes to", key=key, remedy="fetch the recording again")


def _due(step: int, stride: int) -> range:
    """How many rows there can be at ``step``; one less than usual where the racer diverged in the last step."""
    if not 0 < stride <= MOST_STEPS or stride & (stride - 1):
        return range(0)
    return range(step // stride, step // stride + 2)


def rolled_back(spec: RacerSpec, events: Sequence[Event], step: int) -> RacerSpec:
    """The spec that a racer had at ``step``: without the changes that came after it."""
    known = (*specs.hyperparameters(registry.optimizer(spec.optimizer)), schedule_specs.KEY)
    for event in reversed(events):
        if event.step > step and event.name in known:
            spec = specs.changed(spec, {event.name: event.before}, f"racer {spec.label!r}")
    return spec
