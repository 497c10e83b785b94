"""What hypothesis draws for several tests: numbers of an interval, and schedules as users write them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from gdtui import registry
from gdtui.schedule_specs import ScheduleSpec

SIMPLE = tuple(name for name in registry.schedules() if name != "join")
PHASES = tuple(name for name in SIMPLE if registry.schedule(name).react is None)


def allowed(interval: str, *, integer: bool, flag: bool = False) -> st.SearchStrategy[float]:
    """Any number of the interval, whole if need be; for a flag 0 or 1."""
    if flag:
        return st.sampled_from([0.0, 1.0])
    low, high = (float(end) for end in interval[1:-1].split(","))
    low, high = max(low, -1e300), min(high, 1e300)
    if integer:
        return st.integers(int(low), int(min(high, 1e15))).map(float)
    return st.floats(low, high, exclude_min=interval[0] == "(", exclude_max=interval[-1] == ")").map(lambda x: x + 0.0)


@st.composite
def simple_schedules(draw: st.DrawFn, name: str | None = None, *, longest: int = 10**12) -> ScheduleSpec:
    """Any schedule with valid arguments, those with a default given or not; of ``name``, or any but a join."""
    schedule = registry.schedule(name or draw(st.sampled_from(SIMPLE)))
    arguments: dict[str, Any] = {}
    for option in schedule.arguments:
        if option.default is not None and not draw(st.booleans()):
            continue
        if option.kind == "integer":
            low = int(float(option.interval[1:-1].split(",")[0]))
            # A third each leaves room for all the pieces that a schedule's steps are made of.
            most = arguments["steps"] // 3 if "steps" in arguments else longest
            arguments[option.name] = draw(st.integers(low, max(low, most)))
        else:
            arguments[option.name] = draw(allowed(option.interval, integer=False))
    return ScheduleSpec(schedule.name, arguments)


@st.composite
def joins(draw: st.DrawFn, *, longest: int = 10**12) -> ScheduleSpec:
    """Up to five schedules, one after the other."""
    drawn = st.sampled_from(PHASES).flatmap(lambda name: simple_schedules(name, longest=longest))
    phases = draw(st.lists(drawn, min_size=1, max_size=5))
    for i, phase in enumerate(phases[:-1]):
        if phase.duration is None or draw(st.booleans()):
            phases[i] = ScheduleSpec(phase.name, phase.arguments, draw(st.integers(1, longest)))
    return ScheduleSpec("join", {"phases": tuple(phases)})


def schedules(*, longest: int = 10**12) -> st.SearchStrategy[ScheduleSpec]:
    """Any schedule that a user can write."""
    return simple_schedules(longest=longest) | joins(longest=longest)


def floors(spec: ScheduleSpec) -> list[float]:
    """The min of the schedule, or those of its phases."""
    phases = spec.arguments.get("phases", ())
    found = [floor for phase in (phases if isinstance(phases, tuple) else ()) for floor in floors(phase)]
    return found + [value for name, value in spec.filled().items() if name == "min"]
