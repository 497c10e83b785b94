"""What the tests of recordings share: what it means that two states or two pictures of a race are equal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path

import numpy as np

from gdtui.engine.race import Race
from gdtui.engine.state import RaceState
from gdtui.recording.writing import recorded
from tests.engine.races import scenario

CSV = "income,age,paid\n" + "".join(f"{(37 * i) % 101},{20 + i % 50},{i % 3 % 2}\n" for i in range(120))


def plain(value: object) -> object:
    """A state or a picture in values that can be compared; arrays to the bit. A recording cannot take a step again."""
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value) if field.name != "replay"}
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return repr(value) if isinstance(value, float) else value


def racers_of(state: RaceState) -> dict[str, object]:
    return {label: plain(racer) for label, racer in state.racers.items()}


def assert_same_state(left: RaceState, right: RaceState) -> None:
    assert left.step == right.step
    assert racers_of(left) == racers_of(right)


def file_of(race: Race, folder: Path, name: str = "race.gdtui", **options: bool) -> Path:
    """A recording of the race, in a file that may be there already."""
    path = folder / name
    path.write_bytes(recorded(race, **options))
    return path


def edited_race() -> Race:
    """A race with all that happens in mid-race: edits, plateaus, a newcomer, one that rests, one that ends."""
    race = Race(
        scenario("rosenbrock", steps=400, title="Edited"),
        racers=[
            "gd:lr=1e-3",
            "adam:lr=0.01,schedule=plateau(patience=2,every=5)",
            "gd:lr=10,label=wild",
            "lbfgs:history=3",
        ],
    ).advance(40)
    race.set("gd", {"lr": 2e-3, "clip": 10.0})
    race.advance(30)
    race.set("adam", {"beta1": 0.8, "schedule": "join(warmup(steps=5),cosine(steps=90))"})
    race.set("gd", {"schedule": "cosine(steps=90)"})
    race.add("momentum:lr=1e-3,label=late")
    race.branch("adam", {"lr": 0.02}, "twin")
    race.bench("lbfgs")
    return race.advance(53)
