"""A frozen picture of a race at one moment: what the driver publishes, the screen holds and the panes read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from gdtui import specs
from gdtui.contracts import LEARNING_RATE, Reals
from gdtui.engine.events import Event, Origin
from gdtui.engine.history import Recorded
from gdtui.engine.last_step import Replay
from gdtui.engine.outcome import Limits, Outcome
from gdtui.engine.rates import CONSTANT
from gdtui.schedule_specs import KEY
from gdtui.specs import RacerSpec


@dataclass(frozen=True, slots=True, eq=False)
class RacerSnapshot:
    """One racer at that moment. ``index`` is its place in the race, and so its colour and letter.

    ``recorded`` is its history, and ``path``, float64 ``(points, n)``, where it went before it came to ``theta``:
    read-only, thinned to every ``path_stride``-th step, and the front of one array until its points are merged.
    ``events`` are its changes of hyperparameters, ``origin`` where it comes from if it is a branch. ``is_stochastic``
    says whether its gradients are noisy. ``loss`` and ``grad_norm`` are the last that were seen of the full objective;
    None before the first look. ``test`` are the held-out measures when they were last taken. ``replay`` is what
    :func:`~gdtui.engine.last_step.last_step` takes the racer's last step again from.
    """

    index: int
    label: str
    spec: RacerSpec
    outcome: Outcome
    note: str
    remark: str
    benched: bool
    step: int
    lr: float
    loss: float | None
    grad_norm: float | None
    theta: Reals
    recorded: Recorded
    events: tuple[Event, ...]
    path: Reals
    is_stochastic: bool = False
    test: Mapping[str, float] | None = None
    path_stride: int = 1
    origin: Origin | None = None
    replay: Replay | None = None

    def at(self, step: int) -> RacerSnapshot:
        """The racer as its history shows it when it had taken ``step`` steps: where it was last recorded by then.

        Nothing is recomputed: between recorded steps it stands where the last one found it. How it ended is left out
        before it did, and held-out measures, which are not recorded, are left out.
        """
        if step >= self.step:
            return self
        rows = max(1, int(np.searchsorted(self.recorded.steps, step, side="right")))
        points = max(1, step // self.path_stride + 1)
        events = [event for event in self.events if event.step > step and not event.name.startswith(f"{KEY} ")]
        before: dict[str, float | str] = {event.name: event.before for event in reversed(events)}
        given = {key: None if value == CONSTANT.text() else value for key, value in before.items()}
        return replace(
            self,
            spec=specs.changed(self.spec, given, f"racer {self.label!r}"),
            outcome=Outcome.RUNNING,
            note="",
            step=step,
            lr=float(before.get(LEARNING_RATE.name, self.lr)),
            loss=float(self.recorded.loss[rows - 1]),
            grad_norm=float(self.recorded.grad_norm[rows - 1]),
            theta=self.path[points - 1],
            recorded=self.recorded.first(rows),
            events=tuple(event for event in self.events if event.step <= step),
            path=self.path[:points],
            test=None,
            replay=None,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """The race at that moment. ``loss_start`` is the objective at the common start."""

    step: int
    limits: Limits
    loss_start: float
    racers: tuple[RacerSnapshot, ...]

    @property
    def budget(self) -> int | None:
        """The most steps of a racer, if they are limited."""
        return self.limits.steps

    def at(self, step: int) -> Snapshot:
        """An earlier picture of the race, as far as the histories in this one tell: see :meth:`RacerSnapshot.at`.

        Branches are there from the step they came off at. Of a racer that joined, left or rested no history says when.
        """
        if step >= self.step:
            return self
        there = [racer for racer in self.racers if racer.origin is None or racer.origin.step <= step]
        return replace(self, step=step, racers=tuple(racer.at(step) for racer in there))
