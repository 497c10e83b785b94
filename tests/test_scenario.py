"""Scenario files: read strictly, written back to the same thing, and no file makes the reader hang or crash."""

from __future__ import annotations

import math
import os
import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdtui import expectation
from gdtui import scenario as scenarios
from gdtui.engine.race import Race
from gdtui.errors import InputError
from gdtui.scenario import Expectation, Scenario, from_mapping, load, load_file, to_toml
from tests.test_errors import HOSTILE, is_harmless
from tests.test_specs import racer_specs

GOOD = """
title = "Two in a valley"
steps = 100
seed = 3
start = [0.5, -0.5]
tolerance = 1e-9

[objective]
name = "rosenbrock"

[view]
x = [-2, 2]
y = [-1.0, 3]

[learning_rates]
adam = 0.01

[[racers]]
optimizer = "gd"
lr = 1e-3

[[racers]]
optimizer = "adam"
beta1 = 0.8
label = "fast"

[[expect]]
racer = "fast"
quantity = "loss"
operator = "<"
value = 1
"""


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str | bytes], Path]:
    """Write a scenario file."""

    def writer(text: str | bytes) -> Path:
        file = tmp_path / "mine.toml"
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        return file

    return writer


def refused(path: Path) -> str:
    """The one line that refuses the file, within two seconds."""
    began = time.monotonic()
    with pytest.raises(InputError) as caught:
        load_file(path).build()
    assert time.monotonic() - began < 2.0
    message = str(caught.value)
    assert is_harmless(message)
    return message


def test_a_good_file(write: Callable[[str], Path]) -> None:
    loaded = load(write(GOOD))
    assert (loaded.name, loaded.title, loaded.steps, loaded.seed) == ("mine", "Two in a valley", 100, 3)
    assert [racer.label for racer in loaded.racers] == ["gd", "fast"]
    assert [loaded.rate_of(racer) for racer in loaded.racers] == [1e-3, 0.01]
    assert loaded.expectations == (Expectation("fast", "loss", "<", 1.0),)
    problem = loaded.build()
    assert problem.start.tolist() == [0.5, -0.5]
    assert problem.view == loaded.view
    assert Race(loaded).advance(10)["fast"].hyperparameters["beta1"] == 0.8


def test_a_byte_order_mark_and_windows_lines_are_fine(write: Callable[[bytes], Path]) -> None:
    plain = load_file(write(GOOD.encode()))
    assert load_file(write(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())) == plain


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("steps = 100", "", "steps: missing; give the steps, the work or the seconds"),
        ("steps = 100", "step = 100", "step: unknown key; did you mean 'steps'?"),
        ("steps = 100", "steps = -1", "steps: -1 is out of range"),
        ("steps = 100", "steps = true", "steps: Expected 'int', got 'bool'"),
        ("steps = 100", 'steps = "100"', "steps: Expected 'int', got 'str'"),
        ("steps = 100", "steps = 100.0", "steps: Expected 'int', got 'float'"),
        ("steps = 100", "steps = 1000000000000000000", "steps: 1000000000000000000 is out of range"),
        ("steps = 100", "steps = 0x" + 4000 * "f", "steps: inf is not finite"),
        ("steps = 100", "steps = nan", "steps: Expected 'int', got 'float'"),
        ("steps = 100", "steps = 1979-05-27", "steps: Expected 'int'"),
        ("steps = 100", "steps = " + 4000 * "9", "steps: inf is not finite"),
        ("seed = 3", "seed = -3", "seed: -3 is out of range"),
        ("seed = 3", "seed = 9007199254740992", "seed: 9007199254740992 is out of range"),
        ("start = [0.5, -0.5]", "start = [0.5]", "start: has 1 numbers, the objective has 2 parameters"),
        ("start = [0.5, -0.5]", "start = [0.5, nan]", "start[1]: nan is not finite"),
        ("start = [0.5, -0.5]", 'start = [0.5, "x"]', "start[1]: Expected 'float', got 'str'"),
        ("start = [0.5, -0.5]", "start = 3", "start: Expected 'array"),
        ("tolerance = 1e-9", "tolerance = -1", "tolerance: -1.0 is out of range"),
        ("tolerance = 1e-9", "tolerance = inf", "tolerance: inf is not finite"),
        ("tolerance = 1e-9", 'tolerance = "1"', "tolerance: Expected 'float', got 'str'"),
        ('name = "rosenbrock"', 'name = "rosenbrok"', "objective.name: unknown objective 'rosenbrok'; did you mean"),
        ('name = "rosenbrock"', "", "objective.name: missing"),
        ('name = "rosenbrock"', "name = 3", "objective.name: missing"),
        ('name = "rosenbrock"', 'name = "rosenbrock"\ndimension = 1', "objective.dimension: 1 is out of range"),
        ('name = "rosenbrock"', 'name = "rosenbrock"\ndimension = 10000000', "objective.dimension: 10000000 is out of"),
        ('name = "rosenbrock"', 'name = "rosenbrock"\ndimension = 2.5', "objective.dimension: 2.5 is not a whole"),
        ('name = "rosenbrock"', 'name = "rosenbrock"\ndim = 2', "objective.dim: unknown key; did you mean 'dimension'"),
        ("[objective]", "[objectives]", "objectives: unknown key; did you mean 'objective'?"),
        ("x = [-2, 2]", "x = [2, -2]", "view: is empty"),
        ("x = [-2, 2]", "x = [-2]", "view.x: Expected 'array' of length 2"),
        ("x = [-2, 2]", "x = [-2, nan]", "view: nan is not finite"),
        ("x = [-2, 2]", "x = [-2, 2]\nz = 3", "view.z: unknown key; allowed: x, y"),
        ("adam = 0.01", "adm = 0.01", "learning_rates.adm: unknown optimizer; did you mean 'adam'?"),
        ("adam = 0.01", "adam = 0", "learning_rates.adam: 0.0 is out of range"),
        ("adam = 0.01", 'adam = "0.01"', "learning_rates.adam: '0.01' is not a number"),
        ("adam = 0.01", "adam = true", "learning_rates.adam: true is not a number"),
        ('optimizer = "gd"', 'optimizer = "dg"', "racers[0]: optimizer: unknown optimizer 'dg'; did you mean 'gd'?"),
        ('optimizer = "gd"', "", "racers[0]: optimizer: names no optimizer"),
        ("lr = 1e-3", "lr = 0", "racers[0]: lr: 0.0 is out of range"),
        ("lr = 1e-3", "lr = -1", "racers[0]: lr: -1.0 is out of range"),
        ("lr = 1e-3", "lr = inf", "racers[0]: lr: inf is not finite"),
        ("lr = 1e-3", "lr = 1e400", "racers[0]: lr: inf is not finite"),
        ("lr = 1e-3", 'lr = "1e-3"', "racers[0]: lr: '1e-3' is not a number"),
        ("lr = 1e-3", "learning_rate = 1", "racers[0]: learning_rate: gd has no such key"),
        ("beta1 = 0.8", "beta1 = 1", "racers[1]: beta1: 1.0 is out of range"),
        ("beta1 = 0.8", "beta1 = nan", "racers[1]: beta1: nan is not finite"),
        ("beta1 = 0.8", "beta = 0.8", "racers[1]: beta: adam has no such key; did you mean 'beta"),
        ('label = "fast"', 'label = "a\\u001b[2J"', "racers[1]: label: is too long or has control characters"),
        ('label = "fast"', 'label = ""', "racers[1]: label: '' is not a label"),
        ('racer = "fast"', 'racer = "fats"', "expect[0].racer: unknown 'fats'; did you mean 'fast'?"),
        ('quantity = "loss"', 'quantity = "los"', "expect[0].quantity: unknown 'los'; did you mean 'loss'?"),
        ('operator = "<"', 'operator = "=<"', "expect[0].operator: unknown '=<'"),
        ('operator = "<"', 'operatr = "<"', "expect[0].operatr: unknown key; did you mean 'operator'?"),
        ("value = 1", 'value = "low"', "expect[0].value: status takes text"),
        ("value = 1", "value = nan", "expect[0].value: nan is not finite"),
        ("value = 1", "value = true", "expect[0].value: Expected"),
        ('quantity = "loss"', 'quantity = "status"', "expect[0].value: status takes text"),
        ("steps = 100", "steps = 100\nracers = 3", ""),
        ("steps = 100", "steps = ", "is not TOML"),
        ("steps = 100", "steps = 100\nsteps = 100", "is not TOML"),
        ("steps = 100", "steps = 100\n\0", "is not TOML"),
        ("steps = 100", "steps = " + 4500 * "9", "line 3 is too long"),
    ],
    ids=lambda text: text[:40],
)  # fmt: skip
def test_bad_files_are_named(old: str, new: str, words: str, write: Callable[[str], Path]) -> None:
    assert old in GOOD
    file = write(GOOD.replace(old, new, 1))
    message = refused(file)
    assert message.startswith(f"{file}: ")
    assert words in message


def test_a_status_has_to_be_one(write: Callable[[str], Path]) -> None:
    text = GOOD.replace('"loss"', '"status"').replace('"<"', '"=="')
    assert load_file(write(text.replace("value = 1", 'value = "converged"'))).expectations[0].value == "converged"
    words = refused(write(text.replace("value = 1", 'value = "convergd"')))
    assert "expect[0].value: unknown 'convergd'; did you mean 'converged'?" in words
    assert "status takes == or !=" in refused(write(text.replace('"=="', '"<"').replace("value = 1", 'value = "x"')))


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("quantity = 'theta[0]'\nat = 101", "at: 101 is out of range; give a whole number in [0, 100]"),
        ("quantity = 'loss'\nat = -1", "at: -1 is out of range"),
        ("quantity = 'loss'\nat = 1.5", "expect[0].at: Expected 'int', got 'float'"),
        ("quantity = 'step'\nat = 5", "at: step is known at the end alone; leave it out"),
        ("quantity = 'test.auc'\ntake = 'max'", "take: test.auc is known at the end alone"),
        ("quantity = 'loss'\nat = 5\ntake = 'max'", "take: at goes without take"),
        ("quantity = 'loss'\nfrom = 5", "take: missing; give one of min, max, mean, rises, sign_changes"),
        ("quantity = 'loss'\ntake = 'maximum'", "take: unknown 'maximum'; did you mean 'max'?"),
        ("quantity = 'loss'\ntake = 'max'\nfrom = 5\nto = 5", "to: is empty; give from and to with from < to"),
        ("quantity = 'loss'\ntake = 'max'\nto = 101", "to: 101 is out of range"),
        ("quantity = 'loss'\ntake = 'sign_changes'", "take: loss has no sign to change; take it of theta[i]"),
        ("quantity = 'abs(theta[0])'\ntake = 'sign_changes'", "take: abs(theta[0]) has no sign to change"),
        ("quantity = 'move'", "at: missing; a move is of a step: give at, or take with from and to"),
        ("quantity = 'theta[0] - theta[1]'", "quantity: unknown 'theta[0] - theta[1]'; did you mean"),
        ("quantity = 'theta[-1]'", "quantity: unknown 'theta[-1]'"),
        ("quantity = 'theta[01]'", "quantity: unknown 'theta[01]'"),
        ("quantity = 'theta'", "quantity: unknown 'theta'; did you mean 'theta[i]'?"),
        ("quantity = 'loss'\ntolerance = 0.1", "tolerance: goes with == and a number"),
        ("quantity = 'loss'\ntolerance = nan", "tolerance: nan is not finite"),
        ("quantity = 'loss'\ntake = ''", "take: unknown ''; allowed: max, mean, min, rises, sign_changes"),
        ("quantity = 'loss'\nform = 3", "form: unknown key; did you mean 'from'?"),
    ],
)  # fmt: skip
def test_expectations_about_steps_are_checked(table: str, words: str, write: Callable[[str], Path]) -> None:
    message = refused(write(GOOD.replace('quantity = "loss"', table)))
    assert f"expect[0].{words.removeprefix('expect[0].')}" in message


def test_a_tolerance_is_relative_to_something(write: Callable[[str], Path]) -> None:
    text = GOOD.replace('operator = "<"', 'operator = "=="\ntolerance = 1e-3')
    assert load_file(write(text)).expectations[0].tolerance == 1e-3
    assert "tolerance: is relative, and nothing is near 0" in refused(write(text.replace("value = 1", "value = 0")))


def test_a_coordinate_has_to_be_one_of_the_objective(write: Callable[[str], Path]) -> None:
    scenario = load_file(write(GOOD.replace('"loss"', '"theta[2]"')))
    difference = load_file(write(GOOD.replace('"loss"', '"theta[1]-theta[2]"')))
    with pytest.raises(InputError, match="beyond the 2 parameters"):
        difference.build()
    with pytest.raises(InputError, match=r"expect: theta\[2\] is beyond the 2 parameters .* an index from 0 to 1"):
        scenario.build()


def test_how_many_racers(write: Callable[[str], Path]) -> None:
    head = "steps = 1\n[objective]\nname = 'rosenbrock'\n"
    assert len(load_file(write(head + 32 * "[[racers]]\noptimizer = 'gd'\n")).racers) == 32
    assert "33 racers; give 1 to 32" in refused(write(head + 33 * "[[racers]]\noptimizer = 'gd'\n"))
    assert "0 racers; give 1 to 32" in refused(write("racers = []\n" + head))


BOMBS = {
    "dotted key": ".".join(["a"] * 2000) + " = 1",
    "dotted header": "[" + ".".join(["a"] * 2000) + "]",
    "long dotted key": ".".join(["a"] * 16_000) + " = 1",
    "dotted key hidden behind line separators": ".".join(['a.a.a.a.a.a.a.a.a.a.a.a.a.a."\u2028"'] * 1700) + " = 1",
    "dotted keys in braces": "\n".join(f"x{i} = {{ {'.'.join('a' * 2000)} = 1 }}" for i in range(15)),
    "dotted keys behind a quoted =": "\n".join(f'"={i}".{".".join("a" * 2000)} = 1' for i in range(15)),
    "nested arrays": "x = " + 2000 * "[" + 2000 * "]",
    "nested arrays over lines": "x = " + 20_000 * "[\n",
    "nested tables": "x = " + 1000 * "{a=" + "1" + 1000 * "}",
    "long line": "x = '" + 5000 * "a" + "'",
    "large file": 70_000 * "#\n",
    "many tables": "\n".join(f"[t{i}]" for i in range(6000)),
    "many dots": "....................",
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_go_off_at_once(name: str, write: Callable[[str], Path]) -> None:
    refused(write(BOMBS[name]))


def test_dots_in_values_are_no_bomb(write: Callable[[str], Path]) -> None:
    dots = "1.5.2.7. A.b. e.g. this... " * 20
    matrix = "[" + ", ".join(["1.5"] * 200) + "]"
    text = GOOD.replace("steps", f"description = '''{dots}\n{dots}'''\nsteps", 1)
    assert load_file(write(text)).description.startswith("1.5.2.7. A.b")
    assert "matrix: not square" in refused(write(text.replace('"rosenbrock"', f'"quadratic"\nmatrix = [{matrix}]')))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"\xff\xfes\0t\0e\0p\0s\0", "is not UTF-8 (byte 0); save it as UTF-8"),
        (b"title = '\xff'", "is not UTF-8 (byte 9)"),
        (b"\xed\xa0\x80", "is not UTF-8"),
        (b"", "missing required field"),
    ],
)
def test_bytes_that_are_no_text(text: bytes, words: str, write: Callable[[bytes], Path]) -> None:
    assert words in refused(write(text))


def test_what_is_no_file(tmp_path: Path) -> None:
    pipe, loop, folder = tmp_path / "pipe.toml", tmp_path / "loop.toml", tmp_path / "folder.toml"
    os.mkfifo(pipe)
    loop.symlink_to(loop)
    folder.mkdir()
    (tmp_path / "zero.toml").symlink_to("/dev/zero")
    assert "is not a regular file" in refused(pipe)
    assert "is not a regular file" in refused(folder)
    assert "is not a regular file" in refused(tmp_path / "zero.toml")
    assert "Too many levels of symbolic links" in refused(loop)
    assert "no such file; see `gdtui list scenarios`" in refused(tmp_path / "none.toml")
    assert "File name too long" in refused(tmp_path / ("x" * 300 + ".toml"))
    with pytest.raises(InputError, match="null byte"):
        load_file(Path("a\0b.toml"))


def test_names_that_are_no_scenario() -> None:
    with pytest.raises(InputError, match=r"unknown scenario 'rosenbrok'; .*did you mean 'rosenbrock'.*\.toml file"):
        load("rosenbrok")
    for name in ("", ".", "../rosenbrock", "rosenbrock.py", "\x1b[2J"):
        with pytest.raises(InputError, match="unknown scenario") as caught:
            load(name)
        assert is_harmless(str(caught.value))


@pytest.mark.parametrize("text", [text for text in HOSTILE if "\ud800" not in text and len(text) < 4000])
def test_hostile_titles_come_out_harmless(text: str, tmp_path: Path) -> None:
    escaped = "".join(f"\\U{ord(c):08x}" for c in text)
    file = tmp_path / "mine.toml"
    file.write_text(GOOD.replace("Two in a valley", escaped).replace("steps", f'description = "{escaped}"\nsteps', 1))
    loaded = load_file(file)
    assert is_harmless(loaded.title)
    assert is_harmless(loaded.description)
    bad = file.with_name("a\x1b]0;b\x07.toml")
    bad.write_text(GOOD)
    assert is_harmless(load_file(bad).name)
    bad.write_text("x = 1")
    with pytest.raises(InputError) as caught:
        load_file(bad)
    assert is_harmless(str(caught.value))


@pytest.mark.parametrize("path", ["~no-such-user-here/x.csv", "missing.csv", "/dev/zero", ".", "a/../../../etc/none"])
def test_data_that_cannot_be_read(path: str, write: Callable[[str], Path]) -> None:
    text = GOOD.replace('"rosenbrock"', f'"logistic"\ndata = "{path}"\ntarget = "y"')
    assert "data: " in refused(write(text))


def test_paths_are_relative_to_the_file(write: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(
        GOOD.replace('"rosenbrock"', '"logistic"\ndata = "rows.csv"\ntarget = "y"').replace("[0.5, -0.5]", "[0.0, 0.0]")
    )
    (file.parent / "rows.csv").write_text("x,y\n" + "".join(f"{i},{i % 2}\n" for i in range(20)))
    monkeypatch.chdir("/")
    loaded = load_file(file)
    assert loaded.options["data"] == file.parent / "rows.csv"
    assert loaded.build().n == 2
    again = file.parent / "elsewhere" / "again.toml"
    again.parent.mkdir()
    again.write_text(to_toml(loaded))
    assert load_file(again).options == loaded.options


def comparable(scenario: Scenario) -> dict[str, Any]:
    return {name: getattr(scenario, name) for name in Scenario.__slots__ if name not in {"name", "where"}}


FINITE = st.floats(-1e300, 1e300)


@st.composite
def tables(draw: st.DrawFn) -> dict[str, Any]:
    """Any scenario that a file can hold, as its tables; on objectives that take any two-dimensional start."""
    objective = draw(
        st.sampled_from([{"name": "rosenbrock"}, {"name": "saddle", "a": 2.5}])
        | st.builds(lambda k, b: {"name": "quadratic", "kappa": k, "offset": b}, st.floats(1, 1e12), st.lists(FINITE))
    )
    racers = [spec.table() for spec in draw(st.lists(racer_specs(), min_size=1, max_size=4))]
    data: dict[str, Any] = {
        "objective": objective, "racers": racers, "steps": draw(st.integers(0, 10**12)),
        "seed": draw(st.integers(0, 2**53 - 1)), "tolerance": draw(st.floats(0, 1e300)),
        "title": draw(st.text(max_size=60)), "description": draw(st.text(max_size=100)),
        "learning_rates": draw(st.dictionaries(st.sampled_from(["gd", "adam"]), st.floats(1e-300, 1e300))),
    }  # fmt: skip
    if draw(st.booleans()):
        data["start"] = draw(st.lists(FINITE, min_size=2, max_size=2))
    if draw(st.booleans()):
        low, high = draw(st.tuples(st.floats(-100, -1), st.floats(1, 100)))
        data["view"] = {"x": [low, high], "y": [2 * low, high]}
    named = from_mapping(data, folder=Path("/"))
    if draw(st.booleans()):
        labels, statuses = (st.sampled_from(names) for names in ([s.label for s in named.racers], expectation.STATUSES))
        comparison = {"operator": draw(st.sampled_from(expectation.OPERATORS)), "value": draw(FINITE)}
        data["expect"] = [
            {"racer": draw(labels), "quantity": "test.loss", **comparison},
            {"racer": draw(labels), "quantity": "status", "operator": "!=", "value": draw(statuses)},
            {"racer": draw(labels), "quantity": "loss", "at": draw(st.integers(0, data["steps"])), **comparison},
            {"racer": draw(labels), "quantity": "theta[1]", "take": draw(st.sampled_from(expectation.TAKES)),
             "from": draw(st.integers(0, data["steps"])), **comparison},
            {"racer": draw(labels), "quantity": "abs(theta[0])", "operator": "==", "value": 0.5, "tolerance": 1e-3},
        ]  # fmt: skip
    return data


@settings(max_examples=60)
@given(tables())
def test_what_is_written_reads_back_to_the_same(tmp_path_factory: pytest.TempPathFactory, data: dict[str, Any]) -> None:
    scenario = from_mapping(data, folder=Path("/"))
    file = tmp_path_factory.mktemp("written") / "again.toml"
    file.write_text(to_toml(scenario), encoding="utf-8")
    assert comparable(load_file(file)) == comparable(scenario)


@pytest.mark.parametrize("name", scenarios.builtin_names())
def test_built_in_scenarios_load_build_and_read_back(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    scenario = load(name)
    problem = scenario.build()
    assert problem.start.shape == (problem.n,)
    assert all(math.isfinite(value) for value in problem.start)
    (tmp_path / f"{name}.toml").write_text(to_toml(scenario))
    assert comparable(load_file(tmp_path / f"{name}.toml")) == comparable(scenario)


def test_there_are_built_in_scenarios() -> None:
    assert {"rosenbrock", "quadratic", "saddle"} <= set(scenarios.builtin_names())


def test_changes_from_the_command_line(write: Callable[[str], Path]) -> None:
    loaded = load_file(write(GOOD))
    changed = loaded.changed(steps=7, seed=8, start=[1, 2])
    assert (changed.steps, changed.seed, changed.start) == (7, 8, (1.0, 2.0))
    assert changed.expectations == loaded.expectations
    assert loaded.changed(racers=loaded.racers[:1]).expectations == ()
    for wrong in ({"steps": -1}, {"steps": 1.5}, {"seed": -1}, {"start": [math.nan, 0.0]}, {"start": ["a", 0.0]}):
        with pytest.raises(InputError, match=next(iter(wrong))):
            loaded.changed(**wrong)  # type: ignore[arg-type]


def test_another_budget_keeps_the_expectations_that_it_gets_to() -> None:
    loaded = load("traps/sgd-noise-floor")
    shorter = loaded.changed(steps=6999)
    assert [claim.first for claim in shorter.expectations] == [1600, 1600, 1600]
    assert loaded.changed(steps=7000).expectations == loaded.expectations
    assert loaded.changed(work=100.0).expectations == ()
    assert from_mapping(tomllib.loads(to_toml(shorter)), where="", folder=Path(), name="").steps == 6999
