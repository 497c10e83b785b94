"""``gdtui diagnose``: the report, the JSON, and what is no log."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from gdtui import __version__
from tests.cli.support import ROOT, gdtui, invoke

LOGS = ROOT / "tests" / "logs"
FLAT = "step,loss\n" + "".join(f"{i},{1 + i % 2}\n" for i in range(60))


def written(folder: Path, text: str, name: str = "run.csv") -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_the_report_has_what_was_read_the_verdict_its_numbers_and_a_remedy(tmp_path: Path) -> None:
    path = written(tmp_path, FLAT)
    result = invoke("diagnose", path)
    assert (result.exit_code, result.stderr) == (0, "")
    paragraphs = result.stdout.rstrip("\n").split("\n\n")
    assert paragraphs[0] == f"{path}: CSV, 60 rows, steps 0 to 59; step, loss"
    assert paragraphs[1] == "A limit cycle: the loss repeats every 2 steps, 0.5 above and below 1.5."
    assert paragraphs[2] == "evidence   value  unit\nperiod         2  steps\namplitude    0.5"
    assert paragraphs[3].startswith("Remedy: Lower the learning rate")
    missing = [line.partition(":")[0] for line in paragraphs[4].splitlines()]
    assert missing == ["No learning rate", "No gradient norm", "No held-out loss"]


def test_guessed_columns_are_said_in_one_line() -> None:
    result = invoke("diagnose", str(LOGS / "overfit.jsonl"))
    assert result.stderr.count("\n") == 1
    assert "guessed lr from 'learning_rate', val_loss from 'eval_loss'" in result.stderr
    assert "See `gdtui explain adamw`." in result.stdout
    named = invoke("diagnose", str(LOGS / "overfit.jsonl"), "--lr", "learning_rate", "--val-loss", "eval_loss")
    assert named.stderr == ""
    assert named.stdout == result.stdout


def test_json_has_the_promised_keys(tmp_path: Path) -> None:
    result = invoke("diagnose", written(tmp_path, FLAT + "60,"), "--json")
    answer = json.loads(result.stdout)
    assert list(answer) == ["file", "format", "rows", "steps", "columns", "notes", "missing", "version", "verdict"]
    assert list(answer["columns"]) == ["step", "loss", "lr", "grad_norm", "update_norm", "val_loss"]
    assert answer["columns"]["lr"] is None
    assert (answer["rows"], answer["steps"], answer["version"]) == (60, [0.0, 59.0], __version__)
    assert len(answer["missing"]) == 3
    assert list(answer["verdict"]) == ["kind", "severity", "sentence", "evidence", "remedy", "fixed_by"]
    assert answer["verdict"]["kind"] == "limit cycle"
    assert answer["verdict"]["evidence"][0] == {"name": "period", "value": 2.0, "unit": "steps"}


def test_the_verdict_does_not_change_the_exit_code() -> None:
    assert invoke("diagnose", str(LOGS / "nan.csv")).exit_code == 0


def test_stdin_is_a_log(tmp_path: Path) -> None:
    path = written(tmp_path, FLAT)
    with Path(path).open("rb") as stream:
        done = subprocess.run(
            [sys.executable, "-c", "from gdtui.cli import main; main(prog_name='gdtui')", "diagnose", "-"],
            stdin=stream, capture_output=True, text=True, encoding="utf-8", timeout=60, check=True, cwd=ROOT,
        )  # fmt: skip
    assert done.stdout.startswith("stdin: CSV, 60 rows")
    assert "limit cycle" in done.stdout
    nothing = gdtui("diagnose", "-")
    assert (nothing.returncode, nothing.stdout) == (2, "")
    assert nothing.stderr == "gdtui: stdin: is empty; log a header and one row a step\n"


@pytest.mark.parametrize("file", ["nowhere.csv", ".", "\0", "a" * 5000])
def test_what_cannot_be_read_is_one_line(file: str) -> None:
    result = invoke("diagnose", file)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1


def test_nothing_in_a_log_reaches_the_terminal_as_it_is(tmp_path: Path) -> None:
    path = written(tmp_path, "step,\x1b[31m/loss\n1,\x1b]0;x\x07\n" + "".join(f"{i},{i}\n" for i in range(40)))
    result = invoke("diagnose", path)
    assert result.exit_code == 0
    assert "\x1b" not in result.stdout + result.stderr
    assert "\x07" not in result.stdout + result.stderr


def test_a_terminal_without_greek_gets_ascii() -> None:
    done = gdtui("diagnose", str(LOGS / "linear.csv"), PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert done.stdout.isascii()
    assert "?" not in done.stdout


def test_every_racer_of_a_race_has_a_verdict_of_its_own(tmp_path: Path) -> None:
    path = written(tmp_path, invoke("run", "saddle", "--steps", "60", "--csv", "--quiet").stdout)
    result = invoke("diagnose", path)
    assert "told runs apart by 'label'" in result.stderr
    answer = json.loads(invoke("diagnose", path, "--json").stdout)
    assert list(answer) == ["file", "format", "columns", "notes", "missing", "version", "runs"]
    assert answer["columns"]["by"] == "label"
    assert len(answer["runs"]) > 1
    for run in answer["runs"]:
        assert list(run) == ["label", "rows", "steps", "notes", "verdict"]
        assert f"{run['label']}: 61 rows, steps 0 to 60\n\n{run['verdict']['sentence']}" in result.stdout
    assert result.stdout.startswith(f"{path}: CSV, {len(answer['runs'])} runs; step, loss, lr, grad_norm, label\n")
    assert invoke("diagnose", path, "--by", "label").stderr == ""
    assert "verdict" in json.loads(invoke("diagnose", path, "--by", "", "--json").stdout)
