"""Racers that cannot race: one line with the racer, the key, the reason and the remedy, in the shell and in Python.

Most cases are made from what the optimizers and schedules declare, so that a new one is held to them by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import gdtui
from gdtui import registry, specs
from gdtui.contracts import CLIP, L2, Hyperparameter, Interval, Option, Reals
from gdtui.errors import InputError
from gdtui.notation import written
from tests.cli.support import SCENARIO, scenario_file
from tests.cli.test_bad_input import refused

OPTIMIZERS = registry.optimizers()
BUDGET = 400
ROSENBROCK = """
steps = 10
objective = {{ name = "rosenbrock", dimension = {n} }}
[[racers]]
optimizer = "{racer}"
"""
HYPERPARAMETERS = [
    (name, h) for name, optimizer in OPTIMIZERS.items() for h in specs.hyperparameters(optimizer).values()
]
ARGUMENTS = [(name, a) for name, schedule in registry.schedules().items() for a in schedule.arguments]


def named(value: object) -> str:
    return getattr(value, "name", str(value))


def refusal(spec: str, scenario: str = "saddle") -> InputError:
    """Why a race refuses a racer; the shell and Python say the same."""
    with pytest.raises(InputError) as caught:
        gdtui.Race(scenario, racers=[spec], steps=BUDGET)
    error = caught.value
    assert refused("run", scenario, "--racer", spec, "--steps", str(BUDGET)) == str(error)
    assert error.where.startswith("racer ")
    assert spec.partition(":")[0] in error.where
    assert error.reason
    assert error.remedy
    return error


def outside(interval: str, *, integer: bool) -> Iterator[str]:
    """Numbers beyond both ends of an interval, as they are written."""
    low, high = Interval(interval).bounds()
    for value in (low - 1, low, high, high + 1):
        if np.isfinite(value) and value not in Interval(interval):
            yield str(int(value)) if integer else written(value)


def no_numbers(*, integer: bool) -> list[str]:
    return ["nan", "inf", "1e999", "fast", "true", "1;2", *(["2.5"] if integer else [])]


@pytest.mark.parametrize(("name", "hyper"), HYPERPARAMETERS, ids=named)
def test_a_hyperparameter_out_of_range_is_refused(name: str, hyper: Hyperparameter) -> None:
    wrong = ["2", "0.5", "-1", "yes", "nan"]
    if not hyper.flag:
        wrong = [*outside(hyper.interval, integer=hyper.integer), *no_numbers(integer=hyper.integer)]
    for value in wrong:
        error = refusal(f"{name}:{hyper.name}={value}")
        assert error.key == hyper.name
        assert error.remedy.endswith("true or false" if hyper.flag else hyper.interval)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_key_that_an_optimizer_does_not_have_is_refused_with_those_it_has(name: str) -> None:
    own = set(specs.hyperparameters(OPTIMIZERS[name]))
    for key in sorted({hyper.name for _, hyper in HYPERPARAMETERS} - own - {L2.name, CLIP.name, specs.WEIGHT_DECAY}):
        error = refusal(f"{name}:{key}=0.5")
        assert (error.key, error.reason) == (key, f"{name} has no such key")
        assert error.remedy.endswith(", ".join(sorted({*own, "label", "schedule"})))


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_l2_and_weight_decay_are_not_mixed_up(name: str) -> None:
    if "weight_decay" in specs.hyperparameters(OPTIMIZERS[name]):
        error = refusal(f"{name}:l2=0.1")
        assert str(error).endswith(f"l2: {name} decays the weights itself; give weight_decay")
    else:
        error = refusal(f"{name}:weight_decay=0.1")
        assert (error.key, error.reason) == ("weight_decay", f"{name} has no decay of its own")


def test_a_batch_larger_than_the_data_is_refused() -> None:
    error = refusal("adam:batch_size=701", "credit")
    assert (error.key, error.reason) == ("batch_size", "701 is more than the 700 samples")


@pytest.mark.parametrize("name", [name for name, optimizer in OPTIMIZERS.items() if optimizer.calls])
def test_a_rule_that_looks_at_more_than_its_gradient_takes_no_clip(name: str) -> None:
    assert str(refusal(f"{name}:clip=1")).endswith(f"clip: {name} needs the gradient as it is; leave it out")


def with_schedule(name: str, without: str = "", **changed: str) -> str:
    """A racer with that schedule and all the arguments that it has to be given, one left out, some changed."""
    fitting = {"steps": "20", "warmup": "4", "decay": "4", "every": "5", "decay_rate": "0.1", "phases": "constant"}
    given = {a.name: fitting[a.name] for a in registry.schedule(name).arguments if a.default is None} | changed
    pairs = [value if key == "phases" else f"{key}={value}" for key, value in given.items() if key != without]
    return f"gd:schedule={name}({','.join(pairs)})"


@pytest.mark.parametrize("name", registry.schedules())
def test_a_schedule_that_is_given_all_it_needs_is_taken(name: str) -> None:
    gdtui.Race("saddle", racers=[with_schedule(name)], steps=BUDGET)


@pytest.mark.parametrize(("name", "argument"), [pair for pair in ARGUMENTS if pair[1].kind != "schedules"], ids=named)
def test_an_argument_out_of_range_is_refused(name: str, argument: Option) -> None:
    integer = argument.kind == "integer"
    for value in [*outside(argument.interval, integer=integer), *no_numbers(integer=integer)]:
        error = refusal(with_schedule(name, **{argument.name: value}))
        assert error.key == f"schedule.{argument.name}"
        assert error.remedy.endswith(argument.interval)


@pytest.mark.parametrize("name", registry.schedules())
def test_an_unknown_argument_is_refused_with_those_there_are(name: str) -> None:
    error = refusal(with_schedule(name, speed="5"))
    assert (error.key, error.reason) == ("schedule.speed", f"{name} has no such argument")
    for argument in registry.schedule(name).arguments:
        assert argument.name in error.remedy


@pytest.mark.parametrize(("name", "argument"), [pair for pair in ARGUMENTS if pair[1].default is None], ids=named)
def test_an_argument_that_is_missing_is_asked_for(name: str, argument: Option) -> None:
    error = refusal(with_schedule(name, without=argument.name))
    assert (error.key, error.reason) == (f"schedule.{argument.name}", "missing")
    assert error.remedy == f"give {argument.meaning}"


@pytest.mark.parametrize("name", [name for name, schedule in registry.schedules().items() if schedule.warmup])
def test_a_warmup_longer_than_the_run_is_refused(name: str) -> None:
    schedule = registry.schedule(name)
    long, longer = ({schedule.length: f"{2 * BUDGET}"} | {schedule.warmup: f"{BUDGET + more}"} for more in (0, 1))
    alone = with_schedule(name, **longer)
    for spec in (alone, alone.replace("schedule=", "schedule=join(") + ")"):
        error = refusal(spec)
        assert error.key == "schedule"
        assert error.reason == f"a warm-up of {BUDGET + 1} is longer than the run of {BUDGET} steps"
        assert error.remedy == "shorten it, or give more steps"
    gdtui.Race("saddle", racers=[with_schedule(name, **long)], steps=BUDGET)


@pytest.mark.parametrize(
    ("schedule", "key", "reason"),
    [
        ("cosin(steps=5)", "schedule", "unknown schedule 'cosin'"),
        ("(steps=5)", "schedule", "names no schedule"),
        ("cosine(steps=5)x", "schedule", "does not end with its )"),
        ("cosine(5)", "schedule", "'5' is not argument=value"),
        ("cosine(steps=)", "schedule", "'steps=' is not argument=value"),
        ("cosine(steps=5,steps=6)", "schedule.steps", "given twice"),
        ("warmup_cosine(steps=10,warmup=10)", "schedule.warmup", "is not shorter than the schedule's 10 steps"),
        ("warmup_stable_decay(steps=10,warmup=6,decay=5)", "schedule.decay", "5 is more than the 4 steps after"),
        ("join(constant,cosine(steps=5))", "schedule[0].length", "constant does not say how long it lasts"),
        ("join(constant(length=0),constant)", "schedule[0].length", "0 is out of range"),
        ("join(constant,constant(length=9))", "schedule[0].length", "constant does not say how long it lasts"),
        ("join(cosine(steps=5),cosine(steps=5,length=3))", "schedule[1].length", "the last one goes on to the end"),
        ("join(cosine(steps=5),join(constant))", "schedule[1]", "a join cannot be a phase"),
        ("join(cosine(steps=5),plateau)", "schedule[1]", "plateau cannot be a phase"),
        ("join(cosine(steps=5),cosine(steps=0))", "schedule[1].steps", "0 is out of range"),
        (f"join({','.join(['warmup(steps=1)'] * 65)})", "schedule", "65 schedules"),
    ],
)
def test_schedules_that_make_no_sense(schedule: str, key: str, reason: str) -> None:
    error = refusal(f"gd:schedule={schedule}")
    assert error.key == key
    assert reason in error.reason


@pytest.mark.parametrize("name", [name for name, optimizer in OPTIMIZERS.items() if optimizer.matrices])
@pytest.mark.parametrize("scenario", ["saddle", "rosenbrock", "quadratic", "credit"])
def test_a_rule_for_matrices_is_refused_where_there_are_none(name: str, scenario: str) -> None:
    error = refusal(name, scenario)
    assert "is for matrices" in error.reason
    assert error.remedy == f"race {OPTIMIZERS[name].instead}"
    gdtui.Race(scenario, racers=[OPTIMIZERS[name].instead])


@pytest.mark.parametrize("name", [name for name, optimizer in OPTIMIZERS.items() if optimizer.most_parameters])
def test_a_rule_is_refused_beyond_the_parameters_it_can_take(name: str, tmp_path: Path) -> None:
    optimizer = OPTIMIZERS[name]
    most = optimizer.most_parameters or 0
    files = [scenario_file(tmp_path, ROSENBROCK.format(n=n, racer="gd"), f"{n}.toml") for n in (most, most + 1)]
    gdtui.Race(files[0], racers=[name])
    error = refusal(name, files[1])
    assert error.reason == f"{name} is for up to {most} parameters, and rosenbrock has {most + 1}"
    assert error.remedy == f"race {optimizer.instead}"
    gdtui.Race(files[1], racers=[optimizer.instead])


@pytest.mark.parametrize("name", [name for name, o in OPTIMIZERS.items() if o.matrices or "hessian" in o.calls])
def test_a_python_function_has_neither_matrices_nor_a_hessian(name: str) -> None:
    with pytest.raises(
        InputError, match=rf"^racer '{name}': optimizer: {name} .* bowl has (none|no block that is one); race \w+$"
    ):
        gdtui.Race(objective=bowl, start=np.ones(3), racers=[name])


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("beta1 = 1.0", "beta1: 1.0 is out of range; give a number in [0, 1)"),
        ("beta1 = true", "beta1: true is not a number"),
        ("search = true", "search: adam has no such key; allowed: "),
        ("weight_decay = 0.1", "weight_decay: adam has no decay of its own; give l2"),
        ('schedule = "cosine(steps=0)"', "schedule.steps: 0 is out of range"),
        ('schedule = { name = "cosine", steps = 0 }', "schedule.steps: 0 is out of range"),
        ('schedule = { name = "cosine", steps = true }', "schedule.steps: true is not a whole number"),
        ('schedule = { name = "warmup", steps = 99 }', "schedule: a warm-up of 99 is longer than the run of 60 steps"),
        ('schedule = [{ name = "warmup", steps = 9 }, { name = "cosine" }]', "schedule[1].steps: missing"),
        ("schedule = []", "schedule: 0 schedules; give a whole number in [1, 64]"),
        ("schedule = 5", "schedule: 5 is not a schedule"),
    ],
)
def test_a_scenario_file_is_told_the_racer_and_the_key(tmp_path: Path, line: str, place: str) -> None:
    file = scenario_file(tmp_path, SCENARIO.replace("lr = 1e-2", line))
    said = refused("run", file).removeprefix(f"{file}: ")
    assert said.startswith((f"racers[1]: {place}", f"racer 'fast': {place}"))


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"lr": 0.0}, "lr"), ({"lr": "fast"}, "lr"), ({"beta1": 1.0}, "beta1"), ({"eps": 0.0}, "eps"),
        ({"eps": np.nan}, "eps"), ({"rho": 0.9}, "rho"), ({"l2": -1.0}, "l2"), ({"clip": True}, "clip"),
        ({"batch_size": 2.5}, "batch_size"), ({"optimizer": "gd"}, "optimizer"), ({"lr": 0.5, "beta": 0.5}, "beta"),
        ({"schedule": "cosine(steps=0)"}, "schedule.steps"), ({"schedule": "warmup(steps=500)"}, "schedule"),
        ({"schedule": 3}, "schedule"),
    ],
)  # fmt: skip
def test_in_mid_race_it_is_refused_and_nothing_changes(changes: dict[str, object], key: str) -> None:
    race = gdtui.Race("saddle", racers=["adam"], steps=BUDGET)
    before = race["adam"].spec
    with pytest.raises(InputError) as caught:
        race.set("adam", changes)
    assert (caught.value.where, caught.value.key) == ("racer 'adam'", key)
    assert caught.value.remedy
    assert race["adam"].spec == before
    assert not race["adam"].events


def bowl(theta: Reals) -> tuple[float, Reals]:
    return 0.5 * float(theta @ theta), theta
