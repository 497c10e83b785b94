"""``gdtui watch`` where there is no terminal, and what it refuses before it opens a screen."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gdtui.cli.program import BAD_INPUT
from tests.cli.support import ROOT, invoke

LOGS = ROOT / "tests" / "logs"


@pytest.mark.parametrize("options", [(), ("--once",)])
def test_without_a_terminal_it_prints_what_diagnose_says(options: tuple[str, ...]) -> None:
    files = [str(LOGS / name) for name in ("nan.csv", "sgd_good.csv")]
    result = invoke("watch", *files, *options)
    told = [invoke("diagnose", file).stdout for file in files]
    assert (result.exit_code, result.stdout) == (0, "\n".join(told))
    named = invoke("watch", str(LOGS / "overfit.jsonl"), "--lr", "learning_rate", "--val-loss", "eval_loss")
    assert named.stderr == ""


@pytest.fixture
def on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What the app would be opened with, if stdout were a terminal."""
    calls: list[tuple[Any, ...]] = []
    monkeypatch.setattr("gdtui.cli.tables.terminal_width", lambda: 80)
    monkeypatch.setattr("gdtui.api.require_terminal", lambda _: None)

    def run(paths: tuple[str, ...], given: dict[str, str], *, config: object) -> int:
        calls.append((paths, given, config))
        return 0

    monkeypatch.setattr("gdtui.tui.watch_app.run", run)
    return calls


def test_files_columns_and_settings_reach_the_app(on_a_terminal: list[Any], tmp_path: Path) -> None:
    late = str(tmp_path / "not-yet.csv")
    result = invoke("watch", str(LOGS / "nan.csv"), late, "--loss", "l", "--by", "", "--theme", "light", "--ascii")
    assert (result.exit_code, result.stderr) == (0, "")
    ((paths, given, config),) = on_a_terminal
    assert (paths, given) == ((str(LOGS / "nan.csv"), late), {"loss": "l", "by": ""})
    assert (config.theme, config.ascii) == ("light", True)


def locked(folder: Path) -> str:
    path = folder / "locked.csv"
    path.write_text("loss\n1\n")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("root reads everything")
    return str(path)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (str, "is a directory; give a file or a FIFO"),
        (lambda _: "-", "stdin cannot be watched; give a file or a FIFO: stdin is for the keys"),
        (lambda _: os.devnull, "is neither a file nor a pipe"),
        (lambda _: "\0", "is no path"),
        (lambda _: "a" * 5000, "cannot be read: File name too long"),
        (locked, "cannot be read: Permission denied"),
    ],
)
def test_what_can_never_be_followed_is_refused(
    make: Callable[[Path], str], reason: str, on_a_terminal: list[Any], tmp_path: Path
) -> None:
    result = invoke("watch", make(tmp_path))
    assert result.exit_code == BAD_INPUT
    assert result.stderr.count("\n") == 1
    assert reason in result.stderr
    assert on_a_terminal == []


def test_too_many_files_are_refused(on_a_terminal: list[Any]) -> None:
    result = invoke("watch", *["run.csv"] * 9)
    assert (result.exit_code, on_a_terminal) == (BAD_INPUT, [])
    assert "9 files; give 8 at the most" in result.stderr


def test_a_pipe_for_stdout_needs_no_screen() -> None:
    probe = (
        "import sys\nfrom gdtui.cli import main\ntry:\n    main(['watch', 'tests/logs/nan.csv'])\n"
        "finally:\n    print(sorted({'textual', 'numba', 'plotext'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True, cwd=ROOT)
    assert "The loss is NaN" in done.stdout
    assert done.stdout.endswith("[]\n")
