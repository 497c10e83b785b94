"""Plays a race in a thread of its own: takes orders, keeps the pace, publishes snapshots. Knows nothing of screens."""

from __future__ import annotations

import enum
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from gdtui.engine.checkpoints import TimeMachine
from gdtui.engine.pace import Pace
from gdtui.engine.race import Race
from gdtui.engine.snapshot import Snapshot
from gdtui.engine.timeline import Timeline
from gdtui.errors import InputError, clean

TICK_SHARE = 0.6  # the share of a frame that a tick may compute, so that orders are obeyed and pictures come
EXAMINE_SECONDS = 1.0  # at the least between two looks at the test data
EXAMINE_SHARE = 0.1  # of the time, at the most, that these looks may take
PREVIEW_SECONDS = 0.1  # that going somewhere may take without a picture of what the histories tell of it


class DriverState(enum.Enum):
    """What the driver is doing; the value is the word on screen."""

    COMPILING = "compiling"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, eq=False)
class Published:
    """What the driver publishes: the race as it stands, what the driver does, and at what speed (steps a second).

    ``generation`` counts restarts; ``reason`` says in a line why the driver failed or refused the last order, or what
    else it did. ``timeline`` is the time of the race, of which the snapshot may show an earlier moment. ``is_replay``
    says that nothing is raced, but shown as it was recorded.
    """

    snapshot: Snapshot
    state: DriverState
    rate: float
    speed: float | None
    generation: int
    reason: str = ""
    timeline: Timeline = field(default_factory=Timeline)
    is_replay: bool = False


@dataclass(slots=True)
class _Going:
    """The order to go to a step of the past, and so many steps from there, or from where the race is."""

    go: Callable[[_Going], None]
    step: int | None = None
    further: int = 0

    def __call__(self) -> None:
        self.go(self)

    def to(self, step: int) -> None:
        """Go to this step after all."""
        self.step, self.further = step, 0

    def back(self, steps: int) -> None:
        """Go further back by so many."""
        self.further -= steps


class RaceDriver:
    """Owns a race while it is played. Every method may be called from any thread and returns at once.

    ``publish`` is called from the driver's thread, at most ``frame_rate`` times a second and only when something
    changed; it must not block. ``clock`` gives seconds that never go back.
    """

    def __init__(
        self,
        race: Race,
        publish: Callable[[Published], None],
        *,
        speed: float | None = None,
        paused: bool = False,
        frame_rate: float = 15.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.race = race
        self._time = self._machine(race)
        self.frame_rate = frame_rate
        self._publish, self._clock = publish, clock
        self._pace = _pace(race, speed)
        self._pace.shift(0.0, race.step)  # it may have been advanced by hand
        self._paused = paused
        self._state = DriverState.COMPILING
        self._orders: deque[Callable[[], None]] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._ran = 0.0  # seconds of running time, pauses left out
        self._step_seconds = 0.0  # what a lockstep step costs, as last measured
        self._examine_at, self._sent_at = 0.0, 0.0
        self._generation = 0
        self._reason = ""
        self._thread = threading.Thread(target=self._loop, name="gdtui-race", daemon=True)

    def _machine(self, race: Race) -> TimeMachine:
        """What drives the race."""
        return TimeMachine(race)

    def start(self) -> None:
        """Begin: compile, then race."""
        self._thread.start()

    def close(self, timeout: float = 2.0) -> None:
        """Stop the thread, and a step in flight, and wait for it. The race can be advanced by hand again."""
        with self._changed:
            self._closed = True
            self.race.interrupt()
            self._changed.notify()
        if self._thread.ident is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout)
        if not self._thread.is_alive():
            self.race.resume()

    @property
    def is_running(self) -> bool:
        """Whether its thread is there: then the race is not to be touched."""
        return self._thread.is_alive()

    def order(self, action: Callable[[Race], object]) -> None:
        """Have ``action(race)`` run between two ticks; an :class:`InputError` it raises is published as the reason."""
        self._order(lambda: _ignore(action(self.race)))

    def run(self) -> None:
        """Race on."""
        self._order(lambda: self._set_paused(False))

    def pause(self) -> None:
        """Hold still."""
        self._order(lambda: self._set_paused(True))

    def toggle(self) -> None:
        """Pause, or race on."""
        self._order(lambda: self._set_paused(not self._paused))

    def step(self, steps: int = 1) -> None:
        """Pause, and take that many steps."""
        self._order(lambda: self._single(steps))

    def back(self, steps: int = 1) -> None:
        """Pause, and go back that many steps: to the race as it was then, exactly."""
        self._go_on(lambda going: going.back(steps))

    def go_to(self, step: int) -> None:
        """Pause, and go to a step that the race has seen: the first or the last of them if it is none."""
        self._go_on(lambda going: going.to(step))

    def branch(self, label: str, changes: Mapping[str, object], name: str = "") -> None:
        """Enter a racer that is all that another was, and differs from here on: see :meth:`Race.branch`."""
        self.order(lambda race: race.branch(label, changes, name))

    def faster(self) -> None:
        """One rung up the ladder of speeds."""
        self._order(lambda: self._set_speed(self._pace.faster(self._ran)))

    def slower(self) -> None:
        """One rung down the ladder of speeds."""
        self._order(lambda: self._set_speed(self._pace.slower(self._ran)))

    def set_speed(self, speed: float | None) -> None:
        """Steps a second, infinity for as fast as it goes, None for the automatic pace."""
        self._order(lambda: self._set_speed(speed))

    def restart(self, start: Sequence[float] | None = None, *, paused: bool | None = None) -> None:
        """Begin again from step 0, perhaps elsewhere."""
        self._order(lambda: self._restart(start, paused))

    def _order(self, action: Callable[[], None]) -> None:
        with self._changed:
            self._orders.append(action)
            self._changed.notify()

    def _go_on(self, change: Callable[[_Going], None]) -> None:
        """Go somewhere else than the last order says, if it was to go somewhere; else in turn."""
        with self._changed:
            last = self._orders[-1] if self._orders else None
            going = last if isinstance(last, _Going) else _Going(self._go)
            change(going)
            if going is not last:
                self._orders.append(going)
            self._changed.notify()

    def _go(self, going: _Going) -> None:
        self._paused = True
        step = (self.race.step if going.step is None else going.step) + going.further
        step = min(max(step, self._time.first), self._time.furthest)
        if self._time.seconds_to(step) > PREVIEW_SECONDS:
            self._state = DriverState.PAUSED
            self._publish_as(self._time.preview(step), self._time.timeline(self.race.snapshot()))
        self._time.go_to(step, self._is_overtaken)
        self._pace.shift(self._ran, self.race.step)

    def _is_overtaken(self) -> bool:
        """Whether the next order is to go somewhere else, wherever the race is now."""
        order = self._orders[0] if self._orders else None
        return isinstance(order, _Going) and order.step is not None

    def _set_paused(self, paused: bool) -> None:
        self._paused = paused
        self._pace.shift(self._ran, self.race.step)

    def _single(self, steps: int) -> None:
        self._paused = True
        self._time.advance(min(steps, self._left()))

    def _set_speed(self, speed: float | None) -> None:
        self._pace.set_speed(speed, self._ran, self.race.step)

    def _restart(self, start: Sequence[float] | None, paused: bool | None) -> None:
        race = self.race.restarted(start)
        with self._changed:
            self.race, self._time = race, self._machine(race)
            if self._closed:
                race.interrupt()
        self._ran = 0.0
        self._pace = _pace(race, self._pace.speed)
        self._generation += 1
        if paused is not None:
            self._paused = paused

    def _left(self) -> int:
        return 2**62 if self.race.budget is None else max(0, self.race.budget - self.race.step)

    def _loop(self) -> None:
        while not self._closed:
            try:
                self._obey()
                self._tick()
            except InputError as error:
                self._fail(str(error))
            except Exception as error:
                # The objective may be the user's own code, which can raise anything; the screen says what.
                self._fail(clean(f"{type(error).__name__}: {error}", 300))

    def _fail(self, reason: str) -> None:
        self._paused, self._reason = True, reason
        self._state = DriverState.FAILED
        self._send()
        self._wait(None)

    def _obey(self) -> None:
        obeyed = False
        while self._orders:
            with self._changed:  # who adds to an order must not find that it is being obeyed
                action = self._orders.popleft()
            obeyed, self._reason = True, ""
            try:
                action()
            except InputError as error:
                self._reason = str(error)
            self._reason, self._time.news = self._time.news or self._reason, ""
            if self._orders and self._clock() >= self._sent_at + 1.0 / self.frame_rate:
                self._state = self._judge()
                self._send()
        if obeyed:
            self._state = self._judge()
            self._send()

    def _tick(self) -> None:
        if not self.race.is_prepared:
            self._state = DriverState.COMPILING
            self._send()
            self.race.prepare()
        if not self.race.is_level:  # a racer that came late, or rested, catches up
            self._time.advance(0)
            self._send()
        state = self._judge()
        if state is not self._state:
            self._state = state
            self._send()
        if state is not DriverState.RUNNING:
            self._wait(None)
            return
        began, before = self._clock(), self.race.step
        due = self._pace.target(self._ran) - before
        steps = int(min(due, self._affordable(), self._left()))
        if steps > 0:
            self._time.advance(steps)
            spent = self._clock() - began
            self._step_seconds = spent / steps
            if math.isfinite(due) and due > steps + 1:
                self._pace.shift(self._ran, self.race.step)
            self._state = self._judge()
            self._send()
        frame = 1.0 / self.frame_rate
        rest = began + frame - self._clock()
        if rest > 0 and self._state is DriverState.RUNNING:
            self._wait(rest)
        self._ran += self._clock() - began

    def _affordable(self) -> int:
        if self._step_seconds <= 0.0:
            return 1
        return max(1, int(TICK_SHARE / self.frame_rate / self._step_seconds))

    def _judge(self) -> DriverState:
        if self._left() == 0 or self.race.is_over:
            return DriverState.FINISHED
        return DriverState.PAUSED if self._paused else DriverState.RUNNING

    def _wait(self, seconds: float | None) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or bool(self._orders), seconds)

    def _examine(self) -> None:
        """Take the held-out measures, when the race rests or is due for it, for a small share of the time."""
        began = self._clock()
        resting = self._state in {DriverState.PAUSED, DriverState.FINISHED} and not self._orders
        if self.race.is_prepared and (resting or began >= self._examine_at):
            self.race.examine()
            now = self._clock()
            self._examine_at = now + max(EXAMINE_SECONDS, (now - began) / EXAMINE_SHARE)

    def _send(self) -> None:
        self._examine()
        snapshot = self.race.snapshot()
        self._publish_as(snapshot, self._time.timeline(snapshot))

    def _publish_as(self, snapshot: Snapshot, timeline: Timeline) -> None:
        self._sent_at = self._clock()
        rate, speed = self._pace.rate(self._ran), self._pace.speed
        if not self._closed:
            self._publish(
                Published(
                    snapshot, self._state, rate, speed, self._generation, self._reason, timeline, self.race.is_replay
                )
            )  # fmt: skip


def _pace(race: Race, speed: float | None) -> Pace:
    # Where only seconds are limited, nobody knows how many steps there will be to spread over a pace of ours.
    timed = race.budget is None and race.limits.seconds is not None
    return Pace(race.budget, math.inf if timed and speed is None else speed)


def _ignore(_: object) -> None:
    return None
