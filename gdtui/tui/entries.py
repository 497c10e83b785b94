"""What there is to set on a racer, each with what one has to know of it, in words."""

from __future__ import annotations

import math
from dataclasses import dataclass

from gdtui import registry
from gdtui.contracts import BATCH_SIZE, CLIP, L2, LEARNING_RATE, Hyperparameter, Interval, Option, Schedule
from gdtui.notation import written
from gdtui.schedule_specs import KEY
from gdtui.specs import LABEL_LENGTH, hyperparameters

LABEL = "label"
CONSTANT = "constant"

_LAST = (L2.name, CLIP.name, BATCH_SIZE.name)  # the engine's come after what is the rule's own
_PARTS = {"length": 1, "warmup": 20}  # of the steps of a race, for an argument of that role; another one has a quarter


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that may be set. ``key`` is a hyperparameter, ``schedule``, ``label``, or ``cosine.steps``.

    ``default`` is the text that resets it; only a proposal if ``has_default`` is false. ``source`` says whose default
    it is where that is not plain. ``allowed`` is the range in words. Of ``choices`` one is taken, nothing else.
    ``is_long`` says that its texts need all the room there is.
    """

    key: str
    name: str
    meaning: str
    default: str
    allowed: str = ""
    source: str = ""
    choices: tuple[str, ...] = ()
    has_default: bool = True
    is_long: bool = False

    @property
    def is_argument(self) -> bool:
        """Whether it belongs to a schedule."""
        return "." in self.key


def of_optimizer(name: str, rate: float) -> list[Entry]:
    """The hyperparameters of an optimizer: lr, of which ``rate`` is the default, its own, those of every racer."""
    optimizer = registry.optimizer(name)
    given = {LEARNING_RATE.name: rate, BATCH_SIZE.name: optimizer.batch_size}
    sources = {LEARNING_RATE.name: "scenario"} if rate != optimizer.learning_rate else {}
    listed = sorted(hyperparameters(optimizer).values(), key=lambda h: h.name in _LAST and _LAST.index(h.name) + 1)
    return [_of_hyperparameter(h, given.get(h.name, h.default), sources.get(h.name, "")) for h in listed]


def _of_hyperparameter(h: Hyperparameter, default: float, source: str) -> Entry:
    text = shown(h.typed(default))
    if h.flag:
        return Entry(h.name, h.name, h.meaning, text, choices=("false", "true"))
    return Entry(h.name, h.name, h.meaning, text, in_words(h.interval, integer=h.integer), source)


def of_schedules(horizon: int) -> list[Entry]:
    """The choice of a schedule, then the arguments of each, with proposals that suit ``horizon`` steps."""
    known = registry.schedules()
    names = (CONSTANT, *(name for name in known if name != CONSTANT))
    choice = Entry(KEY, KEY, "what becomes of lr over the steps", CONSTANT, choices=names, is_long=True)
    arguments = [_of_option(schedule, option, horizon) for schedule in known.values() for option in schedule.arguments]
    return [choice, *arguments]


def _of_option(schedule: Schedule, option: Option, horizon: int) -> Entry:
    has_default, is_long = option.default is not None, option.kind == "schedules"
    default = shown(option.default) if has_default else propose(schedule, option, horizon)
    allowed = in_words(option.interval, integer=option.kind == "integer") + " schedules" * is_long
    return Entry(
        f"{schedule.name}.{option.name}", option.name, option.meaning, default, allowed,
        has_default=has_default, is_long=is_long,
    )  # fmt: skip


def of_label(label: str) -> Entry:
    """The label of a racer that is to be added."""
    return Entry(LABEL, LABEL, "what it is called in charts and standings", label, f"1 to {LABEL_LENGTH} characters")


def propose(schedule: Schedule, option: Option, horizon: int) -> str:
    """An argument that has no default, so that the schedule suits a race of ``horizon`` steps; nothing if unknown."""
    if option.kind == "schedules":
        first = max(1, horizon // _PARTS["warmup"])
        return f"warmup(steps={first}),cosine(steps={max(1, horizon - first)})"
    role = {schedule.length: "length", schedule.warmup: "warmup"}.get(option.name, "")
    allowed = Interval(option.interval)
    if option.kind == "integer":
        value: float = max(horizon // _PARTS.get(role, 4), math.ceil(max(allowed.bounds()[0], 0.0)))
    else:
        value = float(f"{5.0 / horizon:.1e}")  # a rate per step: e^-5 is left at the end
    return shown(value) if value in allowed else ""


def in_words(interval: str, *, integer: bool = False) -> str:
    """A range for reading: ``[0, 1)`` is "from 0 to below 1"."""
    low, high = (_tidy(f"{bound:g}") for bound in Interval(interval).bounds())
    above, upto = interval[0] == "(", interval[-1] == "]"
    if low == "-inf" and high == "inf":
        text = "any number"
    elif high == "inf":
        text = f"above {low}" if above else f"{low} or more"
    elif low == "-inf":
        text = f"up to {high}" if upto else f"below {high}"
    elif above:
        text = f"above {low}, up to {high}" if upto else f"between {low} and {high}"
    else:
        text = f"from {low} to {high}" if upto else f"from {low} to below {high}"
    return f"{text}, whole" if integer else text


def shown(value: float) -> str:
    """A value as one types it: it reads back to the same bits."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else _tidy(written(value))


def _tidy(text: str) -> str:
    """A number without what pads its exponent."""
    mantissa, letter, exponent = text.partition("e")
    return f"{mantissa}{letter}{int(exponent)}" if exponent.strip("+-").isdecimal() else text
