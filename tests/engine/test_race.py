"""A race: who is in it, what can be changed while it goes on, and what bad input gets to hear."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gdtui
from gdtui.analysis.results import describe
from gdtui.engine.outcome import Outcome
from gdtui.engine.race import Race
from gdtui.errors import InputError
from gdtui.specs import MOST_RACERS, RacerSpec
from tests.engine.races import assert_same, contents, race, scenario, spin_until


def bowl(theta: Any) -> tuple[float, Any]:
    return float(theta @ theta), 2.0 * theta


def test_a_racer_that_came_late_catches_up() -> None:
    late = race("rosenbrock", "gd").advance(100)
    late.add("adam:lr=0.01")
    assert (late["adam"].step, late.step, late.is_level) == (0, 100, False)
    late.advance(50)
    assert late.is_level
    assert_same(late, race("rosenbrock", "gd", "adam:lr=0.01").advance(150))


def test_a_rest_costs_nothing() -> None:
    rested = race("rosenbrock", "gd", "adam").advance(10)
    rested.bench("gd")
    rested.advance(40)
    assert (rested["gd"].step, rested["adam"].step) == (10, 50)
    assert rested.is_level
    rested.bench("gd", False)
    assert not rested.is_level
    rested.advance(0)
    assert_same(rested, race("rosenbrock", "gd", "adam").advance(50))


def test_a_restart_gives_the_same_bits() -> None:
    first = race("logistic", "gd", "sgd:batch_size=7", "adam", threads=2).advance(120)
    again = first.restarted().advance(120)
    assert again.step == 120
    assert_same(first, again)


def test_a_restart_keeps_racers_rates_and_rests() -> None:
    changed = race("rosenbrock", "gd", "adam").advance(20)
    changed.add("nesterov")
    changed.set_lr("adam", 0.05)
    changed.bench("gd")
    again = changed.restarted().advance(30)
    assert again.labels == ("gd", "adam", "nesterov")
    assert [racer.step for racer in again] == [0, 30, 30]
    fresh = race("rosenbrock", "adam:lr=0.05", "nesterov").advance(30)
    assert contents(again["adam"]) == contents(fresh["adam"])  # the last rate counts, from step 0


def test_a_restart_elsewhere_or_with_another_seed() -> None:
    first = race("logistic", "sgd:batch_size=7").advance(20)
    elsewhere = first.restarted(start=[0.5, -0.5])
    assert elsewhere.problem.start.tolist() == [0.5, -0.5]
    assert elsewhere.restarted().problem.start.tolist() == [0.5, -0.5]
    reseeded = first.restarted(seed=9)
    assert_same(reseeded.advance(20), race("logistic", "sgd:batch_size=7", seed=9).advance(20))
    assert first.step == 20
    for wrong in ([1.0], [1.0, 2.0, 3.0], [np.nan, 0.0], ["a", "b"]):
        with pytest.raises(InputError, match="start"):
            first.restarted(start=wrong)  # type: ignore[arg-type]


def test_racers_come_and_go() -> None:
    whole = race("rosenbrock", "gd", "adam")
    whole.remove("gd")
    assert whole.labels == ("adam",)
    with pytest.raises(InputError, match="the last racer stays"):
        whole.remove("adam")
    assert whole.add("adam").label == "adam2"
    assert [spec.label for spec in whole.scenario.racers] == ["adam", "adam2"]
    for action in (whole.remove, whole.bench, whole.__getitem__):
        with pytest.raises(InputError, match=r"no racer is called 'adm'; did you mean 'adam'\?"):
            action("adm")
    while len(whole) < MOST_RACERS:
        whole.add("gd")
    with pytest.raises(InputError, match="32 racers are the most"):
        whole.add("gd")


def test_a_removed_racers_expectations_go_with_it() -> None:
    expect = [{"racer": name, "quantity": "loss", "operator": "<", "value": 1.0} for name in ("gd", "adam")]
    whole = Race(scenario(racers=[{"optimizer": "gd"}, {"optimizer": "adam"}], expect=expect))
    whole.remove("gd")
    assert [expectation.racer for expectation in whole.scenario.expectations] == ["adam"]


def test_labels_are_unique() -> None:
    same = race("rosenbrock", "adam", "adam", "gd:label=adam")
    assert same.labels == ("adam2", "adam3", "adam")


def test_nothing_is_compiled_before_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("compiled too early")

    monkeypatch.setattr("gdtui.engine.racer.functions_for", refuse)
    whole = race("rosenbrock", "gd", "adam")
    whole.set_lr("gd", 0.1)
    whole.bench("adam")
    whole.add("momentum")
    whole.remove("momentum")
    assert not whole.is_prepared
    assert whole.snapshot().racers[0].loss is None
    assert next(iter(whole)).step == 0


def test_outcomes() -> None:
    whole = Race(scenario(steps=30), racers=["gd", "momentum:lr=1", "adam:lr=0.1"]).advance(29)
    assert [racer.status for racer in whole] == [Outcome.RUNNING, Outcome.DIVERGED, Outcome.RUNNING]
    assert not whole.is_over
    whole.advance(1)
    assert [racer.status for racer in whole] == [Outcome.EXHAUSTED, Outcome.DIVERGED, Outcome.EXHAUSTED]
    assert whole.is_over


def test_a_snapshot_is_a_picture_of_its_moment() -> None:
    whole = race("rosenbrock", "gd", "adam").advance(10)
    picture = whole.snapshot()

    def told() -> list[object]:
        return [(racer.theta.tolist(), racer.recorded.loss.tolist(), racer.path.tolist()) for racer in picture.racers]

    kept = told()
    whole.set_lr("gd", 0.5)
    whole.advance(1000)
    assert kept == told()
    assert (picture.step, picture.budget, picture.loss_start) == (10, 1000, whole.loss_start)
    for index, (racer, live) in enumerate(zip(picture.racers, whole, strict=True)):
        assert (racer.index, racer.label, racer.step, racer.lr) == (index, live.label, 10, 1e-3)
        assert racer.loss == racer.recorded.loss[-1]
        assert racer.path[-1].tolist() == racer.theta.tolist()


def test_an_interrupt_ends_a_long_advance() -> None:
    endless = Race(scenario(tolerance=0.0), racers=["gd:lr=1e-9", "adam:lr=1e-9"], steps=10**12)
    endless.prepare()
    racers = list(endless)
    thread = threading.Thread(target=endless.advance, args=(10**11,))
    thread.start()
    spin_until(lambda: racers[0].step > 0)
    began = time.monotonic()
    endless.interrupt()
    thread.join(30)
    assert not thread.is_alive()
    assert time.monotonic() - began < 1.0
    assert endless.step == racers[0].step > racers[1].step == 0
    endless.resume()
    assert not endless.is_level


def test_an_interrupt_is_obeyed_by_the_next_step() -> None:
    calls = 0

    def impatient(theta: Any) -> tuple[float, Any]:
        nonlocal calls
        calls += 1
        if calls == 12:  # in the ninth step: three calls are for the start
            held.interrupt()
        return bowl(theta)

    held = Race(objective=impatient, start=[1.0], racers=["gd", "adam"])
    held.advance(1000)
    assert (held.step, held["gd"].step, held["adam"].step) == (9, 9, 0)


def test_an_interrupted_race_goes_on_as_if_nothing_had_been() -> None:
    held = race("rosenbrock", "gd", "adam").advance(10)
    held._racers["gd"].run(25, 1 << 16, held.stop_flag)  # as an interrupt leaves it: one ahead of the other
    held.interrupt()
    held.advance(15)
    assert held.step == 25
    held.resume()
    assert_same(held.advance(15), race("rosenbrock", "gd", "adam").advance(40))


WRONG: dict[str, tuple[Callable[[], object], str]] = {
    "nothing": (lambda: Race(), "Race: give a scenario or an objective, one of the two"),
    "both": (lambda: Race("rosenbrock", objective=bowl, start=[1.0]), "one of the two"),
    "no start": (lambda: Race(objective=bowl, racers=["gd"]), "needs start and racers"),
    "no racers": (lambda: Race(objective=bowl, start=[1.0]), "needs start and racers"),
    "unknown scenario": (lambda: Race("rosenbrok"), "unknown scenario 'rosenbrok'"),
    "unknown optimizer": (lambda: race("rosenbrock", "adm"), "unknown optimizer 'adm'; did you mean 'adam'"),
    "steps": (lambda: race("rosenbrock", steps=-1), "steps: -1 is out of range"),
    "steps are true": (lambda: race("rosenbrock", steps=True), "steps: true is not a whole number"),
    "steps of an objective": (lambda: Race(objective=bowl, start=[1.0], racers=["gd"], steps=-3), "steps: -3"),
    "seed": (lambda: race("rosenbrock", seed=-1), "seed: -1 is out of range"),
    "every": (lambda: race("rosenbrock", every=0), "every: 0 is out of range"),
    "half an every": (lambda: race("rosenbrock", every=1.5), "every: 1.5 is not a whole number"),
    "threads": (lambda: race("rosenbrock", threads=0), "threads: 0 is out of range"),
    "advance": (lambda: race("rosenbrock").advance(-1), "steps: -1 is out of range"),
    "advance by a fraction": (lambda: race("rosenbrock").advance(1.5), "steps: 1.5 is not a whole number"),  # type: ignore[arg-type]
    "short start": (lambda: race("rosenbrock", start=[1.0]), "start: has 1 numbers, the objective has 2 parameters"),
    "start of text": (lambda: race("rosenbrock", start=["a", "b"]), "start: is not a list of finite numbers"),
    "ragged start": (lambda: race("rosenbrock", start=[[1.0], [1.0, 2.0]]), "start: is not a list"),
    "matrix": (lambda: Race(objective=bowl, start=np.eye(2), racers=["gd"]), "start: is not a list"),
    "empty start": (lambda: Race(objective=bowl, start=[], racers=["gd"]), "start: is not a list"),
    "start of NaN": (lambda: Race(objective=bowl, start=[np.nan], racers=["gd"]), "start: is not a list"),
    "infinite there": (lambda: race("rosenbrock", start=[1e200, 1e200]), "start: the objective is not finite there"),
    "lr in a spec": (lambda: race("rosenbrock", RacerSpec("gd", lr=-1.0)), "racer 'gd': lr: -1.0 is out of range"),  # type: ignore[arg-type]
    "key in a spec": (
        lambda: race("rosenbrock", RacerSpec("adam", hyperparameters={"beta": 0.5})),  # type: ignore[arg-type]
        "beta: adam has no such key; did you mean 'beta2'",
    ),
    "too many": (lambda: race("rosenbrock", *["gd"] * 33), "racers: 33 racers; give at most 32"),
}


@pytest.mark.parametrize("name", WRONG)
def test_bad_input_is_one_line(name: str) -> None:
    make, words = WRONG[name]
    with pytest.raises(InputError) as caught:
        make()
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_package_offers_it() -> None:
    assert issubclass(gdtui.Race, Race)
    restarted = gdtui.Race(objective=bowl, start=[1.0], racers=["gd"]).restarted()
    assert isinstance(restarted, gdtui.Race)
    assert gdtui.InputError is InputError


def test_results_are_plain_data() -> None:
    described = describe(race("logistic", "gd", "sgd:batch_size=7", "momentum:lr=1e9"))
    assert [racer["status"] for racer in described["racers"]] == ["running"] * 3  # prepared by the way, not stepped
    whole = race("logistic", "gd", "sgd:batch_size=7", "momentum:lr=1e300").advance(50)
    described = describe(whole)
    assert described["steps"] == 1000
    assert [racer["status"] for racer in described["racers"]] == ["running", "running", "diverged"]
    for racer, live in zip(described["racers"], whole, strict=True):
        assert racer["theta"] == live.theta.tolist()
        assert racer["loss_start"] == whole.loss_start
        assert set(racer["test"]) == {"loss", "accuracy", "auc"}
        assert racer["evaluations"]["gradient"] == live.step
    assert described["racers"][0]["loss"] == whole["gd"].loss[-1]


def test_a_default_batch_larger_than_the_data_is_the_full_batch_and_says_so() -> None:
    few = scenario({"name": "logistic", "samples": 20})
    both = Race(few, racers=["sgd:lr=0.1", "gd:lr=0.1"]).advance(50)
    assert both["sgd"].theta.tobytes() == both["gd"].theta.tobytes()
    assert both["sgd"].remark == "full batch: there are no more samples"
    assert Race("rosenbrock", racers=["sgd"])["sgd"].remark == "full batch: there are no samples"
    with pytest.raises(InputError, match="64 is more than the"):
        Race(few, racers=["sgd:batch_size=64"])
