"""``gdtui run --out``, ``resume``, ``info``, ``export`` and ``diff``."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gdtui import __version__, recording
from gdtui.cli.program import CANNOT_WRITE, INTERRUPTED
from gdtui.engine.race import Race
from gdtui.recording.journal import Journal
from tests.cli.support import invoke, scenario_file
from tests.engine.races import assert_same, scenario
from tests.recording.races import edited_race


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


def ran(*arguments: str, out: str = "race.gdtui") -> str:
    result = invoke("run", "rosenbrock", "--steps", "60", "--quiet", *arguments, "--out", out)
    assert (result.exit_code, result.stderr) == (0, "")
    return out


def names() -> list[str]:
    return sorted(path.name for path in Path().iterdir())


def test_a_race_is_recorded_and_its_result_printed_all_the_same(tmp_path: Path) -> None:
    file = scenario_file(tmp_path)
    result, alone = invoke("run", file, "--out", "race.gdtui"), invoke("run", file)
    assert (result.exit_code, result.stdout) == (0, alone.stdout)
    assert result.stderr == "gdtui: recorded in race.gdtui\n"
    assert names() == ["race.gdtui"]
    assert_same(recording.read("race.gdtui").race(), Race(file).advance(60))


def test_a_resumed_race_is_the_uninterrupted_one_to_the_byte() -> None:
    ran()
    assert invoke("resume", "race.gdtui", "--steps", "100", "--no-times", "--out", "resumed.gdtui").exit_code == 0
    invoke("run", "rosenbrock", "--steps", "100", "--no-times", "--out", "straight.gdtui")
    assert Path("resumed.gdtui").read_bytes() == Path("straight.gdtui").read_bytes()
    result = invoke("resume", "race.gdtui", "--steps", "100", "--json")
    assert json.loads(result.stdout) == json.loads(invoke("run", "rosenbrock", "--steps", "100", "--json").stdout)


def test_round_trips_lose_nothing() -> None:
    ran("--no-times")
    again = recording.read("race.gdtui").race()
    recording.write("again.gdtui", again, times=False)
    assert Path("again.gdtui").read_bytes() == Path("race.gdtui").read_bytes()
    assert (
        invoke("diff", "race.gdtui", "again.gdtui").stdout,
        invoke("diff", "race.gdtui", "again.gdtui").exit_code,
    ) == ("", 0)
    exported = [invoke("export", file, "--csv").stdout for file in ("race.gdtui", "again.gdtui")]
    assert exported[0] == exported[1]


def test_what_is_exported_reads_back_to_the_same_bits() -> None:
    whole = edited_race()
    recording.write("race.gdtui", whole)
    rows = list(csv.DictReader(io.StringIO(invoke("export", "race.gdtui", "--csv").stdout)))
    lines = [json.loads(line) for line in invoke("export", "race.gdtui", "--jsonl").stdout.splitlines()]
    told = json.loads(invoke("export", "race.gdtui", "--json").stdout)
    for racer, record in zip(whole, told["racers"], strict=True):
        mine = [row for row in rows if row["label"] == racer.label]
        quantities = {
            "loss": racer.loss,
            "grad_norm": racer.grad_norm,
            "lr": racer.learning_rate,
            "move": racer.recorded.move,
        }
        for name, values in quantities.items():
            assert np.array([float(row[name]) for row in mine]).tobytes() == values.tobytes()
            plain = [line[name] for line in lines if line["label"] == racer.label]
            assert plain == record["history"][name] == [None if np.isnan(value) else value for value in values.tolist()]
        assert [int(row["step"]) for row in mine] == racer.steps.tolist() == record["history"]["step"]
        theta = np.array([[float(row[f"theta_{i}"]) for i in range(2)] for row in mine])
        assert theta.tobytes() == racer.path.tobytes() == np.array(record["path"]["theta"]).tobytes()
        assert [line["theta"] for line in lines if line["label"] == racer.label] == racer.path.tolist()
    order = [(int(row["step"]), list(whole.labels).index(row["label"])) for row in rows]
    assert order == sorted(order)


def test_a_thinned_path_leaves_cells_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gdtui.engine.history.LONGEST_PATH", 16)
    ran()
    rows = list(csv.DictReader(io.StringIO(invoke("export", "race.gdtui", "--csv").stdout)))
    filled = {int(row["step"]) for row in rows if row["theta_0"]}
    assert filled == set(range(0, 61, 4))


def test_labels_are_no_formulas_in_csv() -> None:
    ran("--racer", "gd:label==cmd", "--racer", "adam:label=@x", "--racer", "lion:label=-1")
    for result in (
        invoke("export", "race.gdtui", "--csv"),
        invoke(
            "run",
            "rosenbrock",
            "--steps",
            "2",
            "--csv",
            "--racer",
            "gd:label==cmd",
            "--racer",
            "adam:label=@x",
            "--racer",
            "lion:label=-1",
        ),
    ):
        labels = [row["label"] for row in csv.DictReader(io.StringIO(result.stdout))]
        assert labels[:3] == ["'=cmd", "'@x", "'-1"]


def test_an_export_goes_to_a_file_or_to_stdout(monkeypatch: pytest.MonkeyPatch) -> None:
    ran()
    result = invoke("export", "race.gdtui", "--csv", "-o", "race.csv")
    assert (result.exit_code, result.stdout) == (0, "")
    assert Path("race.csv").read_text() == invoke("export", "race.gdtui", "--csv").stdout
    assert invoke("export", "race.gdtui", "--csv", "-o", "race.csv").exit_code == 2
    assert invoke("export", "race.gdtui", "--json", "-o", "race.csv", "--force").exit_code == 0
    assert json.loads(Path("race.csv").read_text())["step"] == 60
    for wrong in ((), ("--csv", "--force"), ("--csv", "-o", "-x"), ("--csv", "-o", "no/such/folder")):
        assert invoke("export", "race.gdtui", *wrong).exit_code == 2


def test_parquet_without_pyarrow_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    ran()
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    result = invoke("export", "race.gdtui", "--parquet", "-o", "race.parquet")
    assert (result.exit_code, result.stderr) == (
        2, "gdtui: --parquet: needs pyarrow, which is not installed; `pip install pyarrow`, or take --csv\n"
    )  # fmt: skip
    assert names() == ["race.gdtui"]


def test_parquet_has_the_rows_of_csv() -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    ran()
    assert invoke("export", "race.gdtui", "--parquet", "-o", "race.parquet").exit_code == 0
    found = parquet.read_table("race.parquet").to_pydict()
    rows = list(csv.DictReader(io.StringIO(invoke("export", "race.gdtui", "--csv").stdout)))
    assert found["label"] == [row["label"] for row in rows]
    assert np.array(found["loss"]).tobytes() == np.array([float(row["loss"]) for row in rows]).tobytes()


def test_info_says_what_there_is() -> None:
    recording.write("race.gdtui", edited_race(), checkpoints=[Race(scenario("rosenbrock")).advance(7).state()])
    result = invoke("info", "race.gdtui")
    assert (result.exit_code, result.stderr) == (0, "")
    for part in (
        "scenario    scenario (Edited)", "rosenbrock, 2 parameters", "step        123 of 400", f"gdtui {__version__}",
        "checkpoints 7", "wild", "diverged", "after step 40  gd: lr 0.001 → 0.002",
    ):  # fmt: skip
        assert part in result.stdout
    told = json.loads(invoke("info", "race.gdtui", "--json").stdout)
    assert (told["step"], told["complete"], told["checkpoints"], told["made_elsewhere"]) == (123, True, [7], [])
    assert [racer["status"] for racer in told["racers"]][2] == "diverged"
    assert told["racers"][0]["events"][0] == {"step": 40, "name": "lr", "before": 0.001, "after": 0.002}
    result = json.loads(invoke("resume", "race.gdtui", "--steps", "123", "--json").stdout)
    assert [racer["verdict"]["sentence"] for racer in result["racers"]] == [
        racer["verdict"]["sentence"] for racer in told["racers"]
    ]


def test_another_machine_is_mentioned(monkeypatch: pytest.MonkeyPatch) -> None:
    ran()
    monkeypatch.setattr("platform.machine", lambda: "abacus")
    assert "platform Linux" in invoke("info", "race.gdtui").stderr
    said = invoke("resume", "race.gdtui", "--steps", "61").stderr
    assert "abacus): going on may not lead to the same bits" in said


def test_diff_prints_what_differs_and_says_so() -> None:
    ran()
    ran("--racer", "gd:lr=0.002", "--racer", "adam", out="other.gdtui")
    result = invoke("diff", "race.gdtui", "other.gdtui")
    assert result.exit_code == 1
    assert "The runs part at step 0: gd, lr." in result.stdout
    assert "racers.gd.lr" in result.stdout
    assert invoke("diff", "race.gdtui", "race.gdtui", "--rtol", "0.1").exit_code == 0
    told = json.loads(invoke("diff", "race.gdtui", "other.gdtui", "--json").stdout)
    assert told["partings"][0]["racer"] == "gd"
    ran("--racer", "gd:lr=0.002", "--racer", "adam", "--steps", "90", out="longer.gdtui")
    longer = invoke("diff", "race.gdtui", "longer.gdtui").stdout
    assert "The runs part at step 0: gd, lr." in longer
    assert "The other racers are the same as far as both go." in longer
    assert invoke("diff", "race.gdtui", "other.gdtui", "--rtol", "-1").exit_code == 2


REFUSED = {
    ("run", "rosenbrock", "--csv", "--out", "x"): "--csv and --out exclude each other",
    ("run", "rosenbrock", "--no-times"): "--force and --no-times go with --out",
    ("run", "rosenbrock", "--seconds", "1", "--no-times", "--out", "x"): "a budget of seconds needs the times",
    ("run", "rosenbrock", "--out", "-rf"): r"looks like an option",
    ("run", "rosenbrock", "--out", "race.gdtui"): "is there already; choose another name, or replace it",
    ("run", "rosenbrock", "--out", "no/such/x"): "no/such/x: there is no such folder",
    ("resume", "race.gdtui", "--steps", "59"): "race.gdtui: steps: the race stands at step 60 already; give more",
    ("resume", "no.gdtui"): "no.gdtui: no such file",
    ("info", "race.toml"): "no such file",
    ("export", "race.gdtui", "--csv", "-o", "--x"): "-o needs a file, and --x looks like an option",
    ("export", "race.gdtui", "--csv", "--force"): "--force goes with -o",
}  # fmt: skip


@pytest.mark.parametrize("arguments", REFUSED, ids=" ".join)
def test_bad_input_is_one_line(arguments: tuple[str, ...]) -> None:
    ran()
    result = invoke(*arguments)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert REFUSED[arguments] in result.stderr
    assert names() == ["race.gdtui"]


def test_a_race_that_is_over_says_so_and_prints_its_result() -> None:
    ran()
    result = invoke("resume", "race.gdtui")
    assert result.exit_code == 0
    assert result.stderr == "gdtui: race.gdtui: the race is over; --steps gives it more\n"
    assert result.stdout.splitlines()[1].startswith("gd ")


def interrupted_after(ticks: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have ctrl+c come after so many ticks."""
    from gdtui.cli import headless

    real = headless._advance
    calls = iter(range(10**9))

    def advance(race: Race, count: int) -> None:
        if next(calls) == ticks:
            race.interrupt()
        real(race, count)

    monkeypatch.setattr(headless, "_advance", advance)


def test_ctrl_c_records_what_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        interrupted_after(3, patch)
        result = invoke("run", "rosenbrock", "--steps", "100000", "--no-times", "--out", "race.gdtui")
    assert result.exit_code == INTERRUPTED
    assert result.stdout == ""
    assert "recorded in race.gdtui; `gdtui resume` goes on from there" in result.stderr
    stood = recording.read("race.gdtui").step
    assert 0 < stood < 100_000
    assert names() == ["race.gdtui"]


def test_a_killed_race_is_gone_on_with_from_its_journal(monkeypatch: pytest.MonkeyPatch) -> None:
    with Journal("race.gdtui", Race("rosenbrock", steps=100).advance(30)) as journal:
        journal.tick()
    assert names() == ["race.gdtui.journal"]
    assert (
        "step        30 of 100: the journal of a race that has not come to its end"
        in invoke("info", "race.gdtui.journal").stdout
    )
    refused = invoke("run", "rosenbrock", "--out", "race.gdtui")
    assert refused.exit_code == 2
    assert "`gdtui resume race.gdtui.journal` goes on with it, --force drops it" in refused.stderr
    assert "its race has not come to its end, and is in race.gdtui.journal" in invoke("info", "race.gdtui").stderr
    result = invoke("resume", "race.gdtui.journal", "--no-times", "--out", "race.gdtui")
    assert (result.exit_code, names()) == (0, ["race.gdtui"])
    invoke("run", "rosenbrock", "--steps", "100", "--no-times", "--out", "straight.gdtui")
    assert Path("race.gdtui").read_bytes() == Path("straight.gdtui").read_bytes()


def test_what_cannot_be_written_in_the_end_is_kept_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    real = Journal.tick

    def tick(journal: Journal) -> None:
        real(journal)
        shutil.rmtree(tmp_path / "here", ignore_errors=True)

    monkeypatch.setattr(Journal, "tick", tick)
    target = tmp_path / "here" / "race.gdtui"
    result = invoke("run", "rosenbrock", "--steps", "60", "--out", str(target))
    assert result.exit_code == CANNOT_WRITE
    assert result.stdout.startswith("label ")
    assert (
        f"{target}: cannot be written: No such file or directory; it is kept in {tmp_path / 'state'}" in result.stderr
    )
    (kept,) = (tmp_path / "state" / "gdtui" / "rescued").iterdir()
    assert recording.read(kept).step == 60


def test_python_saves_and_loads(tmp_path: Path) -> None:
    import gdtui

    race = gdtui.Race("rosenbrock", racers=["adam"]).advance(20)
    assert isinstance(race, gdtui.Race)
    path = race.save("race.gdtui")
    loaded = gdtui.load(path)
    assert loaded["adam"].verdict == race["adam"].verdict
    assert_same(loaded.advance(5), race.advance(5))
    with pytest.raises(gdtui.InputError, match="is there already"):
        race.save("race.gdtui")


def answer(command: str) -> Any:
    return json.loads(invoke(*command.split()).stdout)


def test_numbers_that_are_not_finite_are_null_in_json() -> None:
    ran("--racer", "gd:lr=1e300", "--racer", "adam")
    assert answer("export race.gdtui --json")["racers"][0]["status"] == "diverged"
    assert answer("info race.gdtui --json")["racers"][0]["loss"] is not None
