"""A racer as the user writes it: ``adam:lr=1e-2,beta1=0.8,label=fast`` on a command line, or a table in a scenario.

Both become a :class:`RacerSpec`, checked against what the optimizer declares, and a spec can be written back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from gdtui import registry, schedule_specs
from gdtui.contracts import BATCH_SIZE, CLIP, L2, LEARNING_RATE, Hyperparameter, Optimizer
from gdtui.errors import InputError, clean, nearest
from gdtui.notation import literal, split, written
from gdtui.schedule_specs import ScheduleSpec

LABEL_LENGTH = 24
MOST_RACERS = 32
WEIGHT_DECAY = "weight_decay"  # by this name a rule says that it decays the weights itself
_TEXTS = {"label", "optimizer", schedule_specs.KEY}


@dataclass(frozen=True, slots=True)
class RacerSpec:
    """An optimizer, its label, and the values that were given; what was not given is absent, or None."""

    optimizer: str
    label: str = ""
    lr: float | None = None
    batch_size: int | None = None
    hyperparameters: Mapping[str, float] = field(default_factory=dict)
    schedule: ScheduleSpec | None = None

    def text(self, *, label: bool = True) -> str:
        """The spec as a command line takes it. Floats are written so that they read back to the same bits."""
        given: dict[str, float] = {} if self.lr is None else {LEARNING_RATE.name: self.lr}
        if self.batch_size is not None:
            given[BATCH_SIZE.name] = self.batch_size
        given |= self.hyperparameters
        pairs = [f"{name}={written(value)}" for name, value in self._typed(given).items()]
        if self.schedule is not None:
            pairs.append(f"{schedule_specs.KEY}={self.schedule.text()}")
        if label and self.label and self.label != self.optimizer:
            pairs.append(f"label={self.label}")
        return self.optimizer + (":" + ",".join(pairs) if pairs else "")

    def table(self) -> dict[str, Any]:
        """The spec as a table of a scenario file."""
        table: dict[str, Any] = {"optimizer": self.optimizer}
        if self.lr is not None:
            table[LEARNING_RATE.name] = self.lr
        if self.batch_size is not None:
            table[BATCH_SIZE.name] = self.batch_size
        table |= self._typed(self.hyperparameters)
        if self.schedule is not None:
            table[schedule_specs.KEY] = self.schedule.table()
        return table | ({"label": self.label} if self.label and self.label != self.optimizer else {})

    def _typed(self, given: Mapping[str, float]) -> dict[str, float | int | bool]:
        known = hyperparameters(registry.optimizer(self.optimizer))  # a spec made in Python may have unknown ones
        return {name: known[name].typed(value) if name in known else value for name, value in given.items()}


def parse(text: str) -> RacerSpec:
    """The spec that ``optimizer[:key=value[,key=value]…]`` stands for."""
    where = f"racer {text!r}"
    name, _, rest = text.partition(":")
    table: dict[str, Any] = {"optimizer": name.strip()}
    try:
        pairs = split(rest)
    except InputError as error:
        raise error.at(where) from None
    for pair in pairs:
        key, equals, value = (part.strip() for part in pair.partition("="))
        if not equals or not value:
            raise InputError(f"{pair!r} is not key=value", where=where, remedy="write e.g. lr=1e-2")
        if key in table:
            raise InputError("given twice", where=where, key=key, remedy="give it once")
        table[key] = value if key in _TEXTS else literal(value)
    return from_table(table, where)


def from_table(table: Mapping[str, Any], where: str) -> RacerSpec:
    """The spec that a mapping of ``optimizer``, ``label``, ``schedule`` and hyperparameters, lr too, stands for."""
    name = table.get("optimizer")
    if not isinstance(name, str) or not name:
        remedy = nearest("", registry.optimizers())
        raise InputError("names no optimizer", where=where, key="optimizer", remedy=remedy)
    try:
        optimizer = registry.optimizer(name)
    except InputError as error:
        raise error.at(where, "optimizer") from None
    spec = RacerSpec(name)
    for key, value in table.items():
        if key != "optimizer":
            spec = with_value(spec, optimizer, key, value, where)
    return spec


def with_value(spec: RacerSpec, optimizer: Optimizer, key: str, value: object, where: str) -> RacerSpec:
    """``spec`` with one key set, checked."""
    known = hyperparameters(optimizer)
    if key == "label":
        return replace(spec, label=_label(value, where))
    if key not in known and key != schedule_specs.KEY:
        raise _unknown(optimizer, key, [*known, "label", schedule_specs.KEY], where)
    try:
        if key == schedule_specs.KEY:
            return replace(spec, schedule=schedule_specs.from_value(value))
        number = known[key].check(value)
    except InputError as error:
        raise error.at(where, key) from None
    if key == LEARNING_RATE.name:
        return replace(spec, lr=number)
    if key == BATCH_SIZE.name:
        return replace(spec, batch_size=int(number))
    return replace(spec, hyperparameters={**spec.hyperparameters, key: number})


def changed(spec: RacerSpec, changes: Mapping[str, object], where: str) -> RacerSpec:
    """``spec`` with hyperparameters set, all checked; None takes one back to what a racer has that gives none."""
    optimizer = registry.optimizer(spec.optimizer)
    known = hyperparameters(optimizer)
    for key, value in changes.items():
        if key not in known and key != schedule_specs.KEY:
            raise _unknown(optimizer, key, [*known, schedule_specs.KEY], where)
        if value is not None:
            spec = with_value(spec, optimizer, key, value, where)
        elif key == LEARNING_RATE.name:
            spec = replace(spec, lr=None)
        elif key == BATCH_SIZE.name:
            spec = replace(spec, batch_size=None)
        elif key == schedule_specs.KEY:
            spec = replace(spec, schedule=None)
        else:
            spec = replace(spec, hyperparameters={k: v for k, v in spec.hyperparameters.items() if k != key})
    return spec


def hyperparameters(optimizer: Optimizer) -> dict[str, Hyperparameter]:
    """Everything that may be set on a racer of this optimizer, by name: the engine's, and the rule's own.

    A rule that decays the weights itself takes no l2: mixing the two up is what AdamW is there to end. One that calls
    more than its gradient takes no clip: a shortened gradient would contradict the values or the Hessian beside it.
    """
    own = {h.name: h for h in optimizer.hyperparameters}
    engines = [LEARNING_RATE, BATCH_SIZE]
    engines += [] if WEIGHT_DECAY in own else [L2]
    engines += [] if optimizer.calls else [CLIP]
    return {h.name: h for h in engines} | own


def _unknown(optimizer: Optimizer, key: str, known: Iterable[str], where: str) -> InputError:
    """Why there is no such key, and what to do instead."""
    reason, remedy = f"{optimizer.name} has no such key", nearest(key, known)
    if key == L2.name:
        reason, remedy = f"{optimizer.name} decays the weights itself", f"give {WEIGHT_DECAY}"
    elif key == WEIGHT_DECAY and L2.name in known:
        reason, remedy = f"{optimizer.name} has no decay of its own", f"give {L2.name}, which joins the objective"
    elif key == CLIP.name:
        reason, remedy = f"{optimizer.name} needs the gradient as it is", "leave it out"
    return InputError(reason, where=where, key=key, remedy=remedy)


def with_unique_labels(specs: Iterable[RacerSpec]) -> tuple[RacerSpec, ...]:
    """Every spec with a label, the optimizer's name unless given; a label taken is numbered: adam, adam2."""
    listed = list(specs)
    taken = {spec.label for spec in listed if spec.label}
    result: list[RacerSpec] = []
    used: set[str] = set()
    for spec in listed:
        label = spec.label
        if not label or label in used:
            base, count = label or spec.optimizer, 1
            label = base
            while label in used | taken:
                count += 1
                label = f"{base[: LABEL_LENGTH - len(str(count))]}{count}"  # so that it reads back as a label
        used.add(label)
        result.append(replace(spec, label=label))
    return tuple(result)


def _label(value: object, where: str) -> str:
    remedy = f"give 1 to {LABEL_LENGTH} printable characters without comma or parentheses"
    if not isinstance(value, str) or not value.strip() or set(value) & set(",()"):
        raise InputError(f"{value!r} is not a label", where=where, key="label", remedy=remedy)
    label = value.strip()
    if clean(label, LABEL_LENGTH) != label:
        raise InputError("is too long or has control characters", where=where, key="label", remedy=remedy)
    return label
