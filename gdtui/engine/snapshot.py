"""A frozen picture of a race at one moment: what the driver publishes, the screen holds and the panes read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gdtui.contracts import Reals
from gdtui.engine.history import Recorded
from gdtui.engine.last_step import Replay
from gdtui.engine.outcome import Limits, Outcome
from gdtui.engine.racer import Event
from gdtui.specs import RacerSpec


@dataclass(frozen=True, slots=True, eq=False)
class RacerSnapshot:
    """One racer at that moment. ``index`` is its place in the race, and so its colour and letter.

    ``recorded`` is its history, and ``path``, float64 ``(points, n)``, where it went before it came to ``theta``:
    read-only, thinned, and the front of one array until its points are merged. ``events`` are its changes of
    hyperparameters, ``is_stochastic`` says whether its gradients are noisy. ``loss`` and ``grad_norm`` are the last
    that were seen of the full objective; None before the first look. ``test`` are the held-out measures when they were
    last taken. ``replay`` is what :func:`~gdtui.engine.last_step.last_step` takes the racer's last step again from.
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
    replay: Replay | None = None


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
