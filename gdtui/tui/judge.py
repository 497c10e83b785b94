"""Looks at pictures of a race, in a thread of its own, and says what each racer is doing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic, thread_time

from textual.timer import Timer
from textual.widget import Widget

from gdtui.analysis.steady_verdicts import LOOK_INTERVAL, SteadyVerdicts
from gdtui.analysis.turns import Turns
from gdtui.analysis.verdict import Verdict
from gdtui.engine.driver import DriverState, Published
from gdtui.engine.race import Race
from gdtui.engine.timeline import Mark
from gdtui.tui.chart_thread import JobThread, Workshop

LOOK_SHARE = 0.025  # of a processor that looks may take: they compete with the pictures for the interpreter
Verdicts = Mapping[str, Verdict]  # by the racers' labels
_Seen = tuple[Verdicts, tuple[Mark, ...]]  # and what of a recording is to be marked


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    """A picture of a race, and which race it is of: a restart and a change of scenario are another one."""

    of: object
    published: Published
    race: Race
    is_first: bool


class Judge:
    """At most one look at a time, and only at the newest of the pictures that came meanwhile; none where none come.
    Looks that are costly come less often.

    ``show`` is called on the event loop, with the verdicts as they are shown, and ``fail`` with what was raised in
    their place: once a race, for it would be raised again at every look. Of a recording the whole is looked at first,
    for what to mark on its time line.
    """

    def __init__(self, screen: Widget, show: Callable[[Verdicts], None], fail: Callable[[Exception], None]) -> None:
        self._screen, self._show, self._fail = screen, show, fail
        self._has_failed = False
        self._thread = JobThread("gdtui-judge")
        self._workshop: Workshop[tuple[_Look, _Seen | Exception, float]] = Workshop(screen, self._thread, self._take)
        self._wanted: _Look | None = None
        self._timer: Timer | None = None
        self._rests_until = 0.0
        self._of: object = None
        self._steady, self._turns = SteadyVerdicts(), Turns()
        self._recorded: tuple[Mark, ...] | None = None

    @property
    def marks(self) -> tuple[Mark, ...]:
        """Where verdicts became others."""
        return self._turns.marks if self._recorded is None else self._recorded

    @property
    def busy(self) -> bool:
        """Whether a look is under way or to come."""
        return self._workshop.busy or self._wanted is not None

    def look(self, published: Published, race: Race, of: object) -> None:
        """Have a picture of ``race`` judged. Where ``of`` is not what it was, so is the race, and all is forgotten."""
        if of != self._of:
            self._of, self._steady, self._turns, self._recorded = of, SteadyVerdicts(), Turns(), None
            self._has_failed = False
            self._show({})
        is_first = race.is_replay and self._recorded is None
        self._wanted = None if published.state is DriverState.COMPILING else _Look(of, published, race, is_first)
        self._go_on()

    def close(self) -> None:
        """Look no more."""
        self._thread.close()

    def _go_on(self) -> None:
        wanted = self._wanted
        if wanted is None or self._workshop.busy or self._timer is not None:
            return
        early = self._rests_until - monotonic()
        if early > 0.0:
            self._timer = self._screen.set_timer(early, self._due)
            return
        self._wanted, self._rests_until = None, monotonic() + LOOK_INTERVAL
        self._workshop.want(lambda: _judged(wanted))

    def _due(self) -> None:
        self._timer = None
        self._go_on()

    def _take(self, result: tuple[_Look, _Seen | Exception, float]) -> None:
        look, seen, spent = result
        self._rests_until = max(self._rests_until, monotonic() + spent / LOOK_SHARE)
        if look.of == self._of and isinstance(seen, Exception):
            self._show({})  # older ones would stand for what is no longer so
            if not self._has_failed:
                self._has_failed = True
                self._fail(seen)
        elif look.of == self._of and not isinstance(seen, Exception):
            verdicts, recorded = seen
            published = look.published
            running = published.state is DriverState.RUNNING
            shown = self._steady.see(published.snapshot, verdicts, running=running)
            if look.is_first:
                self._recorded = recorded
            self._turns.see(published.snapshot, published.timeline.furthest, shown)
            self._show(shown)
        self._go_on()


def _judged(look: _Look) -> tuple[_Look, _Seen | Exception, float]:
    """The look with what was seen, or why nothing was, and the seconds of a processor that it took."""
    began = thread_time()
    try:
        verdicts = verdicts_of(look.published, look.race)
        spent = thread_time() - began
        return look, (verdicts, _recorded(look.race) if look.is_first else ()), spent
    except Exception as error:  # the objective may be the user's own, which can raise anything; the race goes on
        return look, error, thread_time() - began


def verdicts_of(published: Published, race: Race) -> Verdicts:
    """The verdict on every racer of a picture of ``race``."""
    from gdtui.analysis.race_verdicts import of_snapshot  # after the first frame: nothing is judged before

    return of_snapshot(published.snapshot, race.scenario.tolerance, race.problem)


def _recorded(race: Race) -> tuple[Mark, ...]:
    """Where the verdicts of a recorded race became others."""
    from gdtui.analysis.turns import of_recorded
    from gdtui.recording.replay import RecordedRace

    if not isinstance(race, RecordedRace):
        return ()
    return of_recorded(race.recording.snapshot(), race.scenario.tolerance, race.problem)
