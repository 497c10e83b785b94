"""A race in both directions: checkpoints of its full state, from which any earlier step is reached again exactly.

Going to a step restores the last checkpoint before it and races on from there. That is exact, since a race from a state
does not depend on how it is cut into ticks; so the checkpoints may stand anywhere, and are made between ticks, where
they cost nothing inside the loop and lie evenly in the time that racing takes: that, and not the number of steps, is
what going back has to wait for. Changes made in mid-race are kept, and made again when the race passes them; the first
change that is made before the furthest step cuts off what came after it.

Checkpoints lie densely about the present and ever more sparsely away from it. A state shares the arrays of the history
of its time, so one that is old keeps alive what has been merged since: that counts.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from time import perf_counter

import numpy as np

from gdtui.contracts import Ints, Reals
from gdtui.engine import state as racer_state
from gdtui.engine.edits import Edit
from gdtui.engine.history import Clock
from gdtui.engine.race import Race
from gdtui.engine.racer import Racer
from gdtui.engine.snapshot import Snapshot
from gdtui.engine.state import RacerState
from gdtui.engine.timeline import Timeline, marks

MOST_BYTES = 64 * 2**20  # of all checkpoints; the first and the last of them are kept in any case
MOST_CHECKPOINTS = 128
SHARE = 100.0  # times what a checkpoint costs is raced before the next one: so they cost 1 %
LEAST_SECONDS = 0.002  # of racing between two checkpoints
PART_SECONDS = 0.03  # of racing in one call, at the most, where it is known how long a step takes
MEASURED = 16  # steps in one call that tell how long one takes
DENSITIES = (8.0, 4.0, 2.0, 1.0)  # a gap is at the most this part of how far away from the present it is
APPROACH = 4  # going somewhere, checkpoints are left so many steps before it, and the square, the cube … of that
_OVERHEAD = 2048  # bytes of a racer's state beside its arrays
MOST_SPARED = 8  # a state that holds less than one part in so many of an array has a copy of its own


@dataclass(slots=True, eq=False)
class _Done:
    """A change that was made, and the clock of the racer that entered the race by it, if any."""

    edit: Edit
    clock: Clock | None


@dataclass(frozen=True, slots=True, eq=False)
class _Checkpoint:
    """The state of a race in which the first ``done`` changes had been made, its own bytes, and whose arrays it shares.

    ``shared`` are their sizes by identity.
    """

    step: int
    done: int
    racers: tuple[tuple[Racer, RacerState], ...]
    own: int
    shared: dict[int, int]


class TimeMachine:
    """Drives a race forward, and takes it back. From now on only it may advance the race; anybody may change it.

    ``clock`` gives seconds that never go back.
    """

    def __init__(self, race: Race, *, clock: Callable[[], float] = perf_counter) -> None:
        self.race = race
        self.news = ""
        """What a change in the past did to the future, in a line; for whoever shows it to take."""
        self._clock = clock
        self._raced = 0.0  # seconds since the last checkpoint
        self._costs = (0.0, 0.0)  # seconds that the last two took
        self._step_seconds = 0.0
        self._begin()
        race.listener = self

    def _begin(self) -> None:
        self.furthest = self.race.step
        """The last step up to which the way of the race is known."""
        self._log: list[_Done] = []
        self._done = 0
        self._checkpoints: list[_Checkpoint] = []
        self._is_due = False
        self._kept_alive = 0
        self._seen: Snapshot | None = None  # the race at the furthest step, while it is elsewhere

    # --- forward

    def advance(self, steps: int) -> None:
        """Take that many steps: first those that are known, with all that was changed on the way."""
        race, target = self.race, self.race.step + steps
        race.prepare()
        if not self._checkpoints:
            self._checkpoint()
        if race.step < self.furthest:
            self._replay(min(target, self.furthest))
        while not race.stop_flag[0]:
            self._race(min(target, race.step + self._part()))
            if self._is_due or self._raced >= max(LEAST_SECONDS, SHARE * self._cost):
                self._checkpoint()
            if race.step >= target:
                break

    def _part(self) -> int:
        return max(1, int(PART_SECONDS / self._step_seconds)) if self._step_seconds else 1

    def _race(self, target: int) -> None:
        """Race on from the furthest step."""
        race, before, began = self.race, self.race.step, self._clock()
        try:
            race.advance(target - before)
        finally:
            if race.step >= self.furthest:
                self._seen, self.furthest = None, race.step
            spent = self._clock() - began
            self._raced += spent
            self._note(race.step - before, spent)

    def _note(self, steps: int, spent: float) -> None:
        """Learn how long a step takes. Of a few of them one learns how long a call takes, and of steps but the most."""
        if steps > 0 and (steps >= MEASURED or not self._step_seconds or spent < steps * self._step_seconds):
            self._step_seconds = spent / steps

    # --- back

    @property
    def first(self) -> int:
        """The earliest step that there is a way back to."""
        return self._checkpoints[0].step if self._checkpoints else self.race.step

    def seconds_to(self, step: int) -> float:
        """About how long it takes to go there."""
        near = max((c.step for c in self._checkpoints if c.step <= step), default=self.race.step)
        if near <= self.race.step <= step:
            near = self.race.step
        return self._step_seconds * max(0, step - near)

    def preview(self, step: int) -> Snapshot:
        """What the histories tell of a step that was seen, at once and with nothing recomputed."""
        return (self._seen or self.race.snapshot()).at(step)

    def go_to(self, step: int, given_up: Callable[[], bool] = lambda: False) -> None:
        """Stand at ``step``, or as near to it as there is a way, after what was changed there.

        Leaves off before, at some step or other, as soon as ``given_up`` says so.
        """
        race = self.race
        step = min(max(step, self.first), self.furthest)
        if step == race.step:
            return
        if race.step == self.furthest:
            self._checkpoint()
            self._seen = race.snapshot()
        # From before it, if there is a before: a step that was taken again can be taken apart.
        near = self._checkpoints[max(0, bisect_left(self._checkpoints, step, key=lambda c: c.step) - 1)]
        if not near.step <= race.step <= step:
            self._restore(near)
        self._replay(step, given_up)
        self._fit()  # what the racers have now is not what they had
        if race.step == self.furthest:
            self._seen = None

    def _restore(self, checkpoint: _Checkpoint) -> None:
        for racer, state in checkpoint.racers:
            racer_state.restore(racer, state, again=True)
        self.race.stand(checkpoint.step, [racer for racer, _ in checkpoint.racers])
        self._done = checkpoint.done

    def _replay(self, target: int, given_up: Callable[[], bool] = lambda: False) -> None:
        """Race over known steps, no further than ``target``, and leave checkpoints where somebody may want to go next.

        What the objective raises was raised the first time.
        """
        race = self.race
        self._repeat()
        ways = {target - distance for distance in _powers(target - race.step) if self._is_worth_it(distance)}
        while race.step < target and not race.stop_flag[0] and not given_up():
            ends = {target, race.step + self._part(), *ways}
            if self._done < len(self._log):
                ends.add(self._log[self._done].edit.step)
            next_one = bisect_right(self._checkpoints, race.step, key=lambda c: c.step)
            if next_one < len(self._checkpoints):
                ends.add(self._checkpoints[next_one].step)
            before, began = race.step, self._clock()
            try:
                race.advance(min(end for end in ends if end > before) - before)
            except Exception:
                if race.step == before:
                    raise
            self._note(race.step - before, self._clock() - began)
            self._repeat()
            known = [c for c in self._checkpoints if (c.step, c.done) == (race.step, self._done)]
            if known:
                self._meet(known[0], is_there=race.step >= target)
            elif race.step in ways:
                self._checkpoint()
        if not race.is_level and not race.stop_flag[0]:
            race.advance(0)

    def _meet(self, checkpoint: _Checkpoint, *, is_there: bool) -> None:
        """Go on from a checkpoint that the race is in the same state as, in the arrays that are there already.

        Where it is to stay, its racers stay as they are, and with them what their last step can be taken again from.
        """
        if not is_there:
            self._restore(checkpoint)
            return
        racers = set(self.race)
        for racer, state in checkpoint.racers:
            if racer in racers:
                racer.history.resume(state.records, state.path, state.taken)

    def _is_worth_it(self, distance: int) -> bool:
        """Whether racing over ``distance`` takes longer than a checkpoint does."""
        return distance * self._step_seconds >= self._cost

    def _repeat(self) -> None:
        """Make again what was changed at this step."""
        race = self.race
        while self._done < len(self._log) and self._log[self._done].edit.step <= race.step:
            done = self._log[self._done]
            if done.edit.was_level and not race.is_level:
                race.advance(0)
            entered = race.repeat(done.edit)
            if entered is not None and done.clock is not None:
                entered.clock = done.clock  # the seconds are those of the first time
                entered.clock.rewind(entered.step)
            self._done += 1

    # --- what is done to the race

    def edited(self, edit: Edit, entered: Racer | None) -> None:
        """Remember a change. Made in the past, it is where time forks: what came after is gone."""
        if not self._checkpoints:
            return  # the first one will have it
        if edit.step < self.furthest:
            self.news = f"time forks at step {edit.step:,}: the steps up to {self.furthest:,} are gone"
            self._checkpoints = [c for c in self._checkpoints if c.step <= edit.step and c.done <= self._done]
            del self._log[self._done :]
            for racer in self.race:
                racer.clock.forget()
                racer.history.part()
            self.furthest, self._seen = edit.step, None
        self._log.append(_Done(edit, None if entered is None else entered.clock))
        self._done = len(self._log)
        self._is_due = True

    def restored(self) -> None:
        """Begin anew: the race is in a state that no way of this one led to."""
        self._begin()

    def timeline(self, snapshot: Snapshot) -> Timeline:
        """The time of the race, which stands as ``snapshot`` shows it, and all that happened in it."""
        edits = [done.edit for done in self._log]
        return Timeline(self.first, self.furthest, marks(self._seen or snapshot, edits))

    # --- the checkpoints

    def _checkpoint(self) -> None:
        """Keep the state the race is in, unless it is kept already."""
        race, began = self.race, self._clock()
        place = bisect_right(self._checkpoints, (race.step, self._done), key=lambda c: (c.step, c.done))
        before = self._checkpoints[place - 1] if place else None
        self._is_due, self._raced = False, 0.0
        if before is not None and (before.step, before.done) == (race.step, self._done):
            return
        kept = [(racer, _spared(racer_state.of(racer, timed=False))) for racer in race]
        made = _Checkpoint(
            race.step, self._done, tuple(kept), sum(_own_bytes(state) for _, state in kept),
            {id(array): array.nbytes for _, state in kept for array in _shared(state)},
        )  # fmt: skip
        self._checkpoints.insert(place, made)
        if len(self._checkpoints) > MOST_CHECKPOINTS:
            self._thin()
        own = self.own_bytes
        grown = before is None or before.shared.keys() != made.shared.keys()
        if grown or own > MOST_BYTES / 2 or own + self._kept_alive > MOST_BYTES:
            self._fit()
        self._costs = (self._costs[1], self._clock() - began)

    @property
    def _cost(self) -> float:
        """What a checkpoint takes: the less of two, since one alone may have been held up."""
        return min(self._costs)

    def _thin(self) -> None:
        """Leave out what lies closer together than its distance from the present asks for."""
        here = self.race.step
        for density in DENSITIES:
            kept = self._checkpoints[:1]
            for checkpoint, after in pairwise(self._checkpoints[1:]):
                gap, away = after.step - kept[-1].step, abs(here - checkpoint.step)
                if gap * density > away:
                    kept.append(checkpoint)
            self._checkpoints = [*kept, self._checkpoints[-1]]
            if len(self._checkpoints) <= MOST_CHECKPOINTS / 2:
                break

    def _fit(self) -> None:
        """Stay within the memory there is: keep fewer, and none of the histories that are furthest from the present."""
        here, listed = self.race.step, self._checkpoints

        def redundancy(place: int) -> float:
            return (listed[place + 1].step - listed[place - 1].step) / (1 + abs(here - listed[place].step))

        while len(listed) > 2 and self.own_bytes > MOST_BYTES / 2:
            del listed[min(range(1, len(listed) - 1), key=redundancy)]
        while len(listed) > 2 and self.own_bytes + self.shared_bytes > MOST_BYTES:
            if self.own_bytes > MOST_BYTES / 4:
                del listed[min(range(1, len(listed) - 1), key=redundancy)]
                continue
            free = self._live() | listed[-1].shared.keys()  # the picture of the furthest step shows those, too
            holding = [checkpoint for checkpoint in listed[1:-1] if checkpoint.shared.keys() - free]
            if holding:
                furthest = max(holding, key=lambda checkpoint: abs(here - checkpoint.step))
                let_go = furthest.shared.keys() - free
                listed[1:-1] = [checkpoint for checkpoint in listed[1:-1] if not checkpoint.shared.keys() & let_go]
            else:
                del listed[min(range(1, len(listed) - 1), key=redundancy)]
        self._kept_alive = self.shared_bytes

    @property
    def steps(self) -> tuple[int, ...]:
        """Where there are checkpoints."""
        return tuple(checkpoint.step for checkpoint in self._checkpoints)

    @property
    def own_bytes(self) -> int:
        """What the states themselves take."""
        return sum(checkpoint.own for checkpoint in self._checkpoints)

    @property
    def shared_bytes(self) -> int:
        """What they keep alive of histories that the racers do not have any more."""
        live = self._live()
        found = {key: size for checkpoint in self._checkpoints for key, size in checkpoint.shared.items()}
        for racer in {racer for checkpoint in self._checkpoints for racer, _ in checkpoint.racers}:  # some have left
            found |= {id(array): array.nbytes for array in (racer.history.records, racer.history.path)}
        return sum(size for key, size in found.items() if key not in live)

    def _live(self) -> set[int]:
        """The arrays that the racers have."""
        return {id(array) for racer in self.race for array in (racer.history.records, racer.history.path)}


def _powers(most: int) -> list[int]:
    """1, 4, 16 …, below ``most``."""
    return [APPROACH**k for k in range(most.bit_length()) if APPROACH**k < most]


def _shared(state: RacerState) -> list[Reals]:
    """The arrays that a state has a part of, or all."""
    return [array if array.base is None else array.base for array in (state.records, state.path)]


def _own_bytes(state: RacerState) -> int:
    arrays: tuple[Reals | Ints, ...] = (
        state.x, state.kept, state.g, state.rule, state.counts, state.cursor, state.scalars, state.memory,
    )  # fmt: skip
    return _OVERHEAD + sum(array.nbytes for array in arrays)


def _spared(state: RacerState) -> RacerState:
    """The state with copies of its own of what is but a small part of an array, which it need not keep alive."""
    records, path = (_own_copy(array) for array in (state.records, state.path))
    if records is state.records and path is state.path:
        return state
    return replace(state, records=records, path=path)


def _own_copy(array: Reals) -> Reals:
    base = array.base
    if not isinstance(base, np.ndarray) or array.nbytes * MOST_SPARED > base.nbytes:
        return array
    copy = array.copy()
    copy.flags.writeable = False
    return copy
