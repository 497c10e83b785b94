"""What the schedules will do to the learning rates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gdtui import registry
from gdtui.charts.curves import CurveLayer
from gdtui.charts.palette import racer_colour
from gdtui.contracts import Ints, Reals
from gdtui.engine.outcome import Outcome
from gdtui.engine.snapshot import RacerSnapshot
from gdtui.schedule_specs import ScheduleSpec

POINTS = 1024  # of a plan, on either kind of axis: more than a chart has columns of dots


@dataclass(frozen=True, slots=True, eq=False)
class _Plan:
    schedule: ScheduleSpec
    lr: float
    budget: int
    steps: Ints
    rates: Reals


class Plans:
    """The rates to come of every racer with a schedule that can be foreseen, as dotted curves over the steps."""

    def __init__(self) -> None:
        self._plans: dict[str, _Plan] = {}

    def curve(self, racer: RacerSnapshot, budget: int | None) -> CurveLayer | None:
        """From the racer's step to the end of its budget of steps; None where nothing can be said."""
        schedule = racer.spec.schedule
        if schedule is None or budget is None or racer.outcome is not Outcome.RUNNING:
            return None
        if registry.schedule(schedule.name).react is not None:  # it waits to see the loss
            return None
        plan = self._plans.get(racer.label)
        if plan is None or (plan.schedule, plan.lr, plan.budget) != (schedule, racer.lr, budget):
            evenly = np.linspace(0, budget - 1, min(budget, POINTS))
            taken = np.unique(np.concatenate((evenly, np.geomspace(1, budget, POINTS) - 1)).astype(np.int64))
            plan = _Plan(schedule, racer.lr, budget, taken + 1, schedule.bound()(taken, racer.lr))
            self._plans[racer.label] = plan
        first = int(np.searchsorted(plan.steps, racer.step))
        rates = plan.rates[first:]
        return CurveLayer(plan.steps[first:], rates, rates, rates, racer_colour(racer.index), "", dotted=True)
