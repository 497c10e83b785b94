"""A frozen picture of a race at one moment: what the driver publishes, the screen holds and the panes read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gdtui.contracts import Ints, Reals
from gdtui.engine.racer import Outcome
from gdtui.specs import RacerSpec


@dataclass(frozen=True, slots=True, eq=False)
class RacerSnapshot:
    """One racer at that moment. ``index`` is its place in the race, and so its colour and letter.

    The arrays are read-only: ``steps`` and the losses are over the recorded steps, ``path`` float64 ``(points, n)`` is
    thinned. ``loss`` and ``grad_norm`` are the last that were seen of the full objective; None before the first look.
    ``test`` are the held-out measures when they were last taken.
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
    steps: Ints
    losses: Reals
    losses_low: Reals
    losses_high: Reals
    path: Reals
    test: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """The race at that moment. ``loss_start`` is the objective at the common start."""

    step: int
    budget: int | None
    loss_start: float
    racers: tuple[RacerSnapshot, ...]
