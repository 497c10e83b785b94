"""The race as Python programs use it: the engine's, with a way to look at it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from gdtui.config import Color, Config, Renderer, Theme, load
from gdtui.engine import race as engine
from gdtui.engine import racer as engine_racer
from gdtui.engine.lanes import PythonObjective
from gdtui.errors import InputError
from gdtui.specs import RacerSpec

if TYPE_CHECKING:
    from gdtui.analysis.verdict import Verdict


class Racer(engine_racer.Racer):
    """A racer that can be judged."""

    race: Race

    @property
    def verdict(self) -> Verdict:
        """What it is doing, told from its history, beside the other racers: kind, sentence, evidence and remedy."""
        from gdtui.analysis.race_verdicts import of_race

        return of_race(self.race)[self.label]


class Race(engine.Race):
    """A race between optimizers, from a scenario or from a Python objective, that can be shown.

    >>> race = gdtui.Race("rosenbrock", racers=["gd:lr=1e-3", "adam:lr=1e-2"], seed=0)
    >>> race.advance(5_000)
    >>> race["adam"].loss[-1], race["adam"].steps[-1], race["adam"].theta
    >>> race["adam"].verdict.sentence
    >>> race.save("race.gdtui")
    >>> race.show()

    The arguments are those of :class:`gdtui.engine.race.Race`.
    """

    racer_type = Racer

    def __getitem__(self, label: str) -> Racer:
        racer = super().__getitem__(label)
        assert isinstance(racer, Racer)
        return racer

    def _make(self, spec: RacerSpec) -> engine_racer.Racer:
        racer = super()._make(spec)
        assert isinstance(racer, Racer)
        racer.race = self
        return racer

    def save(self, path: str | Path, *, times: bool = True, force: bool = False) -> Path:
        """Record the race as it stands in a file, which :func:`gdtui.load` reads; returns its path.

        Without ``times`` the same race gives the same bytes. A file that is there is replaced only by ``force``.
        Raises :class:`InputError`; where the file cannot be written, it says where the recording is kept instead.
        """
        from gdtui.recording import write

        return write(path, self, times=times, force=force)

    def show(
        self,
        *,
        speed: float | None = None,
        paused: bool = False,
        renderer: Renderer | None = None,
        ascii_only: bool | None = None,
        frame_rate: float | None = None,
        theme: Theme | None = None,
        color: Color | None = None,
        mouse: bool | None = None,
    ) -> int:
        """Open the app on this race, where it stands; returns the app's exit code when the user quits.

        ``speed`` is in steps a second (infinity for as fast as it goes, None for a pace that shows the whole budget in
        about 20 s), ``frame_rate`` the most pictures a second. What is None from ``renderer`` on is as the environment
        and the user's configuration have it. Raises :class:`InputError` where there is no terminal.
        """
        given = {"renderer": renderer, "ascii": ascii_only, "fps": frame_rate, "theme": theme, "color": color}
        return open_app(self, speed=speed, paused=paused, config=load({**given, "mouse": mouse}))


def read_race(path: str | Path, objective: PythonObjective | None = None) -> Race:
    """The race that was recorded in a file: as it stood, and ready to go on to the bit as if nothing had happened.

    ``objective`` is the Python function, for a race on one. See :class:`gdtui.recording.Recording` for what there is to
    see of a recording without compiling anything. Raises :class:`InputError`.
    """
    from gdtui.recording import read

    race = read(path).race(objective, kind=Race)
    assert isinstance(race, Race)
    return race


def open_app(race: engine.Race, *, speed: float | None, paused: bool, config: Config) -> int:
    """Open the app on ``race`` as configured; see :meth:`Race.show`."""
    remedy = "advance() races without a screen"
    if race.scenario.objective:
        remedy = f"`gdtui run {race.scenario.name}` races without a screen"
    require_terminal(remedy)
    from gdtui.tui.app import run

    return run(race, speed=speed, paused=paused, config=config)


def require_terminal(remedy: str) -> None:
    """Refuse what the app cannot run in: no terminal for keys or pictures, or one that cannot place the cursor."""
    for name, stream in (("stdin", sys.stdin), ("stdout", sys.stdout)):
        if not _is_terminal(stream):
            raise InputError(f"{name} is not a terminal", remedy=remedy)
    if os.environ.get("TERM", "") in {"", "dumb"}:
        raise InputError("this terminal cannot show the app", where="TERM", remedy=remedy)


def _is_terminal(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # it is closed
        return False
