"""What there is to say of an optimizer, an objective and a schedule, as JSON has it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from gdtui import registry, schedule_specs, specs
from gdtui.analysis import prices
from gdtui.contracts import BATCH_SIZE, LEARNING_RATE, Hyperparameter, Objective, Optimizer, Option, Schedule

# What the size of a state is told for: in one block, which is square for a rule that is for matrices.
SIDE = 10
EXAMPLE_PARAMETERS = SIDE * SIDE
_WITHOUT_RANGE = {"flag", "path", "text", "texts"}
_SCHEDULE = {
    "name": schedule_specs.KEY,
    "kind": "schedule",
    "default": "constant",
    "range": None,
    "choices": (),
    "meaning": "the learning rate by step, with lr as its base; see `gdtui list schedules`",
}


def optimizer_record(optimizer: Optimizer) -> dict[str, Any]:
    """``defaults`` leaves out what is the engine's and off; ``parameters`` is everything that a racer may be given."""
    own = {h.name: h.typed(h.default) for h in optimizer.hyperparameters}
    batch_size = {BATCH_SIZE.name: optimizer.batch_size} if optimizer.batch_size else {}
    known = specs.hyperparameters(optimizer)
    names = dict.fromkeys((LEARNING_RATE.name, *own, *known))  # its own before what every optimizer has
    return {
        "name": optimizer.name,
        "title": optimizer.title,
        "parent": optimizer.parent,
        "children": [other.name for other in registry.optimizers().values() if other.parent == optimizer.name],
        "formula": optimizer.formula,
        "defaults": {LEARNING_RATE.name: optimizer.learning_rate} | batch_size | own,
        "parameters": [*(_hyperparameter(known[name], optimizer) for name in names), _SCHEDULE],
        "fixes": optimizer.fixes,
        "fails": optimizer.fails,
        "fails_on": optimizer.fails_on,
        "slots": optimizer.slots,
        "scalars": optimizer.scalars,
        "state": prices.state_of(optimizer),
        "state_numbers": _state_numbers(optimizer),
        "step": prices.step_of(optimizer),
        "charges": [{"what": c.what, "least": c.least, "most": c.most} for c in prices.charges_of(optimizer)],
        "evaluates": optimizer.evaluates,
        "calls": optimizer.calls,
        "most_parameters": optimizer.most_parameters,
        "matrices": optimizer.matrices,
        "instead": optimizer.instead or None,
        "stops": optimizer.stops,
        "reference": optimizer.reference,
    }


def _state_numbers(optimizer: Optimizer) -> int | None:
    """How many numbers its state has for 100 parameters at the defaults, if that depends on more than their count."""
    if optimizer.state_shape is None:
        return None
    shape = (SIDE, SIDE) if optimizer.matrices else (EXAMPLE_PARAMETERS, 1)
    defaults = np.array([hyper.default for hyper in optimizer.hyperparameters])
    rows, columns = optimizer.state_shape(EXAMPLE_PARAMETERS, np.array([(0, *shape)], dtype=np.int64), defaults)
    return rows * columns


def objective_record(objective: Objective) -> dict[str, Any]:
    return {
        "name": objective.name,
        "title": objective.title,
        "formula": objective.formula,
        "options": _defaults(objective.options),
        "parameters": [_option(option) for option in objective.options],
        "reference": objective.reference,
    }


def schedule_record(schedule: Schedule) -> dict[str, Any]:
    return {
        "name": schedule.name,
        "title": schedule.title,
        "formula": schedule.formula,
        "arguments": _defaults(schedule.arguments),
        "parameters": [_option(option) for option in schedule.arguments],
        "reacts": schedule.react is not None,
        "reference": schedule.reference,
    }


def _hyperparameter(hyper: Hyperparameter, optimizer: Optimizer) -> dict[str, Any]:
    default = {LEARNING_RATE.name: optimizer.learning_rate, BATCH_SIZE.name: optimizer.batch_size}
    return {
        "name": hyper.name,
        "kind": "flag" if hyper.flag else "integer" if hyper.integer else "number",
        "default": hyper.typed(default.get(hyper.name, hyper.default)),
        "range": None if hyper.flag else hyper.interval,
        "choices": (),
        "meaning": hyper.meaning,
    }


def _option(option: Option) -> dict[str, Any]:
    return {
        "name": option.name,
        "kind": option.kind,
        "default": option.default,
        "range": None if option.kind in _WITHOUT_RANGE else option.interval,
        "choices": option.choices,
        "meaning": option.meaning,
    }


def _defaults(options: Iterable[Option]) -> dict[str, Any]:
    return {option.name: option.default for option in options}
