"""Snapshots of races that nobody ran: any histories, with any costs; and every choice of how to plot them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import product
from typing import Any

import numpy as np

from gdtui.contracts import Problem
from gdtui.engine.history import Recorded
from gdtui.engine.outcome import Limits, Outcome
from gdtui.engine.race import Race
from gdtui.engine.racer import Event
from gdtui.engine.snapshot import RacerSnapshot, Snapshot
from gdtui.frames import Abscissa, Choice, Quantity, Smoothing, Style
from gdtui.specs import RacerSpec, parse

STEPS = 1000
STYLES = [Style(), Style("ascii"), Style("block"), Style(renderer="plotext")]
# Every scenario in one style, and every style on a plane of its own parameters and on a fitted one.
SCENARIOS_IN_STYLES = [
    *((name, STYLES[0]) for name in ("quadratic", "saddle", "credit-2d", "streamrec")),
    *product(("rosenbrock", "credit"), STYLES),
]
CHOICES = [
    Choice(quantity, abscissa, smoothing=smoothing).with_log(log).with_log_x(log_x)
    for quantity, abscissa, log, log_x, smoothing in product(
        Quantity, Abscissa, (True, False), (True, False), Smoothing
    )
]


@cache
def _problem() -> Problem:
    return Race("rosenbrock").problem


def problem(optimal_value: float | None = 0.0) -> Problem:
    """A problem with this known minimum, or with none."""
    return replace(_problem(), optimal_value=optimal_value)


def history(
    loss: Sequence[float], *, stride: int = 1, cost: float = 1.0, seconds: float = 1e-3, **columns: Sequence[float]
) -> Recorded:
    """Records with these losses, every ``stride`` steps; a step costs ``cost`` gradients and takes ``seconds``."""
    last = np.asarray(loss, dtype=np.float64)
    steps = np.arange(last.size) * stride
    given = {name: np.asarray(values, dtype=np.float64) for name, values in columns.items()}
    same = dict.fromkeys(("loss_low", "loss_high", "grad_norm", "rate", "move", "move_low", "move_high"), last)
    marks = np.array([0.0, *steps[-1:]]), np.array([0.0, *(steps[-1:] * seconds)])
    return Recorded(steps=steps, loss=last, work=steps * cost, marks=marks, **(same | given))


def racer(index: int, recorded: Recorded, spec: str | RacerSpec = "gd", **fields: Any) -> RacerSnapshot:
    """A racer with this history, under way."""
    spec = parse(spec) if isinstance(spec, str) else spec
    step = int(recorded.steps[-1]) if recorded.steps.size else 0
    known: dict[str, Any] = {
        "index": index, "label": f"racer{index}", "spec": spec, "outcome": Outcome.RUNNING, "note": "", "remark": "",
        "benched": False, "step": step, "lr": 1e-3, "loss": None, "grad_norm": None, "theta": np.zeros(2),
        "recorded": recorded, "events": (), "path": np.zeros((1, 2)),
    }  # fmt: skip
    return RacerSnapshot(**(known | fields))


def snapshot(*racers: RacerSnapshot, limits: Limits = Limits(steps=STEPS)) -> Snapshot:  # noqa: B008 - frozen
    """The race of these racers at this moment."""
    return Snapshot(max((r.step for r in racers), default=0), limits, 1.0, racers)


def with_losses(*losses: Sequence[float], limits: Limits = Limits(steps=STEPS)) -> Snapshot:  # noqa: B008 - frozen
    """A race of a racer for each of these series."""
    return snapshot(*(racer(k, history(values)) for k, values in enumerate(losses)), limits=limits)


def changed_at(*steps: int) -> tuple[Event, ...]:
    """Events of a learning rate that changed after these steps."""
    return tuple(Event(step, "lr", 1.0, 2.0) for step in steps)
