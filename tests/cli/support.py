"""The command line, run inside the test or in a process of its own, and scenario files to run it on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner, Result

from gdtui.cli import main

ROOT = Path(__file__).resolve().parents[2]

SCENARIO = """\
title = "Two racers"
steps = 60

[objective]
name = "rosenbrock"

[[racers]]
optimizer = "gd"
lr = 1e-3

[[racers]]
optimizer = "adam"
lr = 1e-2
label = "fast"
"""


def invoke(*arguments: str, env: dict[str, str | None] | None = None) -> Result:
    """``gdtui`` with these arguments, in this process; nothing unexpected may escape it."""
    result = CliRunner(env=env).invoke(main, arguments, prog_name="gdtui")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def gdtui(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """``gdtui`` with these arguments, in a process without a terminal."""
    return subprocess.run(
        [sys.executable, "-c", "from gdtui.cli import main; main(prog_name='gdtui')", *arguments],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False,
        env=os.environ | variables,
    )  # fmt: skip


def scenario_file(folder: Path, text: str = SCENARIO, name: str = "race.toml") -> str:
    """A scenario file of that text; returns its path."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)
