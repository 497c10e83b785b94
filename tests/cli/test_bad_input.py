"""Bad input: one line that names the file or flag, the key, the reason and the remedy; exit code 2; no traceback."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.support import SCENARIO, invoke, scenario_file


def refused(*arguments: str) -> str:
    """The one line that ``gdtui`` with these arguments says on stderr."""
    result = invoke(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("gdtui: ")
    assert "Traceback" not in line
    return line.removeprefix("gdtui: ")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["rosenbrok"], "unknown scenario 'rosenbrok'; did you mean 'rosenbrock'? allowed: credit"),
        (["run", ""], "unknown scenario ''; allowed: "),
        (["run", "nowhere.toml"], "nowhere.toml: no such file"),
        (["run", "saddle", "--racer", "adm"], "racer 'adm': optimizer: unknown optimizer 'adm'; did you mean 'adam'?"),
        (["run", "saddle", "--racer", ""], "racer '': optimizer: names no optimizer; allowed: "),
        (["run", "saddle", "--racer", "adam:beta=1"], "racer 'adam:beta=1': beta: adam has no such key; did you mean"),
        (["run", "saddle", "--racer", "adam:lr=0"], "racer 'adam:lr=0': lr: 0.0 is out of range; give a number in (0,"),
        (["run", "saddle", "--racer", "adam:lr=nan"], "racer 'adam:lr=nan': lr: nan is not finite; give a number in"),
        (["run", "saddle", "--racer", "adam:lr=fast"], "racer 'adam:lr=fast': lr: 'fast' is not a number"),
        (["run", "saddle", "--racer", "adam:lr=true"], "racer 'adam:lr=true': lr: true is not a number"),
        (["run", "saddle", "--racer", "adam:beta1=1"], "racer 'adam:beta1=1': beta1: 1.0 is out of range; give a"),
        (["run", "saddle", "--racer", "adam:lr"], "racer 'adam:lr': 'lr' is not key=value"),
        (["run", "saddle", "--racer", "adam:lr=1,lr=2"], "racer 'adam:lr=1,lr=2': lr: given twice"),
        (["run", "saddle", "--racer", "adam:lr=(1"], "racer 'adam:lr=(1': parentheses do not match"),
        (["run", "saddle", *["--racer", "gd"] * 33], "racers: 33 racers; give at most 32"),
        (["run", "saddle", "--steps", "-1"], "steps: -1 is out of range; give a whole number in [0, 1000000000000]"),
        (["run", "saddle", "--steps", "1e15"], "steps: 1000000000000000 is out of range"),
        (["run", "saddle", "--seed", "-1"], "seed: -1 is out of range"),
        (["--seed", "-1"], "seed: -1 is out of range"),
    ],
)
def test_what_the_command_line_gives(arguments: list[str], line: str) -> None:
    assert refused(*arguments).startswith(line)


def test_a_start_of_the_wrong_length() -> None:
    assert "start: has 1 numbers, the objective has 2 parameters; give 2 numbers" in refused(
        "run", "saddle", "--start", "1"
    )


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("steps = 60", "stepz = 60", "stepz: unknown key; did you mean 'steps'?"),
        ("steps = 60", "steps = true", "steps: Expected `int`, got `bool`"),
        ("steps = 60", 'steps = "60"', "steps: Expected `int`, got `str`"),
        ("steps = 60", "steps = -1", "steps: -1 is out of range"),
        ("steps = 60", "steps = nan", "steps: "),
        ("steps = 60", "", "steps: missing"),
        ("steps = 60", "steps = 60\nstart = [nan, 1]", "start[0]: nan is not finite"),
        ("steps = 60", 'steps = 60\nstart = ["a", 1]', "start[0]: Expected `float`, got `str`"),
        ('name = "rosenbrock"', 'name = "rosenbrok"', "objective.name: unknown objective 'rosenbrok'; did you mean"),
        ('name = "rosenbrock"', "dimension = 2", "objective.name: missing; allowed: "),
        ('"rosenbrock"', '"rosenbrock"\ndimension = 1', "objective.dimension: 1 is out of range"),
        ('"rosenbrock"', '"rosenbrock"\ndimension = true', "objective.dimension: true is not a whole number"),
        ('"rosenbrock"', '"rosenbrock"\ndimensions = 2', "objective.dimensions: unknown key; did you mean 'dimension'"),
        ('"adam"', '"adem"', "racers[1]: optimizer: unknown optimizer 'adem'; did you mean 'adam'?"),
        ("lr = 1e-2", "lr = 0", "racers[1]: lr: 0.0 is out of range"),
        ("lr = 1e-2", 'lr = "1"', "racers[1]: lr: '1' is not a number"),
        ("lr = 1e-2", "beta2 = 1", "racers[1]: beta2: 1.0 is out of range"),
        ("lr = 1e-2", "beta9 = 0.5", "racers[1]: beta9: adam has no such key; did you mean"),
        ('label = "fast"', 'label = "a,b"', "racers[1]: label: 'a,b' is not a label"),
        ('label = "fast"', 'label = "\\u001b[31m"', "racers[1]: label: is too long or has control characters"),
        ("[objective]", "[objective", "is not TOML: "),
    ],
)
def test_what_a_file_says(tmp_path: Path, old: str, new: str, line: str) -> None:
    assert old in SCENARIO
    path = scenario_file(tmp_path, SCENARIO.replace(old, new, 1))
    for command in (["run", path], [path], ["check", path]):
        assert refused(*command).removeprefix(f"{path}: ").startswith(line.replace("`", "'"))


@pytest.mark.parametrize(
    ("expectation", "line"),
    [
        ('racer = "fats"\nquantity = "loss"\noperator = "<"\nvalue = 1', "racer: unknown 'fats'; did you mean 'fast'?"),
        ('racer = "fast"\nquantity = "los"\noperator = "<"\nvalue = 1', "quantity: unknown 'los'; did you mean 'loss'"),
        ('racer = "fast"\nquantity = "loss"\noperator = "="\nvalue = 1', "operator: unknown '='"),
        ('racer = "fast"\nquantity = "loss"\noperator = "<"\nvalue = "a"', "value: status takes text"),
    ],
)
def test_expectations_are_checked_before_the_race(tmp_path: Path, expectation: str, line: str) -> None:
    path = scenario_file(tmp_path, f"{SCENARIO}\n[[expect]]\n{expectation}\n")
    assert refused("run", path).startswith(f"{path}: expect[0].{line}")


LOANS = """\
steps = 5
[objective]
name = "logistic"
data = "loans.csv"
target = "bad"
positive = "yes"
[[racers]]
optimizer = "gd"
"""


@pytest.mark.parametrize(
    ("table", "reasons"),
    [
        (None, ["no such file"]),
        ("", ["empty"]),
        ("age,bad\n1,yes\n2\n3,no\n4,no\n", ["3"]),
        ("age,good\n1,yes\n2,no\n3,no\n4,no\n", ["target", "'bad'", "age"]),
        ("age,bad\n1,no\n2,no\n3,no\n4,no\n", ["target", "'no'"]),
        ("age,bad\n1,yes\n2,yes\n3,yes\n4,yes\n", ["yes"]),
        ("age,bad\n1,yes\n,no\n3,no\n4,yes\n", ["line 3"]),
    ],
)
def test_a_table_that_cannot_be_learned_from(tmp_path: Path, table: str | None, reasons: list[str]) -> None:
    if table is not None:
        (tmp_path / "loans.csv").write_text(table, encoding="utf-8")
    line = refused("run", scenario_file(tmp_path, LOANS))
    for reason in ["loans.csv", *reasons]:
        assert reason in line


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe\x00", b"[" * 5_000, b"{a=" * 2_000, b"a." * 16_000 + b"a = 1", b"x" * 100_000,
        b"steps = 0x" + b"f" * 3_000, b"\x00", "title = '\u202e'\nsteps = '\u009b'".encode(),
    ],
)  # fmt: skip
def test_hostile_files(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "hostile.toml"
    path.write_bytes(content)
    line = refused("run", str(path))
    assert line.startswith(f"{path}: ")
    assert line.isprintable()


def test_what_is_no_file(tmp_path: Path) -> None:
    folder = tmp_path / "folder.toml"
    folder.mkdir()
    assert refused("run", str(folder)).endswith("is not a regular file")
    pipe = tmp_path / "pipe.toml"
    os.mkfifo(pipe)
    assert refused("run", str(pipe)).endswith("is not a regular file")
