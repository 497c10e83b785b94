"""What is recorded is read back to the bit, and a race goes on from it as if nothing had happened."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdtui import recording
from gdtui.engine import history
from gdtui.engine.race import Race
from gdtui.engine.racer import Event
from gdtui.engine.state import RaceState
from gdtui.errors import InputError
from gdtui.recording import manifest
from gdtui.recording.writing import recorded
from tests.engine.races import ALGEBRAIC, BATCH, OPTIMIZERS, assert_same, fit, race, scenario
from tests.recording.races import CSV, assert_same_state, edited_race, file_of, plain

SPECS = {
    "full batch": ("rosenbrock", ""),
    "mini-batch": ("logistic", f":batch_size={BATCH}"),
    "matrices": (ALGEBRAIC["matrix factorisation"], ""),
}


@pytest.fixture
def small_histories() -> Iterator[None]:
    """Histories so short that they merge within a test."""
    with pytest.MonkeyPatch.context() as patch:
        for module in ("engine.history", "engine.state", "recording.states"):
            patch.setattr(f"gdtui.{module}.MOST_RECORDS", 16)
        patch.setattr(history, "LONGEST_PATH", 6)
        yield


@pytest.mark.usefixtures("small_histories")
@pytest.mark.parametrize("kind", SPECS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_race_goes_on_from_its_recording_to_the_bit(optimizer: str, kind: str, tmp_path: Path) -> None:
    objective, suffix = SPECS[kind]
    if optimizer not in fit(objective):
        pytest.skip(f"{optimizer} asks for more than {objective} has")
    straight = race(objective, optimizer + suffix).advance(45)
    read = recording.read(file_of(straight, tmp_path))
    assert_same_state(read.last, straight.state())
    resumed = read.race()
    assert_same(straight, resumed)
    assert_same(straight.advance(37), resumed.advance(37))


def test_so_does_one_with_edits_newcomers_and_ends(tmp_path: Path) -> None:
    straight = edited_race()
    read = recording.read(file_of(straight, tmp_path))
    assert_same_state(read.last, straight.state())
    assert plain(read.snapshot()) == plain(straight.snapshot())
    resumed = read.race()
    assert [racer.events for racer in resumed] == [racer.events for racer in straight]
    straight.bench("lbfgs", False)
    resumed.bench("lbfgs", False)
    assert_same(straight.advance(60), resumed.advance(60))
    assert recorded(straight, times=False) == recorded(resumed, times=False)


def test_a_scenario_comes_back_with_everything_it_has(tmp_path: Path) -> None:
    asked = scenario(
        "rosenbrock", title="Valley", description="Deep.", seed=7, start=[0.5, 1.5], tolerance=1e-3, work=900,
        view={"x": [-2, 2], "y": [-1, 3]}, learning_rates={"adam": 0.02},
        racers=[{"optimizer": "adam"}, {"optimizer": "gd", "lr": 1e-3, "label": "slow"}],
        expect=[{"racer": "slow", "quantity": "loss", "operator": "<", "value": 5.0}],
    )  # fmt: skip
    read = recording.read(file_of(Race(asked).advance(3), tmp_path))
    assert replace(read.scenario, where=asked.where) == asked
    assert read.limits == Race(asked).limits
    assert read.step == 3


@pytest.mark.parametrize("steps", [(0,), (10, 0, 20), (1, 29)])
def test_recorded_twice_it_is_the_same_file(steps: tuple[int, ...]) -> None:
    def raced(ticks: tuple[int, ...]) -> Race:
        whole = race("logistic", "sgd", "adam:schedule=plateau(patience=1,every=4)")
        for tick in ticks:
            whole.advance(tick)
        return whole

    assert recorded(raced(steps), times=False) == recorded(raced((sum(steps),)), times=False)


def test_but_for_the_times(tmp_path: Path) -> None:
    whole = race("rosenbrock", "gd").advance(20)
    with_times, without = (recording.read(file_of(whole, tmp_path, times=times)) for times in (True, False))
    assert with_times.created is not None
    assert without.created is None
    assert with_times.last.racers["gd"].clock == whole.state().racers["gd"].clock
    assert without.last.racers["gd"].clock == ((0,), (0.0,))
    assert_same(without.race().advance(5), whole.advance(5))


def test_a_budget_of_seconds_needs_its_times(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="needs the times"):
        recorded(race("rosenbrock", "gd", seconds=5.0), times=False)


def test_a_picture_of_an_earlier_step_is_what_the_race_showed_then(tmp_path: Path) -> None:
    def raced(steps: int) -> Race:
        whole = race("logistic", "gd:lr=0.1,clip=5", f"sgd:batch_size={BATCH}").advance(min(steps, 20))
        if steps >= 20:
            whole.set("gd", {"lr": 0.2, "clip": 0.0})
        return whole.advance(max(0, steps - 20))

    read = recording.read(file_of(raced(50), tmp_path, times=False))
    for step in (0, 7, 19, 20, 33, 50):
        then, now = raced(step).snapshot(), read.snapshot(step)
        assert now.step == then.step
        for shown, raced_then in zip(now.racers, then.racers, strict=True):
            left, right = plain(shown), plain(raced_then)
            assert isinstance(left, dict)
            assert isinstance(right, dict)
            for picture in (left, right):
                del picture["test"], picture["spec"], picture["loss"], picture["grad_norm"]
                picture["recorded"].pop("marks")
            assert left == right
            values = ("lr", "clip", "batch_size")
            given = [spec.hyperparameters | {"lr": spec.lr} for spec in (shown.spec, raced_then.spec)]
            assert [[of.get(value) or 0.0 for value in values] for of in given] == [
                [given[1].get(value) or 0.0 for value in values]
            ] * 2
            assert shown.loss == raced_then.recorded.loss[-1]
    assert read.snapshot(10**9).step == 50
    assert read.snapshot(-5).step == 0


def test_checkpoints_come_back_and_share_their_past(tmp_path: Path) -> None:
    whole, states = race("rosenbrock", "gd", "adam"), []
    for _ in range(6):
        states.append(whole.advance(200).state())
    path = recording.write(tmp_path / "with.gdtui", whole, checkpoints=states[:-1])
    alone = recording.write(tmp_path / "without.gdtui", whole)
    read = recording.read(path)
    assert read.checkpoint_steps == (200, 400, 600, 800, 1000)
    for index, state in enumerate(states[:-1]):
        assert_same_state(read.checkpoint(index), state)
    again = read.race()
    again.restore(read.checkpoint(1))
    assert_same(again.advance(800), whole)
    assert path.stat().st_size < 1.3 * alone.stat().st_size


def test_a_checkpoint_from_before_a_merge_and_of_other_racers(tmp_path: Path, small_histories: None) -> None:
    whole = race("rosenbrock", "gd").advance(15)
    early = whole.state()
    whole.add("adam")
    whole.advance(30)
    read = recording.read(recording.write(tmp_path / "race.gdtui", whole, checkpoints=[early]))
    assert_same_state(read.checkpoint(0), early)
    assert_same_state(read.last, whole.state())


def test_a_python_function_has_to_be_given_again(tmp_path: Path) -> None:
    def bowl(theta: np.ndarray) -> tuple[float, np.ndarray]:  # type: ignore[type-arg]
        return 0.5 * float(theta @ theta), theta

    straight = Race(objective=bowl, start=[3.0, 1.0], racers=["gd:lr=0.1", "adam:lr=0.1"]).advance(20)
    read = recording.read(file_of(straight, tmp_path))
    assert read.function == "bowl"
    assert plain(read.snapshot()) == plain(straight.snapshot())
    with pytest.raises(InputError, match="Python function bowl"):
        read.race()
    with pytest.raises(InputError, match=r"the objective is 10\.0 at the start, and was 5\.0"):
        read.race(lambda theta: (float(theta @ theta), 2.0 * theta))
    assert_same(read.race(bowl).advance(10), straight.advance(10))


def credit(folder: Path) -> Race:
    (folder / "loans.csv").write_text(CSV, encoding="utf-8")
    asked = scenario({"name": "logistic", "data": str(folder / "loans.csv"), "target": "paid"})
    return Race(asked, racers=["sgd", "adam"]).advance(12)


def test_data_are_found_where_they_were_or_beside_the_recording(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir(), second.mkdir()
    straight = credit(first)
    path = file_of(straight, second)
    assert_same(recording.read(path).race(), straight)
    shutil.move(first / "loans.csv", second / "loans.csv")
    assert_same(recording.read(path).race().advance(9), straight.advance(9))


def test_other_data_are_refused(tmp_path: Path) -> None:
    path = file_of(credit(tmp_path), tmp_path)
    data = tmp_path / "loans.csv"
    data.write_text(CSV.replace("37", "38", 1), encoding="utf-8")
    with pytest.raises(InputError, match="holds other data than the race was recorded with"):
        recording.read(path).race()
    data.unlink()
    with pytest.raises(InputError, match="no such file, and the race needs its data"):
        recording.read(path).race()
    assert recording.read(path).snapshot().step == 12  # what happened can be looked at all the same


def test_built_in_data_are_those_of_this_installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = file_of(Race("credit", steps=3).advance(3), tmp_path)
    (file,) = recording.read(path).data
    assert file.builtin.startswith("data/")
    moved = manifest.DataFile(file.option, "/nowhere/at/all.csv", file.builtin, file.sha256)
    monkeypatch.setattr("gdtui.recording.writing.data_files", lambda _: [moved])
    path = file_of(Race("credit", steps=3).advance(3), tmp_path)
    assert recording.read(path).race().step == 3


@given(st.floats(1e-300, 1e300), st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_read_back_to_the_same_bits(rate: float, value: float) -> None:
    whole = race("rosenbrock", f"gd:lr={rate!r}")
    state = whole.state()
    gd = replace(state.racers["gd"], events=(Event(0, "lr", value, rate),), loss_start=value)
    from gdtui.recording.states import encoded

    records, _ = encoded([RaceState(0, {"gd": gd})])
    said = manifest.decode(
        manifest.encode(
            manifest.Manifest(
                manifest.KIND, 1, "", manifest.made_here(), None, True, "", "", "",
                manifest.ProblemRecord(2, 0, 0, False, value), [], records,
            )
        ),
        "",
    )  # fmt: skip
    (racer,) = said.states[0].racers
    found = (racer.spec["lr"], racer.rates[0].lr, racer.loss_start, racer.events[0].before, racer.events[0].after)
    assert list(map(repr, found)) == list(map(repr, map(float, (rate, rate, value, value, rate))))


def test_a_newer_format_is_refused_by_name(tmp_path: Path) -> None:
    text = json.dumps({"kind": manifest.KIND, "format": 2, "gdtui": "9.1", "something": ["new"]}).encode()
    with pytest.raises(InputError, match=r"has format 2, by gdtui 9\.1, and gdtui .* knows 1; read it with a newer"):
        manifest.decode(text, "race.gdtui")


def test_anybody_can_open_it(tmp_path: Path) -> None:
    whole = race("rosenbrock", "gd").advance(30)
    with np.load(file_of(whole, tmp_path)) as arrays:
        assert arrays["states/0/0/records"].tobytes() == whole.state().racers["gd"].records.tobytes()
        assert json.loads(arrays["manifest.json"])["kind"] == "gdtui recording"
        assert not any(
            array.dtype == object for array in map(arrays.get, arrays.files) if isinstance(array, np.ndarray)
        )


def test_a_race_that_keeps_no_history_is_refused() -> None:
    with pytest.raises(InputError, match="keeps no history"):
        recorded(race("rosenbrock", "gd", every=1))
