"""What a picture and a film cost without a terminal: ``python -m tests.benchmarks.bench_pictures`` from the top.

For some scenarios: one picture of the end, in every format, and a film of 200 frames, each in a process of its own with
its kernels compiled; then what of that is the race, and how large the files are.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

SCENARIOS = ("rosenbrock", "credit", "streamrec")
PROGRAM = "from gdtui.cli import main; main(prog_name='gdtui')"


def seconds(*arguments: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", PROGRAM, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for scenario in SCENARIOS:
            seconds("run", scenario, "--quiet")  # compiles
            print(f"{scenario}: run {seconds('run', scenario, '--quiet'):.2f} s")
            for name in ("shot.svg", "shot.html", "shot.ansi", "shot.txt", "film.cast"):
                file, command = Path(folder, name), name.partition(".")[0]
                taken = seconds(command, scenario, "-o", str(file), "--force", "--quiet")
                print(f"  {name:10} {taken:5.2f} s  {file.stat().st_size / 1000:6.1f} kB")


if __name__ == "__main__":
    main()
