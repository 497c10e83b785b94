"""What differs between two recordings, and nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdtui import recording
from gdtui.engine.race import Race
from gdtui.recording.differences import Differences, Ending, Parting, Setting, differences
from tests.engine.races import race, scenario
from tests.recording.races import CSV, edited_race, file_of


def between(left: Race, right: Race, folder: Path, **tolerances: float) -> Differences:
    first, second = (recording.read(file_of(whole, folder, f"{i}.gdtui")) for i, whole in enumerate((left, right)))
    return differences(first, second, **tolerances)


def test_the_same_race_has_no_differences(tmp_path: Path) -> None:
    assert not between(edited_race(), edited_race(), tmp_path)


def test_a_setting_that_changes_nothing_is_the_only_difference(tmp_path: Path) -> None:
    left, right = (Race(scenario(title=title), racers=["gd:clip=1e9"]).advance(20) for title in ("One", "Two"))
    assert between(left, right, tmp_path) == Differences((Setting("title", "One", "Two"),), (), ())


def test_what_is_given_and_what_is_meant_anyway_are_the_same(tmp_path: Path) -> None:
    left = Race(scenario({"name": "quadratic"}), racers=["adam"])
    right = Race(scenario({"name": "quadratic", "kappa": 100.0}), racers=["adam:lr=1e-3,beta1=0.9"])
    assert not between(left.advance(9), right.advance(9), tmp_path)


@settings(max_examples=15)
@given(st.integers(0, 39), st.sampled_from(["gd", "adam"]))
def test_the_runs_part_with_the_first_step_after_an_edit(
    tmp_path_factory: pytest.TempPathFactory, at: int, label: str
) -> None:
    left = race("rosenbrock", "gd:lr=1e-3", "adam").advance(40)
    right = race("rosenbrock", "gd:lr=1e-3", "adam").advance(at)
    right.set(label, {"lr": 0.002})
    found = between(left, right.advance(40 - at), tmp_path_factory.mktemp("part"))
    assert {parting.racer for parting in found.partings} == {label}
    assert found.partings[0].step == at + 1
    assert {parting.quantity for parting in found.partings} >= {"lr", "loss", "grad_norm", "move"}
    assert next(p.step for p in found.partings if p.quantity == "loss") == at + 1
    assert all(setting.name.startswith(f"racers.{label}.") for setting in found.settings)


def test_where_theta_parts_names_the_coordinate(tmp_path: Path) -> None:
    left, right = (
        Race("quadratic", racers=["gd:lr=1e-3"], start=start).advance(5) for start in ([1.0, 1.0], [1.0, 1.5])
    )
    found = between(left, right, tmp_path)
    assert Parting("gd", "theta[1]", 0, 1.0, 1.5) in found.partings
    assert Setting("start", "(1.0, 1.0)", "(1.0, 1.5)") in found.settings


def test_tolerances_are_those_of_numpy(tmp_path: Path) -> None:
    left, right = race("quadratic", "gd:lr=0.01").advance(9), race("quadratic", "gd:lr=0.010001").advance(9)
    assert between(left, right, tmp_path).partings
    tolerated = between(left, right, tmp_path, rtol=1e-2)
    assert not tolerated.partings
    assert [setting.name for setting in tolerated.settings] == ["racers.gd.lr"]
    losses = left["gd"].loss, right["gd"].loss
    (loss,) = (p for p in between(left, right, tmp_path, rtol=1e-6).partings if p.quantity == "loss")
    assert loss.step == int(np.flatnonzero(~np.isclose(*losses, rtol=1e-6, atol=0.0))[0])


def test_a_longer_run_of_the_same_race_differs_in_its_end(tmp_path: Path) -> None:
    found = between(race("rosenbrock", "gd").advance(10), race("rosenbrock", "gd").advance(10_000), tmp_path)
    assert found == Differences((), (), (Ending("gd", "running at step 10", "exhausted at step 10,000"),))


def test_racers_of_one_alone_are_a_difference(tmp_path: Path) -> None:
    found = between(race("rosenbrock", "gd:lr=1e-3"), race("rosenbrock", "adam:beta1=0.5"), tmp_path)
    assert found.settings == (Setting("racers.gd", "gd:lr=0.001", ""), Setting("racers.adam", "", "adam:beta1=0.5"))


def test_data_are_compared_by_their_content(tmp_path: Path) -> None:
    def on(name: str, text: str) -> Race:
        (tmp_path / name).mkdir()
        (tmp_path / name / "data.csv").write_text(text)
        options = {"name": "logistic", "data": str(tmp_path / name / "data.csv"), "target": "paid"}
        return Race(scenario(options), racers=["gd"]).advance(2)

    one, same, other = on("one", CSV), on("same", CSV), on("other", CSV.replace("37", "38"))
    assert not between(one, same, tmp_path)
    assert [setting.name for setting in between(one, other, tmp_path).settings] == ["objective.data"]
