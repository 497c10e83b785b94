"""How soon the command line answers, as ratios to what nothing could be faster than.

    python tests/benchmarks/bench_startup.py

Each figure is the median of several processes, taken in turns so that a busy machine is busy for all of them.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

ROUNDS = 15
COMMAND = "from gdtui.cli import main; main({!r}, prog_name='gdtui')"
PROGRAMS = {
    "python -c pass": "pass",
    "python -c 'import click'": "import click",
    "gdtui --version": COMMAND.format(["--version"]),
    "gdtui --help": COMMAND.format(["--help"]),
    "gdtui list optimizers": COMMAND.format(["list", "optimizers"]),
    "gdtui run saddle --steps 1": COMMAND.format(["run", "saddle", "--steps", "1", "--quiet"]),
}


def seconds(code: str) -> float:
    """How long a fresh interpreter takes for ``code``."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def measure(rounds: int = ROUNDS) -> dict[str, float]:
    """The median seconds of every program."""
    taken: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    for _ in range(rounds):
        for name, code in PROGRAMS.items():
            taken[name].append(seconds(code))
    return {name: statistics.median(values) for name, values in taken.items()}


def main() -> None:
    medians = measure()
    floor = medians["python -c 'import click'"]
    for name, median in medians.items():
        print(f"{name:28} {1000 * median:7.1f} ms   {median / floor:5.2f} x python -c pass with click's import")


if __name__ == "__main__":
    main()
