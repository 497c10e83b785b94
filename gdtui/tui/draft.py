"""What is typed into the editor, judged as it stands: what is wrong, what differs, and what it would change.

Knows nothing of widgets. A draft holds a text for every hyperparameter of a racer, for the name of its schedule, and
for the arguments of every schedule, so that going back to one finds it as it was left.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

import numpy as np

from gdtui import registry, specs
from gdtui.contracts import BATCH_SIZE, LEARNING_RATE, Ints, Reals, number
from gdtui.engine.race import Race
from gdtui.engine.snapshot import RacerSnapshot
from gdtui.errors import InputError, clean
from gdtui.notation import literal, split
from gdtui.schedule_specs import KEY, ScheduleSpec, from_value
from gdtui.specs import RacerSpec
from gdtui.tui.entries import CONSTANT, LABEL, Entry, of_label, of_optimizer, of_schedules, shown

Trial = Callable[[RacerSpec], object]

_POINTS = 8192  # of the rates that are plotted: many for every column of dots
_LEAST_HORIZON = 1000  # steps that are plotted where the steps are not limited


class Draft:
    """A racer as it is being edited, or one that is to be added: then ``label`` is what it is to be called.

    ``rate`` is the learning rate of a racer that gives none, ``budget`` the race's in steps if it has one, ``step``
    where the racer is, ``taken`` the labels there are. ``trial`` raises an :class:`InputError` where the race would
    refuse a spec. ``parent`` is the label of the racer that a new one branches off.
    """

    def __init__(
        self,
        spec: RacerSpec,
        *,
        rate: float,
        budget: int | None,
        step: int = 0,
        label: str = "",
        taken: Collection[str] = (),
        trial: Trial | None = None,
        parent: str = "",
    ) -> None:
        self.optimizer = registry.optimizer(spec.optimizer)
        self.step, self.is_new = step, bool(label)
        self._before, self._budget, self._taken, self._trial = spec, budget, taken, trial
        self._parent = parent
        self._schedule = spec.schedule or ScheduleSpec(CONSTANT)
        self._known = specs.hyperparameters(self.optimizer)
        horizon = max(_LEAST_HORIZON, 2 * step) if budget is None else budget
        named = [of_label(label)] if label else []
        listed = [*of_optimizer(spec.optimizer, rate), *named, *of_schedules(horizon)]
        self._entries = {entry.key: entry for entry in listed}
        self._texts = {key: entry.default for key, entry in self._entries.items()}
        self._texts |= self._given()
        self._initial = dict(self._texts)
        self.errors: dict[str, InputError] = {}
        """What is wrong, by the key of its entry; under the empty key what belongs to none."""
        self.changes: dict[str, object] = {}
        """What differs from the racer, as ``Race.set`` takes it."""
        self.result: RacerSpec | None = None
        """The spec that all this makes; None while anything is wrong."""
        self.curve: tuple[Ints, Reals] | None = None
        """The steps of the budget, from 1, and their learning rates, as they were when schedule and lr were right."""
        self.is_stale = False
        """Whether one of them is wrong now."""
        self._judge()

    def _given(self) -> dict[str, str]:
        """The texts of what the racer gives itself."""
        spec, schedule = self._before, self._schedule
        values = {LEARNING_RATE.name: spec.lr, BATCH_SIZE.name: spec.batch_size, **spec.hyperparameters}
        texts = {name: shown(self._known[name].typed(value)) for name, value in values.items() if value is not None}
        texts[KEY] = schedule.name
        for name, value in schedule.arguments.items():
            text = ",".join(phase.text() for phase in value) if isinstance(value, tuple) else shown(value)
            texts[f"{schedule.name}.{name}"] = text
        return texts

    @property
    def entries(self) -> tuple[Entry, ...]:
        """What there is to set, in order: the arguments are those of the schedule that is chosen."""
        mine = f"{self._texts[KEY]}."
        return tuple(entry for entry in self._entries.values() if not entry.is_argument or entry.key.startswith(mine))

    def text(self, key: str) -> str:
        """What stands in an entry."""
        return self._texts[key]

    def put(self, key: str, text: str) -> None:
        """Type something into an entry."""
        if self._texts[key] != text:
            self._texts[key] = text
            self._judge()

    def differs(self, key: str) -> bool:
        """Whether an entry holds another value than its default."""
        entry = self._entries[key]
        return entry.has_default and key not in self.errors and not _same(self._texts[key], entry.default)

    def was(self, key: str) -> str:
        """What an entry held before, where that is about to change; nothing for a new racer."""
        foreign = self._entries[key].is_argument and self._texts[KEY] != self._schedule.name
        if self.is_new or foreign or key in self.errors or _same(self._texts[key], self._initial[key]):
            return ""
        return self._initial[key]

    def summary(self) -> str:
        """What would happen, in a line."""
        if "" in self.errors:
            return f"not possible: {reason(self.errors[''])}"
        if self.result is None:
            wrong = [self._entries[key].name for key in self.errors]
            return f"nothing is applied while {' and '.join(wrong)} {'are' if len(wrong) > 1 else 'is'} wrong"
        order = [entry.key for entry in self.entries if entry.key in self.changes]
        changed = [f"{key} {self._initially(key)} → {self._now(key)}" for key in order]
        if self._parent:
            differs = ", ".join(changed) or "all as it is"
            return f"{self.result.label} branches off {self._parent} after step {self.step:,}: {differs}"
        if self.is_new:
            return f"adds {self.result.text()}"
        return "from the next step on: " + ", ".join(changed) if changed else "no change so far"

    def _initially(self, key: str) -> str:
        return self._schedule.text() if key == KEY else self._initial[key]

    def _now(self, key: str) -> str:
        value = self.changes[key]
        return self._entries[key].default if value is None else str(value) if key == KEY else self._texts[key].strip()

    def _judge(self) -> None:
        """Look at every text again. It is little work, and nothing can be forgotten."""
        self.errors, self.changes, self.result = {}, {}, None
        for key in self._known:
            try:
                value = self._value(key, self._texts[key])
            except InputError as error:
                self.errors[key] = error
            else:
                if value != self._value(key, self._initial[key]):
                    self.changes[key] = None if value == self._value(key, self._entries[key].default) else value
        schedule = self._read_schedule()
        if schedule is not None and schedule != self._schedule:
            self.changes[KEY] = None if schedule.name == CONSTANT else schedule.text()
        self._foresee(schedule)
        if self.is_new and self._texts[LABEL].strip() in self._taken:
            self.errors[LABEL] = InputError("is taken", key=LABEL, remedy="give another one")
        if not self.errors:
            self._conclude()

    def _value(self, key: str, text: str) -> float | int | bool:
        known = self._known[key]
        return known.typed(known.check(literal(text.strip())))

    def _conclude(self) -> None:
        """Make the spec, and try whether the race would take it."""
        try:
            result = specs.changed(self._before, self.changes, "")
            if self.is_new:
                result = specs.with_value(result, self.optimizer, LABEL, self._texts[LABEL], "")
            if self._trial is not None:
                self._trial(result)
        except InputError as error:
            self.errors[self._place(error.key)] = error
        else:
            self.result = result

    def _read_schedule(self) -> ScheduleSpec | None:
        """The schedule that the texts make; None, with the reasons among the errors, if they make none."""
        name = self._texts[KEY]
        table: dict[str, object] = {"name": name}
        before = self._schedule.arguments if name == self._schedule.name else {}
        wrong = {}
        for option in registry.schedule(name).arguments:
            key = f"{name}.{option.name}"
            text = self._texts[key].strip()
            try:
                if option.kind == "schedules":
                    table[option.name] = split(text)
                    continue
                value = number(literal(text), option.interval, integer=option.kind == "integer")
            except InputError as error:
                wrong[key] = error
            else:
                if value != option.default or option.name in before:  # what was not given stays so
                    table[option.name] = value
        if not wrong:
            try:
                return from_value(table)
            except InputError as error:
                wrong[self._place(error.key)] = error
        self.errors |= wrong
        return None

    def _place(self, key: str) -> str:
        """The entry that an error belongs to."""
        name = self._texts[KEY]
        own = f"{name}.{key.removeprefix(f'{KEY}.')}"
        if key.startswith(f"{KEY}.") and own in self._entries:
            return own
        if key.startswith(KEY):  # one of its phases, or how long it takes to warm up
            schedule = registry.schedule(name)
            phases = [option.name for option in schedule.arguments if option.kind == "schedules"]
            return next((f"{name}.{argument}" for argument in (*phases, schedule.warmup) if argument), KEY)
        return key if key in self._entries else ""

    def _foresee(self, schedule: ScheduleSpec | None) -> None:
        """Work out the rates over the budget."""
        self.is_stale = True
        if schedule is None or LEARNING_RATE.name in self.errors:
            return
        lr = float(self._value(LEARNING_RATE.name, self._texts[LEARNING_RATE.name]))
        horizon = self._budget or max(_LEAST_HORIZON, 2 * self.step, schedule.duration or 0)
        taken = np.unique(np.linspace(0, horizon - 1, min(horizon, _POINTS)).astype(np.int64))
        try:
            with np.errstate(all="ignore"):
                self.curve = taken + 1, np.asarray(schedule.bound()(taken, lr), dtype=np.float64)
        except Exception as error:  # a schedule may be somebody's plug-in, which can raise anything
            self.errors[KEY] = InputError(clean(f"fails: {type(error).__name__}: {error}", 200), key=KEY)
        else:
            self.is_stale = False


def of_racer(racer: RacerSnapshot, race: Race) -> Draft:
    """The draft of a racer that races. What the race would refuse is tried out on a racer beside it, which never runs.

    The race goes on in its own thread meanwhile: nothing is read here that it changes.
    """
    stand_in = race._make(racer.spec)

    def trial(spec: RacerSpec) -> None:
        stand_in.change(spec, race.scenario.rate_of(spec))

    return Draft(racer.spec, rate=_rate(racer.spec, race), budget=race.budget, step=racer.step, trial=trial)


def of_branch(racer: RacerSnapshot, race: Race) -> Draft:
    """The draft of a racer that branches off another, with a label of its own."""
    stand_in = race._make(racer.spec)
    label, taken = _new_label(racer.spec.optimizer, race)

    def trial(spec: RacerSpec) -> None:
        stand_in.change(spec, race.scenario.rate_of(spec))

    return Draft(
        racer.spec, rate=_rate(racer.spec, race), budget=race.budget, step=racer.step, label=label, taken=taken,
        trial=trial, parent=racer.label,
    )  # fmt: skip


def of_another(spec: RacerSpec, race: Race) -> Draft:
    """The draft of another racer of a spec's optimizer, with its values and a label of its own."""
    label, taken = _new_label(spec.optimizer, race)
    return Draft(spec, rate=_rate(spec, race), budget=race.budget, label=label, taken=taken, trial=race._make)


def _new_label(optimizer: str, race: Race) -> tuple[str, list[str]]:
    """A label for one more racer of that optimizer, and those that are taken."""
    racers = race.scenario.racers
    label = specs.with_unique_labels([*racers, RacerSpec(optimizer)])[-1].label
    return label, [racer.label for racer in racers]


def _rate(spec: RacerSpec, race: Race) -> float:
    return race.scenario.rate_of(RacerSpec(spec.optimizer))


def reason(error: InputError) -> str:
    """What is wrong and what would be right, in a line; of schedules in a row, which one is meant."""
    _, _, place = error.key.partition("[")
    phase, _, argument = place.partition("]")
    where = f"schedule {int(phase) + 1}{argument.replace('.', ', ')}: " if phase.isdecimal() else ""
    return clean(where + error.reason + (f"; {error.remedy}" if error.remedy else ""), 600)


def _same(text: str, other: str) -> bool:
    """Whether two texts stand for one value."""
    return literal(text.strip()) == literal(other.strip())
